/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_LINE_WRAP_H
#define MENU_LINE_WRAP_H

/* A line that is longer than its field, as rows: broken behind blanks, words that are wider than the field
 * anywhere. Unlike grid_wrap(), which is for reading, every byte stands in a row, so a cursor has a
 * place wherever it is. Blanks at the end of a row may reach beyond its width. */

#include <stddef.h>

struct line_row {
	size_t from, to; /* bytes */
};

/* One row at least; a talloc array, NULL when memory ran out. */
struct line_row *line_wrap(void *ctx, const char *text, int width, size_t *count);

/* The row that the byte stands in. */
size_t line_row_of(const struct line_row *rows, size_t count, size_t at);

/* Columns that these bytes take. */
int line_columns(const char *text, size_t from, size_t to);
/* The last character's beginning in a row that is not right of this column. */
size_t line_at_column(const char *text, const struct line_row *row, int column);
/* Where the character behind this one begins. */
size_t line_after(const char *text, size_t at);

#endif
