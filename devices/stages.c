// SPDX-License-Identifier: GPL-2.0-or-later
/* Errands, one at a time, and the gate before which functions wait for them. */
#include <errno.h>
#include <stdio.h>

#include "devices/clock.h"
#include "devices/errand.h"
#include "devices/run.h"

int stages_allow(const struct quiesce *q, unsigned int stage)
{
	return q->errand_next == q->plan->errand_count ||
	       q->plan->errands[q->errand_next].stage > stage;
}

struct errand_run *stages_running(const struct quiesce *q)
{
	struct errand_run *r = &q->errands[q->errand_next];

	return q->errand_next < q->plan->errand_count && r->busy ? r : NULL;
}

static void begin(struct quiesce *q, size_t i)
{
	const struct plan_errand *errand = &q->plan->errands[i];
	uint64_t now = clock_now_us();
	struct errand_run *r = &q->errands[i];

	r->deadline_us = now + 1000ULL * errand->deadline_ms + 1000ULL * errand->settle_ms;
	r->entry = journal_begin(
		q->journal, errand_subject(errand), errand->step, errand->rule, now - q->start_us);
	if (r->entry)
		q->watch->begun(q->watch->ctx, r->entry);
}

/* The next one's turn; or, after the last one of its stage, the functions'. */
static void through(struct quiesce *q)
{
	unsigned int stage = q->plan->errands[q->errand_next++].stage;

	if (stages_allow(q, stage))
		ladder_look_again(q);
}

int stages_begin(struct quiesce *q)
{
	size_t i = q->errand_next;

	if (i == q->plan->errand_count || !crew_has_room(q->crew))
		return 0;
	begin(q, i);
	if (!quiesce_has_time(q, q->plan->errands[i].deadline_ms + q->plan->errands[i].settle_ms)) {
		quiesce_tell(q, q->errands[i].entry, JOURNAL_SKIPPED, 0, NO_TIME);
		through(q);
		return 1;
	}
	q->errands[i].busy = 1;
	crew_submit(q->crew, i, CREW_ERRAND, q->plan->errands[i].step);
	return 1;
}

void stages_take(struct quiesce *q, const struct crew_result *result)
{
	const struct plan_errand *errand = &q->plan->errands[result->index];
	struct errand_run *r = &q->errands[result->index];
	enum journal_result how = result->rc < 0 ? JOURNAL_FAILED : JOURNAL_OK;
	const char *detail = result->why;

	r->lost = result->rc == -ECHILD && errand_holds_lock(errand);
	if (r->overdue && result->rc >= 0)
		how = JOURNAL_LATE;
	if (r->lost)
		how = JOURNAL_HUNG;
	if (!*detail && errand->step == STEP_WRITE)
		detail = errand->value;
	r->busy = 0;
	quiesce_tell(q, r->entry, how, result->duration_us, detail);
	if (!r->overdue)
		through(q);
	r->overdue = 0;
}

void stages_overdue(struct quiesce *q, uint64_t now_us)
{
	struct errand_run *r = stages_running(q);
	uint64_t duration_us = now_us - q->start_us - (r->entry ? r->entry->start_us : 0);

	if (errand_holds_lock(&q->plan->errands[q->errand_next])) {
		r->overdue = 1;
		quiesce_tell(q, r->entry, JOURNAL_HUNG, duration_us,
			"did not return before its deadline");
	} else {
		crew_kill(q->crew, q->errand_next, CREW_ERRAND);
		r->busy = 0;
		quiesce_tell(q, r->entry, JOURNAL_FAILED, duration_us,
			"did not end before its deadline and was killed");
	}
	through(q);
}

size_t stages_end(struct quiesce *q)
{
	size_t hung = 0;

	for (size_t i = q->errand_next; i < q->plan->errand_count; i++) {
		begin(q, i);
		quiesce_tell(
			q, q->errands[i].entry, JOURNAL_SKIPPED, 0, "no worker is left to do it");
	}
	for (size_t i = 0; i < q->errand_next; i++)
		hung += (size_t)(q->errands[i].busy || q->errands[i].lost);
	return hung;
}
