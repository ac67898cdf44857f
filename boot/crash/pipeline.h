/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_CRASH_PIPELINE_H
#define BOOT_CRASH_PIPELINE_H

/*
 * One program, or two of which the second reads what the first writes, and what they say meanwhile, line
 * by line. No shell, and nothing inherited. Programs that say nothing for too long are killed: in a crash
 * kernel nobody is there to press a key.
 */

#include <stdint.h>

#include "devices/machine.h"

struct pipeline {
	struct machine *m;
	const char *const *first,
		*const *second; /* what they are called with; second may be NULL */
	/* Does the work of the first in the place of a program, in the child: writes to out what the second is to
	 * read, says on said what there is to be said, and returns the exit status. NULL: it is a program. */
	int (*own)(const struct pipeline *p, int out, int said);
	unsigned int quiet_ms; /* that long they may say nothing */
	/* Bytes of a file that they write; 0: as many as they like. own looks after it itself. */
	uint64_t file_max;
	/* A line that one of them said, without its end, which may be a carriage return. */
	void (*said)(void *ctx, const char *line);
	void *ctx;
};

/* -ENOENT if one is not installed, -ETIME after a silence, -EFBIG for a file too large, -EIO with the last line that was said if the first
 * fails, -EPIPE with it if the second does. */
int pipeline_run(const struct pipeline *p, struct err *err);

/* "makedumpfile -F /proc/vmcore | ssh ...", belonging to ctx; NULL when memory ran out. */
char *pipeline_text(void *ctx, const struct pipeline *p);

#endif
