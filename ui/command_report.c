// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "boot/handoff.h"
#include "ui/attempt.h"
#include "ui/command.h"
#include "ui/journal_print.h"
#include "ui/json.h"
#include "ui/print.h"

static enum exit_code print_json(
	struct session *s, const struct handoff *h, const struct attempt *attempt)
{
	const struct journal *j = &h->journal;

	return command_print_json(
		s, journal_json(j,
			   json_pack("{so so so so so}", "boot_id", json_text(h->boot_id), "kernel",
				   json_text(h->kernel), "entry", json_text(h->entry), "attempt",
				   attempt_json(attempt), "incomplete", json_text(h->incomplete))));
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

static void print_report(const struct handoff *h)
{
	const struct journal *j = &h->journal;
	const int columns = slot_columns(j);
	char duration[32];

	fputs("stillboot brought this machine from kernel ", stdout);
	print_text(stdout, h->kernel, 0);
	fputs(" (boot ", stdout);
	print_text(stdout, h->boot_id, 0);
	fputs(") into: ", stdout);
	print_text(stdout, h->entry, 0);
	fputs("\n\n", stdout);
	if (h->incomplete) {
		fputs("The image has no journal: ", stdout);
		print_text(stdout, h->incomplete, 0);
		fputs(".\n", stdout);
		return;
	}
	for (size_t i = 0; i < j->count; i++)
		print_step(&j->entries[i], columns);
	printf("\n%zu still, %zu loud, %zu left, in %s\n", journal_count(j, VERDICT_STILL),
		journal_count(j, VERDICT_LOUD), journal_count(j, VERDICT_LEFT),
		print_duration(duration, sizeof(duration), j->duration_us));
	/* The still ones are only counted. */
	journal_print_verdicts(j, VERDICT_LOUD);
	journal_print_verdicts(j, VERDICT_LEFT);
}

/* One that arrived is told of by the report itself. */
static int is_news(const struct attempt *attempt)
{
	return attempt->state == ATTEMPT_LOST || attempt->state == ATTEMPT_UNKNOWN;
}

static enum exit_code report_attempt(struct session *s, const struct attempt *attempt)
{
	if (s->options.given & OPT_JSON)
		command_print_json(s, json_pack("{so}", "attempt", attempt_json(attempt)));
	else
		attempt_print(attempt, stdout);
	return EXIT_FAILED;
}

static enum exit_code report(
	struct session *s, const struct handoff *h, const struct attempt *attempt)
{
	if (s->options.given & OPT_JSON)
		return print_json(s, h, attempt);
	print_report(h);
	if (is_news(attempt))
		attempt_print(attempt, stdout);
	return EXIT_DONE;
}

enum exit_code command_report(struct session *s)
{
	struct handoff *h = NULL;
	struct attempt attempt;
	enum exit_code code;
	struct err err;
	int rc = handoff_read(&s->machine, s->memory, &h, &err);

	attempt = attempt_read(s, h);
	if (rc == 0)
		code = report(s, h, &attempt);
	else if (rc == -ENOENT && is_news(&attempt))
		code = report_attempt(s, &attempt);
	else
		code = command_fail(EXIT_FAILED, &err);
	if ((rc == 0 || rc == -ENOENT) && geteuid() == 0 && !*s->machine.root)
		attempt_told(s, &attempt);
	return code;
}
