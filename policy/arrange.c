// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The arrange functions. Each gets the judged plan as a list of plain tables and gives one back. Of
 * that list is made what is asked for; then it is judged like everything else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "policy/arranged.h"
#include "policy/errand_check.h"
#include "policy/loaded.h"
#include "policy/schemas.h"
#include "policy/walk.h"

struct arranging {
	struct policy *p;
	const struct arrangement *a;
	struct decision *d;       /* what there is, ... */
	const struct plan *plan;  /* and its plan */
	struct request *requests; /* what comes back: one for each function */
	struct errand_request *errands;
	size_t errand_count;
	unsigned int stage;
	int stage_is_touched; /* a function has a step in it */
	size_t number;        /* of the step that is being read */
	const char *problem;  /* the first that is wrong with it; NULL as long as all is well */
};

/* Virtual functions are switched off whenever their driver is unbound: nobody has to say so. */
static int is_shown(enum step step)
{
	return step < STEP_INTX && step != STEP_VFS;
}

static void set_seconds(lua_State *L, const char *name, unsigned int ms)
{
	lua_pushnumber(L, ms / 1000.0);
	lua_setfield(L, -2, name);
}

static void push_step(lua_State *L, const struct plan_device *d, enum step step)
{
	lua_createtable(L, 0, 5);
	tables_set_text(L, "step", step_name(step));
	tables_set_text(L, "slot", d->function->slot);
	tables_set_text(L, "driver", d->function->driver);
	tables_set_text(L, "rule", d->rule);
	if (step == STEP_UNBIND)
		set_seconds(L, "deadline", d->unbind_deadline_ms);
}

static void push_command(lua_State *L, const char *const *argv)
{
	lua_newtable(L);
	for (lua_Integer i = 0; argv[i]; i++) {
		lua_pushstring(L, argv[i]);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, "command");
}

static void push_errand(lua_State *L, const struct plan_errand *e)
{
	static const char *const subjects[STEP_COUNT] = {
		[STEP_UNBIND] = "slot",
		[STEP_UNLOAD] = "module",
		[STEP_LINK_DOWN] = "interface",
	};

	lua_createtable(L, 0, 6);
	tables_set_text(L, "step", step_name(e->step));
	tables_set_text(L, "rule", e->rule);
	set_seconds(L, "deadline", e->deadline_ms);
	if (subjects[e->step])
		tables_set_text(L, subjects[e->step], e->subject);
	if (e->step == STEP_WRITE) {
		lua_pushfstring(L, "/%s", e->subject);
		lua_setfield(L, -2, "path");
		tables_set_text(L, "value", e->value);
	}
	if (e->step == STEP_SETTLE)
		set_seconds(L, "seconds", e->settle_ms);
	if (e->step == STEP_RUN)
		push_command(L, (const char *const *)e->argv);
}

static void push_stage(lua_State *L, const struct plan *plan, unsigned int stage, lua_Integer *n)
{
	for (size_t i = 0; i < plan->errand_count; i++)
		if (plan->errands[i].stage == stage) {
			push_errand(L, &plan->errands[i]);
			lua_rawseti(L, -2, ++*n);
		}
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_device *d = &plan->devices[i];

		for (size_t s = 0; s < d->step_count; s++)
			if (d->stages[s] == stage && is_shown(d->steps[s])) {
				push_step(L, d, d->steps[s]);
				lua_rawseti(L, -2, ++*n);
			}
	}
}

static unsigned int last_stage(const struct plan *plan)
{
	unsigned int last = 0;

	if (plan->errand_count)
		last = plan->errands[plan->errand_count - 1].stage;
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_device *d = &plan->devices[i];

		if (d->step_count && d->stages[d->step_count - 1] > last)
			last = d->stages[d->step_count - 1];
	}
	return last;
}

static int push_arguments(lua_State *L, void *data)
{
	const struct arranging *a = data;
	lua_Integer n = 0;

	luaL_checkstack(L, 16, NULL);
	tables_push_machine(L, a->p);
	lua_createtable(L, (int)(4 * a->plan->count), 0);
	for (unsigned int stage = 0, last = last_stage(a->plan); stage <= last; stage++)
		push_stage(L, a->plan, stage, &n);
	return 2;
}

/* What comes back is told of as the how manieth step it is; where the arrangement stands is put in
 * front of it (sandbox_call). */
__attribute__((noreturn)) static void fail(
	lua_State *L, const struct arranging *a, const char *text)
{
	luaL_error(L, "arrange returned as step %d something wrong: %s", (int)a->number, text);
	abort();
}

static void arrange_function(lua_State *L, struct arranging *a, const struct arranged_step *s,
	const struct pci_function *f)
{
	struct request *r = &a->requests[f - a->p->facts->snapshot->functions];
	enum step step = (enum step)s->step;

	if (step_kind(step) & STEP_IS_ERRAND)
		fail(L, a, "slot does not go with this step");
	for (size_t i = 0; i < r->step_count; i++)
		if (r->steps[i] == step)
			fail(L, a,
				lua_pushfstring(
					L, "%s of %s is there twice", step_name(step), f->slot));
	r->stages[r->step_count] = (unsigned char)a->stage;
	r->steps[r->step_count++] = step;
	if (s->says >> ARRANGED_DEADLINE & 1 && step != STEP_UNBIND)
		fail(L, a, "of a PCI function's steps only unbind has a deadline");
	if (s->says >> ARRANGED_DEADLINE & 1)
		r->deadline_ms = s->deadline;
	a->stage_is_touched = 1;
}

static void arrange_errand(lua_State *L, struct arranging *a, const struct arranged_step *s)
{
	const char *const subjects[STEP_COUNT] = {
		[STEP_UNBIND] = s->slot,
		[STEP_WRITE] = s->path ? s->path + (s->path[0] == '/') : NULL,
		[STEP_UNLOAD] = s->module,
		[STEP_LINK_DOWN] = s->interface,
		[STEP_RUN] = s->command ? s->command[0] : NULL,
	};
	struct plan_errand e = {
		.step = (enum step)s->step,
		.subject = subjects[s->step],
		.value = s->value,
		.argv = s->command,
		.settle_ms = s->settle,
		.deadline_ms = s->says >> ARRANGED_DEADLINE & 1
				       ? s->deadline
				       : policy_errand_deadline((enum step)s->step),
		.reason = "arranged",
		.rule = a->a->declared.where,
	};
	const char *problem;

	if (e.step == STEP_SETTLE && !(s->says >> ARRANGED_SECONDS & 1))
		fail(L, a, "settle needs seconds: how long to wait");
	if (a->stage_is_touched) {
		a->stage++;
		a->stage_is_touched = 0;
	}
	e.stage = a->stage;
	problem = errand_check(&e);
	if (problem)
		fail(L, a, problem);
	if (a->errand_count == PLAN_ERRANDS_MAX)
		fail(L, a, "there are too many steps that belong to no PCI device");
	a->errands[a->errand_count++].errand = e;
}

/* The text is Lua's, and may be gone when all fields are read. */
static void tell(void *data, const char *field, const char *text)
{
	struct arranging *a = data;

	(void)field;
	if (!a->problem)
		a->problem = talloc_strdup(a->d, text ? text : "a name in it is not there");
	if (!a->problem)
		a->problem = "out of memory";
}

/* One table of the list: the only thing on the stack. */
static int read_step(lua_State *L)
{
	struct arranging *a = lua_touserdata(L, lua_upvalueindex(1));
	const struct pci_snapshot *snapshot = a->p->facts->snapshot;
	struct arranged_step s = {0};
	const struct schema_teller teller = {tell, a};
	const struct pci_function *f;
	struct pci_slot numbers;
	void *texts = talloc_new(a->d);

	if (!lua_istable(L, 1))
		fail(L, a, "a step is a table: { step = \"unbind\", slot = \"0000:01:00.0\" }");
	if (!texts)
		luaL_error(L, "out of memory");
	s.says = schema_read(L, &step_schema, texts, &s, &teller);
	if (a->problem)
		fail(L, a, a->problem);
	if (!(s.says >> ARRANGED_STEP & 1))
		fail(L, a, "it does not say which step");
	if (!s.slot && !(step_kind((enum step)s.step) & STEP_IS_ERRAND))
		fail(L, a, "slot is missing: which device is it about?");
	f = s.slot ? pci_find(snapshot, s.slot) : NULL;
	if (s.slot && !f && pci_parse_slot(s.slot, &numbers) == 0)
		fail(L, a, lua_pushfstring(L, "there is no device %s", s.slot));
	if (!f) {
		arrange_errand(L, a, &s);
		return 0;
	}
	arrange_function(L, a, &s, f);
	talloc_free(texts); /* nothing of them is kept */
	return 0;
}

static int same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static int same_words(const char **a, const char **b)
{
	for (; a && b && *a && *b; a++, b++)
		if (strcmp(*a, *b))
			return 0;
	return !(a && *a) && !(b && *b);
}

/* Is it the same thing that is to be done? */
static int same_errand(const struct plan_errand *a, const struct plan_errand *b)
{
	return a->step == b->step && same_text(a->subject, b->subject) &&
	       same_text(a->value, b->value) && same_words(a->argv, b->argv) &&
	       a->settle_ms == b->settle_ms;
}

/* Errands that were there before keep the rule that asked for them. */
static void keep_origins(struct arranging *a)
{
	for (size_t i = 0; i < a->errand_count; i++) {
		struct plan_errand *e = &a->errands[i].errand;

		for (size_t n = 0; n < a->d->errand_count; n++) {
			const struct errand_request *old = &a->d->errands[n];

			if (!same_errand(&old->errand, e))
				continue;
			e->reason = old->errand.reason;
			e->rule = old->errand.rule;
			a->errands[i].uses = old->uses;
		}
	}
}

/* Did the function get back what it had? */
static int is_unchanged(const struct plan_device *d, const struct request *r)
{
	size_t n = 0;

	for (size_t i = 0; i < d->step_count; i++) {
		if (!is_shown(d->steps[i]))
			continue;
		if (n == r->step_count || r->steps[n] != d->steps[i])
			return 0;
		n++;
	}
	return n == r->step_count;
}

static int same_stages(const struct plan_device *d, const struct request *r)
{
	size_t n = 0;

	for (size_t i = 0; i < d->step_count; i++)
		if (is_shown(d->steps[i]) && r->stages[n++] != d->stages[i])
			return 0;
	return d->unbind_deadline_ms == r->deadline_ms;
}

/* Take over what came back for one function. */
static void adopt(const struct arranging *a, size_t i)
{
	const struct plan_device *d = &a->plan->devices[i];
	struct request *old = &a->d->requests[i], *r = &a->requests[i];
	int unchanged = is_unchanged(d, r);

	if (unchanged && same_stages(d, r))
		return;
	r->slot = old->slot;
	r->vendor = old->vendor;
	r->device = old->device;
	r->driver = old->driver;
	r->uses = old->uses;
	if (unchanged) {
		r->what = old->what;
		r->where = old->where;
		r->why = old->why;
	} else {
		r->what = r->step_count ? ASK_STEPS : ASK_LEAVE;
		r->where = a->a->declared.where;
		r->why = r->step_count ? "arranged" : "arrange left out its steps";
		r->uses = old->uses && d->action == PLAN_QUIESCE;
	}
	*old = *r;
}

/* How long the list on top of the stack is. Of one with a hole, as steps[i] = nil leaves it, Lua's
 * length is that up to any hole: what lies behind it would be lost in silence. */
static lua_Unsigned list_length(lua_State *L)
{
	lua_Unsigned count = 0;

	if (walk_is_frozen(L, -1))
		luaL_error(L, "arrange must return the list of steps, not one of devices");
	for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
		count++;
	if (count != lua_rawlen(L, -1))
		luaL_error(L, "arrange must return a list without holes and names: take a step out "
			      "by table.remove(steps, i)");
	return count;
}

static void take_steps(lua_State *L, void *data)
{
	struct arranging *a = data;
	lua_Unsigned count;

	luaL_checkstack(L, 8, NULL);
	if (!lua_istable(L, -1))
		luaL_error(
			L, "arrange must return the list of steps, not a %s", luaL_typename(L, -1));
	count = list_length(L);
	if (count > PLAN_STEPS_MAX * a->plan->count + PLAN_ERRANDS_MAX)
		luaL_error(L, "arrange returned more steps than there can be");
	for (lua_Unsigned i = 1; i <= count; i++) {
		a->number = (size_t)i;
		lua_pushlightuserdata(L, a);
		lua_pushcclosure(L, read_step, 1);
		lua_rawgeti(L, -2, (lua_Integer)i);
		lua_call(L, 1, 0);
	}
}

static int arrange(struct arranging *a, struct err *err)
{
	const struct sandbox_call call = {
		a->a->declared.where, a->a->function, push_arguments, take_steps, a};
	int rc = sandbox_call(a->p->sandbox, &call, err);

	if (rc < 0)
		return rc;
	keep_origins(a);
	for (size_t i = 0; i < a->plan->count; i++)
		adopt(a, i);
	talloc_free(a->d->errands);
	a->d->errands = a->errands;
	a->d->errand_count = a->errand_count;
	talloc_free(a->requests);
	return 0;
}

/* A function's deadline is what it was unless its unbind says otherwise. What is dropped is not shown,
 * but stays asked for, so that the plan goes on to say why it is not done. */
static int begin(struct arranging *a, struct plan *plan, struct err *err)
{
	a->plan = plan;
	a->requests = talloc_zero_array(a->d, struct request, plan->count + 1);
	a->errands = talloc_zero_array(a->d, struct errand_request, PLAN_ERRANDS_MAX);
	if (!a->requests || !a->errands)
		return err_errno(err, -ENOMEM, "arrange");
	for (size_t i = 0; i < plan->count; i++)
		a->requests[i].deadline_ms = plan->devices[i].unbind_deadline_ms;
	for (size_t i = 0; i < plan->dropped_count; i++) {
		a->errands[a->errand_count].errand = plan->dropped[i];
		a->errands[a->errand_count++].errand.stage = 0;
	}
	return 0;
}

int arrange_run(struct policy *p, struct decision *d, struct err *err)
{
	for (size_t i = 0; i < p->arrangement_count; i++) {
		struct arranging a = {.p = p, .a = &p->arrangements[i], .d = d};
		struct plan *plan;
		int rc = policy_plan(d, p->facts, d, &plan, err);

		if (rc == 0 && plan->off) /* nothing will be done: nothing to arrange */
			return 0;
		if (rc == 0)
			rc = begin(&a, plan, err);
		if (rc == 0)
			rc = arrange(&a, err);
		if (rc < 0)
			return rc;
		talloc_free(plan);
	}
	return 0;
}
