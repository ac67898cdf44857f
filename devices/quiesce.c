// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/quiesce.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/clock.h"
#include "devices/log.h"

/* Reading configuration space waits while a reset of the same function runs
 * (drivers/pci/access.c, pci_wait_cfg), so it gets a reset's time. */
#define LOOK_DEADLINE_MS 70000
/* Before the first reset nothing blocks that access for long. */
#define INTX_DEADLINE_MS 5000

enum phase { LOWER, STEPS, PROVE, MASK, PROVE_AGAIN, DONE };

struct run {
	const struct plan_device *device;
	enum phase phase;
	size_t next;       /* index of the next of the plan's steps */
	enum step running; /* while busy with a step */
	int busy, overdue;
	int lost; /* its worker died in a step: what that held, it holds for ever */
	int bound;
	uint64_t deadline_us;
	struct journal_entry *entry; /* of the running or last step */
	struct proof proof;
};

struct quiesce {
	struct machine *m;
	const struct plan *plan;
	struct crew *crew;
	struct journal *journal;
	struct run *runs;
	const struct quiesce_watch *watch;
	uint64_t start_us;
};

static void begin(struct quiesce *q, struct run *r, enum step step, uint64_t start_us)
{
	r->entry = journal_begin(q->journal, r->device->function->slot, step, r->device->rule,
		start_us - q->start_us);
	if (r->entry)
		q->watch->begun(q->watch->ctx, r->entry);
}

static void end(struct quiesce *q, struct run *r, enum journal_result result, uint64_t duration_us,
	const char *detail)
{
	if (!r->entry)
		return;
	r->entry->result = result;
	r->entry->duration_us = duration_us;
	snprintf(r->entry->detail, sizeof(r->entry->detail), "%s", detail);
	q->watch->ended(q->watch->ctx, r->entry);
}

static void skip(
	struct quiesce *q, struct run *r, enum step step, const char *why, const char *name)
{
	char detail[JOURNAL_DETAIL_MAX];

	snprintf(detail, sizeof(detail), "%s %s", name, why);
	begin(q, r, step, clock_now_us());
	end(q, r, JOURNAL_SKIPPED, 0, detail);
}

/* May the bus that r is on be reset? 1 yes, 0 not yet: somebody on it is still letting go,
 * -EBUSY no: *holder has not and will not. */
static int bus_is_free(const struct quiesce *q, const struct run *r, const struct run **holder)
{
	int waiting = 0;

	for (size_t i = 0; i < q->plan->count; i++) {
		const struct run *other = &q->runs[i];

		if (other->device->function->parent != r->device->function->parent || !other->bound)
			continue;
		if (other->phase <= STEPS && !other->overdue &&
			other->device->action == PLAN_QUIESCE && other->next == 0) {
			waiting = 1;
			continue;
		}
		*holder = other;
		return -EBUSY;
	}
	return !waiting;
}

/* May r's driver let go? A function that is no bridge and yet has others below it (Intel's VMD) takes
 * them with it: they come first, and one that is left keeps it. As bus_is_free(). */
static int below_is_done(const struct quiesce *q, const struct run *r, const struct run **holder)
{
	int waiting = 0;

	for (size_t i = 0; i < q->plan->count; i++) {
		const struct run *other = &q->runs[i];

		if (!pci_is_below(other->device->function, r->device->function))
			continue;
		if (other->phase != DONE && !other->overdue) {
			waiting = 1;
		} else if (other->bound && !pci_is_bridge(other->device->function)) {
			*holder = other;
			return -EBUSY;
		}
	}
	return !waiting;
}

static void submit(struct quiesce *q, struct run *r, enum crew_job job, enum step step)
{
	unsigned int ms = LOOK_DEADLINE_MS;

	if (job == CREW_STEP && step == STEP_UNBIND)
		ms = r->device->unbind_deadline_ms;
	else if (job == CREW_STEP && step == STEP_INTX)
		ms = INTX_DEADLINE_MS;
	else if (job == CREW_STEP && step != STEP_MASK)
		ms = r->device->reset_deadline_ms;
	r->busy = 1;
	r->running = step;
	r->deadline_us = clock_now_us() + ms * 1000ULL;
	if (job == CREW_STEP && step != STEP_INTX)
		begin(q, r, step, clock_now_us());
	crew_submit(q->crew, (size_t)(r - q->runs), job, step);
}

static int is_reset(enum step step)
{
	return step == STEP_FLR || step == STEP_PM || step == STEP_BUS;
}

/* Begin r's next step of the plan. 0 if it has to wait. */
static int advance_steps(struct quiesce *q, struct run *r)
{
	const struct pci_function *f = r->device->function;
	enum step step = r->device->steps[r->next];
	const struct run *holder = r;
	int rc = 1;

	if (is_reset(step) && r->bound)
		rc = -EBUSY;
	else if (step == STEP_BUS)
		rc = bus_is_free(q, r, &holder);
	else if (step == STEP_UNBIND)
		rc = below_is_done(q, r, &holder);
	if (rc == 0)
		return 0;
	if (rc < 0) {
		skip(q, r, step, "is still bound to its driver", holder->device->function->slot);
		r->next++;
		return 1;
	}
	if (step == STEP_UNBIND && !f->driver)
		r->next++;
	else
		submit(q, r, CREW_STEP, step);
	return 1;
}

/* Move r on as far as it goes without waiting. 1 if anything was done. */
static int advance(struct quiesce *q, struct run *r)
{
	if (r->busy || r->phase == DONE)
		return 0;
	switch (r->phase) {
	case LOWER:
		if (r->bound && r->device->step_count && r->device->steps[0] == STEP_UNBIND)
			submit(q, r, CREW_STEP, STEP_INTX);
		else
			r->phase = STEPS;
		return 1;
	case STEPS:
		if (r->next < r->device->step_count)
			return advance_steps(q, r);
		r->phase = PROVE;
		return 1;
	case PROVE:
	case PROVE_AGAIN:
		submit(q, r, CREW_PROVE, STEP_COUNT);
		return 1;
	case MASK:
		submit(q, r, CREW_STEP, STEP_MASK);
		return 1;
	case DONE:
		break;
	}
	return 0;
}

/* That a line had to be lowered is known only afterwards; then it is told. */
static void lowered(struct quiesce *q, struct run *r, const struct crew_result *result)
{
	r->phase = STEPS;
	if (result->rc == 1)
		return;
	r->entry = journal_begin(q->journal, r->device->function->slot, STEP_INTX, r->device->rule,
		clock_now_us() - result->duration_us - q->start_us);
	end(q, r, result->rc < 0 ? JOURNAL_FAILED : JOURNAL_OK, result->duration_us,
		result->rc < 0 ? result->why : "asserted and nobody serviced it");
}

static void stepped(struct quiesce *q, struct run *r, const struct crew_result *result)
{
	enum journal_result how = result->rc < 0 ? JOURNAL_FAILED : JOURNAL_OK;

	if (r->overdue && result->rc >= 0)
		how = JOURNAL_LATE;
	if (r->lost)
		how = JOURNAL_HUNG;
	end(q, r, how, result->duration_us, result->why);
	/* ENODEV: nobody is bound there (any more), which is what was wanted. */
	if (r->running == STEP_UNBIND && (result->rc == 0 || result->rc == -ENODEV))
		r->bound = 0;
	if (r->phase == STEPS)
		r->next++;
	else
		r->phase = PROVE_AGAIN;
}

static void proven(struct run *r, const struct crew_result *result)
{
	r->proof = result->proof;
	if (result->rc < 0) {
		r->proof.stillness = LOUD;
		snprintf(r->proof.why, sizeof(r->proof.why), "%.*s", STILLNESS_WHY_MAX - 1,
			result->why);
	}
	/* Under a driver that would not let go masking does more harm than its shutdown(). */
	if (r->phase == PROVE && r->proof.stillness == LOUD && !r->bound)
		r->phase = MASK;
	else
		r->phase = DONE;
}

static void take(struct quiesce *q, const struct crew_result *result)
{
	struct run *r = &q->runs[result->device];

	r->busy = 0;
	if (result->rc == -ECHILD)
		r->lost = 1;
	if (r->phase == LOWER)
		lowered(q, r, result);
	else if (r->phase == PROVE || r->phase == PROVE_AGAIN)
		proven(r, result);
	else
		stepped(q, r, result);
	r->overdue = 0;
}

/* Mark what has missed its deadline. */
static void check_deadlines(struct quiesce *q)
{
	uint64_t now = clock_now_us();

	for (size_t i = 0; i < q->plan->count; i++) {
		struct run *r = &q->runs[i];

		if (!r->busy || r->overdue || now < r->deadline_us)
			continue;
		r->overdue = 1;
		if (r->entry && r->entry->result == JOURNAL_RUNNING)
			end(q, r, JOURNAL_HUNG, now - q->start_us - r->entry->start_us,
				"did not return before its deadline");
	}
}

/* Milliseconds until the next deadline; -1 when no step is out but overdue ones. */
static int next_deadline_ms(const struct quiesce *q)
{
	uint64_t now = clock_now_us(), next = UINT64_MAX;

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
			moved |= advance(q, &q->runs[i]);
	} while (moved && crew_has_room(q->crew));
}

static void judge(struct quiesce *q, const struct run *r)
{
	const struct pci_function *f = r->device->function;
	char text[JOURNAL_DETAIL_MAX];

	if (r->device->action == PLAN_LEFT) {
		journal_judge(q->journal, f->slot, VERDICT_LEFT, r->device->reason);
	} else if (r->bound) {
		const char *why = r->proof.why[0] ? r->proof.why : "it was never begun";

		if (r->busy || r->lost)
			why = r->phase == STEPS ? "its remove() hangs" : "looking at it hangs";
		snprintf(text, sizeof(text), "still bound to %.60s: %.80s", f->driver, why);
		journal_judge(q->journal, f->slot, VERDICT_LOUD, text);
	} else if (r->phase != DONE) {
		journal_judge(q->journal, f->slot, VERDICT_LOUD,
			r->busy || r->lost ? "a step on it hangs" : "no worker was left for it");
	} else if (r->proof.stillness == GONE) {
		journal_judge(q->journal, f->slot, VERDICT_LEFT, r->proof.why);
	} else {
		journal_judge(q->journal, f->slot,
			r->proof.stillness == STILL ? VERDICT_STILL : VERDICT_LOUD, r->proof.why);
	}
}

size_t quiesce_run(struct quiesce *q, const struct quiesce_watch *watch)
{
	struct crew_result result;
	size_t hung = 0;

	q->watch = watch;
	q->start_us = clock_now_us();
	for (;;) {
		int timeout;

		check_deadlines(q);
		advance_all(q);
		timeout = next_deadline_ms(q);
		/* When only overdue steps are out, what is back by now was late, the rest is hung. */
		if (crew_wait(q->crew, timeout < 0 ? 0 : timeout, &result))
			take(q, &result);
		else if (timeout < 0)
			break;
	}
	for (size_t i = 0; i < q->plan->count; i++) {
		hung += (size_t)(q->runs[i].busy || q->runs[i].lost);
		judge(q, &q->runs[i]);
	}
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

int quiesce_hold(struct quiesce *q, struct err *err)
{
	const uint64_t deadline = clock_now_us() + HOLD_DEADLINE_MS * 1000ULL;
	struct crew_result result;
	size_t next = 0, done = 0;

	while (done < q->plan->count) {
		uint64_t now = clock_now_us();

		for (; next < q->plan->count && crew_has_room(q->crew); next++) {
			q->runs[next].busy = 1;
			crew_submit(q->crew, next, CREW_HOLD, STEP_COUNT);
		}
		if (now >= deadline ||
			!crew_wait(q->crew, (int)((deadline - now) / 1000 + 1), &result))
			return hold_failed(q, err);
		q->runs[result.device].busy = 0;
		done++;
		if (result.rc == -ECHILD)
			return err_set(err, -ECHILD, "a worker died before the first step");
		if (result.rc < 0)
			log_debug("%s", result.why);
	}
	if (q->plan->count &&
		q->m->effects->write_attr(q->m, "sys/bus/pci/drivers_autoprobe", "0", NULL) < 0)
		log_debug("drivers_autoprobe cannot be switched off");
	return 0;
}

const struct journal *quiesce_journal(const struct quiesce *q)
{
	return q->journal;
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
		q->runs = talloc_zero_array(q, struct run, plan->count);
	}
	if (!q || !q->journal || !q->runs) {
		talloc_free(q);
		return err_errno(err, rc, "prepare the quiesce");
	}
	for (size_t i = 0; i < plan->count; i++) {
		struct run *r = &q->runs[i];

		r->device = &plan->devices[i];
		r->bound = r->device->function->driver != NULL;
		r->phase = r->device->action == PLAN_QUIESCE ? LOWER : DONE;
	}
	rc = crew_start(m, plan, plan->count, q, &q->crew, err);
	if (rc < 0) {
		talloc_free(q);
		return rc;
	}
	*quiesce = q;
	return 0;
}
