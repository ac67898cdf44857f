// SPDX-License-Identifier: GPL-2.0-or-later
/* What became of each function: the stillness table. */
#include <stdio.h>

#include "devices/run.h"

#define WAITS "it waits for a step elsewhere that hangs"

/* A driver that did not let go. */
static void judge_bound(struct quiesce *q, const struct run *r)
{
	const struct pci_function *f = r->device->function;
	const char *why = r->proof.why[0] ? r->proof.why : "it was never begun";
	char text[JOURNAL_DETAIL_MAX];

	if (r->busy || r->lost)
		why = r->phase == PROVE ? "looking at it hangs" : "its remove() hangs";
	snprintf(text, sizeof(text), "still bound to %.60s: %.80s", f->driver, why);
	journal_judge(q->journal, f->slot, VERDICT_LOUD, text);
}

/* Then whoever looks at r waits for that reset. */
static int port_hangs(const struct run *r)
{
	const struct run *by = r->port ? r->port->by : NULL;

	return order_port_is_busy(r) ||
	       (by && by != r && by->lost && step_kind(by->running) & STEP_IS_PORT);
}

static void judge(struct quiesce *q, const struct run *r)
{
	const struct pci_function *f = r->device->function;

	if (r->device->action == PLAN_LEFT)
		journal_judge(q->journal, f->slot, VERDICT_LEFT, r->device->reason);
	else if (r->is_left)
		journal_judge(q->journal, f->slot, VERDICT_LEFT, r->proof.why);
	else if (r->bound && r->proof.stillness != GONE)
		judge_bound(q, r);
	else if (r->phase != DONE)
		journal_judge(q->journal, f->slot, VERDICT_LOUD,
			r->busy || r->lost ? "a step on it hangs" : WAITS);
	else if (r->proof.stillness == GONE)
		journal_judge(q->journal, f->slot, VERDICT_LEFT,
			f->physical ? "it went with its physical function" : r->proof.why);
	else if (port_hangs(r)) /* whatever it was before */
		journal_judge(q->journal, f->slot, VERDICT_LOUD, WAITS);
	else
		journal_judge(q->journal, f->slot,
			r->proof.stillness == STILL ? VERDICT_STILL : VERDICT_LOUD, r->proof.why);
}

void verdict_all(struct quiesce *q)
{
	for (size_t i = 0; i < q->plan->count; i++)
		judge(q, &q->runs[i]);
}
