// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/preinit_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/clock.h"
#include "devices/deadline.h"
#include "devices/log.h"
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
	quiesce_dismiss(q);
	w->record->journal = *quiesce_journal(q);
	return 0;
}

struct probe {
	struct machine *m;
	const char *slot;
};

static int probe_one(void *argument, struct err *err)
{
	const struct probe *p = argument;

	return p->m->effects->write_attr(p->m, "sys/bus/pci/drivers_probe", p->slot, err);
}

int preinit_has_driver(const struct preinit_work *w, const struct pci_function *f)
{
	char path[64];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%.15s/driver", f->slot);
	return faccessat(w->m->root_fd, path, F_OK, 0) == 0;
}

static int is_waiting(const struct preinit_work *w, const struct pci_function *f)
{
	const struct journal *j = &w->record->journal;

	if (!preinit_was_reset(j, w->facts->snapshot, f) || preinit_has_driver(w, f))
		return 0;
	for (size_t i = 0; i < j->verdict_count; i++)
		if (!strcmp(j->verdicts[i].slot, f->slot))
			return j->verdicts[i].verdict == VERDICT_STILL;
	return 0;
}

void preinit_probe(struct preinit_work *w)
{
	uint64_t end_us = clock_now_us() + PREINIT_PROBE_MS * UINT64_C(1000);
	_cleanup_talloc_ char *text = NULL;

	if (machine_read_file(w->m, NULL, "sys/bus/pci/drivers_autoprobe", 8, &text, NULL) < 0 ||
		*text != '1')
		return;
	for (size_t i = 0; i < w->plan->count; i++) {
		const struct pci_function *f = w->plan->devices[i].function;
		struct probe p = {w->m, f->slot};
		uint64_t now = clock_now_us();
		struct err err;
		int rc;

		if (now >= end_us || !is_waiting(w, f))
			continue;
		rc = w->m->effects->parallel ? deadline_run((unsigned int)((end_us - now) / 1000),
						       probe_one, &p, &err)
					     : probe_one(&p, &err);
		if (rc == -ETIME)
			log_warn("%s: its driver was asked again, and hangs", f->slot);
	}
}
