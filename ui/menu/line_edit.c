// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/line_edit.h"

#include <string.h>
#include <talloc.h>

#include "devices/utf8.h"
#include "ui/menu/line_wrap.h"
#include "ui/menu/past.h"

/* What the last key did: kills in a row are yanked as one. */
enum deed { DEED_OTHER, DEED_KILL };

struct line_edit {
	char text[LINE_EDIT_MAX];
	char killed[LINE_EDIT_MAX];
	size_t len, at; /* bytes */
	int from;       /* the first column that is seen */
	enum deed last;
	struct past *past;             /* NULL where nothing is remembered */
	const struct history *history; /* NULL for none */
	size_t recalled;               /* the text is so old; 0 for what is typed now */
	char *draft;                   /* what was typed before something was recalled */
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

static int is_inside(const struct line_edit *e, size_t at)
{
	return at < e->len && (e->text[at] & 0xc0) == 0x80;
}

/* Another text; nothing else is changed. */
static void take(struct line_edit *e, const char *text)
{
	size_t len = strlen(text);

	if (len >= sizeof(e->text)) {
		len = sizeof(e->text) - 1;
		while (len && (text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(e->text, text, len);
	e->text[len] = '\0';
	e->at = e->len = len;
}

void line_edit_set(struct line_edit *e, const char *text)
{
	take(e, text);
	e->recalled = 0;
	e->last = DEED_OTHER;
}

size_t line_edit_at(const struct line_edit *e)
{
	return e->at;
}

void line_edit_place(struct line_edit *e, size_t at)
{
	e->at = at < e->len ? at : e->len;
	while (is_inside(e, e->at))
		e->at--;
}

void line_edit_remember(struct line_edit *e)
{
	if (!e->past)
		e->past = past_new(e);
}

void line_edit_offer(struct line_edit *e, const struct history *history)
{
	e->history = history;
}

int line_edit_is_recalled(const struct line_edit *e)
{
	return e->recalled != 0;
}

void line_edit_wipe(struct line_edit *e)
{
	explicit_bzero(e->text, sizeof(e->text));
	explicit_bzero(e->killed, sizeof(e->killed));
	if (e->draft)
		explicit_bzero(e->draft, strlen(e->draft));
	e->len = e->at = e->recalled = 0;
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

/* All of it, or nothing where there is no room. */
static void insert_bytes(struct line_edit *e, const char *bytes, size_t n)
{
	if (e->len + n >= sizeof(e->text))
		return;
	memmove(e->text + e->at + n, e->text + e->at, e->len - e->at + 1);
	memcpy(e->text + e->at, bytes, n);
	e->len += n;
	e->at += n;
}

static int insert(struct line_edit *e, uint32_t ch)
{
	char bytes[4];

	if (ch < ' ' || (ch >= 0x7f && ch < 0xa0) || (ch >= 0xd800 && ch < 0xe000) ||
		ch >= KEY_FIRST)
		return 0;
	insert_bytes(e, bytes, utf8_put(bytes, ch));
	return 1;
}

/* Cut, and keep it to be put back with ^Y: with what was killed by the key before, on its side. */
static void kill_bytes(struct line_edit *e, size_t from, size_t to)
{
	size_t n = to - from, has = e->last == DEED_KILL ? strlen(e->killed) : 0;

	if (!n)
		return;
	if (n + has >= sizeof(e->killed))
		has = 0;
	if (from < e->at) {
		memmove(e->killed + n, e->killed, has);
		memcpy(e->killed, e->text + from, n);
	} else {
		memcpy(e->killed + has, e->text + from, n);
	}
	e->killed[has + n] = '\0';
	cut(e, from, to);
}

static void go_left(struct line_edit *e)
{
	e->at = before(e, e->at);
}

static void go_right(struct line_edit *e)
{
	e->at = after(e, e->at);
}

static void go_word_left(struct line_edit *e)
{
	e->at = word_before(e, e->at);
}

static void go_word_right(struct line_edit *e)
{
	e->at = word_after(e, e->at);
}

static void go_home(struct line_edit *e)
{
	e->at = 0;
}

static void go_end(struct line_edit *e)
{
	e->at = e->len;
}

static void erase_left(struct line_edit *e)
{
	cut(e, before(e, e->at), e->at);
}

static void erase_right(struct line_edit *e)
{
	cut(e, e->at, after(e, e->at));
}

static void kill_word_left(struct line_edit *e)
{
	kill_bytes(e, word_before(e, e->at), e->at);
}

static void kill_word_right(struct line_edit *e)
{
	kill_bytes(e, e->at, word_after(e, e->at));
}

static void kill_left(struct line_edit *e)
{
	kill_bytes(e, 0, e->at);
}

static void kill_right(struct line_edit *e)
{
	kill_bytes(e, e->at, e->len);
}

static void yank(struct line_edit *e)
{
	insert_bytes(e, e->killed, strlen(e->killed));
}

static const struct {
	uint32_t keys[3];
	void (*act)(struct line_edit *e);
	enum deed deed;
} table[] = {
	{{KEY_CURSOR_LEFT, KEY_CONTROL('b')}, go_left, DEED_OTHER},
	{{KEY_CURSOR_RIGHT, KEY_CONTROL('f')}, go_right, DEED_OTHER},
	{{KEY_CURSOR_LEFT | KEY_WITH_CONTROL, 'b' | KEY_WITH_ALT, KEY_CURSOR_LEFT | KEY_WITH_ALT},
		go_word_left, DEED_OTHER},
	{{KEY_CURSOR_RIGHT | KEY_WITH_CONTROL, 'f' | KEY_WITH_ALT, KEY_CURSOR_RIGHT | KEY_WITH_ALT},
		go_word_right, DEED_OTHER},
	{{KEY_LINE_HOME, KEY_CONTROL('a')}, go_home, DEED_OTHER},
	{{KEY_LINE_END, KEY_CONTROL('e')}, go_end, DEED_OTHER},
	{{KEY_ERASE}, erase_left, DEED_OTHER},
	{{KEY_DEL, KEY_CONTROL('d')}, erase_right, DEED_OTHER},
	{{KEY_CONTROL('w'), KEY_ERASE | KEY_WITH_ALT}, kill_word_left, DEED_KILL},
	{{'d' | KEY_WITH_ALT, KEY_DEL | KEY_WITH_CONTROL}, kill_word_right, DEED_KILL},
	{{KEY_CONTROL('u')}, kill_left, DEED_KILL},
	{{KEY_CONTROL('k')}, kill_right, DEED_KILL},
	{{KEY_CONTROL('y')}, yank, DEED_OTHER},
};

/* A key that changes the text, or moves within it. */
static int act(struct line_edit *e, const struct key_event *event)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		for (size_t k = 0; k < sizeof(table->keys) / sizeof(*table->keys); k++)
			if (table[i].keys[k] == event->key && event->key) {
				table[i].act(e);
				e->last = table[i].deed;
				return 1;
			}
	e->last = DEED_OTHER;
	return insert(e, event->key);
}

/* What was typed so many changes earlier, or later. 1 if there is such a thing. */
static int recall(struct line_edit *e, int by)
{
	size_t to = e->recalled + (size_t)by;
	const char *text = to ? history_at(e->history, to - 1) : e->draft;

	if ((by < 0 && !e->recalled) || !text)
		return 0;
	if (!e->recalled) {
		talloc_free(e->draft);
		e->draft = talloc_strdup(e, e->text);
	}
	take(e, text);
	e->recalled = to;
	return 1;
}

static int go_through_history(struct line_edit *e, uint32_t key)
{
	if (key == KEY_CURSOR_UP || key == KEY_CONTROL('p'))
		return recall(e, 1);
	if (key == KEY_CURSOR_DOWN || key == KEY_CONTROL('n'))
		return recall(e, -1);
	return 0;
}

static int go_through_past(struct line_edit *e, uint32_t key)
{
	struct moment now = {e->text, e->at}, then;
	enum past_way way = key == ('z' | KEY_WITH_ALT) ? PAST_REDO : PAST_UNDO;

	if (key != KEY_CONTROL('z') && key != KEY_CONTROL('_') && key != ('z' | KEY_WITH_ALT))
		return 0;
	if (past_go(e->past, way, now, &then)) {
		line_edit_set(e, then.text);
		line_edit_place(e, then.at);
	}
	return 1;
}

unsigned int line_edit_run(const struct key_event *event)
{
	if (event->key == KEY_ERASE || event->key == KEY_DEL)
		return 1;
	return event->key > ' ' && event->key < KEY_FIRST && event->key != KEY_ERASE ? 2 : 0;
}

static int change(struct line_edit *e, const struct key_event *event)
{
	const char *recalled;
	int means;

	if (e->history && go_through_history(e, event->key))
		return 1;
	means = act(e, event);
	recalled = e->recalled ? history_at(e->history, e->recalled - 1) : NULL;
	if (!recalled || strcmp(recalled, e->text) != 0)
		e->recalled = 0; /* it was changed: it is what is typed now */
	return means;
}

int line_edit_key(struct line_edit *e, const struct key_event *event)
{
	struct moment was = {NULL, e->at};
	int means;

	if (!e->past)
		return change(e, event);
	if (go_through_past(e, event->key))
		return 1;
	was.text = talloc_strdup(NULL, e->text);
	means = change(e, event);
	if (was.text && strcmp(was.text, e->text) != 0)
		past_keep(e->past, was, line_edit_run(event));
	else
		past_break(e->past);
	talloc_free((void *)was.text);
	return means;
}

static int columns_to(const struct line_edit *e, size_t at, unsigned int look)
{
	if (look & LINE_EDIT_SECRET) {
		int count = 0;

		for (size_t i = 0; i < at; i = after(e, i))
			count++;
		return count;
	}
	return line_columns(e->text, 0, at);
}

/* A line is longer than its field: say so at the side where it goes on, but not below the cursor. */
static void mark_cuts(const struct line_edit *e, struct grid *g, const int at[3], int cursor)
{
	int x = at[0], y = at[1], width = at[2];

	if (e->from > 0 && cursor != e->from)
		grid_fill(g, x, y, 1, GRID_DIM, 0x2026);
	if (grid_columns(e->text) > e->from + width && cursor != e->from + width - 1)
		grid_fill(g, x + width - 1, y, 1, GRID_DIM, 0x2026);
}

void line_edit_draw(struct line_edit *e, struct grid *g, const int at[3], unsigned int look)
{
	int x = at[0], y = at[1], width = at[2], cursor = columns_to(e, e->at, look);
	int end = columns_to(e, e->len, look);

	if (width < 2)
		return;
	if (e->from > end - width + 1)
		e->from = end < width ? 0 : end - width + 1;
	if (cursor < e->from)
		e->from = cursor;
	if (cursor >= e->from + width)
		e->from = cursor - width + 1;
	if (look & LINE_EDIT_SECRET) {
		int stars = end - e->from;

		grid_fill(g, x, y, stars < width ? stars : width, GRID_PLAIN, '*');
	} else {
		grid_text_from(g, x, y, width, e->from, GRID_PLAIN, e->text);
		mark_cuts(e, g, at, cursor);
	}
	x += cursor - e->from;
	if ((look & LINE_EDIT_FOCUS) && x >= 0 && x < g->width && y >= 0 && y < g->height) {
		g->cursor_x = x;
		g->cursor_y = y;
	}
}
