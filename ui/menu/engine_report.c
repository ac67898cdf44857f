// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel before this one did, as `stillboot report` tells it. */
#include "ui/menu/engine_parts.h"

#include <stdio.h>
#include <talloc.h>

#include "boot/handoff.h"
#include "ui/print.h"

static void add(json_t *rows, const char *text, const char *state, json_t *detail)
{
	json_array_append_new(rows, json_pack("{so so so}", "text", json_text(text), "state",
					    json_text(state), "detail", detail));
}

static void add_beginning(json_t *rows, void *ctx, const struct handoff *h)
{
	const struct journal *j = &h->journal;
	char duration[32];
	json_t *detail = json_array();

	json_array_append_new(detail, json_text(talloc_asprintf(ctx, _("from kernel %s, boot %s"),
					      h->kernel, h->boot_id)));
	add(rows, talloc_asprintf(ctx, _("Jumped into: %s"), h->entry), NULL, detail);
	if (h->incomplete) {
		add(rows, talloc_asprintf(ctx, _("The image has no journal: %s"), h->incomplete),
			"warn", json_array());
		return;
	}
	add(rows,
		talloc_asprintf(ctx, _("%zu still, %zu loud, %zu left, in %s"),
			journal_count(j, VERDICT_STILL), journal_count(j, VERDICT_LOUD),
			journal_count(j, VERDICT_LEFT),
			print_duration(duration, sizeof(duration), j->duration_us)),
		journal_count(j, VERDICT_LOUD) ? "bad" : "good", json_array());
}

static void add_verdicts(json_t *rows, void *ctx, const struct journal *j, int verdict)
{
	for (size_t i = 0; i < j->verdict_count; i++) {
		const struct journal_verdict *v = &j->verdicts[i];
		json_t *detail = json_array();

		if ((int)v->verdict == verdict) {
			if (*v->why)
				json_array_append_new(detail, json_text(v->why));
			add(rows,
				talloc_asprintf(
					ctx, "%s  %s", v->slot, _(journal_verdict_name(verdict))),
				verdict == VERDICT_LOUD ? "bad" : NULL, detail);
		} else {
			json_decref(detail);
		}
	}
}

static void add_step(json_t *rows, void *ctx, const struct journal_entry *e)
{
	static const struct {
		const char *state, *word;
	} results[] = {
		[JOURNAL_OK] = {"good", N_("ok")},
		[JOURNAL_LATE] = {"warn", N_("late")},
		[JOURNAL_FAILED] = {"bad", N_("failed")},
		[JOURNAL_HUNG] = {"bad", N_("hung")},
		[JOURNAL_RUNNING] = {"bad", N_("running")},
		[JOURNAL_SKIPPED] = {NULL, N_("skipped")},
	};
	json_t *detail = json_array();
	char duration[32];

	if (*e->detail)
		json_array_append_new(detail, json_text(e->detail));
	json_array_append_new(detail, json_text(e->rule));
	add(rows,
		talloc_asprintf(ctx, "%8.3f s  %s  %s  %s  %s", (double)e->start_us / 1e6, e->slot,
			step_name(e->step), _(results[e->result].word),
			e->result == JOURNAL_SKIPPED
				? ""
				: print_duration(duration, sizeof(duration), e->duration_us)),
		results[e->result].state, detail);
}

/* What matters most stands first. */
int engine_report(struct engine *e, const json_t *request, struct err *text)
{
	void *ctx = e->s->memory;
	struct handoff *h;
	json_t *rows;
	int rc = handoff_read(&e->s->machine, ctx, &h, text);

	(void)request;
	if (rc < 0)
		return rc;
	rows = json_array();
	add_beginning(rows, ctx, h);
	add_verdicts(rows, ctx, &h->journal, VERDICT_LOUD);
	add_verdicts(rows, ctx, &h->journal, VERDICT_LEFT);
	for (size_t i = 0; i < h->journal.count; i++)
		add_step(rows, ctx, &h->journal.entries[i]);
	engine_say(e, "report", json_pack("{so}", "rows", rows));
	return 0;
}
