// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel before this one did, as `stillboot report` tells it. */
#include "ui/menu/engine_parts.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "ui/print.h"
#include "ui/report/report.h"

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
	if (h->hops)
		json_array_append_new(detail, json_text(talloc_asprintf(ctx,
						      _("jumps since the firmware: %u"), h->hops)));
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

static void add_way(json_t *rows, void *ctx, const struct timeline *t)
{
	struct timeline_part parts[MOMENTS], all = {.duration_us = 0};
	size_t count = timeline_parts(t, parts);
	json_t *detail = json_array();
	char duration[32];

	for (size_t i = 0; i < count; i++) {
		all.duration_us += parts[i].duration_us;
		all.is_about |= parts[i].is_about && !t->clocks_disagree;
		timeline_duration(duration, sizeof(duration), t, &parts[i]);
		json_array_append_new(
			detail, json_text(talloc_asprintf(ctx, "%s: %s",
					timeline_words(parts[i].from, parts[i].to), duration)));
	}
	if (count)
		add(rows,
			talloc_asprintf(ctx, _("On the way: %s"),
				timeline_duration(duration, sizeof(duration), t, &all)),
			NULL, detail);
	else
		json_decref(detail);
}

static void add_preinit(json_t *rows, void *ctx, const struct preinit *p)
{
	const struct journal *j = &p->journal;
	json_t *detail = json_array();
	char duration[32];

	if (p->off) {
		add(rows, talloc_asprintf(ctx, _("Preinit did nothing here: %s"), p->off), NULL,
			detail);
		return;
	}
	if (p->restored_count)
		json_array_append_new(
			detail, json_text(talloc_asprintf(
					ctx, _("registers put back: %zu"), p->restored_count)));
	add(rows,
		talloc_asprintf(ctx, _("Preinit: %zu still, %zu loud, %zu left, in %s"),
			journal_count(j, VERDICT_STILL), journal_count(j, VERDICT_LOUD),
			journal_count(j, VERDICT_LEFT),
			print_duration(duration, sizeof(duration), j->duration_us)),
		journal_count(j, VERDICT_LOUD) ? "bad" : "good", detail);
}

/* A rule is shown as `stillboot report` prints it, to be copied there. */
static void add_suggestion(json_t *rows, void *ctx, const struct suggestion *s)
{
	json_t *detail = json_array();

	json_array_append_new(detail, json_text(s->done));
	if (s->why_not)
		json_array_append_new(detail, json_text(s->why_not));
	for (const char *at = s->rule; at && *at; at += strcspn(at, "\n") + 1)
		json_array_append_new(
			detail, json_text(talloc_strndup(ctx, at, strcspn(at, "\n"))));
	add(rows, talloc_asprintf(ctx, "%s  %s", s->slot, s->because->text), "bad", detail);
}

/* What matters most stands first. */
int engine_report(struct engine *e, const json_t *request, struct err *text)
{
	void *ctx = e->s->memory;
	struct report r;
	json_t *rows;

	(void)request;
	report_read(e->s, &r);
	if (!r.handoff) {
		*text = r.why;
		return r.why_rc;
	}
	rows = json_array();
	add_beginning(rows, ctx, r.handoff);
	add_way(rows, ctx, &r.timeline);
	if (r.preinit)
		add_preinit(rows, ctx, r.preinit);
	for (size_t i = 0; i < r.suggestion_count; i++)
		add_suggestion(rows, ctx, &r.suggestions[i]);
	add_verdicts(rows, ctx, &r.handoff->journal, VERDICT_LOUD);
	add_verdicts(rows, ctx, &r.handoff->journal, VERDICT_LEFT);
	for (size_t i = 0; i < r.handoff->journal.count; i++)
		add_step(rows, ctx, &r.handoff->journal.entries[i]);
	engine_say(e, "report", json_pack("{so}", "rows", rows));
	return 0;
}
