// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "boot/handoff.h"
#include "ui/command.h"
#include "ui/json.h"
#include "ui/print.h"

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

static enum exit_code print_json(const struct handoff *h)
{
	const struct journal *j = &h->journal;

	return command_print_json(json_pack("{so so so sI so so si si si}", "boot_id",
		json_text(h->boot_id), "kernel", json_text(h->kernel), "entry", json_text(h->entry),
		"duration_us", (json_int_t)j->duration_us, "steps", steps_json(j), "devices",
		devices_json(j), "still", (int)journal_count(j, VERDICT_STILL), "loud",
		(int)journal_count(j, VERDICT_LOUD), "left", (int)journal_count(j, VERDICT_LEFT)));
}

static void print_step(const struct journal_entry *e)
{
	int good = e->result == JOURNAL_OK || e->result == JOURNAL_LATE;
	char start[32], duration[32];

	snprintf(start, sizeof(start), "%8.3f s  ", (double)e->start_us / 1e6);
	fputs(start, stdout);
	print_text(stdout, e->slot, PCI_SLOT_MAX);
	print_text(stdout, step_name(e->step), 8);
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

/* Those that are not still, with the reason; the still ones are only counted. */
static void print_verdicts(const struct journal *j, int verdict, enum style style)
{
	for (size_t i = 0; i < j->verdict_count; i++) {
		const struct journal_verdict *v = &j->verdicts[i];

		if ((int)v->verdict != verdict)
			continue;
		fputs("  ", stdout);
		print_styled(stdout, style, journal_verdict_name(verdict), 6);
		print_text(stdout, v->slot, PCI_SLOT_MAX);
		print_text(stdout, v->why, 0);
		putchar('\n');
	}
}

static void print_report(const struct handoff *h)
{
	const struct journal *j = &h->journal;
	char duration[32];

	fputs("stillboot brought this machine from kernel ", stdout);
	print_text(stdout, h->kernel, 0);
	fputs(" (boot ", stdout);
	print_text(stdout, h->boot_id, 0);
	fputs(") into: ", stdout);
	print_text(stdout, h->entry, 0);
	fputs("\n\n", stdout);
	for (size_t i = 0; i < j->count; i++)
		print_step(&j->entries[i]);
	printf("\n%zu still, %zu loud, %zu left, in %s\n", journal_count(j, VERDICT_STILL),
		journal_count(j, VERDICT_LOUD), journal_count(j, VERDICT_LEFT),
		print_duration(duration, sizeof(duration), j->duration_us));
	print_verdicts(j, VERDICT_LOUD, STYLE_BAD);
	print_verdicts(j, VERDICT_LEFT, STYLE_DIM);
}

enum exit_code command_report(struct session *s)
{
	struct handoff *h;
	struct err err;

	if (handoff_read(&s->machine, s->memory, &h, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (s->options.given & OPT_JSON)
		return print_json(h);
	print_report(h);
	return EXIT_DONE;
}
