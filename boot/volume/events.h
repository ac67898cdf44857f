/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_EVENTS_H
#define BOOT_VOLUME_EVENTS_H

/*
 * What tells that there may be other filesystems now: uevents of block devices (libudev: from udevd
 * where that runs, when it has named the device; else from the kernel), and changes of what is mounted
 * (proc(5), /proc/pid/mountinfo).
 */

#include "devices/machine.h"

struct volume_events;

/* A talloc context below ctx. Begins to listen at once, so that nothing is missed by who then looks
 * for the first time. */
int volume_events_new(struct machine *m, void *ctx, struct volume_events **events, struct err *err);

/* Can be read from where there are uevents; -1 if they cannot be had. */
int volume_events_fd(const struct volume_events *events);
/* Has POLLPRI where mounts have changed. Not for epoll: polling takes the event away. */
int volume_events_mounts_fd(const struct volume_events *events);

/* Take all uevents that there are. The names of the block devices that they were about ("sda1"), a
 * NULL-terminated talloc array of ctx; NULL when memory ran out. */
const char **volume_events_take(struct volume_events *events, void *ctx);

#endif
