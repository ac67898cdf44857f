/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PROGRESS_H
#define UI_PROGRESS_H

/*
 * The quiesce as it goes on, a line before and a line after each step, on the console and in the
 * kernel's log, so that the last line of a serial console names the step that hung. From
 * progress_start() on output does not block: a console that takes no more loses lines rather than
 * stopping the way out.
 */

#include "devices/quiesce.h"

struct progress {
	struct machine *machine;
};

/* With to_stderr set standard output stays free for JSON. */
void progress_start(struct progress *p, struct machine *m, unsigned int to_stderr);

/* Functions for quiesce_run(). */
struct quiesce_watch progress_watch(struct progress *p);

/* What came of it, in a few lines. */
void progress_end(const struct progress *p, const struct journal *j, size_t hung);

#endif
