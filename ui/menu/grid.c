// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/grid.h"

#include <string.h>
#include <talloc.h>
#include <wchar.h>
#include <wctype.h>

#include "devices/utf8.h"
#include "ui/print.h"

#define ELLIPSIS 0x2026

/* What comes next in a text: a character, or a byte that is shown as \xNN. */
struct glyph {
	uint32_t ch;
	int columns; /* 0 for a combining character */
	size_t bytes;
	int is_escaped;
};

static struct glyph escaped(const char *text)
{
	return (struct glyph){
		.ch = (unsigned char)*text, .columns = 4, .bytes = 1, .is_escaped = 1};
}

/* A locale that is not UTF-8 knows no widths: its terminals get a question mark for each. */
static struct glyph next(const char *text)
{
	struct glyph g = {.columns = 1, .bytes = 1, .ch = (unsigned char)*text};

	if (*text >= ' ' && *text < 0x7f)
		return g;
	g.bytes = utf8_sequence(text);
	g.ch = g.bytes ? utf8_code(text, g.bytes) : 0;
	if (!g.bytes || g.ch < 0xa0 || print_disorders(g.ch))
		return escaped(text);
	if (!iswprint(0xe4)) /* is this such a locale? */
		return g;
	g.columns = iswprint((wint_t)g.ch) ? wcwidth((wchar_t)g.ch) : -1;
	return g.columns < 0 ? escaped(text) : g;
}

int grid_columns(const char *text)
{
	int columns = 0;

	while (*text) {
		struct glyph g = next(text);

		columns += g.columns;
		text += g.bytes;
	}
	return columns;
}

struct grid *grid_new(void *ctx, int width, int height)
{
	struct grid *g = talloc(ctx, struct grid);

	if (!g)
		return NULL;
	g->width = width < 1 ? 1 : width > GRID_WIDTH_MAX ? GRID_WIDTH_MAX : width;
	g->height = height < 1 ? 1 : height > GRID_HEIGHT_MAX ? GRID_HEIGHT_MAX : height;
	g->cells = talloc_array(g, struct grid_cell, (size_t)(g->width * g->height));
	if (!g->cells) {
		talloc_free(g);
		return NULL;
	}
	grid_clear(g);
	return g;
}

void grid_clear(struct grid *g)
{
	for (int y = 0; y < g->height; y++)
		grid_fill(g, 0, y, g->width, GRID_PLAIN, ' ');
	g->cursor_x = g->cursor_y = -1;
}

static struct grid_cell *cell(const struct grid *g, int x, int y)
{
	return x >= 0 && x < g->width && y >= 0 && y < g->height ? &g->cells[y * g->width + x]
								 : NULL;
}

/* Half of a wide character that is drawn over leaves a blank, not the other half. */
static void put(struct grid *g, int x, int y, enum grid_style style, uint32_t ch)
{
	struct grid_cell *c = cell(g, x, y), *right = cell(g, x + 1, y), *left = cell(g, x - 1, y);

	if (!c)
		return;
	if (c->ch == 0 && ch && left)
		left->ch = ' ';
	if (right && right->ch == 0 && c->ch)
		right->ch = ' ';
	*c = (struct grid_cell){.ch = ch, .style = (uint8_t)style};
}

static void put_escaped(
	struct grid *g, int x, int y, enum grid_style style, const struct glyph *what)
{
	char text[5];

	snprintf(text, sizeof(text), "\\x%02x", what->ch & 0xff);
	for (int i = 0; i < 4; i++)
		put(g, x + i, y, style, (unsigned char)text[i]);
}

static void put_glyph(struct grid *g, int x, int y, enum grid_style style, const struct glyph *what)
{
	struct grid_cell *before = cell(g, x - 1, y);

	if (what->is_escaped) {
		put_escaped(g, x, y, style, what);
	} else if (!what->columns) {
		if (before && !before->ch)
			before = cell(g, x - 2, y);
		if (before && !before->mark)
			before->mark = what->ch;
	} else {
		put(g, x, y, style, what->ch);
		if (what->columns == 2) {
			struct grid_cell *right = cell(g, x + 1, y);

			put(g, x + 1, y, style, ' ');
			if (right)
				right->ch = 0;
			else
				put(g, x, y, style, ' ');
		}
	}
}

int grid_text(struct grid *g, int x, int y, int width, enum grid_style style, const char *text)
{
	int total = grid_columns(text), fits = total <= width, room = fits ? width : width - 1;
	int at = 0;

	if (width <= 0)
		return 0;
	while (*text) {
		struct glyph what = next(text);

		if (at + what.columns > room)
			break;
		put_glyph(g, x + at, y, style, &what);
		at += what.columns;
		text += what.bytes;
	}
	if (!fits)
		put(g, x + at++, y, style, ELLIPSIS);
	return at;
}

int grid_text_from(
	struct grid *g, int x, int y, int width, int from, enum grid_style style, const char *text)
{
	int at = -from;

	while (*text) {
		struct glyph what = next(text);

		if (at + what.columns > width)
			break;
		if (at >= 0)
			put_glyph(g, x + at, y, style, &what);
		at += what.columns;
		text += what.bytes;
	}
	return at < 0 ? 0 : at;
}

void grid_fill(struct grid *g, int x, int y, int width, enum grid_style style, uint32_t ch)
{
	for (int i = 0; i < width; i++)
		put(g, x + i, y, style, ch);
}

void grid_restyle(struct grid *g, int x, int y, int width, enum grid_style style)
{
	for (int i = 0; i < width; i++) {
		struct grid_cell *c = cell(g, x + i, y);

		if (c)
			c->style = (uint8_t)style;
	}
}

void grid_box(struct grid *g, int x, int y, int width, int height)
{
	for (int row = 0; row < height; row++) {
		int edge = row == 0 || row == height - 1;

		grid_fill(g, x + 1, y + row, width - 2, GRID_FRAME, edge ? 0x2500 : ' ');
		put(g, x, y + row, GRID_FRAME, !row ? 0x250c : edge ? 0x2514 : 0x2502);
		put(g, x + width - 1, y + row, GRID_FRAME, !row ? 0x2510 : edge ? 0x2518 : 0x2502);
	}
}

const char *grid_wrap(const char *text, int width, size_t *len)
{
	const char *at = text, *blank = NULL;
	int columns = 0;

	while (*at && *at != '\n') {
		struct glyph what = next(at);

		if (*at == ' ' && (at == text || at[-1] != ' '))
			blank = at;
		if (columns + what.columns > width && at > text) {
			const char *end = blank ? blank : at;

			*len = (size_t)(end - text);
			return end + (blank ? strspn(end, " ") : 0);
		}
		columns += what.columns;
		at += what.bytes;
	}
	*len = (size_t)(at - text);
	return *at ? at + 1 : NULL;
}

char grid_ascii(uint32_t ch)
{
	static const struct {
		uint32_t from, to;
		char shown;
	} table[] = {
		{0x20, 0x7e, 0},
		{0xa0, 0xa0, ' '},
		{0x00b7, 0x00b7, '.'},
		{0x2013, 0x2014, '-'},
		{0x2018, 0x2019, '\''},
		{0x201c, 0x201e, '"'},
		{0x2022, 0x2022, '*'},
		{0x2026, 0x2026, '~'},
		{0x2190, 0x2190, '<'},
		{0x2191, 0x2191, '^'},
		{0x2192, 0x2192, '>'},
		{0x2193, 0x2193, 'v'},
		{0x2500, 0x2501, '-'},
		{0x2502, 0x2503, '|'},
		{0x2504, 0x257f, '+'},
		{0x2580, 0x2590, '#'},
		{0x2591, 0x2593, '.'},
		{0x25b6, 0x25b8, '>'},
		{0x25bc, 0x25be, 'v'},
		{0x25cf, 0x25cf, '*'},
		{0x2713, 0x2714, '+'},
		{0x2717, 0x2718, 'x'},
	};

	/* Of U+00C0 on: letters without their marks can still be read. */
	static const char latin[] =
		"AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty";

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (ch >= table[i].from && ch <= table[i].to)
			return table[i].shown ? table[i].shown : (char)ch;
	return ch >= 0xc0 && ch <= 0xff ? latin[ch - 0xc0] : '?';
}

static void print_utf8(uint32_t ch, FILE *out)
{
	char bytes[4];

	fwrite(bytes, 1, utf8_put(bytes, ch), out);
}

/* Where the blanks at the end of a line begin. */
static int line_end(const struct grid *g, int y, enum grid_print how)
{
	int x = g->width;

	while (x) {
		const struct grid_cell *c = cell(g, x - 1, y);

		if (how == GRID_PRINT_STYLES ? c->style != GRID_PLAIN : c->ch != ' ')
			break;
		x--;
	}
	return x;
}

void grid_print(const struct grid *g, enum grid_print how, FILE *out)
{
	static const char letters[GRID_STYLES + 1] = ".BkshdS+wxf#F";

	for (int y = 0; y < g->height; y++) {
		int end = line_end(g, y, how);

		for (int x = 0; x < end; x++) {
			const struct grid_cell *c = cell(g, x, y);

			if (how == GRID_PRINT_STYLES)
				fputc(letters[c->style], out);
			else if (c->ch)
				print_utf8(c->ch, out);
			if (how == GRID_PRINT_TEXT && c->mark)
				print_utf8(c->mark, out);
		}
		fputc('\n', out);
	}
}
