// SPDX-License-Identifier: GPL-2.0-or-later
/* All screens, by name. */
#include "ui/menu/list.h"

static const struct {
	const struct screen *screen;
	uint32_t key; /* KEY_NO for none */
	const char *key_name, *what;
} places[] = {
	{&screen_entries, KEY_NO, "", N_("what can be booted")},
	{&screen_unlock, 'u', "u", N_("encrypted volumes")},
};

static size_t count(const struct menu *menu)
{
	(void)menu;
	return sizeof(places) / sizeof(*places);
}

static void row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	(void)menu;
	(void)ctx;
	row->key = places[i].screen->name;
	row->text = _(places[i].screen->name);
	row->note = _(places[i].what);
	row->is_choice = true;
}

static void act_open(struct menu *menu, struct console *c)
{
	long i = list_selected(menu_view(c));

	menu_close(menu, c); /* the list of screens is not gone back to */
	if (i >= 0)
		menu_open(menu, c, places[i].screen, NULL);
}

static const struct binding bindings[] = {
	{{KEY_RETURN, 0, 0, 0}, N_("Enter"), N_("open"), N_("Go to the screen."), act_open, 0},
	{.act = NULL},
};

const struct screen screen_more = {
	.name = N_("Screens"),
	.bindings = bindings,
	.count = count,
	.row = row,
};
