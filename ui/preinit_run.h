/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PREINIT_RUN_H
#define UI_PREINIT_RUN_H

/* The parts of preinit that change the machine: the plan carried out, and settings put back after it. */

#include "boot/preinit.h"
#include "policy/preinit_plan.h"
#include "ui/stilling.h"

struct preinit_work {
	struct machine *m;
	const struct preinit_facts *facts;
	const struct plan *plan;
	struct preinit *record; /* journal, hung and restored are filled in; they belong to it */
	const struct stilling_watch *watch;
	/* Told of what could not be put back: one sentence with its slot. */
	void (*trouble)(void *ctx, const char *what);
	void *ctx;
};

/* Carry out the plan, within PREINIT_BUDGET_MS. Drivers may bind afterwards, whatever happened. What has no
 * steps is judged as the snapshot has it, and where no function has any, nothing is touched at all. An error
 * (-ENOMEM, -ETIME and others of quiesce.h) comes before the first step; the record has no journal then. */
int preinit_carry_out(struct preinit_work *w, struct err *err);

/*
 * Put back what resets have cleared, of functions without a driver that are none of those left:
 *
 *   - of those that were reset here, all that stood there before, should an address or another setting be
 *     lost (config_restore.h): the kernel's own resets put most back, but not every one of every kernel's;
 *   - of those that were reset here or before the jump, what the firmware had set (config_refill.h).
 *
 * Functions with a step that hangs, and those below a port whose reset hangs, are not even looked at: that
 * would wait for it. Where anything hangs that goes for all that are not still.
 */
int preinit_put_back(struct preinit_work *w, struct err *err);

/*
 * Have drivers asked once more for what was reset here, is still now, and has none: that of one built into the
 * kernel may have failed on a loud device, and nobody would ask it again. Each in a child, all together for
 * PREINIT_PROBE_MS: a driver may hang. Nothing where drivers are not to bind on their own.
 */
#define PREINIT_PROBE_MS 10000
void preinit_probe(struct preinit_work *w);

/* Is a driver bound to it by now? */
int preinit_has_driver(const struct preinit_work *w, const struct pci_function *f);

/* Was f reset by a step of this journal: by its own, or by one through the port above it? The snapshot is
 * that of f. */
int preinit_was_reset(
	const struct journal *j, const struct pci_snapshot *s, const struct pci_function *f);

#endif
