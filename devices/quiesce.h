/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_QUIESCE_H
#define DEVICES_QUIESCE_H

/*
 * Carries out the plan. Every function goes its own way at the same time as the others:
 *
 *   lower (only where its interrupt line is asserted and nobody services it)
 *     -> the plan's steps -> proof -> if loud: mask -> proof
 *
 * but a bus is reset only when every function on it has let go of its driver, and not at all when
 * one of them did not. Steps run in the crew's workers, each with a deadline. One that misses it
 * is recorded and the others go on; if it comes back before they are done it was late and goes on
 * too, else it is hung. While a step is hung its device's lock is held, and reboot(KEXEC) would
 * wait for that for ever: see jump.h for the way out.
 *
 * Between quiesce_prepare() and the end nothing is allocated and no disk is needed.
 */

#include "devices/crew.h"
#include "devices/journal.h"

/* Called before and after each step (of STEP_INTX only after it, and only where it was needed), from
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
 * when a function's lock cannot be had within HOLD_DEADLINE_MS: its driver hangs already, a kexec
 * would wait for it for ever, and nothing has been touched. */
#define HOLD_DEADLINE_MS 10000
int quiesce_hold(struct quiesce *q, struct err *err);

/* Still the devices: from here there is no way back. Failures are in the journal. Returns the
 * number of steps that are hung; one whose worker died is as bad, since the kernel kills a worker only
 * when it fell over in the middle of the step, with the device's lock held. */
size_t quiesce_run(struct quiesce *q, const struct quiesce_watch *watch);

/* Complete after quiesce_run(); belongs to the quiesce. */
const struct journal *quiesce_journal(const struct quiesce *q);

#endif
