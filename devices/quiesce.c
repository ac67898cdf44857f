// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/quiesce.h"

#include <errno.h>
#include <stdarg.h>
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
	else if (result->job == CREW_HOLD) /* a late one; its function stays left */
		q->runs[result->index].busy = q->runs[result->index].overdue = 0;
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

/* Somebody else has it: it is not touched, and the others are stilled all the same. */
__attribute__((format(printf, 2, 3))) static void leave(struct run *r, const char *why, ...)
{
	va_list ap;

	r->is_left = 1;
	r->phase = DONE;
	va_start(ap, why);
	vsnprintf(r->proof.why, sizeof(r->proof.why), why, ap);
	va_end(ap);
}

/* Functions from the one of index next on have had no turn. */
static int hold_failed(struct quiesce *q, size_t next, struct err *err)
{
	for (size_t i = 0; i < q->plan->count; i++) {
		struct run *r = &q->runs[i];
		const struct pci_function *f = r->device->function;

		if (!r->busy && i < next)
			continue;
		if (q->plan->purpose == PLAN_FOR_JUMP)
			return err_set(err, -ETIME,
				"%s: %s%s%s (the device stays locked), and a kexec would wait for "
				"it for ever",
				f->slot, f->driver ? "its driver " : "somebody",
				f->driver ? f->driver : "",
				f->driver ? " hangs already" : " holds it already");
		r->overdue = r->busy;
		leave(r, "somebody holds it: a driver that is coming, or hangs");
	}
	return 0;
}

static int held(struct quiesce *q, const struct crew_result *result, struct err *err)
{
	struct run *r = &q->runs[result->index];

	r->busy = 0;
	if (result->rc < 0 && result->rc != -ECHILD)
		log_debug("%s", result->why);
	if (result->rc != -ECHILD)
		return 0;
	if (q->plan->purpose == PLAN_FOR_JUMP)
		return err_set(err, -ECHILD, "a worker died before the first step");
	r->lost = 1;
	leave(r, "whoever was to hold it died");
	return 0;
}

static int hold_all(struct quiesce *q, struct err *err)
{
	uint64_t deadline = clock_now_us() + HOLD_DEADLINE_MS * 1000ULL;
	struct crew_result result;
	size_t next = 0;

	for (size_t done = 0; done < q->plan->count; done++) {
		uint64_t now = clock_now_us();
		int rc;

		for (; next < q->plan->count && crew_has_room(q->crew); next++) {
			q->runs[next].busy = 1;
			crew_submit(q->crew, next, CREW_HOLD, STEP_COUNT);
		}
		if (now >= deadline ||
			!crew_wait(q->crew, (int)((deadline - now) / 1000 + 1), &result))
			return hold_failed(q, next, err);
		rc = held(q, &result, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Now that no driver binds any more: did one since the snapshot? The plan would be carried out on what
 * it works with. One that went is fine. */
static int check_drivers(struct quiesce *q, struct err *err)
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
		if (f->driver && !strcmp(name, f->driver))
			continue;
		if (q->plan->purpose == PLAN_FOR_JUMP)
			return err_set(err, -EBUSY,
				"%s: the driver %.64s took it since the devices were read; nothing "
				"was touched, try again",
				f->slot, name);
		q->runs[i].bound = 1;
		leave(&q->runs[i], "the driver %.40s took it meanwhile", name);
	}
	return 0;
}

int quiesce_hold(struct quiesce *q, struct err *err)
{
	int rc;

	uio_make_ready(q->m, q->plan); /* it may have to be read from a disk */
	rc = hold_all(q, err);
	if (rc < 0)
		return rc;
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

void quiesce_dismiss(struct quiesce *q)
{
	TALLOC_FREE(q->crew);
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
	rc = crew_start(m, plan, crew_wanted(plan), q, &q->crew, err);
	if (rc < 0) {
		talloc_free(q);
		return rc;
	}
	*quiesce = q;
	return 0;
}
