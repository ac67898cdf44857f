// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys for a line: two bytes each, 0xff and one more a special one. What comes of valid keys is valid UTF-8,
 * with the cursor between two characters; and it can be drawn and wrapped wherever that is. */
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/utf8.h"
#include "ui/menu/line_edit.h"
#include "ui/menu/line_wrap.h"
#include "ui/menu/word_diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t key_of(uint8_t a, uint8_t b)
{
	if (a < 0x20)
		return b & 0x7f ? b & 0x7f : ' ';
	if (a < 0x40)
		return KEY_FIRST + b % (KEY_LAST + 1 - KEY_FIRST);
	if (a < 0x50)
		return (KEY_FIRST + b % (KEY_LAST + 1 - KEY_FIRST)) | KEY_WITH_CONTROL;
	if (a < 0x60)
		return (b & 0x7f) | KEY_WITH_ALT;
	if (a < 0x70)
		return 0x10000u + (uint32_t)a * b;
	return (uint32_t)a << 8 | b;
}

static void check(struct line_edit *e, struct grid *g, int width)
{
	const char *text = line_edit_text(e);
	size_t at = line_edit_at(e), count, end = 0;
	struct line_row *rows = line_wrap(NULL, text, width, &count);

	if (strlen(text) >= LINE_EDIT_MAX || at > strlen(text) || !utf8_is_valid(text) ||
		(text[at] & 0xc0) == 0x80)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (rows[i].from != end || (rows[i].to == end && *text))
			abort();
		end = rows[i].to;
	}
	if (text[end] || rows[line_row_of(rows, count, at)].from > at)
		abort();
	talloc_free(rows);
	g->cursor_x = -1;
	line_edit_draw(e, g, (int[3]){1, 0, width}, LINE_EDIT_FOCUS);
	if (width >= 2 && (g->cursor_x < 1 || g->cursor_x > width))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct history *history;
	struct line_edit *e;
	struct grid *g;
	size_t words;

	if (!setlocale(LC_ALL, "C.UTF-8") || size > 4096)
		return 0;
	history = history_new(NULL);
	history_add(history, "root=LABEL=\xc3\xb6 quiet");
	e = line_edit_new(history, "ro");
	g = grid_new(history, 40, 1);
	if (size & 1)
		line_edit_remember(e);
	line_edit_offer(e, history);
	for (size_t i = 0; i + 1 < size; i += 2) {
		struct key_event event = {.key = key_of(data[i], data[i + 1])};

		line_edit_key(e, &event);
		if (i % 64 == 0)
			check(e, g, 1 + data[i] % 38);
		if (event.key == KEY_RETURN)
			history_add(history, line_edit_text(e));
	}
	check(e, g, 20);
	talloc_free(word_diff(history, history_at(history, 0), line_edit_text(e), &words));
	line_edit_wipe(e);
	check(e, g, 3);
	talloc_free(history);
	return 0;
}
