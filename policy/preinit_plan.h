/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_PREINIT_PLAN_H
#define POLICY_PREINIT_PLAN_H

/*
 * What preinit does to each function, before the first driver is loaded. Pure: the machine's snapshot, the
 * kind of boot and what the previous kernel said give the plan; quiesce.h carries it out.
 *
 * Not touched, and left with the reason: what a driver holds, bridges (what stands behind them needs them),
 * displays, what the kernel itself works with (IOMMUs, interrupt controllers, memory, IPMI), what its console or
 * anybody else uses, what cannot be read, and what the command line leaves alone (host.h; driver:NAME speaks of
 * bound ones only).
 *
 * Of the others, after a kexec, those are reset that are loud: by their configuration space (stillness.h),
 * or by what the previous kernel found when it was through with them, since its shutdown switches bus
 * mastering off and hides what goes on. What its rules said does not count: a rule about a driver says
 * nothing about a device without one. In a crash kernel every one is reset: nobody has shut anything down. But
 * what may be a watchdog is reset only where it is loud, and legacy PCI is never: where it is loud, its bus
 * mastering is switched off.
 *
 * A ladder begins with what stops a loud function at once, bus mastering off: the kernel puts the Command
 * register back after each reset, and one that had it on would have it on again.
 */

#include "boot/handoff.h"
#include "devices/boot_kind.h"
#include "devices/host.h"
#include "devices/plan.h"

/* A slow device may need its time, and a boot must not wait for what hangs. All steps together have
 * PREINIT_BUDGET_MS (quiesce_end_by()); one that may not end by then is not begun. */
#define PREINIT_RESET_MS 25000
#define PREINIT_STEP_MS 5000
#define PREINIT_BUDGET_MS 60000

struct preinit_facts {
	const struct pci_snapshot *snapshot; /* usage read, baseline attached where there is one */
	enum boot_kind boot;
	const struct host_optouts *optouts;
	const struct handoff *handoff; /* of this jump; NULL for none */
};

/* The plan belongs to ctx and points into the snapshot. After a boot by the firmware it leaves all as it
 * is. -ENOMEM. */
int preinit_plan(const struct preinit_facts *facts, void *ctx, struct plan **plan, struct err *err);

/* Is there anything to do? How many functions have steps. */
size_t preinit_plan_count(const struct plan *plan);

#endif
