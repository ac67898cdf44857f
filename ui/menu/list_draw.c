// SPDX-License-Identifier: GPL-2.0-or-later
#include <talloc.h>

#include "ui/menu/list.h"

/* Details stand beside the list from this width on, below it from this height on. */
#define BESIDE_WIDTH 100
#define BELOW_HEIGHT 16
#define INDENT 2

static void draw_row(const struct view *v, const struct row *row, struct grid *g,
	const struct area *line, int number, bool is_selected)
{
	int x = line->x + 3, right = line->x + line->width, used;
	enum grid_style style = row->style;
	char digit[2] = {(char)('0' + number), '\0'};

	if (number)
		grid_text(g, line->x, line->y, 1, GRID_DIM, digit);
	if (row->mark)
		grid_text(g, line->x + 1, line->y, 1, GRID_STRONG, (char[]){row->mark, '\0'});
	x += INDENT * (row->depth < LIST_DEPTH_MAX ? row->depth : LIST_DEPTH_MAX);
	if (row->is_parent) {
		bool folded = list_is_folded(v, row) && !v->filter;

		grid_fill(g, x, line->y, 1, GRID_DIM, folded ? 0x25b8 : 0x25be);
	}
	x += row->is_parent || row->depth ? 2 : 0;
	used = grid_text(g, x, line->y, right - x, style, row->text);
	/* The title alone: a whole line would take a serial console twice as long. */
	if (is_selected)
		grid_restyle(g, x - 1, line->y, used + 2, GRID_SELECTED);
	x += used + 2;
	if (row->note && right - x > 3)
		grid_text(g, x, line->y, right - x, row->note_style ? row->note_style : GRID_DIM,
			row->note);
}

/* Keep the cursor in sight, and no empty lines below the last row. */
static void scroll(struct view *v, int height)
{
	int count = (int)v->shown_count, cursor = (int)v->cursor;

	if (v->top > cursor)
		v->top = cursor;
	if (v->top < cursor - height + 1)
		v->top = cursor - height + 1;
	if (v->top > count - height)
		v->top = count - height;
	if (v->top < 0)
		v->top = 0;
}

static void draw_rows(struct menu *menu, struct view *v, struct grid *g, struct area area)
{
	void *ctx = talloc_new(NULL);
	int number;

	scroll(v, area.height);
	number = list_numbers_before(menu, v, (size_t)v->top);
	for (int y = 0; y < area.height && (size_t)(v->top + y) < v->shown_count; y++) {
		struct area line = {area.x, area.y + y, area.width, 1};
		struct row row = {.text = ""};
		size_t at = (size_t)(v->top + y);

		v->screen->row(menu, ctx, v->shown[at], &row);
		number += row.is_choice;
		draw_row(v, &row, g, &line, row.is_choice && number <= LIST_CHOICES ? number : 0,
			at == v->cursor);
		talloc_free_children(ctx);
	}
	talloc_free(ctx);
}

static struct page *make_page(struct menu *menu, const struct view *v)
{
	struct page *page = page_new(NULL);

	if (page && v->page_row >= 0 && v->screen->detail)
		v->screen->detail(menu, (size_t)v->page_row, page);
	return page;
}

static void draw_page(struct menu *menu, struct view *v, struct grid *g, struct area area)
{
	struct page *page = make_page(menu, v);
	int last;

	if (!page)
		return;
	last = page_height(page, area.width) - area.height;
	if (v->page_from > last)
		v->page_from = last;
	if (v->page_from < 0)
		v->page_from = 0;
	page_draw(
		page, g, area.x, area.y, area.width, area.height, v->shows_page ? v->page_from : 0);
	talloc_free(page);
}

/* Between the list and its details. */
static void draw_beside(struct menu *menu, struct view *v, struct grid *g, struct area area)
{
	int left = area.width * 11 / 20;

	draw_rows(menu, v, g, (struct area){area.x, area.y, left, area.height});
	for (int y = 0; y < area.height; y++)
		grid_fill(g, area.x + left, area.y + y, 1, GRID_FRAME, 0x2502);
	draw_page(menu, v, g,
		(struct area){area.x + left + 2, area.y, area.width - left - 3, area.height});
}

static void draw_below(struct menu *menu, struct view *v, struct grid *g, struct area area)
{
	int below = area.height / 3, needs = (int)v->shown_count;
	int rows = area.height - below - 1;

	if (needs < rows) { /* a short list leaves its room to the details */
		rows = needs < area.height / 2 ? area.height / 2 : needs;
		below = area.height - rows - 1;
	}
	draw_rows(menu, v, g, (struct area){area.x, area.y, area.width, rows});
	grid_fill(g, area.x, area.y + rows, area.width, GRID_FRAME, 0x2500);
	draw_page(menu, v, g, (struct area){area.x + 1, area.y + rows + 1, area.width - 2, below});
}

void list_draw(struct menu *menu, struct console *c, struct grid *g, struct area area)
{
	struct view *v = menu_view(c);

	list_update(menu, v);
	if (!v->shown_count) {
		const char *text = v->filter ? N_("Nothing here matches.") : v->screen->empty;
		struct page *page = page_new(NULL);

		page_add(page, GRID_DIM, text ? _(text) : NULL);
		if (page)
			page_draw(page, g, area.x + 1, area.y, area.width - 2, area.height, 0);
		talloc_free(page);
	} else if (v->shows_page) {
		draw_page(
			menu, v, g, (struct area){area.x + 1, area.y, area.width - 2, area.height});
	} else if (v->screen->detail && area.width >= BESIDE_WIDTH) {
		draw_beside(menu, v, g, area);
	} else if (v->screen->detail && area.height >= BELOW_HEIGHT) {
		draw_below(menu, v, g, area);
	} else {
		draw_rows(menu, v, g, area);
	}
}
