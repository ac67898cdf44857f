// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/json.h"
#include "ui/plan_show.h"

json_t *plan_device_json(const struct plan_device *d)
{
	json_t *json = function_json(d->function), *steps = json_array();

	json_object_set_new(
		json, "action", json_string(d->action == PLAN_LEFT ? "left" : "quiesce"));
	json_object_set_new(json, "reason", json_text(d->reason));
	json_object_set_new(json, "rule", json_text(d->rule));
	for (size_t i = 0; i < d->step_count; i++)
		json_array_append_new(steps, json_pack("{ss si}", "step", step_name(d->steps[i]),
						     "stage", (int)d->stages[i]));
	json_object_set_new(json, "steps", steps);
	json_object_set_new(json, "deadline_ms", json_integer(d->unbind_deadline_ms));
	return json;
}

/* A path as people write it, and as rules do. */
static json_t *subject_json(const struct plan_errand *e)
{
	json_t *text;

	if (e->step != STEP_WRITE)
		return json_text(e->subject);
	text = json_sprintf("/%s", e->subject);
	return text ? text : json_text(e->subject);
}

static json_t *errand_json(const struct plan_errand *e)
{
	json_t *words = e->argv ? json_array() : json_null();

	for (const char **word = e->argv; word && *word; word++)
		json_array_append_new(words, json_text(*word));
	return json_pack("{ss si so so so si si so so}", "step", step_name(e->step), "stage",
		(int)e->stage, "subject", subject_json(e), "value", json_text(e->value), "command",
		words, "settle_ms", (int)e->settle_ms, "deadline_ms", (int)e->deadline_ms, "reason",
		json_text(e->reason), "rule", json_text(e->rule));
}

static json_t *option_json(const struct option_change *o)
{
	return json_pack("{ss so so so}", "how", o->how == OPTION_ADD ? "add" : "remove", "word",
		json_text(o->word), "reason", json_text(o->why), "rule", json_text(o->where));
}

static json_t *off_json(const struct plan *plan)
{
	return plan->off ? json_pack("{so so}", "reason", json_text(plan->off_why), "rule",
				   json_text(plan->off))
			 : json_null();
}

json_t *plan_row_json(const struct plan_row *row)
{
	switch (row->kind) {
	case ROW_OFF:
		return off_json(row->of);
	case ROW_DEVICE:
		return plan_device_json(row->of);
	case ROW_ERRAND:
	case ROW_DROPPED:
		return errand_json(row->of);
	case ROW_OPTION:
		return option_json(row->of);
	default:
		return json_pack(
			"{so so}", "setting", json_text(row->what), "rule", json_text(row->rule));
	}
}

static json_t *errands_json(const struct plan_errand *errands, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, errand_json(&errands[i]));
	return list;
}

/* Each setting with the rule that made it; what no rule speaks of is not there. */
static json_t *boot_json(const struct decision *d)
{
	static const char *const names[BOOT_FIELDS] = {
		[BOOT_DEFAULT] = "default",
		[BOOT_TIMEOUT] = "timeout_ms",
		[BOOT_ON_HANG] = "on_hang",
		[BOOT_REQUIRE_STILL] = "require_still",
	};
	json_t *json = json_object();

	for (unsigned int i = 0; i < BOOT_FIELDS; i++) {
		json_t *value;

		if (!declared_says(&d->boot.declared, i))
			continue;
		value = i == BOOT_DEFAULT   ? json_text(d->boot.default_entry)
			: i == BOOT_TIMEOUT ? json_integer(d->boot.timeout)
			: i == BOOT_ON_HANG ? json_string(d->boot.on_hang == POLICY_HANG_CRASH
								  ? "crash-kernel"
								  : "emergency-restart")
					    : json_boolean(d->boot.require_still);
		json_object_set_new(json, names[i],
			json_pack("{so so}", "value", value, "rule", json_text(d->boot_where[i])));
	}
	return json;
}

json_t *plan_json(const struct still_plan *p)
{
	const struct plan *plan = p->plan;
	json_t *devices = json_array(), *options = json_array();

	for (size_t i = 0; i < plan->count; i++)
		json_array_append_new(devices, plan_device_json(&plan->devices[i]));
	for (size_t i = 0; i < p->decision->option_count; i++)
		json_array_append_new(options, option_json(&p->decision->options[i]));
	return json_pack("{so so so so so so si}", "devices", devices, "errands",
		errands_json(plan->errands, plan->errand_count), "dropped",
		errands_json(plan->dropped, plan->dropped_count), "options", options, "off",
		off_json(plan), "boot", boot_json(p->decision), "load_retries",
		(int)p->decision->load_retries);
}
