/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_CANDIDATES_H
#define BOOT_VOLUME_CANDIDATES_H

/*
 * Which filesystems there may be, before any of them is opened (volume.h says which). From sysfs,
 * procfs and udev's links only: no disk is read.
 */

#include <stdbool.h>

#include "boot/volume.h"

/* What may become a volume. Of a mounted one type, target and root are known; of one that we would
 * mount (VOLUME_OUR_MOUNT) only the device. fd is -1. */
struct volume_candidate {
	struct machine *machine;
	struct volume volume;
};

struct volume_candidates {
	struct machine *machine;
	void *strings; /* the talloc context that they belong to */
	struct volume_candidate list[VOLUMES_MAX];
	size_t count;
	struct stack *stack; /* what was opened for them; NULL where only mounts are looked at */
	bool too_many; /* there were more; they are passed over */
};

/* A new talloc context below ctx. */
int volume_candidates_find(struct machine *m, void *ctx, void *strings, unsigned int flags,
	struct volume_candidates **candidates, struct err *err);

#endif
