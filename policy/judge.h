/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_JUDGE_H
#define POLICY_JUDGE_H

/*
 * What topology, kernel and device allow, whatever a rule says.
 *
 * A reset through a port hits everything below it, so it needs the consent of everything below: no
 * bridge, no display, nothing that is left, nothing that a quirk or the published list keeps from
 * it. The kernel's `bus` moreover takes a port only with a single function below it
 * (drivers/pci/pci.c, pci_parent_bus_reset()); `subordinate` takes several; `sbr`, by hand, only
 * stands in where the kernel has no `subordinate`. Raw writes are not tried in a locked-down
 * kernel. Bridges are never reset or masked, legacy PCI is never reset, and no reset comes before
 * the driver has let go.
 */

#include "devices/plan.h"

/*
 * Pulling a disk from under its filesystem loses data, and a network may stand below one. Unbinding
 * what a virtual machine holds, or a file that is open, blocks, and without the console nobody can be
 * told. A rule about a driver or a slot was not written with that in mind: only one that speaks of that
 * use itself stills what is in use.
 */
#define JUDGE_PROTECTED                                                                            \
	(PCI_USE_DISK | PCI_USE_CONSOLE | PCI_USE_NETWORK | PCI_USE_VFIO | PCI_USE_OPEN)

struct judge;

/* Look at a plan in which it is decided what is left. The judge belongs to ctx, points into the
 * snapshot and the plan, and is NULL if there is no memory. Parents of functions are functions of
 * the same snapshot. */
struct judge *judge_new(void *ctx, const struct pci_snapshot *snapshot, const struct plan *plan);

/* Why the step must not follow those that d has so far, as a clause ("its port also leads to a
 * display") that lives as long as the judge; NULL if it may. */
const char *judge_refuses(struct judge *judge, const struct plan_device *d, enum step step);

/* Of the errands that a decision asks for, those that may be run become the plan's, the others its
 * dropped ones. The plan's functions are judged already. -ENOMEM. */
struct decision;
struct policy_facts;
int judge_errands(
	const struct decision *decision, const struct policy_facts *facts, struct plan *plan);

/* Is there anything to do the step with: a driver to unbind, a reset that the kernel lists? */
int judge_can(const struct pci_function *f, enum step step);

#endif
