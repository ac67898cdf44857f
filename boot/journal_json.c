// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/journal_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/record_json.h"
#include "devices/cleanup.h"
#include "devices/utf8.h"

json_t *journal_json_text(const char *text)
{
	_cleanup_talloc_ char *clean = talloc_strdup(NULL, text ? text : "");

	if (!clean)
		return NULL;
	utf8_clean(clean, strlen(clean) + 1);
	return json_string(clean);
}

static json_t *steps(const struct journal *j)
{
	json_t *array = json_array();

	for (size_t i = 0; i < j->count; i++) {
		const struct journal_entry *e = &j->entries[i];

		json_array_append_new(array,
			json_pack("{so ss so sI sI ss so}", "slot", journal_json_text(e->slot),
				"step", step_name(e->step), "rule", journal_json_text(e->rule),
				"start_us", (json_int_t)e->start_us, "duration_us",
				(json_int_t)e->duration_us, "result",
				journal_result_name(e->result), "detail",
				journal_json_text(e->detail)));
	}
	return array;
}

static json_t *devices(const struct journal *j)
{
	json_t *array = json_array();

	for (size_t i = 0; i < j->verdict_count; i++) {
		const struct journal_verdict *v = &j->verdicts[i];

		json_array_append_new(
			array, json_pack("{so ss so}", "slot", journal_json_text(v->slot),
				       "verdict", journal_verdict_name((int)v->verdict), "why",
				       journal_json_text(v->why)));
	}
	return array;
}

int journal_to_json(const struct journal *j, json_t *object)
{
	int rc = json_object_set_new(
		object, "duration_us", json_integer((json_int_t)j->duration_us));

	rc |= json_object_set_new(object, "steps", steps(j));
	rc |= json_object_set_new(object, "devices", devices(j));
	return rc < 0 ? -ENOMEM : 0;
}

static void read_step(json_t *json, struct journal *j)
{
	enum journal_result result;
	struct journal_entry *e;
	enum step step;

	if (step_from_name(record_json_string(json, "step"), &step) < 0 ||
		journal_result_from_name(record_json_string(json, "result"), &result) < 0)
		return;
	e = journal_begin(j, record_json_string(json, "slot"), step,
		record_json_string(json, "rule"), record_json_number(json, "start_us"));
	if (!e)
		return;
	e->duration_us = record_json_number(json, "duration_us");
	e->result = result;
	snprintf(e->detail, sizeof(e->detail), "%s", record_json_string(json, "detail"));
}

static void read_device(json_t *json, struct journal *j)
{
	const char *verdict = record_json_string(json, "verdict");

	for (int v = VERDICT_STILL; v <= VERDICT_LEFT; v++)
		if (!strcmp(verdict, journal_verdict_name(v)))
			journal_judge(j, record_json_string(json, "slot"), v,
				record_json_string(json, "why"));
}

static size_t array_length(json_t *array)
{
	size_t n = json_array_size(array);

	return n > JOURNAL_JSON_MAX ? JOURNAL_JSON_MAX : n;
}

int journal_from_json(json_t *object, void *ctx, struct journal *j)
{
	json_t *entries = json_object_get(object, "steps");
	json_t *verdicts = json_object_get(object, "devices");

	*j = (struct journal){.duration_us = record_json_number(object, "duration_us")};
	j->capacity = array_length(entries);
	j->verdict_capacity = array_length(verdicts);
	j->entries = talloc_zero_array(ctx, struct journal_entry, j->capacity);
	j->verdicts = talloc_zero_array(ctx, struct journal_verdict, j->verdict_capacity);
	if (!j->entries || !j->verdicts)
		return -ENOMEM;
	for (size_t i = 0; i < j->capacity; i++)
		read_step(json_array_get(entries, i), j);
	for (size_t i = 0; i < j->verdict_capacity; i++)
		read_device(json_array_get(verdicts, i), j);
	return 0;
}
