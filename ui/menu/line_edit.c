// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/line_edit.h"

#include <string.h>
#include <talloc.h>

struct line_edit {
	char text[LINE_EDIT_MAX];
	size_t len, at; /* bytes */
	int from;       /* the first column that is seen */
};

struct line_edit *line_edit_new(void *ctx, const char *text)
{
	struct line_edit *e = talloc_zero(ctx, struct line_edit);

	if (e)
		line_edit_set(e, text);
	return e;
}

const char *line_edit_text(const struct line_edit *e)
{
	return e->text;
}

void line_edit_set(struct line_edit *e, const char *text)
{
	e->len = strnlen(text, sizeof(e->text) - 1);
	memcpy(e->text, text, e->len);
	e->text[e->len] = '\0';
	e->at = e->len;
}

void line_edit_wipe(struct line_edit *e)
{
	explicit_bzero(e->text, sizeof(e->text));
	e->len = e->at = 0;
}

static int is_inside(const struct line_edit *e, size_t at)
{
	return at < e->len && (e->text[at] & 0xc0) == 0x80;
}

static size_t before(const struct line_edit *e, size_t at)
{
	while (at && is_inside(e, --at))
		;
	return at;
}

static size_t after(const struct line_edit *e, size_t at)
{
	if (at < e->len)
		at++;
	while (is_inside(e, at))
		at++;
	return at;
}

static size_t word_before(const struct line_edit *e, size_t at)
{
	while (at && e->text[at - 1] == ' ')
		at--;
	while (at && e->text[at - 1] != ' ')
		at--;
	return at;
}

static size_t word_after(const struct line_edit *e, size_t at)
{
	while (at < e->len && e->text[at] == ' ')
		at++;
	while (at < e->len && e->text[at] != ' ')
		at++;
	return at;
}

static void cut(struct line_edit *e, size_t from, size_t to)
{
	memmove(e->text + from, e->text + to, e->len - to + 1);
	e->len -= to - from;
	e->at = from;
}

static size_t encode(uint32_t ch, char bytes[4])
{
	static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
	size_t more = ch < 0x80 ? 0 : ch < 0x800 ? 1 : ch < 0x10000 ? 2 : 3;

	bytes[0] = (char)(leads[more] | ch >> 6 * more);
	for (size_t i = 1; i <= more; i++)
		bytes[i] = (char)(0x80 | (ch >> 6 * (more - i) & 0x3f));
	return more + 1;
}

static int insert(struct line_edit *e, uint32_t ch)
{
	char bytes[4];
	size_t n;

	if (ch < ' ' || ch == 0x7f || ch >= KEY_FIRST)
		return 0;
	n = encode(ch, bytes);
	if (e->len + n >= sizeof(e->text))
		return 1;
	memmove(e->text + e->at + n, e->text + e->at, e->len - e->at + 1);
	memcpy(e->text + e->at, bytes, n);
	e->len += n;
	e->at += n;
	return 1;
}

int line_edit_key(struct line_edit *e, const struct key_event *event)
{
	switch (event->key) {
	case KEY_CURSOR_LEFT:
	case KEY_CONTROL('b'):
		e->at = before(e, e->at);
		return 1;
	case KEY_CURSOR_RIGHT:
	case KEY_CONTROL('f'):
		e->at = after(e, e->at);
		return 1;
	case KEY_CURSOR_LEFT | KEY_WITH_CONTROL:
	case 'b' | KEY_WITH_ALT:
		e->at = word_before(e, e->at);
		return 1;
	case KEY_CURSOR_RIGHT | KEY_WITH_CONTROL:
	case 'f' | KEY_WITH_ALT:
		e->at = word_after(e, e->at);
		return 1;
	case KEY_LINE_HOME:
	case KEY_CONTROL('a'):
		e->at = 0;
		return 1;
	case KEY_LINE_END:
	case KEY_CONTROL('e'):
		e->at = e->len;
		return 1;
	case KEY_ERASE:
		cut(e, before(e, e->at), e->at);
		return 1;
	case KEY_DEL:
	case KEY_CONTROL('d'):
		cut(e, e->at, after(e, e->at));
		return 1;
	case KEY_CONTROL('w'):
	case KEY_ERASE | KEY_WITH_ALT:
		cut(e, word_before(e, e->at), e->at);
		return 1;
	case KEY_CONTROL('u'):
		cut(e, 0, e->at);
		return 1;
	case KEY_CONTROL('k'):
		cut(e, e->at, e->len);
		return 1;
	default:
		return insert(e, event->key);
	}
}

static int columns_to(const struct line_edit *e, size_t at, unsigned int look)
{
	char part[LINE_EDIT_MAX];

	if (look & LINE_EDIT_SECRET) {
		int count = 0;

		for (size_t i = 0; i < at; i = after(e, i))
			count++;
		return count;
	}
	memcpy(part, e->text, at);
	part[at] = '\0';
	return grid_columns(part);
}

void line_edit_draw(struct line_edit *e, struct grid *g, const int at[3], unsigned int look)
{
	int x = at[0], y = at[1], width = at[2], cursor = columns_to(e, e->at, look);

	if (width < 2)
		return;
	if (cursor < e->from)
		e->from = cursor;
	if (cursor >= e->from + width)
		e->from = cursor - width + 1;
	if (look & LINE_EDIT_SECRET) {
		int stars = columns_to(e, e->len, look) - e->from;

		grid_fill(g, x, y, stars < width ? stars : width, GRID_PLAIN, '*');
	} else {
		grid_text_from(g, x, y, width, e->from, GRID_PLAIN, e->text);
	}
	if (look & LINE_EDIT_FOCUS) {
		g->cursor_x = x + cursor - e->from;
		g->cursor_y = y;
	}
}
