// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/appliance/drivers.h"

#include <errno.h>
#include <libudev.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"

#define BUSES "sys/bus"
#define ALIAS_MAX 4096 /* bytes: an attribute has a page */
#define WORKERS 4
#define BUFFER_BYTES (16 << 20) /* of uevents, while a module takes its time to start */

struct list {
	char **aliases;
	size_t count;
};

static int read_bus(struct machine *m, struct list *list, const char *bus)
{
	char path[PATH_MAX];
	_cleanup_talloc_ char **devices = NULL;

	snprintf(path, sizeof(path), BUSES "/%.255s/devices", bus);
	devices = machine_list_names(m, NULL, path);
	for (char **d = devices; d && *d && list->count < DRIVERS_ALIASES_MAX; d++) {
		char *alias;
		int rc;

		snprintf(path, sizeof(path), BUSES "/%.255s/devices/%.255s/modalias", bus, *d);
		rc = machine_read_file(m, list->aliases, path, ALIAS_MAX, &alias, NULL);
		if (rc == -ENOMEM)
			return rc;
		if (rc == 0 && *alias)
			list->aliases[list->count++] = alias;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **drivers_aliases(struct machine *m, void *ctx)
{
	struct list list = {talloc_zero_array(ctx, char *, DRIVERS_ALIASES_MAX + 1), 0};
	_cleanup_talloc_ char **buses = machine_list_names(m, NULL, BUSES);
	size_t kept = 0;
	int rc = list.aliases ? 0 : -ENOMEM;

	for (char **bus = buses; bus && *bus && rc == 0; bus++)
		rc = read_bus(m, &list, *bus);
	if (rc < 0) {
		talloc_free(list.aliases);
		return NULL;
	}
	qsort(list.aliases, list.count, sizeof(*list.aliases), compare);
	for (size_t i = 0; i < list.count; i++)
		if (!kept || strcmp(list.aliases[i], list.aliases[kept - 1]))
			list.aliases[kept++] = list.aliases[i];
	list.aliases[kept] = NULL;
	return list.aliases;
}

struct follower {
	struct machine *m;
	struct modules *modules;
	struct udev_monitor *monitor;
	struct pollfd fds[1 + WORKERS]; /* uevents, and those that are at work; -1 for none */
};

/* A device that no module is for has the kernel's own driver, or none. */
static void load(struct follower *f, const char *alias)
{
	struct err err;

	if (modules_load(f->modules, alias, MODULES_ALL, &err) < 0)
		f->m->effects->klog(f->m, LOG_INFO, err.text);
}

static struct udev_monitor *listen(void)
{
	struct udev *udev = udev_new();
	struct udev_monitor *monitor;

	if (!udev)
		return NULL;
	monitor = udev_monitor_new_from_netlink(udev, "kernel");
	udev_unref(udev);
	if (!monitor)
		return NULL;
	udev_monitor_set_receive_buffer_size(monitor, BUFFER_BYTES);
	if (udev_monitor_enable_receiving(monitor) == 0)
		return monitor;
	udev_monitor_unref(monitor);
	return NULL;
}

/* Some take seconds to start (a RAID controller with many disks), and do not keep others from
 * theirs. What two need is loaded once: the kernel has the second wait for the first
 * (kernel/module/main.c, add_unformed_module()). */
static void load_share(struct follower *f, char **aliases, size_t first)
{
	for (size_t i = 0; aliases[i]; i++)
		if (i % WORKERS == first)
			load(f, aliases[i]);
}

static void load_what_is_there(struct follower *f)
{
	_cleanup_talloc_ char **aliases = drivers_aliases(f->m, NULL);

	for (size_t i = 0; aliases && i < WORKERS; i++) {
		pid_t pid = f->fds[1 + i].fd < 0 ? fork() : -1;

		if (pid <= 0)
			load_share(f, aliases, i);
		if (pid == 0)
			_exit(EXIT_SUCCESS);
		if (pid > 0)
			f->fds[1 + i].fd = pidfd_open(pid, 0);
	}
}

static void take_events(struct follower *f)
{
	struct udev_device *device;

	while ((device = udev_monitor_receive_device(f->monitor))) {
		const char *action = udev_device_get_action(device);
		const char *alias = udev_device_get_property_value(device, "MODALIAS");

		if (action && !strcmp(action, "add") && alias)
			load(f, alias);
		udev_device_unref(device);
	}
	if (errno == ENOBUFS) /* some are lost */
		load_what_is_there(f);
}

/* Is any of them still at work? */
static bool look_at_workers(struct follower *f)
{
	bool works = false;

	for (struct pollfd *fd = f->fds + 1; fd < f->fds + 1 + WORKERS; fd++) {
		if (fd->fd >= 0 && fd->revents) {
			waitid(P_PIDFD, (id_t)fd->fd, &(siginfo_t){0}, WEXITED);
			close(fd->fd);
			fd->fd = -1;
		}
		works |= fd->fd >= 0;
	}
	return works;
}

static int go_on(struct follower *f, int ready, struct err *err)
{
	do {
		const bool works = look_at_workers(f);

		take_events(f);
		if (!works && ready >= 0) {
			close(ready);
			ready = -1;
		}
	} while (poll(f->fds, 1 + WORKERS, -1) >= 0 || errno == EINTR);
	return err_errno(err, -errno, "wait for uevents");
}

int drivers_follow(struct machine *m, int ready_fd, struct err *err)
{
	struct follower f = {.m = m};
	int rc = modules_new(m, NULL, &f.modules, err);

	for (size_t i = 0; i < 1 + WORKERS; i++)
		f.fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
	if (rc < 0)
		return rc;
	f.monitor = listen(); /* first, so that what comes meanwhile is not missed */
	if (f.monitor) {
		f.fds[0].fd = udev_monitor_get_fd(f.monitor);
		load_what_is_there(&f);
		rc = go_on(&f, ready_fd, err);
		udev_monitor_unref(f.monitor);
	} else {
		rc = err_errno(err, -errno, "listen to uevents");
	}
	talloc_free(f.modules);
	return rc;
}
