// SPDX-License-Identifier: GPL-2.0-or-later
/* The last jumps as a table. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ui/json.h"
#include "ui/print.h"
#include "ui/report/report.h"

#define WHEN_COLUMNS 16
#define SECONDS_COLUMNS 8

/* The columns of seconds: between which moments. */
static const struct {
	const char *title;
	enum moment from, to;
} columns[] = {
	{"total", MOMENT_REQUEST, MOMENT_LOGIN},
	{"down", MOMENT_REQUEST, MOMENT_QUIESCE_BEGIN},
	{"still", MOMENT_QUIESCE_BEGIN, MOMENT_QUIESCE_END},
	{"jump", MOMENT_QUIESCE_END, MOMENT_KERNEL},
	{"up", MOMENT_KERNEL, MOMENT_LOGIN},
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

/* When it was: the first that is known. */
static void print_when(FILE *out, const struct timeline *t)
{
	char when[32] = "unknown";
	time_t at = 0;
	struct tm tm;

	for (int i = 0; i < MOMENTS && !at; i++)
		at = (time_t)(t->at_us[i] / 1000000);
	if (at && localtime_r(&at, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	print_text(out, when, WHEN_COLUMNS);
}

static void print_jump(FILE *out, const struct history_jump *j)
{
	char counts[48], hops[16] = "-";

	print_when(out, &j->timeline);
	for (size_t i = 0; i < COLUMNS; i++) {
		uint64_t us = timeline_between(&j->timeline, columns[i].from, columns[i].to);

		if (us)
			fprintf(out, "%*.1f s", SECONDS_COLUMNS - 2, (double)us / 1e6);
		else
			fprintf(out, "%*s", SECONDS_COLUMNS, "-");
	}
	if (j->is_lost)
		strcpy(counts, "lost");
	else
		snprintf(counts, sizeof(counts), "%u/%u/%u", j->still, j->loud, j->left);
	if (j->hops)
		snprintf(hops, sizeof(hops), "%u", j->hops);
	fprintf(out, "  %15s%5s\n    ", counts, hops);
	print_text(out, j->is_lost ? "?" : j->from, 0);
	fputs(" -> ", out);
	print_text(out, j->to, 0);
	fputs(": ", out);
	print_text(out, j->entry, 0);
	fputc('\n', out);
}

void history_print(FILE *out, const struct jump_history *h)
{
	if (!h->count) {
		fputs("no jump is on record\n", out);
		return;
	}
	fprintf(out, "%-*s", WHEN_COLUMNS, "when");
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, "%*s", SECONDS_COLUMNS, columns[i].title);
	fprintf(out, "  %15s%5s\n", "still/loud/left", "hops");
	for (size_t i = h->count; i-- > 0;) /* the last first */
		print_jump(out, &h->jumps[i]);
}

static json_t *jump_json(const struct history_jump *j)
{
	return json_pack("{so so so so si si si si sb so so}", "boot_id", json_text(j->boot_id),
		"from", json_text(j->from), "to", json_text(j->to), "entry", json_text(j->entry),
		"hops", (int)j->hops, "still", (int)j->still, "loud", (int)j->loud, "left",
		(int)j->left, "lost", j->is_lost, "times", timeline_json(&j->timeline), "parts",
		timeline_parts_json(&j->timeline));
}

json_t *history_json(const struct jump_history *h)
{
	json_t *jumps = json_array(), *damaged = json_array();

	for (size_t i = h->count; i-- > 0;)
		json_array_append_new(jumps, jump_json(&h->jumps[i]));
	for (size_t i = 0; i < h->damage_count; i++)
		json_array_append_new(
			damaged, json_pack("{sI ss}", "line", (json_int_t)h->damages[i].line, "why",
					 h->damages[i].why));
	return json_pack("{so so}", "jumps", jumps, "damaged", damaged);
}
