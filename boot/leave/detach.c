// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/leave/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <linux/raid/md_u.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "devices/deadline.h"

#define ROUNDS_MAX 64 /* so many may stand on each other */

struct detaching {
	struct machine *m;
	const char *name; /* of the kernel: "loop0", "dm-1", "md127" */
};

/* Nodes that devtmpfs has made. */
static int open_node(const struct detaching *d, struct err *err)
{
	char path[280];
	int fd;

	snprintf(path, sizeof(path), "dev/%.255s", d->name);
	fd = openat(d->m->root_fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? err_errno(err, -errno, "open /%s", path) : fd;
}

static int is_there(struct machine *m, const char *name, const char *what)
{
	char path[320];

	snprintf(path, sizeof(path), "sys/class/block/%.255s/%s", name, what);
	return faccessat(m->root_fd, path, F_OK, 0) == 0;
}

/* While somebody uses it the kernel puts it off and says that it is done (drivers/block/loop.c,
 * loop_clr_fd()). */
static int detach_loop(void *argument, struct err *err)
{
	const struct detaching *d = argument;
	_cleanup_fd_ int fd = open_node(d, err);

	if (fd < 0)
		return fd;
	return ioctl(fd, LOOP_CLR_FD, 0) < 0 && errno != ENXIO
		       ? err_errno(err, -errno, "detach %s", d->name)
		       : 0;
}

static int detach_mapping(void *argument, struct err *err)
{
	const struct detaching *d = argument;
	_cleanup_fd_ int fd = openat(d->m->root_fd, "dev/mapper/control", O_RDWR | O_CLOEXEC);
	struct dm_ioctl request = {
		.version = {DM_VERSION_MAJOR, 0, 0},
		.data_size = sizeof(request),
		.data_start = sizeof(request),
	};
	unsigned int major, minor;
	_cleanup_talloc_ char *number = NULL;
	char path[320];

	if (fd < 0)
		return err_errno(err, -errno, "open dev/mapper/control");
	snprintf(path, sizeof(path), "sys/class/block/%.255s/dev", d->name);
	if (machine_read_file(d->m, NULL, path, 64, &number, NULL) < 0 ||
		sscanf(number, "%u:%u", &major, &minor) != 2)
		return 0; /* gone */
	/* As the kernel packs it (include/linux/kdev_t.h, huge_encode_dev()). */
	request.dev = (minor & 0xff) | (major << 8) | ((uint64_t)(minor & ~0xffU) << 12);
	return ioctl(fd, DM_DEV_REMOVE, &request) < 0 && errno != ENXIO
		       ? err_errno(err, -errno, "remove the mapping %s", d->name)
		       : 0;
}

static int detach_array(void *argument, struct err *err)
{
	const struct detaching *d = argument;
	_cleanup_fd_ int fd = open_node(d, err);

	if (fd < 0)
		return fd;
	return ioctl(fd, STOP_ARRAY, NULL) < 0 ? err_errno(err, -errno, "stop %s", d->name) : 0;
}

static const struct kind {
	const char *prefix;
	const char *attribute; /* in sysfs, of one that is made of something */
	const char *what;
	machine_action *action;
} kinds[] = {
	{"loop", "loop/backing_file", "detach", detach_loop},
	{"dm-", "dm/name", "remove the mapping", detach_mapping},
	{"md", "md/array_state", "stop", detach_array},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

static const struct kind *kind_of(struct machine *m, const char *name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (!strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) &&
			is_there(m, name, kinds[i].attribute))
			return &kinds[i];
	return NULL;
}

/* An array that is stopped, but not taken away yet. */
static int is_clear(struct machine *m, const char *name)
{
	_cleanup_talloc_ char *state = NULL;
	char path[320];

	snprintf(path, sizeof(path), "sys/class/block/%.255s/md/array_state", name);
	return machine_read_file(m, NULL, path, 64, &state, NULL) == 0 && !strcmp(state, "clear");
}

struct job {
	const struct kind *kind;
	struct detaching detaching;
};

static int with_deadline(void *argument, struct err *err)
{
	struct job *job = argument;
	int rc = deadline_run(DETACH_MS, job->kind->action, &job->detaching, err);

	return rc == -ETIME ? err_wrap(err, rc, "%s %s", job->kind->what, job->detaching.name) : rc;
}

/* Try each once. Those that were there are counted; why the others failed is put into left. */
static size_t try_each(struct machine *m, const char **left, size_t room)
{
	_cleanup_talloc_ char **names = machine_list_names(m, NULL, "sys/class/block");
	size_t count = 0;

	for (char **name = names; name && *name && count < room; name++) {
		struct job job = {kind_of(m, *name), {m, *name}};
		struct err err = {.text = ""};
		char what[320];
		int rc;

		if (!job.kind || is_clear(m, *name))
			continue;
		snprintf(what, sizeof(what), "%s %.255s", job.kind->what, *name);
		rc = m->effects->perform(m, what, with_deadline, &job, &err);
		left[count++] = talloc_strdup(left, rc < 0 ? err.text : *name);
		if (rc == -ETIME)
			return room; /* the kernel waits for a disk: every other call may too */
	}
	return count;
}

#define COUNT_MAX 4096

int detach_all(struct machine *m, void *ctx, const char *const **left, struct err *err)
{
	_cleanup_talloc_ const char **list = NULL;
	size_t first = 0, before = COUNT_MAX, now = 0;

	for (int i = 0; i < ROUNDS_MAX; i++, before = now) {
		talloc_free(list);
		list = talloc_zero_array(ctx, const char *, COUNT_MAX + 1);
		if (!list)
			return err_errno(err, -ENOMEM, "take block devices apart");
		now = try_each(m, list, COUNT_MAX);
		if (i == 0)
			first = now;
		if (!now || now >= before)
			break;
	}
	*left = list;
	list = NULL;
	return now < first ? (int)(first - now) : 0;
}
