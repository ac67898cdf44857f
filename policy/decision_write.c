// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <string.h>

#include "policy/decision.h"
#include "policy/decision_words.h"

/* Rules are UTF-8 (value.c), names of drivers and files may be anything. */
static json_t *text(const char *s)
{
	char plain[PLAN_SUBJECT_MAX];
	json_t *json = s ? json_string(s) : json_null();

	if (json)
		return json;
	snprintf(plain, sizeof(plain), "%s", s);
	for (char *c = plain; *c; c++)
		*c = *c & 0x80 ? '?' : *c;
	return json_string(plain);
}

static json_t *list(const char *const *words)
{
	json_t *array = json_array();

	for (; words && *words; words++)
		json_array_append_new(array, text(*words));
	return array;
}

static json_t *request_json(const struct request *r)
{
	json_t *steps = json_array(), *stages = json_array();

	for (size_t i = 0; i < r->step_count; i++) {
		json_array_append_new(steps, json_string(step_name(r->steps[i])));
		json_array_append_new(stages, json_integer(r->stages[i]));
	}
	return json_pack("{so si si so ss so so si so so si}", "slot", text(r->slot), "vendor",
		(int)r->vendor, "device", (int)r->device, "driver", text(r->driver), "what",
		decision_whats[r->what], "where", text(r->where), "why", text(r->why), "uses",
		(int)r->uses, "steps", steps, "stages", stages, "deadline_ms", (int)r->deadline_ms);
}

static json_t *errand_json(const struct errand_request *r)
{
	const struct plan_errand *e = &r->errand;

	return json_pack("{ss si so so so si si so so si}", "step", step_name(e->step), "stage",
		(int)e->stage, "subject", text(e->subject), "value", text(e->value), "command",
		list((const char *const *)e->argv), "settle_ms", (int)e->settle_ms, "deadline_ms",
		(int)e->deadline_ms, "where", text(e->rule), "why", text(e->reason), "uses",
		(int)r->uses);
}

static json_t *option_json(const struct option_change *o)
{
	return json_pack("{ss so so so}", "how", decision_hows[o->how], "word", text(o->word),
		"where", text(o->where), "why", text(o->why));
}

static json_t *entry_json(const struct entry_rule *e)
{
	return json_pack("{si so so so so so so sb so so so}", "says", (int)e->declared.says,
		"where", text(e->declared.where), "title", list((const char *const *)e->title),
		"id", list((const char *const *)e->id), "linux",
		list((const char *const *)e->kernel), "version",
		list((const char *const *)e->version), "format",
		list((const char *const *)e->format), "hide", (int)e->hide, "options_add",
		list((const char *const *)e->options_add), "options_remove",
		list((const char *const *)e->options_remove), "why", text(e->why));
}

static json_t *boot_json(const struct decision *d)
{
	json_t *where = json_array();

	for (size_t i = 0; i < BOOT_FIELDS; i++)
		json_array_append_new(where, text(d->boot_where[i]));
	return json_pack("{si so si si sb so}", "says", (int)d->boot.declared.says, "default",
		text(d->boot.default_entry), "timeout_ms", (int)d->boot.timeout, "on_hang",
		(int)d->boot.on_hang, "require_still", (int)d->boot.require_still, "where", where);
}

static json_t *explanation_json(const struct explanation *e)
{
	return json_pack("{so so so so}", "where", text(e->where), "field", text(e->field), "saw",
		text(e->saw), "won", text(e->won));
}

#define ARRAY(array, count, one)                                                                   \
	({                                                                                         \
		json_t *made = json_array();                                                       \
		for (size_t i = 0; i < (count); i++)                                               \
			json_array_append_new(made, one(&(array)[i]));                             \
		made;                                                                              \
	})

char *decision_write(const struct decision *d, size_t *len)
{
	json_t *json = json_pack("{so so so so so so so so so si so}", "devices",
		ARRAY(d->requests, d->count, request_json), "errands",
		ARRAY(d->errands, d->errand_count, errand_json), "options",
		ARRAY(d->options, d->option_count, option_json), "entries",
		ARRAY(d->entries, d->entry_count, entry_json), "boot", boot_json(d), "no_quiesce",
		text(d->no_quiesce), "no_quiesce_why", text(d->no_quiesce_why), "no_jump",
		text(d->no_jump), "no_jump_why", text(d->no_jump_why), "load_retries",
		(int)d->load_retries, "explanations",
		ARRAY(d->explanations, d->explanation_count, explanation_json));
	char *bytes = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (bytes)
		*len = strlen(bytes);
	return bytes;
}
