// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/appliance/drivers.h"

#include <errno.h>
#include <libudev.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"

#define BUSES "sys/bus"
#define ALIAS_MAX 4096          /* bytes: an attribute has a page */
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

/* A device that no module is for has the kernel's own driver, or none. */
static void load(struct machine *m, struct modules *modules, const char *alias)
{
	struct err err;

	if (modules_load(modules, alias, MODULES_ALL, &err) < 0)
		m->effects->klog(m, LOG_INFO, err.text);
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

static void load_what_is_there(struct machine *m, struct modules *modules)
{
	_cleanup_talloc_ char **aliases = drivers_aliases(m, NULL);

	for (char **alias = aliases; alias && *alias; alias++)
		load(m, modules, *alias);
}

/* Those that are there by now. */
static void take_events(struct machine *m, struct modules *modules, struct udev_monitor *monitor)
{
	struct udev_device *device;

	while ((device = udev_monitor_receive_device(monitor))) {
		const char *action = udev_device_get_action(device);
		const char *alias = udev_device_get_property_value(device, "MODALIAS");

		if (action && !strcmp(action, "add") && alias)
			load(m, modules, alias);
		udev_device_unref(device);
	}
	if (errno == ENOBUFS) /* some are lost */
		load_what_is_there(m, modules);
}

int drivers_follow(struct machine *m, int ready_fd, struct err *err)
{
	_cleanup_talloc_ struct modules *modules = NULL;
	_cleanup_fd_ int ready = ready_fd;
	struct udev_monitor *monitor;
	struct pollfd fd;
	int rc = modules_new(m, NULL, &modules, err);

	if (rc < 0)
		return rc;
	monitor = listen(); /* first, so that what comes meanwhile is not missed */
	if (!monitor)
		return err_errno(err, -errno, "listen to uevents");
	load_what_is_there(m, modules);
	take_events(m, modules, monitor);
	if (write(ready, "", 1) < 0)
		log_debug("nobody waits for drivers any more");
	close(fd_take(&ready));
	fd = (struct pollfd){.fd = udev_monitor_get_fd(monitor), .events = POLLIN};
	while (poll(&fd, 1, -1) > 0 || errno == EINTR)
		take_events(m, modules, monitor);
	rc = err_errno(err, -errno, "wait for uevents");
	udev_monitor_unref(monitor);
	return rc;
}
