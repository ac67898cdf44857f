/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_CANDIDATES_H
#define BOOT_VOLUME_CANDIDATES_H

/*
 * Which filesystems there may be, before any of them is opened (volume.h says which). From sysfs,
 * procfs and udev's links only: no disk is read.
 */

#include <stdbool.h>

#include "boot/volume/hold.h"
#include "boot/volume/volume.h"

/* What may become a volume. Of a mounted one type, target and root are known; of one that we would
 * mount (VOLUME_OUR_MOUNT) only the device. fd is -1. */
struct volume_candidate {
	struct volume volume;
	const char *name; /* of the block device in sysfs, NULL if it has none */
	const char *key;  /* the same for as long as it is the same */
};

/* Where to look. */
struct volume_scope {
	unsigned int flags; /* enum discover_flags */
	/* Only this disk ("loop0") and its partitions, NULL for all that flags say; with whole only the disk
	 * itself, although it has partitions. */
	const char *disk;
	bool whole;
};

struct volume_candidates {
	struct machine *machine;
	struct volume_candidate list[VOLUMES_MAX];
	size_t count;
	bool too_many; /* there were more; they are passed over */
	bool busy;     /* another stillboot looks at the disks, so they are left out */
};

/* A new talloc context below ctx, with all strings. Where disks are among them, they are the hold's from
 * then on, which may have to be waited for (volume_hold_disks()). */
int volume_candidates_find(struct volume_hold *hold, void *ctx, const struct volume_scope *scope,
	struct volume_candidates **candidates, struct err *err);

/* Add what is known of the candidate's names without reading the disk; they go to ctx. Takes longer than
 * finding candidates. */
int volume_candidate_name(struct machine *m, void *ctx, struct volume_candidate *candidate);

#endif
