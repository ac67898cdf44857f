// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/preinit_run.h"

#include <errno.h>
#include <talloc.h>

#include "devices/clock.h"
#include "devices/stillness.h"

/* Where nothing is to be done there is no need for workers to look a second time. */
static int judge_only(struct preinit_work *w, struct err *err)
{
	struct journal *j = journal_new(w->record, w->plan);

	if (!j)
		return err_errno(err, -ENOMEM, "judge the devices");
	for (size_t i = 0; i < w->plan->count; i++) {
		const struct plan_device *d = &w->plan->devices[i];

		if (d->action == PLAN_LEFT)
			journal_judge(j, d->function->slot, VERDICT_LEFT, d->reason);
		else
			journal_judge(j, d->function->slot, VERDICT_STILL, "");
	}
	w->record->journal = *j;
	return 0;
}

static int hold(struct quiesce *q, struct err *err)
{
	int rc = quiesce_hold(q, err);

	if (rc == -ETIME || rc == -ECHILD) /* somebody has a lock that release would wait for */
		quiesce_release_drivers(q);
	else if (rc < 0)
		quiesce_release(q);
	return rc;
}

/* Nothing more than a loud function that no step can change: who would be asked to do what? */
static int is_idle(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_device *d = &plan->devices[i];
		struct proof proof;

		if (d->action == PLAN_LEFT)
			continue;
		stillness_judge(d->function, d->function->config, d->function->config_len, &proof);
		if (d->step_count || proof.stillness == LOUD)
			return 0;
	}
	return 1;
}

int preinit_carry_out(struct preinit_work *w, struct err *err)
{
	struct quiesce *q;
	int rc;

	if (is_idle(w->plan))
		return judge_only(w, err);
	rc = quiesce_prepare(w->m, w->plan, w->record, &q, err);
	if (rc == 0)
		rc = hold(q, err);
	if (rc < 0)
		return rc;
	quiesce_end_by(q, clock_now_us() + PREINIT_BUDGET_MS * UINT64_C(1000));
	w->record->hung = stilling_run(q, w->watch);
	if (w->record->hung)
		quiesce_release_drivers(q);
	else
		quiesce_release(q);
	w->record->journal = *quiesce_journal(q);
	return 0;
}
