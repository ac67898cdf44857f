/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_DISKS_H
#define BOOT_LEAVE_DISKS_H

#include "boot/leave/unmount.h"

/*
 * Filesystems and the block devices below them, given up in turn: a filesystem may lie on devices that
 * are made of files of another one, which cannot even be made read-only before those are gone.
 */

struct disks_left {
	struct unmount_result *mounts;
	const char *const *devices; /* sentences, NULL-terminated */
};

/* unmount_all() and detach_all() until neither helps the other, or a disk does not answer. What stays belongs to ctx. */
int disks_give_up(
	struct machine *m, const char *below, void *ctx, struct disks_left *left, struct err *err);

#endif
