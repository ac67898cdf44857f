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

/* Columns of the longest slot or subject; of those that are very long, the others are not widened. */
#define SLOT_COLUMNS_MAX 36

static int slot_columns(const struct journal *j)
{
	int columns = PCI_SLOT_MAX;

	for (size_t i = 0; i < j->count; i++) {
		int width = print_width(j->entries[i].slot) + 2;

		if (width > columns)
			columns = width;
	}
	return columns < SLOT_COLUMNS_MAX ? columns : SLOT_COLUMNS_MAX;
}

static void print_step(const struct journal_entry *e, int columns)
{
	int good = e->result == JOURNAL_OK || e->result == JOURNAL_LATE;
	char start[32], duration[32];

	snprintf(start, sizeof(start), "%8.3f s  ", (double)e->start_us / 1e6);
	fputs(start, stdout);
	print_text(stdout, e->slot, columns - 2);
	fputs("  ", stdout);
	print_text(stdout, step_name(e->step), 14);
	print_styled(stdout, good ? STYLE_GOOD : STYLE_BAD, journal_result_name(e->result), 9);
	if (e->result != JOURNAL_SKIPPED)
		print_text(stdout, print_duration(duration, sizeof(duration), e->duration_us), 10);
	if (e->detail[0]) {
		print_text(stdout, e->detail, 0);
		fputs("  ", stdout);
	}
	fputs("(", stdout);
	print_styled(stdout, STYLE_DIM, e->rule, 0);
	fputs(")\n", stdout);
}

#define FEW_STEPS 24
#define SLOW_US 500000

static int matters(const struct journal_entry *e)
{
	return e->result != JOURNAL_OK || e->duration_us >= SLOW_US || e->detail[0] ||
	       (step_kind(e->step) & STEP_IS_ERRAND);
}

size_t journal_print_steps(const struct journal *j, enum journal_steps which)
{
	const int columns = slot_columns(j);
	const int all = which == JOURNAL_ALL_STEPS || j->count <= FEW_STEPS;
	size_t lines = 0, left_out = 0;

	for (size_t i = 0; i < j->count; i++) {
		if (all || matters(&j->entries[i])) {
			print_step(&j->entries[i], columns);
			lines++;
		} else {
			left_out++;
		}
	}
	if (left_out) {
		printf("%s%zu steps that took less than %.1f s each and went well; -v shows them\n",
			lines ? "and " : "", left_out, SLOW_US / 1e6);
		lines++;
	}
	return lines;
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
