// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/leave/disks.h"

#include <talloc.h>

#include "boot/leave/detach.h"

#define ROUNDS_MAX 16

int disks_give_up(
	struct machine *m, const char *below, void *ctx, struct disks_left *left, struct err *err)
{
	struct disks_left l = {NULL, NULL};
	int rc = 1;

	/* As long as some device went that a filesystem which stays may have needed. */
	for (int i = 0; i < ROUNDS_MAX && rc > 0; i++) {
		rc = unmount_all(m, below, ctx, &l.mounts, err);
		if (rc == 0)
			rc = detach_all(m, ctx, &l.devices, err);
		if (rc > 0 && (!l.mounts->count || unmount_stuck(l.mounts)))
			rc = 0;
	}
	if (rc >= 0)
		*left = l;
	return rc < 0 ? rc : 0;
}
