// SPDX-License-Identifier: GPL-2.0-or-later
/* What the keys do on the screen below: made of the tables that make them do it. */
#include <talloc.h>

#include "ui/menu/list.h"

static void add_table(struct page *page, const struct binding *table)
{
	for (const struct binding *b = table; b && b->act; b++)
		page_field(page, _(b->key_name), _(b->help));
}

static struct page *make_page(const struct console *c)
{
	const struct screen *below = c->view_count > 1 ? c->views[c->view_count - 2]->screen
						       : &screen_entries;
	struct page *page = page_new(NULL);

	page_add(page, GRID_HEADING, _(below->name));
	page_add(page, GRID_PLAIN, below->help ? _(below->help) : NULL);
	page_add(page, GRID_PLAIN, "");
	add_table(page, below->bindings);
	if (below->count) {
		page_add(page, GRID_PLAIN, "");
		page_add(page, GRID_HEADING, _("In every list"));
		page_field(page, "1-9", _("To the line with this number."));
		add_table(page, list_bindings);
	}
	if (below->takes_text)
		return page;
	page_add(page, GRID_PLAIN, "");
	page_add(page, GRID_HEADING, _("Everywhere"));
	add_table(page, menu_bindings);
	for (const struct place *place = menu_places; place->screen; place++)
		if (*place->key_name)
			page_field(page, place->key_name, _(place->screen->name));
	return page;
}

static void draw(struct menu *menu, struct console *c, struct grid *g, struct area area)
{
	struct view *v = menu_view(c);
	struct page *page = make_page(c);
	int last;

	(void)menu;
	if (!page)
		return;
	last = page_height(page, area.width - 2) - area.height;
	v->page_from = v->page_from > last ? last : v->page_from;
	v->page_from = v->page_from < 0 ? 0 : v->page_from;
	page_draw(page, g, area.x + 1, area.y, area.width - 2, area.height, v->page_from);
	talloc_free(page);
}

static bool key(struct menu *menu, struct console *c, const struct key_event *event)
{
	const struct binding *b = binding_of(list_bindings, event->key);

	if (!b || b == binding_of(list_bindings, '/')) /* there are no rows to filter */
		return false;
	menu_view(c)->shows_page = true; /* lists scroll what is over the whole screen */
	if (event->key != KEY_CURSOR_LEFT)
		menu_act(menu, c, b);
	return event->key != KEY_CURSOR_LEFT;
}

const struct screen screen_help = {
	.name = N_("Help"),
	.draw = draw,
	.key = key,
};
