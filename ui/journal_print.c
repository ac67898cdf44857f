// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/journal_print.h"

#include <stdio.h>

#include "ui/json.h"
#include "ui/print.h"

static const enum style styles[] = {
	[VERDICT_STILL] = STYLE_GOOD,
	[VERDICT_LOUD] = STYLE_BAD,
	[VERDICT_LEFT] = STYLE_DIM,
};

static json_t *steps_json(const struct journal *j)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < j->count; i++) {
		const struct journal_entry *e = &j->entries[i];

		json_array_append_new(steps,
			json_pack("{so ss so sI sI ss so}", "slot", json_text(e->slot), "step",
				step_name(e->step), "rule", json_text(e->rule), "start_us",
				(json_int_t)e->start_us, "duration_us", (json_int_t)e->duration_us,
				"result", journal_result_name(e->result), "detail",
				json_text(e->detail)));
	}
	return steps;
}

static json_t *devices_json(const struct journal *j)
{
	json_t *devices = json_array();

	for (size_t i = 0; i < j->verdict_count; i++) {
		const struct journal_verdict *v = &j->verdicts[i];

		json_array_append_new(devices,
			json_pack("{so ss so}", "slot", json_text(v->slot), "verdict",
				journal_verdict_name(v->verdict), "why", json_text(v->why)));
	}
	return devices;
}

json_t *journal_json(const struct journal *j, json_t *object)
{
	json_object_set_new(object, "duration_us", json_integer((json_int_t)j->duration_us));
	json_object_set_new(object, "steps", steps_json(j));
	json_object_set_new(object, "devices", devices_json(j));
	for (int v = VERDICT_STILL; v <= VERDICT_LEFT; v++)
		json_object_set_new(object, journal_verdict_name(v),
			json_integer((json_int_t)journal_count(j, v)));
	return object;
}

void journal_print_verdicts(const struct journal *j, int verdict)
{
	for (size_t i = 0; i < j->verdict_count; i++) {
		const struct journal_verdict *v = &j->verdicts[i];

		if ((int)v->verdict != verdict)
			continue;
		fputs("  ", stdout);
		print_styled(stdout, styles[verdict], journal_verdict_name(verdict), 6);
		print_text(stdout, v->slot, v->why[0] ? PCI_SLOT_MAX : 0);
		print_text(stdout, v->why, 0);
		putchar('\n');
	}
}
