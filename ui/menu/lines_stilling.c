// SPDX-License-Identifier: GPL-2.0-or-later
/* A jump as plain lines. */
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "ui/menu/lines.h"
#include "ui/print.h"

#define COLUMNS_FROM_WIDTH 60 /* there is room for them */

static const struct {
	const char *name, *text;
} results[] =
	{
		{"ok", N_("ok")},
		{"failed", N_("failed")},
		{"hung", N_("hung")},
		{"late", N_("late")},
		{"skipped", N_("skipped")},
},
  phases[] = {
	  {"pin", N_("Reading the kernel and the initrd.")},
	  {"load", N_("Loading the kernel.")},
	  {"check", N_("Looking at the devices once more.")},
	  {"hold", N_("Writing what is not on disk yet.")},
	  {"quiesce", N_("Stilling the machine: there is no way back from here.")},
	  {"reload", N_("Loading the kernel again, with the report.")},
	  {"jump", N_("Jumping.")},
};

static const char *result_text(const char *name)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++)
		if (!strcmp(name, results[i].name))
			return _(results[i].text);
	return name;
}

/* Of exec's form (ui/progress.c). */
static void print_step(struct console *c, const json_t *message)
{
	const char *state = model_string(message, "state"), *step = model_string(message, "step");
	const char *detail = model_string(message, "detail"), *slot = model_string(message, "slot");
	long long at = model_number(message, "start_us", 0);
	long long took = model_number(message, "duration_us", 0);
	bool begun = !strcmp(state, "begun"), has_detail = detail && *detail;
	char what[64] = "...", duration[32];
	int is_wide = lines_width(c) >= COLUMNS_FROM_WIDTH;

	took = took < 0 || begun ? 0 : took;
	at = (at < 0 ? 0 : at) + took;
	print_duration(duration, sizeof(duration), (unsigned long long)took);
	if (!strcmp(state, "skipped"))
		snprintf(what, sizeof(what), "%s", result_text(state));
	else if (!begun)
		snprintf(what, sizeof(what), "%s, %s", result_text(state), duration);
	lines_say(c, "[%4lld.%03lld] %-12s%s%*s%s%s%s%s", at / 1000000, at / 1000 % 1000, slot,
		is_wide ? "  " : " ", is_wide ? -12 : 0, step ? step : "", is_wide ? "  " : " ",
		what, has_detail && !begun ? ": " : "", has_detail && !begun ? detail : "");
}

static void print_verdict(struct console *c, const json_t *message)
{
	const char *verdict = model_string(message, "verdict"), *why = model_string(message, "why");

	if (!strcmp(verdict, "loud"))
		lines_say(c, _("%s is loud: %s"), model_string(message, "slot"), why ? why : "");
}

static void print_phase(const struct model *m, struct console *c)
{
	const char *text = m->phase_text;

	for (size_t i = 0; !text && i < sizeof(phases) / sizeof(*phases); i++)
		if (!strcmp(m->phase, phases[i].name))
			text = _(phases[i].text);
	if (m->boot == MODEL_NO_RETURN && strcmp(m->phase, "quiesce") && !c->lines->is_stilled) {
		c->lines->is_stilled = true;
		lines_say(c, _("%zu still, %zu loud, %zu left, %zu hung"), m->still, m->loud,
			m->left, m->hung);
	}
	lines_tell(c, "%s", text ? text : m->phase);
}

void lines_print_progress(
	struct menu *menu, struct console *c, enum model_news news, const json_t *message)
{
	const struct model *m = menu->model;
	const char *say = model_string(message, "say");

	if (m->boot != MODEL_NO_RETURN) {
		c->lines->is_stilled = false;
		if (c->kind != MENU_LINES || !menu->booting)
			return;
	}
	if (news == MODEL_PHASE)
		print_phase(m, c);
	else if (news == MODEL_STEP && m->boot == MODEL_NO_RETURN && !strcmp(say, "step"))
		print_step(c, message);
	else if (news == MODEL_STEP && m->boot == MODEL_NO_RETURN)
		print_verdict(c, message);
}
