/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_QUIESCE_H
#define DEVICES_QUIESCE_H

/*
 * Carries out the plan. Every function goes its own way at the same time as the others:
 *
 *   lower its interrupt line (only where it is asserted and nobody services it)
 *     -> let go (virtual functions off, unbind; then again a look at the line)
 *     -> up its ladder: a reset, proof; if loud the next reset, proof; ...; mask, proof
 *
 * One reset is done always, another only if the last one failed or the function is loud after it.
 *
 * Errands (plan.h) stand between what functions do: one begins when nothing else is under way any
 * more and nothing can be begun. So what waits for a function of a later stage waits with it, no
 * plan can lock itself up, and whatever hangs is waited for until its deadline only. A stage without
 * errands keeps nobody waiting. When the errands of a stage are through, what was proven before is
 * proven again.
 *
 * Functions wait for each other only where they must (order.c): a driver lets go after those of its
 * virtual functions, its consumers, and what stands below it are through, save for a consumer's wait
 * for its port; a port is reset, once for all below it, when every driver there has let go, and not
 * at all when one did not.
 *
 * Steps run in the crew's workers, each with a deadline. One that misses it is recorded and the
 * others go on; if it comes back before they are done it was late and goes on too, else it is hung.
 * An errand likewise; only a program and a pause are killed instead, for they hold no lock.
 * While a step is hung its device's lock is held, and reboot(KEXEC) would wait for that for ever:
 * see jump.h for the way out.
 *
 * Between quiesce_hold() and the end nothing is allocated and no disk is needed, except for programs
 * (STEP_RUN), which stand before the first step.
 */

#include "devices/crew.h"
#include "devices/journal.h"

/* Called before and after each step (of STEP_INTX and STEP_UIO only after it, and only where it was
 * needed), from
 * the process that runs the quiesce. They must not block. */
struct quiesce_watch {
	void (*begun)(void *ctx, const struct journal_entry *entry);
	void (*ended)(void *ctx, const struct journal_entry *entry);
	void *ctx;
};

struct quiesce;

/* Everything that can fail beforehand: workers, memory, journal. Touches no device. The quiesce
 * belongs to ctx; the plan must outlive it. */
int quiesce_prepare(
	struct machine *m, const struct plan *plan, void *ctx, struct quiesce **q, struct err *err);

/* Keep the machine as it is while it is stilled: every function awake, and nothing bound to a driver
 * again. Still undone by nobody needing it: only power management is put off. -ETIME with the slot
 * when a function's lock cannot be had within HOLD_DEADLINE_MS: whoever has it hangs already, a kexec
 * would wait for it for ever, and nothing has been touched. -EBUSY with the slot when a function that
 * is to be stilled has another driver than in the plan. In a boot (PLAN_FOR_BOOT) neither is an error:
 * that function is left, as its verdict says, and the others are stilled; one of which the lock was not had
 * by the end counts as hung. */
#define HOLD_DEADLINE_MS 10000
int quiesce_hold(struct quiesce *q, struct err *err);

/* Give the way up after quiesce_hold(), also where that failed: everything as it was. */
void quiesce_release(struct quiesce *q);

/* Of that only what waits for no device's lock, for whoever goes on although a step hangs: drivers bind to new
 * devices again. */
void quiesce_release_drivers(struct quiesce *q);

/* Somebody else goes on at this time (clock_now_us()), whatever is under way: a step whose deadline is
 * later is passed over, and looking at a function ends then. To be called before quiesce_run(). */
void quiesce_end_by(struct quiesce *q, uint64_t end_us);

/* Still the devices: from here there is no way back. Failures are in the journal. Returns the
 * number of steps and errands that are hung; one whose worker died is as bad, since the kernel kills a worker only
 * when it fell over in the middle of the step, with the device's lock held. */
size_t quiesce_run(struct quiesce *q, const struct quiesce_watch *watch);

/* Let the workers go, after quiesce_run(): those that hang go on by themselves (crew.h). No child that is made
 * from here on keeps the others waiting for more to do. */
void quiesce_dismiss(struct quiesce *q);

/* Complete after quiesce_run(); belongs to the quiesce. */
const struct journal *quiesce_journal(const struct quiesce *q);

#endif
