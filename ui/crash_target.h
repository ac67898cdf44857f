/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_CRASH_TARGET_H
#define UI_CRASH_TARGET_H

/*
 * Which kernel is to be loaded for a crash: an entry's, without a name that of the entry that runs, or the
 * files of --kernel and --initrd; found and pinned.
 */

#include "boot/crash/record.h"
#include "boot/crash/saver.h"
#include "boot/pin.h"
#include "ui/command.h"

/* A crash kernel on its way. */
struct crash_target {
	struct still_plan plan;
	struct pinned pinned;
	const char *title, *line; /* what it is called, and the line that its own is made of */
	const char *version;      /* as the entry says it, NULL for unknown */
	struct crash_saver saver;
	struct crash_record record;
	uint64_t reserved;
};

/* Pin what the options name, with room for a handoff, and fill in all of t but the command line of its own.
 * The plan is there. Afterwards no disk is held open. Strings belong to the session's memory. */
int crash_target_pin(struct session *s, struct crash_target *t, struct err *err);

#endif
