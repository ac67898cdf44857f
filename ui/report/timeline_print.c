// SPDX-License-Identifier: GPL-2.0-or-later
/* The way here as a bar chart. */
#include <stdio.h>
#include <string.h>

#include "ui/journal_print.h"
#include "ui/print.h"
#include "ui/report/report.h"
#include "ui/translate.h"

#define LABEL_COLUMNS 24
#define LABEL_COLUMNS_NARROW 18 /* on terminals of less than ... */
#define NARROW_COLUMNS 64
#define TIME_COLUMNS 10
#define COLUMNS_MAX 120
#define SLOWEST 3 /* steps below the quiesce */

static const struct {
	enum moment from, to;
	const char *words;
} parts_in_words[] = {
	{MOMENT_REQUEST, MOMENT_SERVICES_DOWN, N_("stopping services")},
	{MOMENT_REQUEST, MOMENT_QUIESCE_BEGIN, N_("preparing")},
	{MOMENT_SERVICES_DOWN, MOMENT_QUIESCE_BEGIN, N_("unmounting")},
	{MOMENT_QUIESCE_BEGIN, MOMENT_QUIESCE_END, N_("stilling devices")},
	{MOMENT_QUIESCE_END, MOMENT_JUMP, N_("writing the handoff")},
	{MOMENT_JUMP, MOMENT_KERNEL, N_("loading and jump")},
	{MOMENT_KERNEL, MOMENT_PREINIT, N_("kernel")},
	{MOMENT_PREINIT, MOMENT_PREINIT_END, N_("preinit")},
	{MOMENT_PREINIT_END, MOMENT_USERSPACE, N_("initramfs")},
	{MOMENT_PREINIT_END, MOMENT_LOGIN, N_("initramfs and services")},
	{MOMENT_KERNEL, MOMENT_USERSPACE, N_("kernel and initramfs")},
	{MOMENT_KERNEL, MOMENT_LOGIN, N_("kernel to login")},
	{MOMENT_USERSPACE, MOMENT_LOGIN, N_("starting services")},
};

/* The menu has them in its language; commands ask gettext for none, and are in English. Where moments in
 * between are not known, it is the first of what happened. */
const char *timeline_words(enum moment from, enum moment to)
{
	const char *words = "";

	for (size_t i = 0; i < sizeof(parts_in_words) / sizeof(*parts_in_words); i++) {
		if (parts_in_words[i].from != from)
			continue;
		if (parts_in_words[i].to == to || !*words)
			words = parts_in_words[i].words;
		if (parts_in_words[i].to == to)
			break;
	}
	return *words ? _(words) : "";
}

static const char *duration_words(char *buf, size_t size, const struct timeline_part *part)
{
	const unsigned long long s = (part->duration_us + 500000) / 1000000;

	if (!part->is_about)
		return print_duration(buf, size, part->duration_us);
	if (s)
		snprintf(buf, size, _("about %llu s"), s);
	else
		snprintf(buf, size, "%s", _("under 1 s"));
	return buf;
}

const char *timeline_duration(
	char *buf, size_t size, const struct timeline *t, const struct timeline_part *part)
{
	return part->is_about && t->clocks_disagree ? _("unknown")
						    : duration_words(buf, size, part);
}

/* Where bars stand. */
struct scale {
	FILE *out;
	int label;   /* columns of what they are called */
	int columns; /* of all bars */
	uint64_t total_us;
};

static int column_of(const struct scale *scale, uint64_t us)
{
	if (us >= scale->total_us)
		return scale->columns;
	return (int)(us * (uint64_t)scale->columns / scale->total_us);
}

/* At least one column, and none beyond the last. */
static void print_bar(const struct scale *scale, enum style style, const char *mark,
	uint64_t begin_us, uint64_t duration_us)
{
	int from = column_of(scale, begin_us), to = column_of(scale, begin_us + duration_us);
	char bar[4 * COLUMNS_MAX + 1] = "";

	if (from == scale->columns)
		from--;
	if (to <= from)
		to = from + 1;
	for (int i = from; i < to; i++)
		strcat(bar, mark);
	fprintf(scale->out, "%*s", from, "");
	print_styled(scale->out, style, bar, 0);
	fputc('\n', scale->out);
}

static void print_label(const struct scale *scale, int indent, const char *label, const char *time)
{
	const int columns = scale->label + 2 - indent;
	char cut[8 * LABEL_COLUMNS];

	print_shorten(cut, sizeof(cut), label, columns);
	fprintf(scale->out, "%*s", indent, "");
	print_text(scale->out, cut, columns);
	fprintf(scale->out, "%*s  ", TIME_COLUMNS, time);
}

/* The slowest step that is faster than this one, or of all. */
static const struct journal_entry *slower_than(
	const struct journal *j, const struct journal_entry *than)
{
	const struct journal_entry *best = NULL;

	for (size_t i = 0; i < j->count; i++) {
		const struct journal_entry *e = &j->entries[i];

		if (e->result == JOURNAL_SKIPPED ||
			(than && (e->duration_us > than->duration_us ||
					 (e->duration_us == than->duration_us && e <= than))))
			continue;
		if (!best || e->duration_us > best->duration_us)
			best = e;
	}
	return best;
}

static void print_slowest(
	const struct scale *scale, const struct journal *j, const struct timeline_part *part)
{
	const char *mark = print_has_character("\u2592") ? "\u2592" : "=";
	const struct journal_entry *e = NULL;

	for (int i = 0; i < SLOWEST && (e = slower_than(j, e)); i++) {
		char label[JOURNAL_SLOT_MAX + 32], time[32];
		int good = e->result == JOURNAL_OK;

		snprintf(label, sizeof(label), "%s %s", e->slot, step_name(e->step));
		print_label(scale, 4, label, print_duration(time, sizeof(time), e->duration_us));
		print_bar(scale, good ? STYLE_DIM : STYLE_BAD, mark, part->begin_us + e->start_us,
			e->duration_us);
	}
}

static void print_part(const struct scale *scale, const struct timeline *t,
	const struct timeline_part *part, const struct journal *journal)
{
	const char *full = print_has_character("\u2588") ? "\u2588" : "#";
	const char *vague = print_has_character("\u2591") ? "\u2591" : "~";
	char time[32];

	print_label(scale, 2, timeline_words(part->from, part->to),
		timeline_duration(time, sizeof(time), t, part));
	print_bar(scale, part->from == MOMENT_QUIESCE_BEGIN ? STYLE_GOOD : STYLE_PLAIN,
		part->is_about ? vague : full, part->begin_us, part->duration_us);
	if (part->from == MOMENT_QUIESCE_BEGIN && journal)
		print_slowest(scale, journal, part);
}

static void print_title(FILE *out, const struct timeline_part *parts, size_t count, uint64_t total)
{
	static const char *const moments[MOMENTS] = {
		[MOMENT_REQUEST] = "the request",
		[MOMENT_SERVICES_DOWN] = "the end of services",
		[MOMENT_QUIESCE_BEGIN] = "the quiesce",
		[MOMENT_QUIESCE_END] = "the end of the quiesce",
		[MOMENT_JUMP] = "the jump",
		[MOMENT_KERNEL] = "this kernel's start",
		[MOMENT_PREINIT] = "preinit",
		[MOMENT_PREINIT_END] = "the end of preinit",
		[MOMENT_USERSPACE] = "userspace",
		[MOMENT_LOGIN] = "the login",
	};
	struct timeline_part all = {.duration_us = total};
	char time[32];

	for (size_t i = 0; i < count; i++)
		all.is_about |= parts[i].is_about;
	fprintf(out, "From %s to %s: %s\n", moments[parts[0].from], moments[parts[count - 1].to],
		duration_words(time, sizeof(time), &all));
}

void timeline_print(FILE *out, const struct timeline *t, const struct journal *journal, int columns)
{
	struct timeline_part parts[MOMENTS];
	size_t count = timeline_parts(t, parts);
	struct scale scale = {.out = out};

	if (!count)
		return;
	columns = columns ? columns : TIMELINE_COLUMNS;
	columns = columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
	scale.label = columns < NARROW_COLUMNS ? LABEL_COLUMNS_NARROW : LABEL_COLUMNS;
	scale.columns = columns - scale.label - TIME_COLUMNS - 4;
	scale.total_us = parts[count - 1].begin_us + parts[count - 1].duration_us;
	if (!scale.total_us)
		scale.total_us = 1;
	print_title(out, parts, count, scale.total_us);
	for (size_t i = 0; i < count; i++)
		print_part(&scale, t, &parts[i], journal);
	if (t->clocks_disagree)
		fputs("  The clocks of the two kernels disagree: how long the jump took is not "
		      "known.\n",
			out);
}

json_t *timeline_parts_json(const struct timeline *t)
{
	struct timeline_part parts[MOMENTS];
	size_t count = timeline_parts(t, parts);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
			json_pack("{ss ss sI sI sb}", "from", moment_name(parts[i].from), "to",
				moment_name(parts[i].to), "begin_us", (json_int_t)parts[i].begin_us,
				"duration_us", (json_int_t)parts[i].duration_us, "about",
				parts[i].is_about));
	return list;
}
