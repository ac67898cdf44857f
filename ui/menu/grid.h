/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_GRID_H
#define MENU_GRID_H

/*
 * A screen as cells: what a screen draws, what a terminal shows, and what a test compares. Cells have a
 * meaning (enum grid_style), not a colour; a terminal makes of it what it can. Lines and marks are
 * drawn with Unicode's characters; a terminal that has none shows others (grid_ascii).
 *
 * Text is hostile UTF-8: what is not printable comes out as \xNN, as in all output (ui/print.h).
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum grid_style {
	GRID_PLAIN,
	GRID_BAR,      /* the line at the top and the line of hints */
	GRID_KEY,      /* a key within such a line */
	GRID_SELECTED, /* where the cursor stands */
	GRID_HEADING,
	GRID_DIM, /* beside the point, or cannot be chosen */
	GRID_STRONG,
	GRID_GOOD,
	GRID_WARN,
	GRID_BAD,
	GRID_FRAME, /* lines */
	GRID_GAUGE, /* the full part of a bar */
	GRID_FOUND, /* what a search has found */
	GRID_STYLES,
};

struct grid_cell {
	uint32_t ch;   /* code point; 0 is the right half of a wide character */
	uint32_t mark; /* one combining character, 0 for none */
	uint8_t style;
};

#define GRID_WIDTH_MAX 512
#define GRID_HEIGHT_MAX 256

struct grid {
	int width, height;
	struct grid_cell *cells; /* row after row */
	int cursor_x, cursor_y;  /* where the terminal's cursor stands, -1 where it is hidden */
};

/* A grid of blanks below ctx; sizes are cut to what is allowed, from 1 on. NULL when memory ran out. */
struct grid *grid_new(void *ctx, int width, int height);
void grid_clear(struct grid *g);

/* Text from x on in line y, at most width columns of it; what is longer ends in an ellipsis, at a place
 * where no character is cut. Returns the columns taken. What lies outside of the grid is not drawn. */
int grid_text(struct grid *g, int x, int y, int width, enum grid_style style, const char *text);
/* The same from a column of the text on (of a line that is longer than its field), without ellipses. */
int grid_text_from(
	struct grid *g, int x, int y, int width, int from, enum grid_style style, const char *text);
/* One character so many times. */
void grid_fill(struct grid *g, int x, int y, int width, enum grid_style style, uint32_t ch);
/* Give cells that are drawn already a style. */
void grid_restyle(struct grid *g, int x, int y, int width, enum grid_style style);
/* A frame around this rectangle, its inside blank. */
void grid_box(struct grid *g, int x, int y, int width, int height);

/* Columns that a text takes. */
int grid_columns(const char *text);

/* One line of a text that is broken at blanks for a width: sets *len to the bytes that are in it, and
 * returns where the next line begins, NULL at the end. A line feed ends a line. Words that are
 * wider are cut. */
const char *grid_wrap(const char *text, int width, size_t *len);

/* What stands for it on a terminal that has only ASCII: for lines, arrows, blocks and Latin letters something
 * alike, "?" for the rest. */
char grid_ascii(uint32_t ch);

/* As lines of text without trailing blanks; with styles also a second block, a letter for each cell that is
 * not plain. */
enum grid_print { GRID_PRINT_TEXT, GRID_PRINT_STYLES };
void grid_print(const struct grid *g, enum grid_print how, FILE *out);

#endif
