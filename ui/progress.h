/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PROGRESS_H
#define UI_PROGRESS_H

/*
 * The quiesce as it goes on, a line before and a line after each step, on the console and in the
 * kernel's log, so that the last line of a serial console names the step that hung. From
 * its beginning on output does not block: a console that takes no more loses lines rather than
 * stopping the way out.
 */

#include "ui/stilling.h"

struct progress {
	struct machine *machine;
	unsigned int to_stderr; /* standard output stays free, for JSON */
};

/* What shows it. The progress is borrowed. */
struct stilling_watch progress_watch(struct progress *p);

#endif
