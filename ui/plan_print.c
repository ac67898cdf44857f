// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "devices/log.h"
#include "ui/plan_show.h"
#include "ui/print.h"

#define FOLD_MIN 3
/* Of a narrow terminal, the share of the second column where that is full of long ladders. */
#define WHAT_MIN 20

struct layout {
	int subject, what, reason; /* where the columns begin */
	int width;                 /* of the terminal; 0 for lines of any length */
	int folds;
};

static struct layout lay_out(const struct plan_rows *rows, unsigned int detail, FILE *out)
{
	struct layout l = {.subject = 2, .width = print_terminal_width(out)};
	int subject = 4, what = 4, most;

	for (size_t i = 0; i < rows->count; i++) {
		int width = print_width(rows->rows[i].subject);

		subject = width > subject ? width : subject;
		width = print_width(rows->rows[i].what);
		what = width > what ? width : what;
	}
	l.folds = l.width && !(detail & PLAN_IN_FULL);
	most = l.width / 3;
	subject = l.width && subject > most ? most : subject;
	l.what = l.subject + subject + 2;
	most = (l.width - l.what) / 3;
	most = most < WHAT_MIN ? WHAT_MIN : most;
	l.reason = l.what + (l.width && what > most ? most : what) + 2;
	return l;
}

static enum style style_of(const struct plan_row *row)
{
	const struct plan_device *d = row->of;

	switch (row->kind) {
	case ROW_DEVICE:
		return d->action == PLAN_LEFT ? STYLE_DIM : STYLE_BOLD;
	case ROW_OFF:
	case ROW_DROPPED:
		return STYLE_BAD;
	case ROW_ERRAND:
		return STYLE_BOLD;
	default:
		return STYLE_PLAIN;
	}
}

static void print_row(const struct plan_row *row, const struct layout *l, FILE *out)
{
	struct print_flow flow = {.out = out, .right = l->width};

	if (row->mark) {
		fputc(row->mark, out);
		flow.at = 1;
	}
	print_flow_to(&flow, l->subject);
	print_flow(&flow, STYLE_PLAIN, row->subject);
	print_flow_to(&flow, l->what);
	print_flow(&flow, style_of(row), row->what);
	if (row->reason || row->rule)
		print_flow_to(&flow, l->reason);
	if (row->reason)
		print_flow(&flow, STYLE_PLAIN, row->reason);
	if (row->rule)
		print_flow_bracket(&flow, STYLE_DIM, row->rule);
	fputc('\n', out);
}

static int alike(const struct plan_row *a, const struct plan_row *b)
{
	return a->kind == ROW_DEVICE && b->kind == ROW_DEVICE && style_of(a) == STYLE_DIM &&
	       !strcmp(a->what, b->what) && !strcmp(a->reason, b->reason) &&
	       !strcmp(a->rule, b->rule);
}

/* How many rows from this one on are alike. */
static size_t run_length(const struct plan_rows *rows, size_t first)
{
	size_t n = 1;

	while (first + n < rows->count && alike(&rows->rows[first], &rows->rows[first + n]))
		n++;
	return n;
}

/* "  .. 1f.3": the last slot without what it shares with the first, up to a colon. */
static void print_fold(const struct plan_row *first, const struct plan_row *last, size_t more,
	const struct layout *l, FILE *out)
{
	struct print_flow flow = {.out = out, .right = l->width};
	size_t same = 0;
	char text[64];

	for (size_t i = 0; first->subject[i] && first->subject[i] == last->subject[i]; i++)
		if (first->subject[i] == ':')
			same = i + 1;
	print_flow_to(&flow, l->subject);
	snprintf(text, sizeof(text), ".. %.32s", last->subject + same);
	print_flow(&flow, STYLE_DIM, text);
	print_flow_to(&flow, l->what);
	snprintf(text, sizeof(text), "%zu more like it", more);
	print_flow(&flow, STYLE_DIM, text);
	fputc('\n', out);
}

void plan_rows_print(const struct plan_rows *rows, unsigned int detail, FILE *out)
{
	const struct layout l = lay_out(rows, detail, out);

	for (size_t i = 0; i < rows->count; i++) {
		size_t run = l.folds ? run_length(rows, i) : 1;

		print_row(&rows->rows[i], &l, out);
		if (run < FOLD_MIN)
			continue;
		print_fold(&rows->rows[i], &rows->rows[i + run - 1], run - 1, &l, out);
		i += run - 1;
	}
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void plan_print(const struct still_plan *p, unsigned int detail, FILE *out)
{
	_cleanup_talloc_ struct plan_rows *rows = plan_rows(NULL, p, detail);
	const struct plan *plan = p->plan;
	size_t quiesced = 0;

	if (!rows) {
		log_error("show the plan: out of memory");
		return;
	}
	plan_rows_print(rows, detail, out);
	for (size_t i = 0; i < plan->count; i++)
		quiesced += plan->devices[i].action == PLAN_QUIESCE;
	fprintf(out, "%zu function%s: %zu to be stilled, %zu left as they are", plan->count,
		plural(plan->count), quiesced, plan->count - quiesced);
	if (plan->errand_count)
		fprintf(out, "; %zu other step%s", plan->errand_count, plural(plan->errand_count));
	if (plan->dropped_count)
		fprintf(out, "; %zu not done", plan->dropped_count);
	fputc('\n', out);
}
