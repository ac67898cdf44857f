// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <talloc.h>

#include "ui/plan_show.h"

/* "unbind nvme, bus or flr or later mask": what follows an "or" is done only where needed, what follows
 * a "later" in a later stage. */
char *plan_steps_in_words(void *ctx, const struct plan_device *d)
{
	const char *driver = d->function->driver;
	unsigned int before = 0;
	char *text;

	if (d->action == PLAN_LEFT)
		return talloc_asprintf(ctx, "left%s%s", driver ? ", " : "", driver ? driver : "");
	text = talloc_strdup(ctx, "");
	for (size_t i = 0; i < d->step_count && text; i++) {
		unsigned int kind = step_kind(d->steps[i]);
		int unbinds = d->steps[i] == STEP_UNBIND && driver;
		int later = i && d->stages[i] != d->stages[i - 1];

		text = talloc_asprintf_append(text, "%s%s%s%s%s",
			before & kind & STEP_IS_RUNG ? " or "
			: i                          ? ", "
						     : "",
			later ? "later " : "", step_name(d->steps[i]), unbinds ? " " : "",
			unbinds ? driver : "");
		before = kind;
	}
	return text;
}

static char *seconds(void *ctx, unsigned int ms)
{
	return talloc_asprintf(ctx, "%g s", ms / 1000.0);
}

static char *command_in_words(void *ctx, const struct plan_errand *e)
{
	char *text = talloc_strdup(ctx, "run");

	for (const char **word = e->argv; word && *word && text; word++)
		text = talloc_asprintf_append(text, " %s", *word);
	return text;
}

static char *errand_in_words(void *ctx, const struct still_plan *p, const struct plan_errand *e)
{
	const struct bus_device *other;

	switch (e->step) {
	case STEP_UNBIND:
		other = host_find(p->facts.host, e->subject);
		return talloc_asprintf(
			ctx, "unbind%s%s", other ? " " : "", other ? other->driver : "");
	case STEP_WRITE:
		return talloc_asprintf(ctx, "write %s to /%s", e->value, e->subject);
	case STEP_SETTLE:
		return talloc_asprintf(ctx, "settle %s", seconds(ctx, e->settle_ms));
	case STEP_RUN:
		return command_in_words(ctx, e);
	default:
		return talloc_asprintf(ctx, "%s%s%s", step_name(e->step), e->subject ? " " : "",
			e->subject ? e->subject : "");
	}
}

/* Room for it is there already (count_rows). A row whose words found no memory says nothing. */
static struct plan_row *add(
	struct plan_rows *rows, enum plan_row_kind kind, const char *subject, const char *what)
{
	struct plan_row *row = &rows->rows[rows->count++];

	*row = (struct plan_row){
		.kind = kind, .subject = subject ? subject : "", .what = what ? what : ""};
	return row;
}

static void add_device(struct plan_rows *rows, const struct plan_device *d)
{
	struct plan_row *row = add(
		rows, ROW_DEVICE, d->function->slot, plan_steps_in_words(rows, d));

	if (d->action == PLAN_QUIESCE && !d->step_count)
		row->what = "-";
	row->of = d;
	row->stage = d->step_count ? d->stages[0] : 0;
	row->deadline_ms = 0;
	for (size_t i = 0; i < d->step_count; i++)
		if (d->steps[i] == STEP_UNBIND)
			row->deadline_ms = d->unbind_deadline_ms;
	row->reason = d->reason;
	row->rule = d->rule;
}

static void add_errand(struct plan_rows *rows, const struct still_plan *p,
	const struct plan_errand *e, enum plan_row_kind kind)
{
	char *what = errand_in_words(rows, p, e);
	struct plan_row *row;

	if (kind == ROW_DROPPED && what)
		what = talloc_asprintf(rows, "not done: %s", what);
	row = add(rows, kind, e->step == STEP_UNBIND ? e->subject : "machine", what);
	row->of = e;
	row->stage = e->stage;
	row->deadline_ms = e->deadline_ms;
	row->reason = e->reason;
	row->rule = e->rule;
}

/* An errand waits for all steps of the stages before its own, so it stands behind the functions that
 * begin in these. */
static void add_stages(struct plan_rows *rows, const struct still_plan *p)
{
	const struct plan *plan = p->plan;
	size_t left = plan->count, errand = 0;

	for (unsigned int stage = 0; left || errand < plan->errand_count; stage++) {
		for (; errand < plan->errand_count && plan->errands[errand].stage == stage;
			errand++)
			add_errand(rows, p, &plan->errands[errand], ROW_ERRAND);
		for (size_t i = 0; i < plan->count; i++) {
			const struct plan_device *d = &plan->devices[i];

			if ((d->step_count ? d->stages[0] : 0) != stage)
				continue;
			add_device(rows, d);
			left--;
		}
	}
}

static void add_options(struct plan_rows *rows, const struct decision *d)
{
	for (size_t i = 0; i < d->option_count; i++) {
		const struct option_change *o = &d->options[i];
		struct plan_row *row = add(rows, ROW_OPTION, "command line",
			talloc_asprintf(rows, "%c%s", o->how == OPTION_ADD ? '+' : '-', o->word));

		row->of = o;
		row->reason = o->why;
		row->rule = o->where;
	}
}

static void add_boot(struct plan_rows *rows, const struct decision *d)
{
	static const char *const hangs[] = {
		[POLICY_HANG_RESTART] = "emergency-restart", [POLICY_HANG_CRASH] = "crash-kernel"};
	const char *const what[BOOT_FIELDS] = {
		[BOOT_DEFAULT] = talloc_asprintf(
			rows, "default %s", d->boot.default_entry ? d->boot.default_entry : ""),
		[BOOT_TIMEOUT] = talloc_asprintf(
			rows, "timeout %s", seconds(rows, d->boot.timeout)),
		[BOOT_ON_HANG] = talloc_asprintf(rows, "on_hang %s", hangs[d->boot.on_hang]),
		[BOOT_REQUIRE_STILL] = d->boot.require_still ? "require_still" : "no require_still",
	};

	for (unsigned int i = 0; i < BOOT_FIELDS; i++)
		if (declared_says(&d->boot.declared, i))
			add(rows, ROW_BOOT, "boot", what[i])->rule = d->boot_where[i];
	if (d->load_retries)
		add(rows, ROW_BOOT, "boot",
			talloc_asprintf(rows, "load_retries %u", d->load_retries));
}

/* At most. */
static size_t count_rows(const struct still_plan *p)
{
	return 1 + p->plan->count + p->plan->errand_count + p->plan->dropped_count +
	       p->decision->option_count + BOOT_FIELDS + 1;
}

struct plan_rows *plan_rows(void *ctx, const struct still_plan *p, unsigned int detail)
{
	struct plan_rows *rows = talloc_zero(ctx, struct plan_rows);
	const struct plan *plan = p->plan;

	if (rows)
		rows->rows = talloc_array(rows, struct plan_row, count_rows(p));
	if (!rows || !rows->rows)
		return NULL;
	if (plan->off) {
		struct plan_row *row = add(rows, ROW_OFF, "machine", "stilling is switched off");

		row->of = plan;
		row->reason = plan->off_why;
		row->rule = plan->off;
	}
	add_stages(rows, p);
	for (size_t i = 0; i < plan->dropped_count; i++)
		add_errand(rows, p, &plan->dropped[i], ROW_DROPPED);
	if (detail & PLAN_WITH_TARGET)
		add_options(rows, p->decision);
	if (detail & PLAN_IN_FULL)
		add_boot(rows, p->decision);
	return rows;
}
