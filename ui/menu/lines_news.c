// SPDX-License-Identifier: GPL-2.0-or-later
/* What a console of lines is told of its own accord: each thing once. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/lines.h"
#include "ui/print.h"

bool lines_counts(enum countdown_state state)
{
	return state == COUNTDOWN_RUNS || state == COUNTDOWN_OVER;
}

static void say_countdown(struct menu *menu, struct console *c, const char *title)
{
	const char *disk = json_string_value(json_array_get(menu->model->busy, 0));
	long long left = (menu->countdown_end_ms - menu->now_ms + 999) / 1000;

	if (menu->countdown == COUNTDOWN_OVER && !disk)
		lines_tell(c, _("Waiting for disks, then booting %s."), title);
	else if (menu->countdown == COUNTDOWN_OVER)
		lines_tell(c, _("Waiting for %s, then booting %s."), disk, title);
	else if (c->lines->is_closed)
		lines_tell(c, _("Booting %s in %lld s."), title, left);
	else
		lines_tell(c, _("Booting %s in %lld s; press Enter to stop."), title, left);
}

/* Once when it begins, when it is about another entry, and when it ends. */
static void tell_countdown(struct menu *menu, struct console *c)
{
	const struct model_entry *e = countdown_entry(menu);
	struct lines *l = c->lines;
	bool is_same = l->countdown == menu->countdown;

	if (lines_counts(menu->countdown) && e) {
		if (is_same && l->counted && !strcmp(l->counted, e->title))
			return;
		say_countdown(menu, c, e->title);
		talloc_free((void *)l->counted);
		l->counted = talloc_strdup(l, e->title);
	} else if (menu->countdown == COUNTDOWN_STOPPED && !is_same) {
		lines_tell(c, _("Nothing is booted by itself any more."));
	}
	l->countdown = menu->countdown;
}

static void tell_boot(struct menu *menu, struct console *c)
{
	if (menu->booting && !c->lines->is_booting)
		lines_tell(c, _("Booting %s."), menu->booting);
	c->lines->is_booting = menu->booting != NULL;
	if (menu->booting)
		c->lines->countdown = COUNTDOWN_STOPPED;
}

static void tell_list(struct menu *menu, struct console *c)
{
	const struct model *m = menu->model;
	struct lines *l = c->lines;

	if (!m->is_listed || l->generation == m->entries.generation)
		return;
	if (l->is_listed) {
		lines_list_news(menu, c);
	} else if (m->entries.count || !json_array_size(m->busy)) {
		lines_list(menu, c, NULL);
		l->is_listed = true;
	}
	l->generation = m->entries.generation;
}

static void tell_message(struct console *c)
{
	if (c->message)
		lines_tell(c, "%s", c->message);
	talloc_free((void *)c->message);
	c->message = NULL;
}

void lines_news(struct menu *menu, struct console *c)
{
	tell_list(menu, c);
	tell_boot(menu, c);
	tell_message(c);
	if (c->lines->is_listed && !menu->booting)
		tell_countdown(menu, c);
}

void lines_prompt(struct menu *menu, struct console *c)
{
	struct lines *l = c->lines;
	const char *text = l->prompt ? l->prompt : "";

	if (l->is_at_prompt || l->is_closed || menu->booting || !l->is_listed)
		return;
	if (l->question == LINES_COMMAND) {
		text = model_default(menu->model) >= 0
			       ? _("A number, Enter for the default (*), ? for help: ")
			       : _("A number, ? for help: ");
		if (print_width(text) > lines_width(c))
			text = _("A number, ? for help: ");
	}
	lines_put(c, text);
	l->is_at_prompt = true;
}
