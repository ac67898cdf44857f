// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/policy.h"

#include <errno.h>
#include <talloc.h>

#include "policy/judge.h"
#include "policy/rule.h"

/* The rules that decide about one function; NULL where none says anything. */
struct verdict {
	const struct rule *action;   /* the last with leave or steps */
	const struct rule *steps;    /* the last with steps; another if action took a leave back */
	const struct rule *deadline; /* the last with a deadline */
};

/* What became of the steps that a rule asked for, for the reason. */
struct outcome {
	const char *refused; /* the first refusal, NULL if there was none, and the step's name */
	const char *refused_step;
	unsigned int missing; /* 1 << enum step: there is nothing to do it with */
	unsigned int kept;    /* enum step_kind of those that were kept, together */
};

static struct verdict find_verdict(const struct policy *p, const struct pci_function *f)
{
	struct verdict v = {0};

	for (size_t i = p->set.count; i-- > 0 && !(v.action && v.steps && v.deadline);) {
		const struct rule *rule = &p->set.rules[i];
		int steps = rule_says(rule, RULE_STEPS);

		if (!rule_matches(rule, f))
			continue;
		if (!v.action && (steps || rule_says(rule, RULE_LEAVE)))
			v.action = rule;
		if (!v.steps && steps)
			v.steps = rule;
		if (!v.deadline && rule_says(rule, RULE_DEADLINE))
			v.deadline = rule;
	}
	return v;
}

/*
 * Pulling a disk from under its filesystem loses data, and a network may stand below one. Unbinding
 * what a virtual machine holds blocks, and without the console nobody can be told. A rule about a
 * driver or a slot was not written with that in mind: only one that speaks of use itself stills what
 * is in use.
 */
#define PROTECTED_USES (PCI_USE_DISK | PCI_USE_CONSOLE | PCI_USE_NETWORK | PCI_USE_VFIO)

static int is_protected(const struct pci_function *f, const struct verdict *v)
{
	return (f->uses & PROTECTED_USES) && v->action && !v->action->leave &&
	       !rule_says(v->action, RULE_USE);
}

/* All ones: nothing could be read of it. It may be a display or a bridge. */
static int is_unknown(const struct pci_function *f)
{
	return f->class >> 8 == 0xffff;
}

static int leaves(const struct pci_function *f, const struct verdict *v)
{
	return !v->steps || v->action->leave || is_protected(f, v) || is_unknown(f);
}

/* Would the kernel unbind d when other lets go? Its virtual functions, its consumers, and, of what is
 * no bridge (Intel's VMD), what stands below it. */
static int hangs_on(const struct pci_function *f, const struct pci_function *other)
{
	if (f->physical == other)
		return 1;
	for (size_t i = 0; i < other->consumer_count; i++)
		if (other->consumers[i] == f)
			return 1;
	return !pci_is_bridge(other) && pci_is_below(f, other);
}

/* The function that is left bound and would lose its driver with d's; NULL if none. */
static const struct plan_device *find_keeper(const struct plan *plan, const struct plan_device *d)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_device *other = &plan->devices[i];

		if (other->action == PLAN_LEFT && other->function->driver &&
			!pci_is_bridge(other->function) && hangs_on(other->function, d->function))
			return other;
	}
	return NULL;
}

/* Could anything hang on the function? Spares the search for nearly all of them. */
static int may_be_kept(const struct pci_function *f)
{
	return f->consumer_count || f->vf_count || (f->child && !pci_is_bridge(f));
}

/* What hangs on something may itself be hung on, so until nothing changes. */
static void leave_what_is_held(struct plan *plan, const struct plan_device **keepers)
{
	int changed;

	do {
		changed = 0;
		for (size_t i = 0; i < plan->count; i++) {
			struct plan_device *d = &plan->devices[i];

			if (d->action != PLAN_QUIESCE || !may_be_kept(d->function))
				continue;
			keepers[i] = find_keeper(plan, d);
			if (!keepers[i])
				continue;
			d->action = PLAN_LEFT;
			changed = 1;
		}
	} while (changed);
}

static void keep(struct judge *judge, struct plan_device *d, enum step step, struct outcome *o)
{
	const char *refusal = judge_refuses(judge, d, step);

	if (refusal && !o->refused) {
		o->refused = refusal;
		o->refused_step = step_name(step);
	} else if (!refusal && !judge_can(d->function, step)) {
		o->missing |= 1u << step;
	} else if (!refusal) {
		d->steps[d->step_count++] = step;
		o->kept |= step_kind(step);
	}
}

/* Keep the steps that may and can be done. Virtual functions go before their driver does. */
static struct outcome keep_steps(
	struct judge *judge, struct plan_device *d, const struct step_list *list)
{
	struct outcome o = {0};

	for (size_t i = 0; i < list->count; i++) {
		if (list->steps[i] == STEP_UNBIND && d->function->vf_count && d->function->driver)
			keep(judge, d, STEP_VFS, &o);
		if (list->steps[i] != STEP_VFS)
			keep(judge, d, list->steps[i], &o);
	}
	return o;
}

static const char *why(const struct verdict *v)
{
	if (!v->action)
		return "no rule speaks about it";
	if (v->action->why)
		return v->action->why;
	if (v->action->leave)
		return "a rule leaves it";
	if (!v->steps)
		return "no rule says what to do with it";
	return v->steps->why ? v->steps->why : "a rule stills it";
}

/* The rule's why; who uses the function, where the rule asked for that; then what was dropped. */
static char *compose_reason(
	void *ctx, const struct pci_function *f, const struct verdict *v, const struct outcome *o)
{
	char *text = talloc_strdup(ctx, why(v));

	if (is_unknown(f))
		return talloc_strdup(ctx, "what it is is not known: its configuration space cannot "
					  "be read");
	if (is_protected(f, v))
		return talloc_asprintf(ctx,
			"it is in use: %s; only a rule with `use` stills it, and this one has none",
			f->use ? f->use : "somebody needs it");
	if (text && f->use && v->action && rule_says(v->action, RULE_USE))
		text = talloc_asprintf_append(text, ": %s", f->use);
	if (text && o->missing & 1u << STEP_UNBIND)
		text = talloc_asprintf_append(text, "; no driver is bound");
	/* A ladder loses rungs on every machine; it is worth a word only when no reset is left. */
	if (!text || o->kept & STEP_IS_RESET)
		return text;
	if (o->refused)
		text = talloc_asprintf_append(text, "; no %s: %s", o->refused_step, o->refused);
	else if (o->missing & ~(1u << STEP_UNBIND))
		text = talloc_asprintf_append(text, "; the kernel lists no reset for it");
	return text;
}

/* Whether a function is left is all that the judge needs to know of the others. */
static void begin(struct plan_device *d, const struct pci_function *f, const struct verdict *v)
{
	*d = (struct plan_device){
		.function = f,
		.action = leaves(f, v) ? PLAN_LEFT : PLAN_QUIESCE,
		.unbind_deadline_ms = v->deadline ? v->deadline->deadline
						  : POLICY_UNBIND_DEADLINE_MS,
		.reset_deadline_ms = POLICY_RESET_DEADLINE_MS,
	};
}

static char *keeper_in_words(
	void *ctx, const struct plan_device *d, const struct plan_device *keeper)
{
	const char *what = keeper->function->physical == d->function     ? "its virtual function "
			   : pci_is_below(keeper->function, d->function) ? "below it "
									 : "its consumer ";

	return talloc_asprintf(ctx, "%s%s is left", what, keeper->function->slot);
}

static int finish(struct plan *plan, struct plan_device *d, const struct verdict *v,
	const struct plan_device *keeper, struct judge *judge)
{
	struct outcome o = {0};

	if (d->action == PLAN_QUIESCE)
		o = keep_steps(judge, d, &v->steps->steps);
	d->reason = keeper ? keeper_in_words(plan, d, keeper)
			   : compose_reason(plan, d->function, v, &o);
	d->rule = talloc_strdup(plan, v->action && !keeper ? v->action->where : "built-in");
	return d->reason && d->rule ? 0 : -ENOMEM;
}

static int fill(const struct policy *p, const struct pci_snapshot *snapshot, struct plan *plan)
{
	struct verdict *verdicts = talloc_array(plan, struct verdict, snapshot->count);
	const struct plan_device **keepers = talloc_zero_array(
		verdicts, const struct plan_device *, snapshot->count);
	struct judge *judge;
	int rc = 0;

	plan->devices = talloc_zero_array(plan, struct plan_device, snapshot->count);
	if (!verdicts || !keepers || !plan->devices)
		return -ENOMEM;
	plan->count = snapshot->count;
	plan->lockdown = snapshot->lockdown;
	for (size_t i = 0; i < plan->count; i++) {
		verdicts[i] = find_verdict(p, &snapshot->functions[i]);
		begin(&plan->devices[i], &snapshot->functions[i], &verdicts[i]);
	}
	leave_what_is_held(plan, keepers);
	judge = judge_new(verdicts, snapshot, plan);
	if (!judge)
		return -ENOMEM;
	for (size_t i = 0; i < plan->count && !rc; i++)
		rc = finish(plan, &plan->devices[i], &verdicts[i], keepers[i], judge);
	talloc_free(verdicts);
	return rc;
}

int policy_decide(const struct policy *p, const struct pci_snapshot *snapshot, void *ctx,
	struct plan **plan, struct err *err)
{
	struct plan *made = talloc_zero(ctx, struct plan);

	if (!made || fill(p, snapshot, made) < 0) {
		talloc_free(made);
		return err_errno(
			err, -ENOMEM, "decide what to do with %zu devices", snapshot->count);
	}
	*plan = made;
	return 0;
}
