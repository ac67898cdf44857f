// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A decision out of bytes. They come from the process in which a policy ran, or from a file: whatever
 * they say, what comes out is within the limits that the rest of the program counts on.
 */
#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <talloc.h>

#include "policy/decision.h"
#include "policy/decision_words.h"
#include "policy/errand_check.h"

const char *const decision_whats[4] = {
	[ASK_NOTHING] = "nothing",
	[ASK_LEAVE] = "leave",
	[ASK_UNDECIDED] = "undecided",
	[ASK_STEPS] = "steps",
};

const char *const decision_hows[2] = {[OPTION_REMOVE] = "remove", [OPTION_ADD] = "add"};

#define TEXT_MAX 4096
#define MS_MAX 3600000

struct parsing {
	struct decision *d;
	const char *bad; /* the first thing that is wrong; NULL as long as all is well */
};

static void complain(struct parsing *p, const char *what)
{
	if (!p->bad)
		p->bad = what;
}

/* NULL for null and what is not there. */
static const char *get_text(struct parsing *p, const json_t *object, const char *key)
{
	const json_t *json = json_object_get(object, key);
	const char *s = json_string_value(json);
	char *copy;

	if (!json || json_is_null(json))
		return NULL;
	if (!s || json_string_length(json) > TEXT_MAX || strlen(s) != json_string_length(json)) {
		complain(p, key);
		return NULL;
	}
	copy = talloc_strdup(p->d, s);
	if (!copy)
		complain(p, "memory");
	return copy;
}

static const char *need_text(struct parsing *p, const json_t *object, const char *key)
{
	const char *s = get_text(p, object, key);

	if (!s)
		complain(p, key);
	return s ? s : "";
}

static unsigned int get_number(
	struct parsing *p, const json_t *object, const char *key, unsigned int max)
{
	const json_t *json = json_object_get(object, key);
	json_int_t n = json_integer_value(json);

	if (!json_is_integer(json) || n < 0 || n > (json_int_t)max) {
		complain(p, key);
		return 0;
	}
	return (unsigned int)n;
}

static int get_flag(struct parsing *p, const json_t *object, const char *key)
{
	const json_t *json = json_object_get(object, key);

	if (!json_is_boolean(json))
		complain(p, key);
	return json_is_true(json);
}

static unsigned int get_word(struct parsing *p, const json_t *object, const char *key,
	const char *const *words, size_t count)
{
	const char *word = json_string_value(json_object_get(object, key));

	for (size_t i = 0; word && i < count; i++)
		if (!strcmp(words[i], word))
			return (unsigned int)i;
	complain(p, key);
	return 0;
}

/* How many there are; none where it is no array or has too many. */
static size_t get_array(
	struct parsing *p, const json_t *object, const char *key, size_t max, const json_t **array)
{
	*array = json_object_get(object, key);
	if (!json_is_array(*array) || json_array_size(*array) > max) {
		complain(p, key);
		return 0;
	}
	return json_array_size(*array);
}

/* NULL-terminated; NULL for an empty one. */
static const char **get_list(struct parsing *p, const json_t *object, const char *key, size_t max)
{
	const json_t *array;
	size_t count = get_array(p, object, key, max, &array);
	const char **list;

	if (!count)
		return NULL;
	list = talloc_zero_array(p->d, const char *, count + 1);
	for (size_t i = 0; list && i < count; i++) {
		const char *s = json_string_value(json_array_get(array, i));

		if (!s || strlen(s) > TEXT_MAX)
			complain(p, key);
		list[i] = talloc_strdup(list, s ? s : "");
		if (!list[i])
			complain(p, "memory");
	}
	if (!list)
		complain(p, "memory");
	return list;
}

static enum step get_step(struct parsing *p, const char *name)
{
	enum step step;

	if (name && step_from_name(name, &step) == 0)
		return step;
	complain(p, "step");
	return STEP_SETTLE;
}

static void get_steps(struct parsing *p, const json_t *json, struct request *r)
{
	const json_t *steps, *stages;
	size_t count = get_array(p, json, "steps", PLAN_STEPS_MAX - 1, &steps);
	unsigned int seen = 0;

	if (get_array(p, json, "stages", PLAN_STEPS_MAX - 1, &stages) != count) {
		complain(p, "stages");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		json_int_t stage = json_integer_value(json_array_get(stages, i));
		enum step step = get_step(p, json_string_value(json_array_get(steps, i)));

		if (step_kind(step) & STEP_IS_ERRAND || step >= STEP_INTX || step == STEP_VFS ||
			seen & 1u << step)
			complain(p, "steps");
		if (stage < 0 || stage > PLAN_STAGES_MAX || (i && stage < r->stages[i - 1]))
			complain(p, "stages");
		seen |= 1u << step;
		r->steps[i] = step;
		r->stages[i] = (unsigned char)stage;
	}
	r->step_count = count;
}

static void get_request(struct parsing *p, const json_t *json, struct request *r)
{
	struct pci_slot slot;

	r->slot = need_text(p, json, "slot");
	if (pci_parse_slot(r->slot, &slot) < 0)
		complain(p, "slot");
	r->vendor = (uint16_t)get_number(p, json, "vendor", 0xffff);
	r->device = (uint16_t)get_number(p, json, "device", 0xffff);
	r->driver = get_text(p, json, "driver");
	r->what = get_word(p, json, "what", decision_whats, 4);
	r->where = get_text(p, json, "where");
	r->why = get_text(p, json, "why");
	r->uses = get_number(p, json, "uses", PCI_USE_ALL);
	r->deadline_ms = get_number(p, json, "deadline_ms", MS_MAX);
	if (!r->deadline_ms)
		complain(p, "deadline_ms");
	get_steps(p, json, r);
}

static void get_errand(struct parsing *p, const json_t *json, struct errand_request *r)
{
	struct plan_errand *e = &r->errand;

	e->step = get_step(p, json_string_value(json_object_get(json, "step")));
	e->stage = get_number(p, json, "stage", PLAN_STAGES_MAX);
	e->subject = get_text(p, json, "subject");
	e->value = get_text(p, json, "value");
	e->argv = get_list(p, json, "command", PLAN_WORDS_MAX);
	e->settle_ms = get_number(p, json, "settle_ms", MS_MAX);
	e->deadline_ms = get_number(p, json, "deadline_ms", MS_MAX);
	e->rule = need_text(p, json, "where");
	e->reason = need_text(p, json, "why");
	r->uses = get_number(p, json, "uses", PCI_USE_ALL);
	if (!p->bad && errand_check(e))
		complain(p, errand_check(e));
	if (r > p->d->errands && r[-1].errand.stage > e->stage)
		complain(p, "stage");
}

static void get_option(struct parsing *p, const json_t *json, struct option_change *o)
{
	o->how = get_word(p, json, "how", decision_hows, 2);
	o->word = need_text(p, json, "word");
	o->where = need_text(p, json, "where");
	o->why = get_text(p, json, "why");
}

static void get_entry(struct parsing *p, const json_t *json, struct entry_rule *e)
{
	const struct {
		const char *key;
		const char ***list;
	} lists[] = {
		[ENTRY_TITLE] = {"title", &e->title},
		[ENTRY_ID] = {"id", &e->id},
		[ENTRY_LINUX] = {"linux", &e->kernel},
		[ENTRY_VERSION] = {"version", &e->version},
		[ENTRY_FORMAT] = {"format", &e->format},
		[ENTRY_OPTIONS_ADD] = {"options_add", &e->options_add},
		[ENTRY_OPTIONS_REMOVE] = {"options_remove", &e->options_remove},
	};

	e->declared.says = get_number(p, json, "says", (1u << ENTRY_FIELDS) - 1);
	e->declared.where = need_text(p, json, "where");
	e->hide = (unsigned int)get_flag(p, json, "hide");
	e->why = get_text(p, json, "why");
	for (unsigned int i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		if (!lists[i].key)
			continue;
		*lists[i].list = get_list(p, json, lists[i].key, 4096);
		if (declared_says(&e->declared, i) && !*lists[i].list)
			complain(p, lists[i].key);
	}
}

static void get_boot(struct parsing *p, const json_t *json, struct decision *d)
{
	const json_t *where;
	size_t count = get_array(p, json, "where", BOOT_FIELDS, &where);

	d->boot.declared.says = get_number(p, json, "says", (1u << BOOT_FIELDS) - 1);
	d->boot.default_entry = get_text(p, json, "default");
	d->boot.timeout = get_number(p, json, "timeout_ms", MS_MAX);
	d->boot.on_hang = get_number(p, json, "on_hang", POLICY_HANG_CRASH);
	d->boot.require_still = (unsigned int)get_flag(p, json, "require_still");
	for (size_t i = 0; i < count; i++) {
		const char *s = json_string_value(json_array_get(where, i));

		d->boot_where[i] = s ? talloc_strndup(d, s, TEXT_MAX) : NULL;
	}
	for (unsigned int i = 0; i < BOOT_FIELDS; i++)
		if (declared_says(&d->boot.declared, i) && !d->boot_where[i])
			complain(p, "where");
	if (declared_says(&d->boot.declared, BOOT_DEFAULT) && !d->boot.default_entry)
		complain(p, "default");
}

static void get_explanation(struct parsing *p, const json_t *json, struct explanation *e)
{
	e->where = need_text(p, json, "where");
	e->field = get_text(p, json, "field");
	e->saw = get_text(p, json, "saw");
	e->won = get_text(p, json, "won");
}

/* Read all of an array into a fresh one of the decision, and its length. */
#define GET_ALL(key, max, array, length, get)                                                      \
	do {                                                                                       \
		const json_t *all;                                                                 \
		size_t n = get_array(p, json, key, max, &all);                                     \
                                                                                                   \
		(array) = _talloc_zero_array(p->d, sizeof(*(array)), (unsigned int)n + 1, key);    \
		for (size_t i = 0; (array) && i < n && !p->bad; i++, (length)++)                   \
			get(p, json_array_get(all, i), &(array)[i]);                               \
		if (!(array))                                                                      \
			complain(p, "memory");                                                     \
	} while (0)

static void get_decision(struct parsing *p, const json_t *json)
{
	struct decision *d = p->d;

	GET_ALL("devices", 65536, d->requests, d->count, get_request);
	GET_ALL("errands", PLAN_ERRANDS_MAX, d->errands, d->errand_count, get_errand);
	GET_ALL("options", DECISION_OPTIONS_MAX, d->options, d->option_count, get_option);
	GET_ALL("entries", 4096, d->entries, d->entry_count, get_entry);
	GET_ALL("explanations", 4096, d->explanations, d->explanation_count, get_explanation);
	get_boot(p, json_object_get(json, "boot"), d);
	d->no_quiesce = get_text(p, json, "no_quiesce");
	d->no_quiesce_why = get_text(p, json, "no_quiesce_why");
	d->no_jump = get_text(p, json, "no_jump");
	d->no_jump_why = get_text(p, json, "no_jump_why");
	d->load_retries = get_number(p, json, "load_retries", 5);
}

int decision_parse(
	const char *bytes, size_t len, void *ctx, struct decision **decision, struct err *err)
{
	struct parsing p = {.d = talloc_zero(ctx, struct decision)};
	json_error_t error;
	json_t *json;

	if (!p.d)
		return err_errno(err, -ENOMEM, "read the decision");
	json = len <= DECISION_MAX ? json_loadb(bytes, len, 0, &error) : NULL;
	if (json_is_object(json))
		get_decision(&p, json);
	else
		complain(&p, "it is no JSON object");
	json_decref(json);
	if (p.bad) {
		err_set(err, -EBADMSG, "the decision is damaged: %s", p.bad);
		talloc_free(p.d);
		return -EBADMSG;
	}
	*decision = p.d;
	return 0;
}
