// SPDX-License-Identifier: GPL-2.0-or-later
/* The report as text and as JSON. */
#include <stdio.h>

#include "ui/journal_print.h"
#include "ui/json.h"
#include "ui/print.h"
#include "ui/report/report.h"

static void print_line(const char *before, const char *text, const char *after)
{
	fputs(before, stdout);
	print_text(stdout, text, 0);
	fputs(after, stdout);
}

/* What the record itself is, where that is not as it should be. */
static void print_oddities(const struct handoff *h)
{
	if (h->version > HANDOFF_VERSION)
		printf("Its record is of version %u, newer than this stillboot: what that does not "
		       "know is "
		       "left out.\n",
			h->version);
	if (h->tie == HANDOFF_UNTIED)
		fputs("Its record is not tied to this jump: an older stillboot wrote it.\n",
			stdout);
	if (h->is_crash)
		fputs("It is of when the crash kernel was loaded; what happened later nobody wrote "
		      "down.\n",
			stdout);
}

static void print_origin(const struct report *r)
{
	const struct handoff *h = r->handoff;

	if (!h) {
		print_line(
			"What the kernel before this one did is not known: ", r->why.text, ".\n");
		return;
	}
	print_line("stillboot brought this machine from kernel ", h->kernel, "");
	print_line(" (boot ", h->boot_id, ")");
	print_line(" into: ", h->entry, "\n");
	if (h->hops)
		printf("It is jump %u since the firmware.\n", h->hops);
	print_oddities(h);
}

static void print_steps(const struct handoff *h, enum report_detail detail)
{
	const struct journal *j = &h->journal;
	char duration[32];

	putchar('\n');
	if (h->incomplete) {
		print_line("The image has no journal: ", h->incomplete, ".\n");
		return;
	}
	if (journal_print_steps(
		    j, detail == REPORT_ALL ? JOURNAL_ALL_STEPS : JOURNAL_STEPS_THAT_MATTER))
		putchar('\n');
	printf("%zu still, %zu loud, %zu left, in %s\n", journal_count(j, VERDICT_STILL),
		journal_count(j, VERDICT_LOUD), journal_count(j, VERDICT_LEFT),
		print_duration(duration, sizeof(duration), j->duration_us));
	/* The still ones are only counted. */
	journal_print_verdicts(j, VERDICT_LOUD);
	journal_print_verdicts(j, VERDICT_LEFT);
}

void report_print(const struct report *r, enum report_detail detail)
{
	struct timeline_part parts[MOMENTS];

	print_origin(r);
	if (timeline_parts(&r->timeline, parts)) {
		putchar('\n');
		timeline_print(stdout, &r->timeline, r->handoff ? &r->handoff->journal : NULL,
			print_terminal_width(stdout));
	}
	if (r->handoff && !r->handoff->is_crash)
		print_steps(r->handoff, detail);
	if (r->preinit)
		report_preinit_print(r->preinit, detail);
	if (r->preinit_error)
		print_line("\nWhat preinit did here cannot be read: ", r->preinit_error, "\n");
	if (r->baseline)
		print_line("\nThe firmware's settings are known: ", r->baseline, "\n");
	findings_print(r);
}

json_t *report_json(const struct report *r)
{
	static const struct journal none = {.count = 0};
	const struct handoff *h = r->handoff;
	json_t *object = json_pack("{so so so so so}", "boot_id", json_text(h ? h->boot_id : NULL),
		"kernel", json_text(h ? h->kernel : NULL), "entry", json_text(h ? h->entry : NULL),
		"attempt", attempt_json(&r->attempt), "incomplete",
		json_text(h ? h->incomplete : NULL));

	journal_json(h ? &h->journal : &none, object);
	json_object_set_new(
		object, "version", h ? json_integer((json_int_t)h->version) : json_null());
	json_object_set_new(object, "tied", json_boolean(h && h->tie == HANDOFF_TIED));
	json_object_set_new(object, "why", json_text(h ? NULL : r->why.text));
	json_object_set_new(object, "crash", json_boolean(h && h->is_crash));
	json_object_set_new(
		object, "hops", h && h->hops ? json_integer((json_int_t)h->hops) : json_null());
	json_object_set_new(object, "times", timeline_json(&r->timeline));
	json_object_set_new(object, "parts", timeline_parts_json(&r->timeline));
	json_object_set_new(object, "clocks_disagree", json_boolean(r->timeline.clocks_disagree));
	json_object_set_new(object, "preinit", report_preinit_json(r->preinit));
	json_object_set_new(object, "baseline", json_text(r->baseline));
	json_object_set_new(object, "messages", messages_json(r));
	json_object_set_new(object, "suggestions", suggestions_json(r));
	return object;
}
