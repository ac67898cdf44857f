// SPDX-License-Identifier: GPL-2.0-or-later
/* From what is asked for to what will be done. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "policy/judge.h"
#include "policy/policy.h"

/* What became of the steps that were asked for, for the reason. */
struct outcome {
	const char *refused; /* the first refusal, NULL if there was none, and the step's name */
	const char *refused_step;
	unsigned int missing; /* 1 << enum step: there is nothing to do it with */
	unsigned int kept;    /* enum step_kind of those that were kept, together */
};

/* What is judged about one function before its steps are looked at. */
struct view {
	const struct pci_function *f;
	const struct request *request;
	const char *optout;  /* the word of the kernel's command line that leaves it */
	const char *by_hand; /* somebody leaves it */
	const char *off;     /* the rule that switches the quiesce off */
	const char *off_why;
};

static const struct request nothing_asked = {
	.what = ASK_NOTHING,
	.deadline_ms = POLICY_UNBIND_DEADLINE_MS,
};

static int is_protected(const struct view *v)
{
	return (v->f->uses & JUDGE_PROTECTED & ~v->request->uses) && v->request->what == ASK_STEPS;
}

/* All ones: nothing could be read of it. It may be a display or a bridge. */
static int is_unknown(const struct pci_function *f)
{
	return f->class >> 8 == 0xffff;
}

/* A kept decision may be older than what stands in the slot now. A driver that let go meanwhile needs
 * no protection any more. */
static int is_another(const struct view *v)
{
	const struct request *r = v->request;

	if (!r->vendor && !r->device)
		return 0;
	return r->vendor != v->f->vendor || r->device != v->f->device ||
	       (v->f->driver && (!r->driver || strcmp(r->driver, v->f->driver)));
}

static int leaves(const struct view *v)
{
	return v->request->what != ASK_STEPS || v->optout || v->by_hand || v->off ||
	       is_protected(v) || is_unknown(v->f) || is_another(v);
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

static void keep(struct judge *judge, struct plan_device *d, enum step step, unsigned char stage,
	struct outcome *o)
{
	const char *refusal = judge_refuses(judge, d, step);

	if (refusal && !o->refused) {
		o->refused = refusal;
		o->refused_step = step_name(step);
	} else if (!refusal && !judge_can(d->function, step)) {
		o->missing |= 1u << step;
	} else if (!refusal && d->step_count < PLAN_STEPS_MAX) {
		d->stages[d->step_count] = stage;
		d->steps[d->step_count++] = step;
		o->kept |= step_kind(step);
	}
}

/* Keep the steps that may and can be done. Virtual functions go before their driver does. */
static struct outcome keep_steps(
	struct judge *judge, struct plan_device *d, const struct request *request)
{
	struct outcome o = {0};

	for (size_t i = 0; i < request->step_count; i++) {
		enum step step = request->steps[i];

		if (step == STEP_UNBIND && d->function->vf_count && d->function->driver)
			keep(judge, d, STEP_VFS, request->stages[i], &o);
		keep(judge, d, step, request->stages[i], &o);
	}
	return o;
}

static const char *why(const struct request *r)
{
	static const char *const words[] = {
		[ASK_NOTHING] = "no rule speaks about it",
		[ASK_LEAVE] = "a rule leaves it",
		[ASK_UNDECIDED] = "no rule says what to do with it",
		[ASK_STEPS] = "a rule stills it",
	};

	return r->why ? r->why : words[r->what];
}

/* NULL where the request itself decides; then what stands above it is not asked any more. */
static char *reason_above(void *ctx, const struct view *v)
{
	if (v->by_hand)
		return talloc_strdup(ctx, POLICY_BY_HAND);
	if (v->optout)
		return talloc_asprintf(
			ctx, "the kernel's command line says stillboot.leave=%s", v->optout);
	if (v->off)
		return talloc_strdup(ctx, v->off_why ? v->off_why : "a rule switches stilling off");
	if (is_unknown(v->f))
		return talloc_strdup(ctx, "what it is is not known: its configuration space cannot "
					  "be read");
	if (is_another(v))
		return talloc_asprintf(ctx,
			"it is not what was decided about: in its slot was %04x:%04x (%s)",
			v->request->vendor, v->request->device,
			v->request->driver ? v->request->driver : "no driver");
	if (is_protected(v))
		return talloc_asprintf(ctx,
			"it is in use: %s; only a rule whose `use` says so stills it",
			v->f->use ? v->f->use : "somebody needs it");
	return NULL;
}

/* The rule's why; who uses the function, where the rule asked for that; then what was dropped. */
static char *compose_reason(void *ctx, const struct view *v, const struct outcome *o)
{
	char *text = reason_above(ctx, v);

	if (text)
		return text;
	text = talloc_strdup(ctx, why(v->request));
	if (text && v->f->use && v->request->uses)
		text = talloc_asprintf_append(text, ": %s", v->f->use);
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

/* Which rule, or what else, decided. */
static const char *authority(const struct view *v)
{
	if (v->by_hand)
		return "by hand";
	if (v->optout)
		return "command line";
	if (v->off)
		return v->off;
	return v->request->where ? v->request->where : "built-in";
}

/* Whether a function is left is all that the judge needs to know of the others. */
static void begin(struct plan_device *d, const struct view *v)
{
	*d = (struct plan_device){
		.function = v->f,
		.action = leaves(v) ? PLAN_LEFT : PLAN_QUIESCE,
		.unbind_deadline_ms = v->request->deadline_ms,
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

static int finish(struct plan *plan, struct plan_device *d, const struct view *v,
	const struct plan_device *keeper, struct judge *judge)
{
	struct outcome o = {0};

	if (d->action == PLAN_QUIESCE)
		o = keep_steps(judge, d, v->request);
	d->reason = keeper ? keeper_in_words(plan, d, keeper) : compose_reason(plan, v, &o);
	d->rule = talloc_strdup(plan, keeper ? "built-in" : authority(v));
	return d->reason && d->rule ? 0 : -ENOMEM;
}

/* The request of a function: usually at its own place. */
static const struct request *request_of(
	const struct decision *decision, size_t index, const struct pci_function *f)
{
	const struct request *r = NULL;

	if (index < decision->count && !strcmp(decision->requests[index].slot, f->slot))
		r = &decision->requests[index];
	else
		r = decision_find(decision, f->slot);
	return r ? r : &nothing_asked;
}

static int judge_functions(
	const struct decision *decision, const struct policy_facts *facts, struct plan *plan)
{
	const struct pci_snapshot *snapshot = facts->snapshot;
	struct view *views = talloc_zero_array(plan, struct view, snapshot->count);
	const struct plan_device **keepers = talloc_zero_array(
		views, const struct plan_device *, snapshot->count);
	struct judge *judge;
	int rc = 0;

	if (!views || !keepers)
		return -ENOMEM;
	for (size_t i = 0; i < plan->count; i++) {
		const struct pci_function *f = &snapshot->functions[i];

		views[i] = (struct view){
			.f = f,
			.request = request_of(decision, i, f),
			.optout = facts->optouts ? host_leaves_function(facts->optouts, f) : NULL,
			.by_hand = facts->by_hand ? host_leaves_function(facts->by_hand, f) : NULL,
			.off = plan->off,
			.off_why = plan->off_why,
		};
		begin(&plan->devices[i], &views[i]);
	}
	leave_what_is_held(plan, keepers);
	judge = judge_new(views, snapshot, plan);
	if (!judge)
		return -ENOMEM;
	for (size_t i = 0; i < plan->count && !rc; i++)
		rc = finish(plan, &plan->devices[i], &views[i], keepers[i], judge);
	talloc_free(views);
	return rc;
}

static int judge_all(
	const struct decision *decision, const struct policy_facts *facts, struct plan *plan)
{
	const struct pci_snapshot *snapshot = facts->snapshot;
	int rc;

	plan->devices = talloc_zero_array(plan, struct plan_device, snapshot->count + 1);
	if (!plan->devices)
		return -ENOMEM;
	plan->count = snapshot->count;
	plan->lockdown = snapshot->lockdown;
	plan->off = decision->no_quiesce;
	plan->off_why = decision->no_quiesce_why;
	if (facts->optouts && facts->optouts->quiesce_off) {
		plan->off = "command line";
		plan->off_why = "the kernel's command line says stillboot.quiesce=off";
	}
	rc = judge_functions(decision, facts, plan);
	return rc < 0 ? rc : judge_errands(decision, facts, plan);
}

int policy_plan(const struct decision *decision, const struct policy_facts *facts, void *ctx,
	struct plan **plan, struct err *err)
{
	struct plan *made = talloc_zero(ctx, struct plan);

	if (!made || judge_all(decision, facts, made) < 0) {
		talloc_free(made);
		return err_errno(err, -ENOMEM, "judge what is to be done with %zu devices",
			facts->snapshot->count);
	}
	*plan = made;
	return 0;
}
