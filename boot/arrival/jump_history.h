/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_ARRIVAL_JUMP_HISTORY_H
#define BOOT_ARRIVAL_JUMP_HISTORY_H

/*
 * The jumps by which this machine came to where it is: var/lib/stillboot/history, for root alone, a JSON
 * object a line, the oldest first:
 *
 *   { "boot_id", "from", "to", "entry", "hops", "still", "loud", "left",
 *     "times": { "request_us", ... }, "lost": true (only where it is) }
 *
 * boot_id is that of the boot that it led to; "from" and "to" are kernel releases; times are those of
 * timeline.h. Of a jump that was lost only the entry, "to" and the request are known, and boot_id is that of
 * the boot that came instead. A line of a later version may have more in it, which stays.
 */

#include "boot/arrival/timeline.h"
#include "devices/machine.h"

#define HISTORY_FILE "var/lib/stillboot/history"
#define HISTORY_JUMPS_MAX 100
#define HISTORY_FILE_MAX (256 << 10) /* bytes */
#define HISTORY_LINE_MAX (4 << 10)
/* Bytes of an entry's title or a kernel's release; the rest is cut off. */
#define HISTORY_TEXT_MAX 256

struct history_jump {
	const char *boot_id, *from, *to, *entry;
	unsigned int hops; /* 0 for unknown */
	unsigned int still, loud, left;
	int is_lost; /* it did not arrive */
	struct timeline timeline;
	const char *line; /* as it stands in the file */
};

/* A line that is none. */
struct history_damage {
	size_t line; /* from 1 */
	const char *why;
};

struct jump_history {
	struct history_jump *jumps; /* oldest first, the newest HISTORY_JUMPS_MAX */
	size_t count;
	struct history_damage *damages; /* of as many lines */
	size_t damage_count;
};

/* Read it: a talloc context below ctx. Without a file it is empty. -EFBIG for one that is too large. */
int jump_history_read(struct machine *m, void *ctx, struct jump_history **history, struct err *err);

/* The same of bytes, which are hostile; -ENOMEM. */
int jump_history_parse(
	const char *bytes, size_t len, void *ctx, struct jump_history **history, struct err *err);

/* Add a jump: written whole or not at all, the oldest left out where there are too many. A boot has one line:
 * it is written anew where it had no login yet and now has. 1 where there is nothing to do. */
int jump_history_add(struct machine *m, const struct history_jump *jump, struct err *err);

#endif
