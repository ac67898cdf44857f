// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/line_wrap.h"

#include <string.h>
#include <talloc.h>

#include "ui/menu/grid.h"

#define CHARACTER_MAX 64 /* bytes of one with what combines with it; the rest counts as one more */

size_t line_after(const char *text, size_t at)
{
	if (text[at])
		at++;
	while ((text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

int line_columns(const char *text, size_t from, size_t to)
{
	int columns = 0;

	while (from < to) {
		char part[CHARACTER_MAX + 1];
		size_t next = line_after(text, from), len;

		len = (next < to ? next : to) - from;
		len = len < CHARACTER_MAX ? len : CHARACTER_MAX;
		memcpy(part, text + from, len);
		part[len] = '\0';
		columns += grid_columns(part);
		from += len;
	}
	return columns;
}

/* The end of a row that begins here. */
static size_t row_end(const char *text, size_t from, int width)
{
	size_t at = from, blank = 0;
	int columns = 0;

	while (text[at]) {
		size_t next = line_after(text, at);

		columns += line_columns(text, at, next);
		if (text[at] == ' ')
			blank = next; /* it may hang over */
		else if (columns > width)
			return blank ? blank : at > from ? at : next;
		at = next;
	}
	return at;
}

struct line_row *line_wrap(void *ctx, const char *text, int width, size_t *count)
{
	struct line_row *rows = NULL;
	size_t n = 0, from = 0;

	do {
		if (n % 16 == 0) {
			struct line_row *more = talloc_realloc(
				ctx, rows, struct line_row, (unsigned int)n + 16);

			if (!more) {
				talloc_free(rows);
				return NULL;
			}
			rows = more;
		}
		rows[n] = (struct line_row){from, row_end(text, from, width)};
		from = rows[n++].to;
	} while (text[from]);
	*count = n;
	return rows;
}

size_t line_row_of(const struct line_row *rows, size_t count, size_t at)
{
	size_t i = 0;

	while (i + 1 < count && at >= rows[i].to)
		i++;
	return i;
}

size_t line_at_column(const char *text, const struct line_row *row, int column)
{
	size_t at = row->from;

	while (at < row->to) {
		size_t next = line_after(text, at);

		if (line_columns(text, row->from, next) > column)
			break;
		at = next;
	}
	return at;
}
