// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdlib.h>
#include <talloc.h>

#include "ui/menu/lines.h"
#include "ui/print.h"

#define LINE_BYTES 4096
#define WIDTH_DEFAULT 80

/* The last column stays empty: a terminal that goes to the next line by itself would leave an empty one. */
int lines_width(const struct console *c)
{
	int width = c->width > 1 ? c->width : WIDTH_DEFAULT;

	return (width < GRID_WIDTH_MAX ? width : GRID_WIDTH_MAX) - 1;
}

void lines_put(struct console *c, const char *text)
{
	char *more = talloc_strdup_append_buffer(c->text, text);

	if (more)
		c->text = more;
}

/* What is told while a prompt stands begins below it. */
static void begin(struct console *c)
{
	if (c->lines->is_at_prompt)
		lines_put(c, "\n");
	c->lines->is_at_prompt = false;
}

void lines_say(struct console *c, const char *fmt, ...)
{
	char line[LINE_BYTES], *text;
	va_list args;

	va_start(args, fmt);
	text = talloc_vasprintf(NULL, fmt, args);
	va_end(args);
	if (!text)
		return;
	begin(c);
	lines_put(c, print_shorten(line, sizeof(line), text, lines_width(c)));
	lines_put(c, "\n");
	talloc_free(text);
}

/* Cells that the terminal cannot show, as others. */
static void simplify(struct grid *g)
{
	for (int i = 0; i < g->width * g->height; i++) {
		struct grid_cell *cell = &g->cells[i];

		if (cell->ch >= 0x80)
			cell->ch = (unsigned char)grid_ascii(cell->ch);
		cell->mark = 0;
	}
}

void lines_page(struct console *c, struct page *page)
{
	int width = lines_width(c), height = page ? page_height(page, width) : 0;
	struct grid *g = height ? grid_new(page, width, height) : NULL;
	char *text = NULL;
	size_t size;
	FILE *out = g ? open_memstream(&text, &size) : NULL;

	if (out) {
		page_draw(page, g, 0, 0, width, g->height, 0);
		if (MB_CUR_MAX == 1)
			simplify(g);
		grid_print(g, GRID_PRINT_TEXT, out);
		fclose(out);
		begin(c);
		lines_put(c, text);
	}
	free(text);
	talloc_free(page);
}

void lines_tell(struct console *c, const char *fmt, ...)
{
	struct page *page = page_new(NULL);
	char *text;
	va_list args;

	va_start(args, fmt);
	text = talloc_vasprintf(page, fmt, args);
	va_end(args);
	page_add(page, GRID_PLAIN, text);
	lines_page(c, page);
}

void lines_help(struct console *c, const char *usage, const char *help)
{
	struct page *page = page_new(NULL);

	if (page)
		page_field(page, usage, help);
	lines_page(c, page);
}
