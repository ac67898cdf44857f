// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "devices/log.h"
#include "ui/command.h"
#include "ui/json.h"
#include "ui/print.h"

static json_t *device_json(const struct plan_device *d)
{
	json_t *json = function_json(d->function), *steps = json_array();

	json_object_set_new(
		json, "action", json_string(d->action == PLAN_LEFT ? "left" : "quiesce"));
	json_object_set_new(json, "reason", json_text(d->reason));
	json_object_set_new(json, "rule", json_text(d->rule));
	for (size_t i = 0; i < d->step_count; i++)
		json_array_append_new(steps, json_pack("{ss}", "step", step_name(d->steps[i])));
	json_object_set_new(json, "steps", steps);
	return json;
}

enum exit_code command_plan(struct session *s)
{
	struct still_plan p;
	struct err err;

	if (command_make_plan(s, &p, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	command_policy_error(&p);
	if (s->options.given & OPT_JSON) {
		json_t *devices = json_array();

		for (size_t i = 0; i < p.plan->count; i++)
			json_array_append_new(devices, device_json(&p.plan->devices[i]));
		return command_print_json(
			json_with_error(json_pack("{so}", "devices", devices), p.policy_error));
	}
	plan_print(p.plan, stdout);
	return EXIT_DONE;
}
