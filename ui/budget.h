/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_BUDGET_H
#define UI_BUDGET_H

/*
 * The time that somebody else gives, `--budget SECONDS`, in all of a boot: systemd goes on 90 s
 * after it has called the hooks of a shutdown, whatever is under way then, and a unit before them
 * has used some of it. What was used is kept in run/stillboot/budget.
 */

#include <stdint.h>

#include "ui/command.h"

#define BUDGET_FILE "run/stillboot/budget"

struct budget {
	uint64_t begin_us, end_us; /* clock_now_us(); end_us 0 where no budget was given */
	uint64_t used_ms;          /* before */
};

/* Begin now. -EINVAL for what is no number of seconds, -ETIME when nothing is left. */
int budget_begin(struct session *s, struct budget *budget, struct err *err);
/* Note what was used. */
void budget_end(struct session *s, const struct budget *budget);

#endif
