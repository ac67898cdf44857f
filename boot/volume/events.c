// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/events.h"

#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/volume/block.h"
#include "devices/cleanup.h"

/* A thousand disks that come at once. */
#define BUFFER_BYTES (8 << 20)

struct volume_events {
	struct udev_monitor *monitor;
	int mounts_fd;
};

static int destroy(struct volume_events *e)
{
	if (e->monitor)
		udev_monitor_unref(e->monitor);
	if (e->mounts_fd >= 0)
		close(e->mounts_fd);
	return 0;
}

/* NULL where there are none to be had: a container, no memory. */
static struct udev_monitor *listen(struct machine *m)
{
	struct udev *udev = udev_new();
	struct udev_monitor *monitor;
	struct stat st;
	int udevd_runs = fstatat(m->root_fd, "run/udev/control", &st, 0) == 0;

	if (!udev)
		return NULL;
	monitor = udev_monitor_new_from_netlink(udev, udevd_runs ? "udev" : "kernel");
	udev_unref(udev);
	if (!monitor)
		return NULL;
	udev_monitor_set_receive_buffer_size(monitor, BUFFER_BYTES);
	if (udev_monitor_filter_add_match_subsystem_devtype(monitor, "block", NULL) < 0 ||
		udev_monitor_enable_receiving(monitor) < 0) {
		udev_monitor_unref(monitor);
		return NULL;
	}
	return monitor;
}

int volume_events_new(struct machine *m, void *ctx, struct volume_events **events, struct err *err)
{
	struct volume_events *e = talloc(ctx, struct volume_events);

	if (!e)
		return err_errno(err, -ENOMEM, "wait for disks");
	*e = (struct volume_events){
		.monitor = listen(m),
		.mounts_fd = openat(m->root_fd, "proc/self/mountinfo", O_RDONLY | O_CLOEXEC),
	};
	talloc_set_destructor(e, destroy);
	*events = e;
	return 0;
}

int volume_events_fd(const struct volume_events *e)
{
	return e->monitor ? udev_monitor_get_fd(e->monitor) : -1;
}

int volume_events_mounts_fd(const struct volume_events *e)
{
	return e->mounts_fd;
}

const char **volume_events_take(struct volume_events *e, void *ctx)
{
	const char **names = talloc_zero_array(ctx, const char *, 1);
	struct udev_device *device;
	size_t count = 0;

	while (names && (device = udev_monitor_receive_device(e->monitor))) {
		const char **more = talloc_realloc(ctx, names, const char *, count + 2);

		names = more;
		if (more) {
			/* libudev has slashes in it, unlike sysfs. */
			more[count++] = block_name_of(more, udev_device_get_sysname(device));
			more[count] = NULL;
		}
		udev_device_unref(device);
	}
	return names;
}
