// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/preinit_plan.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "devices/stillness.h"
#include "policy/judge.h"

#define BUILT_IN "preinit"

/* Left, whatever they do. PCI Code and ID Assignment Specification 1.11, 1.6, 1.9 and 1.13. */
static const struct {
	unsigned int class; /* base class and sub-class */
	const char *why;
} kept[] = {
	/* AMD's is driven as a function of its own without a driver (drivers/iommu/amd/init.c). */
	{0x0806, "the kernel itself drives it"},
	/* I/O APICs; some need their bus master to send interrupts. */
	{0x0800, "interrupts come through it"}, {0x0502, "it is memory"}, /* CXL */
	{0x0c07, "the machine is managed through it"},                    /* IPMI */
};
#define PCI_CLASS_SYSTEM_OTHER 0x0880

/* By enum pci_place; the judge takes out what cannot be. Where a reset brings bus mastering back all the
 * same, the last two are tried once more. */
static const struct {
	enum step steps[PLAN_STEPS_MAX];
	size_t count;
} ladders[] = {
	[PCI_PLACE_ROOT] = {{STEP_MASK, STEP_DISABLE, STEP_FLR, STEP_PM, STEP_DISABLE, STEP_MASK},
		6},
	[PCI_PLACE_PORT] = {{STEP_MASK, STEP_DISABLE, STEP_BUS, STEP_SUBORDINATE, STEP_FLR, STEP_PM,
				    STEP_SBR, STEP_DISABLE, STEP_MASK},
		9},
	[PCI_PLACE_LEGACY] = {{STEP_MASK, STEP_DISABLE}, 2},
	[PCI_PLACE_SWITCH] = {{STEP_MASK, STEP_DISABLE, STEP_FLR, STEP_PM}, 4},
};

static const char *reason_to_keep(const struct pci_function *f)
{
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (f->class >> 8 == kept[i].class)
			return kept[i].why;
	return NULL;
}

/* A watchdog that was set goes on being wanted, and has no bus master. */
static int may_be_watchdog(const struct pci_function *f)
{
	return f->class >> 8 == PCI_CLASS_SYSTEM_OTHER;
}

static int is_unknown(const struct pci_function *f)
{
	return f->config_len < 64;
}

/* Why the function is left alone; NULL if it is not. Where memory runs out for it, a shorter reason. */
static const char *reason_to_leave(
	const struct preinit_facts *facts, struct plan_device *d, void *ctx)
{
	const struct pci_function *f = d->function;
	const char *optout = facts->optouts ? host_leaves_function(facts->optouts, f) : NULL;
	const char *text = NULL;

	if (facts->boot == BOOT_FIRMWARE)
		return "the firmware has left it";
	if (f->driver) {
		text = talloc_asprintf(ctx, "its driver %s holds it", f->driver);
		return text ? text : "a driver holds it";
	}
	if (optout) {
		d->rule = "command line";
		text = talloc_asprintf(
			ctx, "the kernel's command line says stillboot.leave=%s", optout);
		return text ? text : "the kernel's command line leaves it";
	}
	if (pci_is_bridge(f))
		return "other devices are reached through it";
	if (pci_is_display(f))
		return "a monitor blacks out when its controller is reset";
	if (reason_to_keep(f))
		return reason_to_keep(f);
	if (f->uses) {
		text = talloc_asprintf(ctx, "it is in use: %s", f->use ? f->use : "");
		return text ? text : "it is in use";
	}
	if (is_unknown(f))
		return "its configuration space cannot be read";
	return NULL;
}

/* What the previous kernel could not stop, or NULL. */
static const char *was_loud(const struct preinit_facts *facts, const struct pci_function *f)
{
	const struct journal *j = facts->handoff ? &facts->handoff->journal : NULL;

	for (size_t i = 0; j && i < j->verdict_count; i++)
		if (j->verdicts[i].verdict == VERDICT_LOUD && !strcmp(j->verdicts[i].slot, f->slot))
			return j->verdicts[i].why;
	return NULL;
}

/* Why the function is reset; NULL where it need not be. */
static const char *reason_to_reset(
	const struct preinit_facts *facts, const struct pci_function *f, void *ctx)
{
	const char *why = was_loud(facts, f);
	struct proof proof;
	char *text;

	stillness_judge(f, f->config, f->config_len, &proof);
	if (proof.stillness == LOUD)
		text = talloc_strdup(ctx, proof.why);
	else if (facts->boot == BOOT_CRASH && !may_be_watchdog(f))
		return "nobody has shut it down";
	else if (why)
		text = talloc_asprintf(ctx, "the previous kernel left it loud: %s", why);
	else
		return NULL;
	return text ? text : "it is loud";
}

static void climb(struct judge *judge, struct plan_device *d)
{
	enum pci_place place = d->function->place;

	for (size_t i = 0; i < ladders[place].count; i++) {
		enum step step = ladders[place].steps[i];

		if (!judge_refuses(judge, d, step) && judge_can(d->function, step))
			d->steps[d->step_count++] = step;
	}
}

/* Who is left has to be known of all before anybody's ladder is judged. */
static void begin(const struct preinit_facts *facts, struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct plan_device *d = &plan->devices[i];

		*d = (struct plan_device){
			.function = &facts->snapshot->functions[i],
			.rule = BUILT_IN,
			.unbind_deadline_ms = PREINIT_STEP_MS,
			.reset_deadline_ms = PREINIT_RESET_MS,
		};
		d->reason = reason_to_leave(facts, d, plan);
		d->action = d->reason ? PLAN_LEFT : PLAN_QUIESCE;
	}
}

int preinit_plan(const struct preinit_facts *facts, void *ctx, struct plan **plan, struct err *err)
{
	struct plan *p = talloc_zero(ctx, struct plan);
	struct judge *judge;

	if (p)
		p->devices = talloc_zero_array(p, struct plan_device, facts->snapshot->count);
	if (!p || !p->devices)
		return err_errno(err, -ENOMEM, "plan what to do before drivers load");
	p->purpose = PLAN_FOR_BOOT;
	p->lockdown = facts->snapshot->lockdown;
	p->count = facts->snapshot->count;
	begin(facts, p);
	judge = judge_new(p, facts->snapshot, p);
	if (!judge)
		return err_errno(err, -ENOMEM, "plan what to do before drivers load");
	for (size_t i = 0; i < p->count; i++) {
		struct plan_device *d = &p->devices[i];

		if (d->action == PLAN_LEFT)
			continue;
		d->reason = reason_to_reset(facts, d->function, p);
		if (d->reason)
			climb(judge, d);
		else
			d->reason = "it is still";
	}
	*plan = p;
	return 0;
}

size_t preinit_plan_count(const struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->count; i++)
		n += plan->devices[i].step_count > 0;
	return n;
}
