/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_DETACH_H
#define BOOT_LEAVE_DETACH_H

/*
 * Block devices made of others, taken apart when nothing is mounted any more: loop devices, mappings of
 * device-mapper (LVM, LUKS, multipath) and md arrays, in whatever order they stand on each other.
 */

#include "devices/machine.h"

#define DETACH_MS 20000 /* for one; a mapping that waits for its disk takes longer, and stays */

/* Take apart what can be, again and again as long as it becomes less. Returns how many are gone, or
 * -ENOMEM. What stays is in *left: sentences, NULL-terminated, belonging to ctx. */
int detach_all(struct machine *m, void *ctx, const char *const **left, struct err *err);

#endif
