// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/judge.h"

#include <talloc.h>

#include "devices/step.h"
#include "policy/no_reset.h"

/* What a reset of one bridge's secondary bus would hit: everything anywhere below it. */
struct below {
	size_t functions;                    /* virtual ones not counted: they are gone by then */
	const struct plan_device *obstacle;  /* the first that must not be hit, NULL if none */
	const struct pci_function *no_reset; /* one that does not survive it, NULL if none */
};

struct judge {
	const struct pci_snapshot *snapshot;
	const struct plan *plan;
	struct below *below; /* one for each of its functions */
	int has_methods;     /* the kernel lists reset methods at all (Linux 5.15 and later) */
};

static int consents(const struct plan_device *d)
{
	return d->action == PLAN_QUIESCE && !pci_is_bridge(d->function) &&
	       !pci_is_display(d->function);
}

/*
 * Does the kernel keep a quirk against resetting this function's bus? Of a function with neighbours
 * it may not list `bus` only because of them; but the first one's list was made when it was still
 * alone (drivers/pci/probe.c, pci_init_capabilities).
 */
static int has_bus_quirk(const struct judge *judge, const struct pci_function *f)
{
	return judge->has_methods && pci_is_port(f->parent) && f->parent->child == f &&
	       !(f->resets & (PCI_RESET_BUS | PCI_RESET_CXL_BUS));
}

static void count_below(struct judge *judge, const struct plan_device *d)
{
	const struct pci_function *f = d->function;

	for (const struct pci_function *above = f->parent; above; above = above->parent) {
		struct below *below = &judge->below[above - judge->snapshot->functions];

		below->functions += !f->physical;
		if (!below->obstacle && !consents(d))
			below->obstacle = d;
	}
	if (f->parent && (no_reset_is_listed(f) || has_bus_quirk(judge, f)))
		judge->below[f->parent - judge->snapshot->functions].no_reset = f;
}

struct judge *judge_new(void *ctx, const struct pci_snapshot *snapshot, const struct plan *plan)
{
	struct judge *judge = talloc_zero(ctx, struct judge);

	if (!judge)
		return NULL;
	judge->snapshot = snapshot;
	judge->plan = plan;
	judge->below = talloc_zero_array(judge, struct below, snapshot->count);
	if (!judge->below) {
		talloc_free(judge);
		return NULL;
	}
	for (size_t i = 0; i < snapshot->count; i++)
		judge->has_methods |= snapshot->functions[i].resets != 0;
	for (size_t i = 0; i < plan->count; i++)
		count_below(judge, &plan->devices[i]);
	return judge;
}

static const char *obstacle_in_words(struct judge *judge, const struct plan_device *obstacle)
{
	const char *text;

	if (pci_is_bridge(obstacle->function))
		return "its port also leads to a bridge";
	if (pci_is_display(obstacle->function))
		return "its port also leads to a display";
	text = talloc_asprintf(
		judge, "its port also leads to %s, which is left", obstacle->function->slot);
	return text ? text : "its port also leads to a function that is left";
}

static int has_step(const struct plan_device *d, enum step step)
{
	for (size_t i = 0; i < d->step_count; i++)
		if (d->steps[i] == step)
			return 1;
	return 0;
}

static const char *refuse_bus(
	const struct judge *judge, const struct plan_device *d, const struct below *below)
{
	(void)judge;
	(void)d;
	return below->functions > 1 ? "its port leads to several functions" : NULL;
}

static const char *refuse_subordinate(
	const struct judge *judge, const struct plan_device *d, const struct below *below)
{
	const struct pci_function *port = d->function->parent;

	(void)below;
	if (has_step(d, STEP_BUS))
		return "its own bus reset is the same";
	if (!port->has_subordinate_reset)
		return "the kernel has no reset_subordinate for its port";
	if (port->caps.has & PCI_HAS_HOTPLUG && judge->snapshot->lockdown)
		return "its slot would take that for an unplugging, and lockdown forbids to "
		       "silence "
		       "it";
	return NULL;
}

static const char *refuse_sbr(
	const struct judge *judge, const struct plan_device *d, const struct below *below)
{
	(void)judge;
	if (has_step(d, STEP_BUS))
		return "the kernel's own bus reset is there for that";
	if (d->function->parent->has_subordinate_reset)
		return "the kernel's own reset_subordinate is there for that";
	if (below->functions > STEP_SBR_MAX)
		return "its port leads to more functions than can be saved";
	return NULL;
}

static const char *refuse_power(
	const struct judge *judge, const struct plan_device *d, const struct below *below)
{
	(void)judge;
	(void)below;
	if (!d->function->hotplug_slot || !(d->function->parent->caps.has & PCI_HAS_POWER_CONTROL))
		return "it is in no slot whose power can be switched";
	return NULL;
}

static const char *(*const refuse[STEP_COUNT])(
	const struct judge *judge, const struct plan_device *d, const struct below *below) = {
	[STEP_BUS] = refuse_bus,
	[STEP_SUBORDINATE] = refuse_subordinate,
	[STEP_SBR] = refuse_sbr,
	[STEP_POWER] = refuse_power,
};

/* A reset through the port hits everything below it. */
static const char *refuse_port(struct judge *judge, const struct plan_device *d, enum step step)
{
	const struct pci_function *f = d->function;
	const struct below *below;

	if (f->physical)
		return "it is reset with its physical function";
	if (!f->parent)
		return "it stands on a root bus, without a port above it";
	if (f->place != PCI_PLACE_PORT)
		return "it stands inside a switch";
	below = &judge->below[f->parent - judge->snapshot->functions];
	if (below->obstacle == d)
		return "its port leads to a display";
	if (below->obstacle)
		return obstacle_in_words(judge, below->obstacle);
	if (below->no_reset && step != STEP_POWER)
		return below->no_reset == f ? "it does not survive a bus reset (a quirk)"
					    : "a neighbour does not survive a bus reset (a quirk)";
	return refuse[step](judge, d, below);
}

static const char *refuse_reset(const struct judge *judge, const struct plan_device *d)
{
	const struct pci_function *physical = d->function->physical;

	if (pci_is_bridge(d->function))
		return "a bridge is never reset";
	if (d->function->place == PCI_PLACE_LEGACY)
		return "legacy PCI is not reset";
	if (d->function->driver && !has_step(d, STEP_UNBIND))
		return "its driver has not let go yet";
	if (physical && physical->driver &&
		judge->plan->devices[physical - judge->snapshot->functions].action == PLAN_QUIESCE)
		return "it goes with its physical function";
	return NULL;
}

/* Switching it off, or its settings over: not under a driver (ladder.c would pass over it, too). */
static const char *refuse_switch(const struct plan_device *d)
{
	if (pci_is_bridge(d->function))
		return "devices behind a bridge need it";
	if (d->function->driver && !has_step(d, STEP_UNBIND))
		return "its driver has not let go yet";
	return NULL;
}

const char *judge_refuses(struct judge *judge, const struct plan_device *d, enum step step)
{
	unsigned int kind = step_kind(step);
	const char *refusal = NULL;

	if (kind & STEP_IS_RESET)
		refusal = refuse_reset(judge, d);
	if (!refusal && kind & STEP_IS_RAW && judge->snapshot->lockdown)
		return "the kernel is locked down";
	if (!refusal && kind & STEP_IS_PORT)
		refusal = refuse_port(judge, d, step);
	if (step == STEP_UNBIND && d->function->driver && !d->function->can_unbind)
		refusal = "its driver cannot be unbound";
	if (step == STEP_MASK || step == STEP_RESTORE || step == STEP_DISABLE)
		refusal = refuse_switch(d);
	return refusal;
}

/* Which of the kernel's reset methods serve a step. */
static const unsigned int methods[STEP_COUNT] = {
	[STEP_FLR] = PCI_RESET_DEVICE_SPECIFIC | PCI_RESET_FLR | PCI_RESET_AF_FLR,
	[STEP_PM] = PCI_RESET_PM,
	[STEP_BUS] = PCI_RESET_BUS | PCI_RESET_CXL_BUS,
};

/* A kernel that lists other resets but not this one has a quirk against it (or an administrator
 * who took it off the list). One that lists none may be older than the list (5.15), or a capture
 * without it: a bus reset needs nothing of the device, so it is tried. */
int judge_can(const struct pci_function *f, enum step step)
{
	if (step == STEP_UNBIND)
		return f->driver != NULL;
	if (step == STEP_VFS)
		return f->vf_count > 0;
	if (step == STEP_RESTORE)
		return f->baseline != NULL;
	if (!methods[step] || (step == STEP_BUS && !f->resets))
		return 1;
	return (f->resets & methods[step]) != 0;
}
