/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_TARGET_H
#define UI_TARGET_H

/*
 * What is to be booted: an entry, or the files of --kernel and --initrd; found, checked and
 * pinned.
 */

#include "boot/pin.h"
#include "boot/volume.h"
#include "ui/command.h"

struct target {
	struct pinned pinned;
	const char *title;
	const struct volume_set
		*volumes; /* what discovery looked at, closed; NULL for named files */
};

/* Find what the options name and pin it, with this room for a handoff. Afterwards no disk is held
 * open. Strings belong to the session's memory. */
int target_pin(struct session *s, size_t handoff_room, struct target *target, struct err *err);

#endif
