// SPDX-License-Identifier: GPL-2.0-or-later
/* From rules to what is asked for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "policy/loaded.h"
#include "policy/schemas.h"

/* The rules that decide about one subject; NULL where none says anything. */
struct verdict {
	const struct device_rule *action; /* the last with leave or steps */
	const struct device_rule
		*steps; /* the last with steps; another if action took a leave back */
	const struct device_rule *deadline; /* the last with a deadline */
};

#define SAYS(rule, field) declared_says(&(rule)->declared, field)
#define OPTIONS (1u << DEVICE_OPTIONS_ADD | 1u << DEVICE_OPTIONS_REMOVE)
#define DECIDES (1u << DEVICE_LEAVE | 1u << DEVICE_STEPS | 1u << DEVICE_DEADLINE)

/* Could the rule still win anything? */
static int is_wanted(const struct device_rule *rule, const struct verdict *v)
{
	unsigned int says = rule->declared.says;

	return (!v->action && says & (1u << DEVICE_LEAVE | 1u << DEVICE_STEPS)) ||
	       (!v->steps && says & 1u << DEVICE_STEPS) ||
	       (!v->deadline && says & 1u << DEVICE_DEADLINE);
}

static void take(const struct device_rule *rule, struct verdict *v)
{
	int steps = SAYS(rule, DEVICE_STEPS);

	if (!v->action && (steps || SAYS(rule, DEVICE_LEAVE)))
		v->action = rule;
	if (!v->steps && steps)
		v->steps = rule;
	if (!v->deadline && SAYS(rule, DEVICE_DEADLINE))
		v->deadline = rule;
}

static int find_verdict(
	struct policy *p, const struct subject *subject, struct verdict *v, struct err *err)
{
	*v = (struct verdict){.action = NULL};
	for (size_t i = p->device_count; i-- > 0;) {
		const struct device_rule *rule = &p->devices[i];
		int rc;

		if (!is_wanted(rule, v))
			continue;
		rc = match_device(p, rule, subject, NULL, err);
		if (rc < 0)
			return rc;
		if (rc)
			take(rule, v);
	}
	return 0;
}

static void ask_for_steps(struct request *r, const struct verdict *v)
{
	r->what = ASK_STEPS;
	r->step_count = v->steps->steps.count;
	memcpy(r->steps, v->steps->steps.steps, sizeof(r->steps));
	/* A rule that only takes a leave back says nothing of the steps. */
	if (!r->why)
		r->why = v->steps->why;
}

static struct request make_request(const struct pci_function *f, const struct verdict *v)
{
	struct request r = {
		.slot = f->slot,
		.vendor = f->vendor,
		.device = f->device,
		.driver = f->driver,
		.deadline_ms = v->deadline ? v->deadline->deadline : POLICY_UNBIND_DEADLINE_MS,
	};

	if (!v->action)
		return r;
	r.where = v->action->declared.where;
	r.why = v->action->why;
	r.uses = SAYS(v->action, DEVICE_USE) ? v->action->use & PCI_USE_ALL : 0;
	if (v->action->leave)
		r.what = ASK_LEAVE;
	else if (!v->steps)
		r.what = ASK_UNDECIDED;
	else
		ask_for_steps(&r, v);
	return r;
}

static int decide_functions(struct policy *p, struct decision *d, struct err *err)
{
	const struct pci_snapshot *s = p->facts->snapshot;

	d->requests = talloc_zero_array(d, struct request, s->count + 1);
	if (!d->requests)
		return err_errno(err, -ENOMEM, "decide what to do with %zu devices", s->count);
	for (size_t i = 0; i < s->count; i++) {
		struct verdict v;
		int rc = find_verdict(p, &(struct subject){.f = &s->functions[i]}, &v, err);

		if (rc < 0)
			return rc;
		d->requests[d->count++] = make_request(&s->functions[i], &v);
	}
	return 0;
}

unsigned int policy_errand_deadline(enum step step)
{
	return step == STEP_OFFLINE_CPUS ? POLICY_CPUS_DEADLINE_MS : POLICY_ERRAND_DEADLINE_MS;
}

struct errand_request *decision_add_errand(struct decision *d, enum step step, unsigned int stage)
{
	struct errand_request *errands;

	if (d->errand_count == PLAN_ERRANDS_MAX)
		return NULL;
	errands = talloc_realloc(d, d->errands, struct errand_request, d->errand_count + 1);
	if (!errands)
		return NULL;
	d->errands = errands;
	errands += d->errand_count++;
	*errands = (struct errand_request){
		.errand = {.step = step,
			.stage = stage,
			.deadline_ms = policy_errand_deadline(step),
			.reason = "a rule asks for it"},
	};
	return errands;
}

static int too_many(const struct declared *declared, struct err *err)
{
	return err_set(err, -EINVAL,
		"%s: asks for one step too many: beside those of PCI devices there are at most "
		"%d; let the rule match fewer devices",
		declared->where, PLAN_ERRANDS_MAX);
}

static int ask_to_unbind(struct decision *d, const struct bus_device *other,
	const struct verdict *v, struct err *err)
{
	struct errand_request *e = decision_add_errand(d, STEP_UNBIND, 0);

	if (!e)
		return too_many(&v->action->declared, err);
	e->errand.subject = talloc_asprintf(d, "%s:%s", other->bus, other->name);
	e->errand.rule = v->action->declared.where;
	if (v->action->why || v->steps->why)
		e->errand.reason = v->action->why ? v->action->why : v->steps->why;
	if (v->deadline)
		e->errand.deadline_ms = v->deadline->deadline;
	e->uses = SAYS(v->action, DEVICE_USE) ? v->action->use & PCI_USE_ALL : 0;
	return e->errand.subject ? 0 : err_errno(err, -ENOMEM, "decide");
}

/* Devices on other buses are only unbound where a rule says so. */
static int decide_others(struct policy *p, struct decision *d, struct err *err)
{
	const struct host *h = p->facts->host;
	int speaks = 0;

	for (size_t i = 0; i < p->device_count; i++)
		speaks |= p->devices[i].bus && strcmp(p->devices[i].bus, "pci") != 0;
	for (size_t i = 0; speaks && i < h->other_count; i++) {
		struct verdict v;
		int rc = find_verdict(p, &(struct subject){.other = &h->others[i]}, &v, err);

		if (rc == 0 && v.action && !v.action->leave && v.steps)
			rc = ask_to_unbind(d, &h->others[i], &v, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* What a rule says of the command line. */
struct words {
	const char **add, **remove, *why;
};

/* Rules of devices and of the machine are asked one after another, but count in the order in which they
 * are written: a later one can take back what an earlier one added. */
static void insert_option(
	struct option_change *options, size_t count, const struct option_change *option)
{
	for (; count && options[count - 1].order > option->order; count--)
		options[count] = options[count - 1];
	options[count] = *option;
}

static int change_words(struct decision *d, const char **words, int how,
	const struct declared *declared, const char *why, struct err *err)
{
	for (; words && *words; words++) {
		struct option_change *options;

		if (d->option_count == DECISION_OPTIONS_MAX)
			return err_set(err, -EINVAL,
				"%s: the rules change more than %d words of the command line",
				declared->where, DECISION_OPTIONS_MAX);
		options = talloc_realloc(d, d->options, struct option_change, d->option_count + 1);
		if (!options)
			return err_errno(err, -ENOMEM, "decide");
		d->options = options;
		insert_option(options, d->option_count++,
			&(struct option_change){
				how, *words, declared->where, why, declared->order});
	}
	return 0;
}

static int change_options(struct decision *d, const struct declared *declared,
	const struct words *words, struct err *err)
{
	int rc = change_words(d, words->remove, OPTION_REMOVE, declared, words->why, err);

	return rc < 0 ? rc : change_words(d, words->add, OPTION_ADD, declared, words->why, err);
}

/* Of each rule that speaks of the command line: is there any such device? */
static int decide_device_options(struct policy *p, struct decision *d, struct err *err)
{
	const struct policy_facts *facts = p->facts;

	for (size_t i = 0; i < p->device_count; i++) {
		const struct device_rule *rule = &p->devices[i];
		int found = 0;

		if (!(rule->declared.says & OPTIONS))
			continue;
		for (size_t n = 0; !found && n < facts->snapshot->count; n++)
			found = match_device(p, rule,
				&(struct subject){.f = &facts->snapshot->functions[n]}, NULL, err);
		for (size_t n = 0; !found && n < facts->host->other_count; n++)
			found = match_device(p, rule,
				&(struct subject){.other = &facts->host->others[n]}, NULL, err);
		if (found < 0)
			return found;
		if (found)
			found = change_options(d, &rule->declared,
				&(struct words){rule->options_add, rule->options_remove, rule->why},
				err);
		if (found < 0)
			return found;
	}
	return 0;
}

static int add_for_machine(struct decision *d, const struct machine_rule *rule, enum step step,
	unsigned int stage, unsigned int settle_ms, struct err *err)
{
	struct errand_request *e = decision_add_errand(d, step, stage);

	if (!e)
		return too_many(&rule->declared, err);
	e->errand.rule = rule->declared.where;
	e->errand.settle_ms = settle_ms;
	if (rule->why)
		e->errand.reason = rule->why;
	return 0;
}

/* The last of the rules that match this machine and say something about a field. */
static const struct machine_rule *last_saying(const struct policy *p, enum machine_field field)
{
	for (size_t i = p->machine_count; i-- > 0;)
		if (p->machines[i].matches && SAYS(&p->machines[i], field))
			return &p->machines[i];
	return NULL;
}

static int decide_machine_options(struct policy *p, struct decision *d, struct err *err)
{
	for (size_t i = 0; i < p->machine_count; i++) {
		const struct machine_rule *rule = &p->machines[i];
		const struct words words = {rule->options_add, rule->options_remove, rule->why};
		int rc = rule->matches ? change_options(d, &rule->declared, &words, err) : 0;

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* A pause comes first of all. */
static int decide_settle(struct policy *p, struct decision *d, struct err *err)
{
	const struct machine_rule *rule = last_saying(p, MACHINE_SETTLE);

	return rule ? add_for_machine(d, rule, STEP_SETTLE, 0, rule->settle, err) : 0;
}

/* Processors go when all else is done: the more of them there are, the sooner that is. */
static int decide_machine(struct policy *p, struct decision *d, struct err *err)
{
	const struct machine_rule *rule = last_saying(p, MACHINE_QUIESCE);
	int rc;

	if (rule && !rule->quiesce) {
		d->no_quiesce = rule->declared.where;
		d->no_quiesce_why = rule->why;
	}
	rule = last_saying(p, MACHINE_JUMP);
	if (rule && !rule->jump) {
		d->no_jump = rule->declared.where;
		d->no_jump_why = rule->why;
	}
	rule = last_saying(p, MACHINE_LOAD_RETRIES);
	d->load_retries = rule ? rule->load_retries : 0;
	rc = decide_machine_options(p, d, err);
	if (rc < 0)
		return rc;
	rule = last_saying(p, MACHINE_OFFLINE_CPUS);
	return rule && rule->offline_cpus ? add_for_machine(d, rule, STEP_OFFLINE_CPUS, 1, 0, err)
					  : 0;
}

static void decide_boot(const struct policy *p, struct decision *d)
{
	for (size_t i = 0; i < p->boot_count; i++) {
		const struct boot_rule *rule = &p->boots[i];

		if (SAYS(rule, BOOT_DEFAULT))
			d->boot.default_entry = rule->default_entry;
		if (SAYS(rule, BOOT_TIMEOUT))
			d->boot.timeout = rule->timeout;
		if (SAYS(rule, BOOT_ON_HANG))
			d->boot.on_hang = rule->on_hang;
		if (SAYS(rule, BOOT_REQUIRE_STILL))
			d->boot.require_still = rule->require_still;
		d->boot.declared.says |= rule->declared.says;
		for (unsigned int f = 0; f < BOOT_FIELDS; f++)
			if (SAYS(rule, f))
				d->boot_where[f] = rule->declared.where;
	}
}

static const char *won(void *ctx, const struct device_rule *rule, const struct verdict *v)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s%s", rule == v->action ? ", the action" : "",
		rule == v->steps && !(v->action && v->action->leave) ? ", the steps" : "",
		rule == v->deadline ? ", the deadline" : "");
	return text[0] ? talloc_strdup(ctx, text + 2) : NULL;
}

/* "pci" for a rule without it: then nothing says so but the manual. */
static const char *field_name(enum device_field field)
{
	return device_schema.fields[field].name;
}

static int explain_rule(struct policy *p, struct decision *d, const struct subject *subject,
	const struct device_rule *rule, const struct verdict *v, struct err *err)
{
	struct explanation *e = &d->explanations[d->explanation_count];
	enum device_field field = DEVICE_FIELDS;
	int rc = match_device(p, rule, subject, &field, err);

	if (rc < 0)
		return rc;
	*e = (struct explanation){.where = rule->declared.where};
	if (rc) {
		e->won = won(d, rule, v);
	} else {
		e->field = field_name(field);
		e->saw = match_saw(p, d, subject, field);
		if (!e->saw)
			return err_errno(err, -ENOMEM, "explain");
	}
	d->explanation_count++;
	return 0;
}

int policy_find_subject(const struct policy_facts *facts, const char *name, struct subject *subject)
{
	static const char pci[] = "pci:";
	size_t len = strncmp(name, pci, sizeof(pci) - 1) ? 0 : sizeof(pci) - 1;
	const struct subject found = {
		.f = pci_find(facts->snapshot, name + len),
		.other = host_find(facts->host, name),
	};

	if (!found.f && !found.other)
		return -ENOENT;
	*subject = found;
	return 0;
}

/* Every rule, in the order in which they are read. */
static int explain(struct policy *p, const char *slot, struct decision *d, struct err *err)
{
	struct subject subject;
	struct verdict v;
	int rc;

	if (policy_find_subject(p->facts, slot, &subject) < 0)
		return err_set(err, -ENOENT,
			"there is no device %s; `stillboot devices` shows the slots", slot);
	d->explanations = talloc_zero_array(d, struct explanation, p->device_count + 1);
	if (!d->explanations)
		return err_errno(err, -ENOMEM, "explain");
	rc = find_verdict(p, &subject, &v, err);
	for (size_t i = 0; rc == 0 && i < p->device_count; i++)
		rc = explain_rule(p, d, &subject, &p->devices[i], &v, err);
	return rc;
}

static int decide(struct policy *p, const char *slot, struct decision *d, struct err *err)
{
	int rc = decide_settle(p, d, err);

	if (rc == 0)
		rc = decide_functions(p, d, err);
	if (rc == 0)
		rc = decide_others(p, d, err);
	if (rc == 0)
		rc = decide_device_options(p, d, err);
	if (rc == 0)
		rc = decide_machine(p, d, err);
	if (rc < 0)
		return rc;
	decide_boot(p, d);
	d->entries = p->entries;
	d->entry_count = p->entry_count;
	if (slot)
		rc = explain(p, slot, d, err);
	return rc < 0 ? rc : arrange_run(p, d, err);
}

int policy_decide(
	struct policy *p, const char *slot, void *ctx, struct decision **decision, struct err *err)
{
	struct decision *d = talloc_zero(ctx, struct decision);
	int rc = d ? decide(p, slot, d, err) : err_errno(err, -ENOMEM, "decide");

	if (rc < 0) {
		talloc_free(d);
		return rc;
	}
	*decision = d;
	return 0;
}

const struct request *decision_find(const struct decision *d, const char *slot)
{
	for (size_t i = 0; i < d->count; i++)
		if (!strcmp(d->requests[i].slot, slot))
			return &d->requests[i];
	return NULL;
}
