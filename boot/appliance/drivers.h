/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLIANCE_DRIVERS_H
#define APPLIANCE_DRIVERS_H

/*
 * Drivers for the devices that are there, and for those that come: what udevd does otherwise. A
 * device says in its modalias which modules may drive it (include/linux/module.h,
 * MODULE_DEVICE_TABLE), in sysfs and in the uevent of its coming.
 */

#include "boot/appliance/modules.h"

#define DRIVERS_ALIASES_MAX 16384

/* What all devices on all buses say, each once and in order: a NULL-terminated talloc array of
 * ctx. NULL when memory ran out. */
char **drivers_aliases(struct machine *m, void *ctx);

/* Load them, some at a time, and go on with whatever comes, one after another, for ever. ready_fd is
 * closed when no more is known to come. Modules that do not load are told to the kernel's log.
 * Comes back only with an error: no libkmod, no uevents. */
int drivers_follow(struct machine *m, int ready_fd, struct err *err);

#endif
