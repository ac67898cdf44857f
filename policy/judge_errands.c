// SPDX-License-Identifier: GPL-2.0-or-later
/* Which errands may be run: they must not do by another way what a device is protected from. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "policy/judge.h"
#include "policy/policy.h"

struct errands {
	const struct policy_facts *facts;
	struct plan *plan; /* refusals belong to it */
};

/* Each gives a clause, or NULL if the errand may be run. */
typedef const char *refusing(const struct errands *all, const struct errand_request *e);

static const char *refuse_unbind(const struct errands *all, const struct errand_request *e)
{
	const struct host_optouts *optouts = all->facts->optouts, *by_hand = all->facts->by_hand;
	const struct bus_device *other = host_find(all->facts->host, e->errand.subject);
	const char *optout;

	if (!other)
		return "no driver is bound to such a device";
	if (!other->can_unbind)
		return "its driver cannot be unbound";
	if (by_hand && host_leaves_device(by_hand, other))
		return POLICY_BY_HAND;
	optout = optouts ? host_leaves_device(optouts, other) : NULL;
	if (optout)
		return talloc_asprintf(
			all->plan, "the kernel's command line says stillboot.leave=%s", optout);
	if (other->uses & JUDGE_PROTECTED & ~e->uses)
		return talloc_asprintf(all->plan,
			"it is in use: %s; only a rule whose `use` says so stills it",
			other->use ? other->use : "somebody needs it");
	return NULL;
}

/* Modules are called alike with hyphens and with underscores. */
static int same_module(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return 0;
	return *a == *b;
}

/* A module that goes lets go of all of its driver's devices. */
static const char *refuse_unload(const struct errands *all, const struct errand_request *e)
{
	const struct host *host = all->facts->host;

	for (size_t i = 0; i < all->plan->count; i++) {
		const struct plan_device *d = &all->plan->devices[i];

		if (d->action != PLAN_LEFT || !d->function->driver)
			continue;
		for (size_t n = 0; n < host->driver_count; n++)
			if (!strcmp(host->drivers[n].driver, d->function->driver) &&
				same_module(host->drivers[n].module, e->errand.subject))
				return talloc_asprintf(all->plan,
					"%s is left, and %s, its driver, is in that module",
					d->function->slot, d->function->driver);
	}
	return NULL;
}

/* A user's way ends in the interface. */
static const char *refuse_link_down(const struct errands *all, const struct errand_request *e)
{
	const struct pci_snapshot *s = all->facts->snapshot;

	for (size_t i = 0; i < s->user_count; i++) {
		const struct pci_user *user = &s->users[i];
		const char *name = strrchr(user->path, '/');

		if (user->uses & PCI_USE_NETWORK && name && !strcmp(name + 1, e->errand.subject))
			return talloc_asprintf(all->plan, "it is in use: %s", user->use);
	}
	return NULL;
}

static refusing *const refuse[STEP_COUNT] = {
	[STEP_UNBIND] = refuse_unbind,
	[STEP_UNLOAD] = refuse_unload,
	[STEP_LINK_DOWN] = refuse_link_down,
};

int judge_errands(
	const struct decision *decision, const struct policy_facts *facts, struct plan *plan)
{
	const struct errands all = {facts, plan};

	plan->errands = talloc_array(plan, struct plan_errand, decision->errand_count + 1);
	plan->dropped = talloc_array(plan, struct plan_errand, decision->errand_count + 1);
	if (!plan->errands || !plan->dropped)
		return -ENOMEM;
	for (size_t i = 0; i < decision->errand_count; i++) {
		const struct errand_request *e = &decision->errands[i];
		const char *refusal = plan->off ? "stilling is switched off" : NULL;

		if (!refusal && refuse[e->errand.step])
			refusal = refuse[e->errand.step](&all, e);
		if (refusal) {
			plan->dropped[plan->dropped_count] = e->errand;
			plan->dropped[plan->dropped_count++].reason = refusal;
		} else {
			plan->errands[plan->errand_count++] = e->errand;
		}
	}
	return 0;
}
