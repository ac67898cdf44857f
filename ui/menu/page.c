// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/page.h"

#include <stdarg.h>
#include <talloc.h>

/* Fields stand below each other where that leaves room for what they say. */
#define LABEL_WIDTH 14
#define LABEL_FROM_WIDTH 36

struct page *page_new(void *ctx)
{
	return talloc_zero(ctx, struct page);
}

static struct page_line *add(struct page *p, enum grid_style style, const char *text)
{
	struct page_line *more;

	if (!p || !text)
		return NULL;
	if (p->count % 16 == 0) {
		more = talloc_realloc(p, p->lines, struct page_line, p->count + 16);
		if (!more)
			return NULL;
		p->lines = more;
	}
	p->lines[p->count] = (struct page_line){.style = style, .text = talloc_strdup(p, text)};
	return p->lines[p->count].text ? &p->lines[p->count++] : NULL;
}

void page_add(struct page *p, enum grid_style style, const char *text)
{
	add(p, style, text);
}

void page_addf(struct page *p, enum grid_style style, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = talloc_vasprintf(p, fmt, args);
	va_end(args);
	add(p, style, text);
	talloc_free(text);
}

void page_field(struct page *p, const char *label, const char *text)
{
	struct page_line *line = text && *text ? add(p, GRID_PLAIN, text) : NULL;

	if (line)
		line->label = talloc_strdup(p, label);
}

void page_add_all(struct page *p, enum grid_style style, const json_t *texts)
{
	const json_t *text;
	size_t i;

	json_array_foreach (texts, i, text)
		add(p, style, json_string_value(text));
}

/* Where the text of a line begins: behind its label, or indented below one that is too wide. */
static int indent(const struct page_line *line, int width)
{
	if (!line->label)
		return 0;
	return width >= LABEL_FROM_WIDTH && grid_columns(line->label) < LABEL_WIDTH ? LABEL_WIDTH
										    : 2;
}

/* Draws a line from its row `skip` on, if there is a grid; returns how many rows it has in all. */
static int draw_line(const struct page_line *line, struct grid *g, const int at[4], int skip)
{
	int x = at[0], y = at[1], width = at[2], height = at[3], left = indent(line, width);
	int own_row = line->label && left < LABEL_WIDTH, rows = own_row;
	const char *text = line->text;

	if (g && line->label && !skip && height > 0)
		grid_text(g, x, y, own_row ? width : left - 1, GRID_DIM, line->label);
	while (text) {
		size_t len;
		const char *rest = grid_wrap(text, width - left > 0 ? width - left : 1, &len);

		if (g && rows >= skip && rows - skip < height) {
			char *part = talloc_strndup(NULL, text, len);

			if (part)
				grid_text_from(g, x + left, y + rows - skip, width - left, 0,
					line->style, part);
			talloc_free(part);
		}
		rows++;
		text = rest;
	}
	return rows;
}

int page_height(const struct page *p, int width)
{
	int rows = 0;

	for (size_t i = 0; i < p->count; i++)
		rows += draw_line(&p->lines[i], NULL, (int[4]){0, 0, width, 0}, 0);
	return rows;
}

void page_draw(const struct page *p, struct grid *g, int x, int y, int width, int height, int from)
{
	int row = -from;

	for (size_t i = 0; i < p->count && row < height; i++) {
		int skip = row < 0 ? -row : 0, top = row < 0 ? 0 : row;

		row += draw_line(&p->lines[i], g, (int[4]){x, y + top, width, height - top}, skip);
	}
}
