// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/quiesce.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/clock.h"
#include "devices/log.h"
#include "devices/run.h"
#include "devices/step.h"

void quiesce_tell(struct quiesce *q, struct journal_entry *entry, enum journal_result result,
	uint64_t duration_us, const char *detail)
{
	if (!entry)
		return;
	entry->result = result;
	entry->duration_us = duration_us;
	snprintf(entry->detail, sizeof(entry->detail), "%s", detail);
	q->watch->ended(q->watch->ctx, entry);
}

/* Mark what has missed its deadline. */
static void check_deadlines(struct quiesce *q)
{
	uint64_t now = clock_now_us();
	const struct errand_run *errand = stages_running(q);

	for (size_t i = 0; i < q->plan->count; i++) {
		struct run *r = &q->runs[i];

		if (!r->busy || r->overdue || now < r->deadline_us)
			continue;
		ladder_overdue(q, r, now);
	}
	if (errand && now >= errand->deadline_us)
		stages_overdue(q, now);
}

/* Milliseconds until the next deadline; -1 when nothing is out but overdue steps and errands. */
static int next_deadline_ms(const struct quiesce *q)
{
	const struct errand_run *errand = stages_running(q);
	uint64_t now = clock_now_us(), next = errand ? errand->deadline_us : UINT64_MAX;

	for (size_t i = 0; i < q->plan->count; i++) {
		const struct run *r = &q->runs[i];

		if (r->busy && !r->overdue && r->deadline_us < next)
			next = r->deadline_us;
	}
	if (next == UINT64_MAX)
		return -1;
	return next <= now ? 0 : (int)((next - now) / 1000 + 1);
}

/* Start whatever can be started. */
static void advance_all(struct quiesce *q)
{
	int moved;

	do {
		moved = 0;
		for (size_t i = 0; i < q->plan->count && crew_has_room(q->crew); i++)
			moved |= ladder_advance(q, &q->runs[i]);
	} while (moved && crew_has_room(q->crew));
}

static void take(struct quiesce *q, struct crew_result *result)
{
	if (result->job == CREW_ERRAND)
		stages_take(q, result);
	else
		ladder_take(q, result);
}

void quiesce_end_by(struct quiesce *q, uint64_t end_us)
{
	q->end_us = end_us;
}

int quiesce_has_time(const struct quiesce *q, uint64_t ms)
{
	return !q->end_us || clock_now_us() + ms * 1000 <= q->end_us;
}

size_t quiesce_run(struct quiesce *q, const struct quiesce_watch *watch)
{
	struct crew_result result;
	size_t hung;

	q->watch = watch;
	q->start_us = clock_now_us();
	for (;;) {
		int timeout;

		check_deadlines(q);
		advance_all(q);
		timeout = next_deadline_ms(q);
		/* When only overdue ones are out, what is back by now was late. Then it is the next
		 * errand's turn; after the last one, whoever is still out is hung. */
		if (crew_wait(q->crew, timeout < 0 ? 0 : timeout, &result))
			take(q, &result);
		else if (timeout < 0 && !stages_begin(q))
			break;
	}
	hung = stages_end(q);
	for (size_t i = 0; i < q->plan->count; i++)
		hung += (size_t)(q->runs[i].busy || q->runs[i].lost);
	journal_sort(q->journal);
	verdict_all(q);
	hung += newcomers_still(q);
	q->journal->duration_us = clock_now_us() - q->start_us;
	return hung;
}

/* The slot of a function that is still being held, for the error. */
static int hold_failed(const struct quiesce *q, struct err *err)
{
	for (size_t i = 0; i < q->plan->count; i++)
		if (q->runs[i].busy)
			return err_set(err, -ETIME,
				"%s: its driver%s%s hangs already (the device stays locked), and a "
				"kexec would wait for it for ever",
				q->runs[i].device->function->slot,
				q->runs[i].device->function->driver ? " " : "",
				q->runs[i].device->function->driver
					? q->runs[i].device->function->driver
					: "");
	return err_set(err, -ETIME, "the devices cannot be held");
}

/* Now that no driver binds any more: did one since the snapshot? The plan would be carried out on what
 * it works with. One that went is fine. */
static int check_drivers(const struct quiesce *q, struct err *err)
{
	for (size_t i = 0; i < q->plan->count; i++) {
		const struct pci_function *f = q->plan->devices[i].function;
		char path[64], target[256];
		const char *name;
		ssize_t len;

		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", f->slot);
		len = readlinkat(q->m->root_fd, path, target, sizeof(target) - 1);
		if (q->plan->devices[i].action != PLAN_QUIESCE || len < 0)
			continue;
		target[len] = '\0';
		name = strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
		if (!f->driver || strcmp(name, f->driver))
			return err_set(err, -EBUSY,
				"%s: the driver %.64s took it since the devices were read; nothing "
				"was touched, try again",
				f->slot, name);
	}
	return 0;
}

int quiesce_hold(struct quiesce *q, struct err *err)
{
	uint64_t deadline;
	struct crew_result result;
	size_t next = 0, done = 0;

	uio_make_ready(q->m, q->plan); /* it may have to be read from a disk */
	deadline = clock_now_us() + HOLD_DEADLINE_MS * 1000ULL;
	while (done < q->plan->count) {
		uint64_t now = clock_now_us();

		for (; next < q->plan->count && crew_has_room(q->crew); next++) {
			q->runs[next].busy = 1;
			crew_submit(q->crew, next, CREW_HOLD, STEP_COUNT);
		}
		if (now >= deadline ||
			!crew_wait(q->crew, (int)((deadline - now) / 1000 + 1), &result))
			return hold_failed(q, err);
		q->runs[result.index].busy = 0;
		done++;
		if (result.rc == -ECHILD)
			return err_set(err, -ECHILD, "a worker died before the first step");
		if (result.rc < 0)
			log_debug("%s", result.why);
	}
	if (q->plan->count &&
		q->m->effects->write_attr(q->m, "sys/bus/pci/drivers_autoprobe", "0", NULL) < 0)
		log_debug("drivers_autoprobe cannot be switched off");
	return check_drivers(q, err);
}

static void told(void *ctx, const char *what)
{
	(void)ctx;
	log_debug("%s", what);
}

void quiesce_release(struct quiesce *q)
{
	size_t bound;

	undo_apply(q->m, q->undo, &bound, told, NULL);
}

void quiesce_release_drivers(struct quiesce *q)
{
	undo_autoprobe(q->m, q->undo);
}

const struct journal *quiesce_journal(const struct quiesce *q)
{
	return q->journal;
}

/* What is left has no steps, and a line only where there is an interrupt pin. */
static void prepare_runs(struct quiesce *q)
{
	for (size_t i = 0; i < q->plan->count; i++) {
		const struct plan_device *d = &q->plan->devices[i];
		const struct pci_function *f = d->function;

		q->runs[i] = (struct run){
			.device = d,
			.bound = f->driver != NULL,
			.phase = d->action == PLAN_QUIESCE ? LOWER : DONE,
			.inode = newcomers_inode(q->m, f->slot),
			.looked = !(f->caps.has & PCI_HAS_INTX) || pci_is_bridge(f),
		};
	}
}

/* Each function and each errand may take one with it for ever. One there is always: holding a function
 * that is left may never return either, nor may what appeared meanwhile. */
static size_t count_workers(const struct plan *plan)
{
	size_t n = plan->errand_count;

	for (size_t i = 0; i < plan->count; i++)
		n += plan->devices[i].action == PLAN_QUIESCE;
	return n ? n : 1;
}

int quiesce_prepare(struct machine *m, const struct plan *plan, void *ctx, struct quiesce **quiesce,
	struct err *err)
{
	struct quiesce *q = talloc_zero(ctx, struct quiesce);
	int rc = -ENOMEM;

	if (q) {
		q->m = m;
		q->plan = plan;
		q->journal = journal_new(q, plan);
		q->undo = undo_take(m, plan, q);
		q->runs = talloc_zero_array(q, struct run, plan->count);
		q->errands = talloc_zero_array(q, struct errand_run, plan->errand_count);
	}
	if (q && q->journal && q->undo && q->runs && q->errands) {
		prepare_runs(q);
		rc = order_prepare(q);
	}
	if (rc < 0) {
		talloc_free(q);
		return err_errno(err, rc, "prepare the quiesce");
	}
	rc = crew_start(m, plan, count_workers(plan), q, &q->crew, err);
	if (rc < 0) {
		talloc_free(q);
		return rc;
	}
	*quiesce = q;
	return 0;
}
