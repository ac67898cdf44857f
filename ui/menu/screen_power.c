// SPDX-License-Identifier: GPL-2.0-or-later
/* Ways out of the menu. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/list.h"

static const struct way {
	const char *title, *what;
	const char *power; /* what the engine is asked for; NULL for a wish */
	enum menu_wish wish;
	unsigned int needs; /* one of enum menu_flags; 0 for nothing */
	unsigned int flags; /* enum binding_flags */
} ways[] = {
	{N_("Reboot"), N_("restart the machine through its firmware"), "reboot", 0, 0, 0},
	{N_("Firmware setup"), N_("restart into the firmware's own menu"), "firmware", 0, 0,
		BINDING_GUARDED},
	{N_("Power off"), N_("switch the machine off"), "poweroff", 0, 0, 0},
	{N_("Shell"), N_("a command line; exit comes back here"), NULL, MENU_SHELL, MENU_MAY_SHELL,
		BINDING_GUARDED},
	{N_("Leave the menu"), N_("back to where it was started"), NULL, MENU_QUIT, MENU_MAY_QUIT,
		0},
};

/* The i-th of those that there are here. */
static const struct way *way_at(const struct menu *menu, size_t i)
{
	for (size_t k = 0; k < sizeof(ways) / sizeof(*ways); k++)
		if (!ways[k].needs || ways[k].needs & menu->setup.flags)
			if (!i--)
				return &ways[k];
	return NULL;
}

static size_t count(const struct menu *menu)
{
	size_t n = 0;

	while (way_at(menu, n))
		n++;
	return n;
}

static void row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	const struct way *way = way_at(menu, i);

	(void)ctx;
	row->key = way->title;
	row->text = _(way->title);
	row->note = _(way->what);
	row->is_choice = true;
}

static void answer(struct menu *menu, struct console *c, struct prompt *p, const char *text)
{
	const struct way *way = p->of;

	(void)c;
	(void)text;
	menu_request(menu, json_pack("{ss ss}", "ask", "power", "what", way->power));
}

static void go(struct menu *menu, struct console *c)
{
	long i = list_selected(menu_view(c));
	const struct way *way = i < 0 ? NULL : way_at(menu, (size_t)i);
	struct prompt *p;

	if (!way)
		return;
	if (!way->power) {
		menu_wish(menu, way->wish, c->number);
		return;
	}
	p = prompt_open(c, _(way->title), _("Really? Nothing is stopped or saved before."));
	if (!p)
		return;
	p->of = way;
	p->answer = answer;
}

static void act_go(struct menu *menu, struct console *c)
{
	static const struct binding plain = {.act = go},
				    guarded = {.act = go, .flags = BINDING_GUARDED};
	long i = list_selected(menu_view(c));
	const struct way *way = i < 0 ? NULL : way_at(menu, (size_t)i);

	if (way)
		menu_act(menu, c, way->flags & BINDING_GUARDED ? &guarded : &plain);
}

static const struct binding bindings[] = {
	{{KEY_RETURN, 0, 0, 0}, N_("Enter"), N_("do it"), N_("Do it, after a question."), act_go,
		0},
	{.act = NULL},
};

const struct screen screen_power = {
	.name = N_("Power"),
	.help = N_("Ways out of the menu that boot nothing."),
	.bindings = bindings,
	.count = count,
	.row = row,
};
