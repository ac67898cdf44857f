// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/plan_explain.h"

#include <jansson.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "policy/judge.h"
#include "ui/json.h"
#include "ui/plan_show.h"
#include "ui/print.h"

/* Runs of rules that failed alike are folded from here on. */
#define FOLD_MIN 3

/* What the judge took away from what was asked for. */
struct drop {
	const char *step, *reason;
};

struct account {
	struct session *s;
	const struct still_plan *p;
	struct subject subject;
	const struct plan_device *device; /* NULL for one on another bus */
	const struct plan_row *row;       /* its line of the plan; NULL if there is none */
	struct plan_rows rows;            /* of which that is the only one */
	const char *arranged;             /* the arrange call that changed what the rules said */
	struct drop drops[PLAN_STEPS_MAX];
	size_t drop_count;
};

static const struct plan_row *find_row(const struct account *a, const struct plan_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct plan_row *row = &rows->rows[i];
		const struct plan_errand *e = row->of;

		if (a->device && row->kind == ROW_DEVICE && row->of == a->device)
			return row;
		if (!a->device && (row->kind == ROW_ERRAND || row->kind == ROW_DROPPED) &&
			e->step == STEP_UNBIND &&
			host_find(a->p->facts.host, e->subject) == a->subject.other)
			return row;
	}
	return NULL;
}

/* A decision that none of the rules made is that of an arrange function. */
static const char *find_arranger(const struct account *a)
{
	const struct decision *d = a->p->decision;
	const struct plan_errand *e = a->row && !a->device ? a->row->of : NULL;
	const struct request *r = a->device ? decision_find(d, a->device->function->slot) : NULL;
	const char *where = r ? r->where : e ? e->rule : NULL;

	for (size_t i = 0; where && i < d->explanation_count; i++)
		if (!strcmp(d->explanations[i].where, where))
			return NULL;
	return where;
}

static const char *nothing_for(enum step step)
{
	if (step == STEP_UNBIND)
		return "no driver is bound";
	if (step == STEP_RESTORE)
		return "there is no baseline of it";
	return "the kernel lists no such reset for it";
}

/* As the judge went about it: step by step. Of what is left the line's reason says why. */
static int find_drops(struct account *a)
{
	const struct request *r = a->device
					  ? decision_find(a->p->decision, a->device->function->slot)
					  : NULL;
	struct plan_device kept;
	struct judge *judge;

	if (!r || a->device->action == PLAN_LEFT)
		return 0;
	judge = judge_new(a->s->memory, a->p->snapshot, a->p->plan);
	if (!judge)
		return -1;
	kept = (struct plan_device){.function = a->device->function, .action = PLAN_QUIESCE};
	for (size_t i = 0; i < r->step_count; i++) {
		const char *reason = judge_refuses(judge, &kept, r->steps[i]);

		if (!reason && !judge_can(kept.function, r->steps[i]))
			reason = nothing_for(r->steps[i]);
		if (reason)
			a->drops[a->drop_count++] = (struct drop){step_name(r->steps[i]), reason};
		else
			kept.steps[kept.step_count++] = r->steps[i];
	}
	return 0;
}

/* "quirks.lua:12" ends in its line. */
static size_t file_length(const char *where)
{
	const char *colon = strrchr(where, ':');

	return colon ? (size_t)(colon - where) : strlen(where);
}

static int failed_alike(const struct explanation *a, const struct explanation *b)
{
	size_t len = file_length(a->where);

	return a->field && b->field && !strcmp(a->field, b->field) &&
	       len == file_length(b->where) && !strncmp(a->where, b->where, len);
}

static size_t run_length(const struct account *a, size_t first)
{
	const struct decision *d = a->p->decision;
	size_t n = 1;

	while (first + n < d->explanation_count &&
		failed_alike(&d->explanations[first], &d->explanations[first + n]))
		n++;
	return a->s->options.given & OPT_VERBOSE || n < FOLD_MIN ? 1 : n;
}

static int changes_options(const struct decision *d, const char *where)
{
	for (size_t i = 0; i < d->option_count; i++)
		if (!strcmp(d->options[i].where, where))
			return 1;
	return 0;
}

/* What became of a rule, or of a run of them. */
static char *outcome(const struct account *a, const struct explanation *e)
{
	if (e->field)
		return talloc_asprintf(a->s->memory, "%s: %s", e->field, e->saw ? e->saw : "");
	if (e->won)
		return talloc_asprintf(a->s->memory, "decides %s", e->won);
	return talloc_strdup(a->s->memory, changes_options(a->p->decision, e->where)
						   ? "changes the command line"
						   : "matches, but later rules decide");
}

/* "quirks.lua:12", or for a run "quirks.lua:12-80 (9 rules)". */
static char *place(const struct account *a, size_t first, size_t run)
{
	const struct explanation *e = &a->p->decision->explanations[first];
	const char *last = e[run - 1].where;

	if (run == 1)
		return talloc_strdup(a->s->memory, e->where);
	return talloc_asprintf(
		a->s->memory, "%s-%s (%zu rules)", e->where, last + file_length(last) + 1, run);
}

static int place_width(const struct account *a, int terminal)
{
	const struct decision *d = a->p->decision;
	int widest = 8;

	for (size_t i = 0, run; i < d->explanation_count; i += run) {
		char *text;
		int width;

		run = run_length(a, i);
		text = place(a, i, run);
		width = text ? print_width(text) : 0;
		widest = width > widest ? width : widest;
	}
	return terminal && widest > terminal / 2 ? terminal / 2 : widest;
}

static void print_rules(const struct account *a)
{
	const struct decision *d = a->p->decision;
	int terminal = print_terminal_width(stdout), width = place_width(a, terminal);

	printf("%zu rule%s, in the order in which they are read; of what they say the last "
	       "counts:\n",
		d->explanation_count, d->explanation_count == 1 ? "" : "s");
	for (size_t i = 0, run; i < d->explanation_count; i += run) {
		const struct explanation *e = &d->explanations[i];
		struct print_flow flow = {.out = stdout, .right = terminal};
		enum style style = e->won ? STYLE_BOLD : e->field ? STYLE_DIM : STYLE_PLAIN;
		char *where, *text = outcome(a, e);

		run = run_length(a, i);
		where = place(a, i, run);
		print_flow_to(&flow, 2);
		print_flow(&flow, STYLE_PLAIN, where ? where : "");
		print_flow_to(&flow, width + 4);
		print_flow(&flow, style, e->field ? "no" : "yes");
		print_flow_to(&flow, width + 9);
		print_flow(&flow, style, text ? text : "");
		putchar('\n');
	}
}

static void print_line(const char *text, const char *rule)
{
	struct print_flow flow = {.out = stdout, .right = print_terminal_width(stdout)};

	print_flow(&flow, STYLE_PLAIN, text);
	if (rule)
		print_flow_bracket(&flow, STYLE_DIM, rule);
	putchar('\n');
}

static void print_what_it_is(const struct account *a)
{
	const struct pci_function *f = a->subject.f;
	const struct bus_device *other = a->subject.other;
	char *text;

	if (f)
		text = talloc_asprintf(a->s->memory, "%s: %04x:%04x, class 0x%06x, %s%s%s%s%s%s",
			f->slot, f->vendor, f->device, f->class,
			f->driver ? "driver " : "no driver", f->driver ? f->driver : "",
			f->parent ? ", below " : "", f->parent ? f->parent->slot : "",
			f->use ? ", in use: " : "", f->use ? f->use : "");
	else
		text = talloc_asprintf(a->s->memory, "%s:%s: driver %s%s%s%s%s", other->bus,
			other->name, other->driver, other->behind ? ", behind " : "",
			other->behind ? other->behind : "", other->use ? ", in use: " : "",
			other->use ? other->use : "");
	print_line(text ? text : "", NULL);
}

/* What stands above the rules. */
static void print_overruling(const struct account *a)
{
	const struct plan *plan = a->p->plan;
	const struct plan_device *d = a->device;

	if (plan->off)
		print_line("stilling is switched off for the whole machine, whatever rules of "
			   "devices say",
			plan->off);
	else if (d && d->action == PLAN_LEFT && !strcmp(d->rule, "command line"))
		print_line("the kernel's command line stands above the rules", "command line");
	else if (a->arranged)
		print_line("an arrange function changed what the rules say", a->arranged);
}

static enum exit_code print_account(const struct account *a)
{
	print_what_it_is(a);
	print_rules(a);
	print_overruling(a);
	puts("in the plan:");
	if (a->row)
		plan_rows_print(&a->rows, 0, stdout);
	else
		puts("  nothing is done to it");
	if (a->row && a->row->deadline_ms && a->row->kind != ROW_DROPPED)
		printf("  its driver has %g s to let go\n", a->row->deadline_ms / 1000.0);
	if (a->drop_count)
		puts("asked for, but not in the plan:");
	for (size_t i = 0; i < a->drop_count; i++) {
		struct print_flow flow = {.out = stdout, .right = print_terminal_width(stdout)};

		print_flow_to(&flow, 2);
		print_flow(&flow, STYLE_PLAIN, a->drops[i].step);
		print_flow_to(&flow, 15);
		print_flow(&flow, STYLE_PLAIN, a->drops[i].reason);
		putchar('\n');
	}
	return EXIT_DONE;
}

static json_t *account_json(const struct account *a)
{
	const struct decision *d = a->p->decision;
	json_t *rules = json_array(), *dropped = json_array();

	for (size_t i = 0; i < d->explanation_count; i++) {
		const struct explanation *e = &d->explanations[i];

		json_array_append_new(
			rules, json_pack("{so sb so so so}", "rule", json_text(e->where), "matches",
				       !e->field, "field", json_text(e->field), "saw",
				       json_text(e->saw), "decides", json_text(e->won)));
	}
	for (size_t i = 0; i < a->drop_count; i++)
		json_array_append_new(dropped, json_pack("{ss so}", "step", a->drops[i].step,
						       "reason", json_text(a->drops[i].reason)));
	return json_pack("{so so sb so so so}", "rules", rules, "plan",
		a->row ? plan_row_json(a->row) : json_null(), "done",
		a->row && a->row->kind != ROW_DROPPED, "dropped_steps", dropped, "arranged_by",
		json_text(a->arranged), "off_by", json_text(a->p->plan->off));
}

static const struct plan_device *find_device(const struct plan *plan, const struct pci_function *f)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->devices[i].function == f)
			return &plan->devices[i];
	return NULL;
}

enum exit_code plan_explain(struct session *s, struct still_plan *p)
{
	struct account a = {.s = s, .p = p};
	const char *slot = s->options.arguments[0];
	struct plan_rows *rows;
	struct err err;

	if (policy_find_subject(&p->facts, slot, &a.subject) < 0) {
		err_set(&err, 0,
			"there is no device %s: no PCI function, and nothing bound on another bus "
			"(platform:NAME); `stillboot devices` shows the slots",
			slot);
		return command_fail(EXIT_FAILED, &err);
	}
	if (command_decide(s, p, slot, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	command_policy_error(p);
	a.device = a.subject.f ? find_device(p->plan, a.subject.f) : NULL;
	rows = plan_rows(s->memory, p, 0);
	if (rows) {
		a.row = find_row(&a, rows);
		a.arranged = find_arranger(&a);
		a.rows = (struct plan_rows){(struct plan_row *)a.row, 1};
	}
	if (!rows || find_drops(&a) < 0) {
		err_errno(&err, -ENOMEM, "explain");
		return command_fail(EXIT_FAILED, &err);
	}
	if (s->options.given & OPT_JSON)
		return command_print_json(s, json_with_error(account_json(&a), p->policy_error));
	return print_account(&a);
}
