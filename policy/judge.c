// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/judge.h"

#include <talloc.h>

/* What a reset of one bridge's secondary bus would hit: everything anywhere below it. */
struct below {
	size_t functions;
	const struct plan_device *obstacle; /* the first that must not be hit, NULL if none */
};

struct judge {
	const struct pci_function *functions; /* the snapshot's */
	struct below *below;                  /* one for each of them */
};

static int consents(const struct plan_device *d)
{
	return d->action == PLAN_QUIESCE && !pci_is_bridge(d->function) &&
	       !pci_is_display(d->function);
}

struct judge *judge_new(void *ctx, const struct pci_snapshot *snapshot, const struct plan *plan)
{
	struct judge *judge = talloc_zero(ctx, struct judge);

	if (!judge)
		return NULL;
	judge->functions = snapshot->functions;
	judge->below = talloc_zero_array(judge, struct below, snapshot->count);
	if (!judge->below) {
		talloc_free(judge);
		return NULL;
	}
	for (const struct plan_device *d = plan->devices; d < plan->devices + plan->count; d++)
		for (const struct pci_function *f = d->function->parent; f; f = f->parent) {
			struct below *below = &judge->below[f - judge->functions];

			below->functions++;
			if (!below->obstacle && !consents(d))
				below->obstacle = d;
		}
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

static const char *refuse_bus(struct judge *judge, const struct plan_device *d)
{
	const struct pci_function *f = d->function;
	const struct below *below;

	if (!f->parent)
		return "it stands on a root bus, without a port above it";
	if (f->place != PCI_PLACE_PORT)
		return "it stands inside a switch";
	below = &judge->below[f->parent - judge->functions];
	if (below->obstacle == d)
		return "its port leads to a display";
	if (below->obstacle)
		return obstacle_in_words(judge, below->obstacle);
	if (below->functions > 1)
		return "its port leads to several functions";
	return NULL;
}

static int has_unbind(const struct plan_device *d)
{
	for (size_t i = 0; i < d->step_count; i++)
		if (d->steps[i] == STEP_UNBIND)
			return 1;
	return 0;
}

static const char *refuse_reset(const struct plan_device *d)
{
	if (pci_is_bridge(d->function))
		return "a bridge is never reset";
	if (d->function->place == PCI_PLACE_LEGACY)
		return "legacy PCI is not reset";
	if (d->function->driver && !has_unbind(d))
		return "its driver has not let go yet";
	return NULL;
}

const char *judge_refuses(struct judge *judge, const struct plan_device *d, enum step step)
{
	const char *refusal = NULL;

	if (judge_is_reset(step))
		refusal = refuse_reset(d);
	if (!refusal && step == STEP_BUS)
		refusal = refuse_bus(judge, d);
	if (step == STEP_MASK && pci_is_bridge(d->function))
		refusal = "devices behind a bridge need it";
	return refusal;
}

/* Which of the kernel's reset methods serve a step. */
static const unsigned int methods[STEP_COUNT] = {
	[STEP_FLR] = PCI_RESET_DEVICE_SPECIFIC | PCI_RESET_FLR | PCI_RESET_AF_FLR,
	[STEP_PM] = PCI_RESET_PM,
	[STEP_BUS] = PCI_RESET_BUS | PCI_RESET_CXL_BUS,
};

int judge_is_reset(enum step step)
{
	return methods[step] != 0;
}

/* A kernel that lists other resets but not this one has a quirk against it (or an administrator
 * who took it off the list). One that lists none may be older than the list (5.15), or a capture
 * without it: a bus reset needs nothing of the device, so it is tried. */
int judge_can(const struct pci_function *f, enum step step)
{
	if (step == STEP_UNBIND)
		return f->driver != NULL;
	if (!judge_is_reset(step) || (step == STEP_BUS && !f->resets))
		return 1;
	return (f->resets & methods[step]) != 0;
}
