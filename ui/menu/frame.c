// SPDX-License-Identifier: GPL-2.0-or-later
/* The top and the bottom of every screen. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/list.h"

#define BAR_MIN 8 /* columns of a bar that is worth drawing */

/* What the menu waits for, at the right of the top. */
static char *describe_wait(const struct menu *menu)
{
	const struct model *m = menu->model;
	const char *disk = json_string_value(json_array_get(m->busy, 0));
	size_t count = json_array_size(m->busy);

	if (m->lost)
		return talloc_strdup(NULL, _("looking at the disks anew"));
	if (m->boot == MODEL_NO_RETURN)
		return talloc_asprintf(
			/* translators: of devices: proven still, not so, left alone. */
			NULL, _("%zu still, %zu loud, %zu left"), m->still, m->loud, m->left);
	if (menu->booting && m->boot == MODEL_ASKED)
		return talloc_asprintf(
			NULL, _("loading: %s"), m->phase_text ? m->phase_text : menu->booting);
	if (!m->is_listed)
		return talloc_strdup(NULL, _("looking for entries"));
	if (count > 1)
		return talloc_asprintf(NULL,
			ngettext("waiting for %s and %zu more", "waiting for %s and %zu more",
				count - 1),
			disk, count - 1);
	return disk ? talloc_asprintf(NULL, _("waiting for %s"), disk) : NULL;
}

static void draw_top(const struct menu *menu, const struct console *c, struct grid *g)
{
	char *wait = describe_wait(menu);
	int width = wait ? grid_columns(wait) : 0, x;

	grid_fill(g, 0, 0, g->width, GRID_BAR, ' ');
	x = 1 + grid_text(g, 1, 0, g->width - 2, GRID_BAR, "stillboot");
	x += 2 + grid_text(g, x + 2, 0, g->width - x - 3, GRID_BAR, _(menu_view(c)->screen->name));
	if (menu_view(c)->filter) {
		x += 2 + grid_text(g, x + 2, 0, 2, GRID_KEY, "/");
		x += grid_text(g, x, 0, (g->width - x) / 2, GRID_KEY, menu_view(c)->filter);
	}
	if (wait && g->width - x > 8) {
		int room = g->width - x - 3, right = width < room ? width : room;

		grid_text(g, g->width - right - 1, 0, right, GRID_BAR, wait);
	}
	talloc_free(wait);
}

/* Hints as far as there is room, the screen's own first. */
static int draw_hints(const struct console *c, struct grid *g, int x, const struct binding *table)
{
	int y = g->height - 1;

	for (const struct binding *b = table; b && b->act; b++) {
		int width = b->hint ? grid_columns(_(b->key_name)) + grid_columns(_(b->hint)) + 3
				    : 0;

		if (!b->hint || x + width - 1 > g->width ||
			(b->flags & BINDING_DEEPER && c->view_count < 2))
			continue;
		x += grid_text(g, x, y, g->width - x, GRID_KEY, _(b->key_name));
		x += 1 + grid_text(g, x + 1, y, g->width - x, GRID_BAR, _(b->hint));
		x += 2;
	}
	return x;
}

static void draw_bottom(const struct menu *menu, const struct console *c, struct grid *g)
{
	const struct screen *screen = menu_view(c)->screen;
	int y = g->height - 1, x;

	grid_fill(g, 0, y, g->width, GRID_BAR, ' ');
	if (menu->model->boot == MODEL_NO_RETURN)
		return; /* no key does anything any more */
	x = draw_hints(c, g, 1, screen->bindings);
	if (screen->count)
		x = draw_hints(c, g, x, list_bindings);
	if (!screen->takes_text)
		draw_hints(c, g, x, menu_bindings);
}

static char *countdown_text(const struct menu *menu)
{
	const struct model_entry *e = countdown_entry(menu);
	const char *title = e ? e->title : "";
	long long left = (menu->countdown_end_ms - menu->now_ms + 999) / 1000;

	if (menu->countdown == COUNTDOWN_OVER)
		return talloc_asprintf(NULL, _("Waiting for disks, then booting %s"), title);
	return talloc_asprintf(
		NULL, _("Any key stops: booting in %lld s: %s"), left < 0 ? 0 : left, title);
}

/* A bar that grows, and what it is about. */
static void draw_countdown(const struct menu *menu, struct grid *g, int y)
{
	char *text = countdown_text(menu);
	int used = text ? grid_text(g, 1, y, g->width - 2, GRID_STRONG, text) : 0;
	int x = used + 3, width = g->width - x - 1;
	long long left = menu->countdown_end_ms - menu->now_ms;
	int full;

	talloc_free(text);
	if (width < BAR_MIN)
		return;
	width = width > 40 ? 40 : width;
	full = menu->countdown_ms > 0 && left > 0 ? (int)(width - width * left / menu->countdown_ms)
						  : width;
	grid_fill(g, x, y, full, GRID_GAUGE, 0x2588);
	grid_fill(g, x + full, y, width - full, GRID_DIM, 0x2591);
}

static bool counts(const struct menu *menu)
{
	return menu->countdown == COUNTDOWN_RUNS || menu->countdown == COUNTDOWN_OVER;
}

struct area frame_draw(struct menu *menu, struct console *c, struct grid *g)
{
	struct area area = {0, 1, g->width, g->height - 2};

	draw_top(menu, c, g);
	draw_bottom(menu, c, g);
	if (counts(menu))
		draw_countdown(menu, g, area.y + --area.height);
	if (c->message)
		grid_text(g, 1, area.y + --area.height, g->width - 2, c->message_style, c->message);
	if (area.height < 0)
		area.height = 0;
	return area;
}
