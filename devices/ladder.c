// SPDX-License-Identifier: GPL-2.0-or-later
/* What one function does next. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "devices/clock.h"
#include "devices/run.h"

/* Reading configuration space waits while a reset of the same function runs
 * (drivers/pci/access.c, pci_wait_cfg), so it gets a reset's time. */
#define LOOK_DEADLINE_MS 70000
/* Before the first reset nothing blocks that access for long. */
#define INTX_DEADLINE_MS 5000
/* A bus reset that was begun takes longer: the kernel waits 100 ms for the devices to come back
 * (drivers/pci/pci.c, pci_bridge_wait_for_secondary_bus). What fails before that was refused. */
#define REFUSED_AT_ONCE_US 100000

static void begin(struct quiesce *q, struct run *r, enum step step, uint64_t start_us)
{
	r->entry = journal_begin(q->journal, r->device->function->slot, step, r->device->rule,
		start_us - q->start_us);
	if (r->entry)
		q->watch->begun(q->watch->ctx, r->entry);
}

/* Pass over the next step, and say why: about whom ("" for nobody), and what. */
static int skip(struct quiesce *q, struct run *r, const char *whom, const char *what)
{
	char detail[JOURNAL_DETAIL_MAX];

	snprintf(detail, sizeof(detail), "%s%s%s", whom, *whom ? " " : "", what);
	begin(q, r, r->device->steps[r->next++], clock_now_us());
	quiesce_tell(q, r->entry, JOURNAL_SKIPPED, 0, detail);
	return 1;
}

static unsigned int deadline_ms(const struct run *r, enum crew_job job, enum step step)
{
	if (job != CREW_STEP)
		return LOOK_DEADLINE_MS;
	if (step_kind(step) & STEP_IS_RESET)
		return r->device->reset_deadline_ms;
	if (step == STEP_MASK) /* it looks first, and gets a reset's time for that */
		return r->device->reset_deadline_ms;
	return step == STEP_INTX ? INTX_DEADLINE_MS : r->device->unbind_deadline_ms;
}

/* That a line has to be lowered is known only afterwards: then these two are told. */
static int is_told_afterwards(enum step step)
{
	return step == STEP_INTX || step == STEP_UIO;
}

static int submit(struct quiesce *q, struct run *r, enum crew_job job, enum step step)
{
	r->busy = 1;
	r->running = step;
	r->entry = NULL;
	r->deadline_us = clock_now_us() + deadline_ms(r, job, step) * 1000ULL;
	if (q->end_us && r->deadline_us > q->end_us)
		r->deadline_us = q->end_us; /* only a look is begun that may take longer */
	if (job == CREW_STEP && !is_told_afterwards(step))
		begin(q, r, step, clock_now_us());
	if (job == CREW_STEP && step_kind(step) & STEP_IS_PORT)
		r->port->by = r;
	crew_submit(q->crew, (size_t)(r - q->runs), job, step);
	return 1;
}

/* Does r need its next step? When only a look can tell, no. */
static int wants(const struct run *r)
{
	unsigned int kind = step_kind(r->device->steps[r->next]);

	if (!(kind & STEP_IS_RUNG) || (kind & STEP_IS_RESET && !r->was_reset))
		return 1;
	return r->seen == SEEN_LOUD;
}

/* A reset of the port: it hits all that stand below it, and is done once for all of them. */
static int advance_port(struct quiesce *q, struct run *r)
{
	const struct run *holder = r;
	enum step step = r->device->steps[r->next];
	int rc;

	if (!r->port)
		return skip(q, r, "", "there is no port above it");
	if (r->port->was_reset)
		return skip(q, r, r->port->by->device->function->slot,
			"had the port reset already, for all below it");
	if (r->port->forbidden)
		return skip(q, r, "",
			"the kernel refuses to reset this bus at all: a quirk of a device on it");
	if (r->port->refused & 1U << step)
		return skip(
			q, r, r->port->by->device->function->slot, "tried it for the port in vain");
	rc = order_port_reset(q, r, &holder);
	if (rc < 0)
		return skip(q, r, holder->device->function->slot,
			holder->bound ? "is still bound to its driver"
				      : "is held by a step that hangs");
	return rc ? submit(q, r, CREW_STEP, step) : 0;
}

static int advance_release(struct quiesce *q, struct run *r)
{
	enum step step = r->device->steps[r->next];
	const struct run *holder = r;
	int rc = order_unbind(q, r, &holder);

	if (rc < 0)
		return skip(q, r, holder->device->function->slot, "is still bound to its driver");
	/* The driver may wait for them for ever. */
	if (step == STEP_UNBIND && r->keeps_vfs)
		return skip(q, r, "", "its virtual functions could not be switched off");
	if (rc && step == STEP_UNBIND && !r->device->function->driver) {
		r->next++;
		return 1;
	}
	return rc ? submit(q, r, CREW_STEP, step) : 0;
}

/* 0 if it has to wait. */
static int advance_step(struct quiesce *q, struct run *r)
{
	enum step step = r->device->steps[r->next];
	const struct run *holder = r;
	int rc;

	if (order_port_is_busy(r))
		return 0;
	if (!quiesce_has_time(q, deadline_ms(r, CREW_STEP, step)))
		return skip(q, r, "", NO_TIME);
	if (step == STEP_UNBIND || step == STEP_VFS)
		return advance_release(q, r);
	if (r->bound && (step_kind(step) & STEP_IS_RUNG || step == STEP_RESTORE))
		return skip(q, r, r->device->function->slot, "is still bound to its driver");
	rc = step_kind(step) & STEP_IS_RESET ? order_reset(q, r, &holder) : 1;
	if (rc < 0)
		return skip(q, r, holder->device->function->slot, "is still bound to its driver");
	if (rc && step_kind(step) & STEP_IS_PORT)
		return advance_port(q, r);
	return rc ? submit(q, r, CREW_STEP, step) : 0;
}

/* Once its driver has let go, and before anything is reset: does it still assert its line? */
static int must_look(const struct run *r)
{
	int at_end = r->next == r->device->step_count;

	return !r->looked && !r->bound &&
	       (at_end || step_kind(r->device->steps[r->next]) & STEP_IS_RUNG);
}

static int advance_steps(struct quiesce *q, struct run *r)
{
	if (must_look(r)) {
		if (order_port_is_busy(r))
			return 0;
		r->looked = 1;
		return quiesce_has_time(q, deadline_ms(r, CREW_STEP, STEP_UIO))
			       ? submit(q, r, CREW_STEP, STEP_UIO)
			       : 1;
	}
	if (r->next == r->device->step_count) {
		r->phase = r->seen == UNSEEN ? PROVE : DONE;
		return 1;
	}
	if (!stages_allow(q, r->device->stages[r->next]))
		return 0;
	if (wants(r))
		return advance_step(q, r);
	if (r->seen == UNSEEN)
		r->phase = PROVE;
	else
		r->next++; /* a rung too many */
	return 1;
}

int ladder_advance(struct quiesce *q, struct run *r)
{
	if (r->busy)
		return 0;
	switch (r->phase) {
	case LOWER:
		/* A line is lowered just before its driver lets go, not stages earlier. */
		if (!stages_allow(q, r->device->step_count ? r->device->stages[0] : 0))
			return 0;
		r->phase = STEPS;
		if (r->bound && q->plan->lockdown == PCI_LOCKDOWN_NONE && r->device->step_count &&
			!(step_kind(r->device->steps[0]) & STEP_IS_RUNG) &&
			quiesce_has_time(q, INTX_DEADLINE_MS))
			submit(q, r, CREW_STEP, STEP_INTX);
		return 1;
	case STEPS:
		return advance_steps(q, r);
	case PROVE:
		return order_port_is_busy(r) ? 0 : submit(q, r, CREW_PROVE, STEP_COUNT);
	case DONE:
		break;
	}
	return 0;
}

static void told_afterwards(struct quiesce *q, struct run *r, const struct crew_result *result)
{
	if (result->rc == 1)
		return;
	r->entry = journal_begin(q->journal, r->device->function->slot, r->running, r->device->rule,
		clock_now_us() - result->duration_us - q->start_us);
	quiesce_tell(q, r->entry, result->rc < 0 ? JOURNAL_FAILED : JOURNAL_OK, result->duration_us,
		result->rc < 0 ? result->why : "asserted and nobody serviced it");
}

/* Everything below the port was hit, whatever it was at: it has to be looked at once more. */
static void port_stepped(struct quiesce *q, struct run *r, const struct crew_result *result)
{
	struct port *port = r->port;

	if (result->rc < 0) {
		port->refused |= 1U << r->running;
		if ((result->rc == -ENOTTY || result->rc == -EINVAL) &&
			result->duration_us < REFUSED_AT_ONCE_US)
			port->forbidden = 1;
		return;
	}
	port->was_reset = 1;
	for (const struct pci_function *f = port->bridge->child; f; f = f->sibling) {
		struct run *other = run_of(q, f);

		other->was_reset = 1;
		other->seen = UNSEEN;
		if (other->phase == DONE && other->device->action == PLAN_QUIESCE)
			other->phase = PROVE;
	}
}

/* A reset of several is told of once, by the one that asked for it. */
static void name_others(const struct run *r, struct crew_result *result)
{
	size_t hit = 0;

	for (const struct pci_function *f = r->port->bridge->child; f; f = f->sibling)
		hit += !f->physical; /* the virtual ones are gone */
	if (hit > 1 && result->rc >= 0)
		snprintf(result->why, sizeof(result->why), "for all %zu functions below %s", hit,
			r->port->bridge->slot);
}

static void stepped(struct quiesce *q, struct run *r, struct crew_result *result)
{
	enum journal_result how = result->rc < 0 ? JOURNAL_FAILED : JOURNAL_OK;
	unsigned int kind = step_kind(r->running);

	if (r->overdue && result->rc >= 0)
		how = JOURNAL_LATE;
	if (r->lost)
		how = JOURNAL_HUNG;
	if (kind & STEP_IS_PORT)
		name_others(r, result);
	/* Nobody is bound there any more, which is what was wanted. */
	if (r->running == STEP_UNBIND && result->rc == -ENODEV) {
		how = JOURNAL_OK;
		snprintf(result->why, sizeof(result->why), "nobody was bound any more");
	}
	quiesce_tell(q, r->entry, how, result->duration_us, result->why);
	if (r->running == STEP_UNBIND && (result->rc == 0 || result->rc == -ENODEV))
		r->bound = 0;
	if (r->running == STEP_VFS && result->rc < 0)
		r->keeps_vfs = 1;
	if (kind & STEP_IS_RESET && result->rc >= 0)
		r->was_reset = 1;
	r->seen = UNSEEN;
	r->next++;
	if (kind & STEP_IS_PORT)
		port_stepped(q, r, result);
}

static void proven(struct run *r, const struct crew_result *result)
{
	r->proof = result->proof;
	if (result->rc < 0) {
		r->proof.stillness = LOUD;
		snprintf(r->proof.why, sizeof(r->proof.why), "%.*s", STILLNESS_WHY_MAX - 1,
			result->why);
	}
	r->seen = r->proof.stillness == LOUD ? SEEN_LOUD : SEEN_STILL;
	r->phase = r->next < r->device->step_count && r->proof.stillness != GONE ? STEPS : DONE;
}

void ladder_take(struct quiesce *q, struct crew_result *result)
{
	struct run *r = &q->runs[result->index];

	r->busy = 0;
	if (result->rc == -ECHILD)
		r->lost = 1;
	if (r->phase == PROVE)
		proven(r, result);
	else if (is_told_afterwards(r->running))
		told_afterwards(q, r, result);
	else
		stepped(q, r, result);
	r->overdue = 0;
}

void ladder_overdue(struct quiesce *q, struct run *r, uint64_t now_us)
{
	r->overdue = 1;
	if (r->entry && r->entry->result == JOURNAL_RUNNING)
		quiesce_tell(q, r->entry, JOURNAL_HUNG, now_us - q->start_us - r->entry->start_us,
			"did not return before its deadline");
}

void ladder_look_again(struct quiesce *q)
{
	for (size_t i = 0; i < q->plan->count; i++) {
		struct run *r = &q->runs[i];

		if (r->seen == UNSEEN)
			continue;
		r->seen = UNSEEN;
		if (r->phase == DONE)
			r->phase = PROVE;
	}
}
