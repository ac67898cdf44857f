// SPDX-License-Identifier: GPL-2.0-or-later
/* A line that is typed: its keys, what it takes back, and what it forgets. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "ui/menu/line_edit.h"
#include "ui/menu/line_wrap.h"
#include "ui/menu/past.h"
#include "ui/menu/word_diff.h"

#define ALT(key) ((key) | KEY_WITH_ALT)
#define UNDO KEY_CONTROL('z')
#define REDO ALT('z')

static int press(struct line_edit *e, uint32_t key)
{
	return line_edit_key(e, &(struct key_event){.key = key});
}

static void type(struct line_edit *e, const char *text)
{
	while (*text)
		press(e, (unsigned char)*text++);
}

/* A text, keys, and what the text is then, with | where the cursor stands. */
static void keys_do_what_readline_does(void **state)
{
	static const struct {
		const char *text;
		uint32_t keys[6];
		const char *then;
	} cases[] = {
		{"ro quiet", {'x'}, "ro quietx|"},
		{"ro quiet", {KEY_LINE_HOME, 'x'}, "x|ro quiet"},
		{"ro quiet", {KEY_CONTROL('a'), KEY_CONTROL('f'), KEY_CONTROL('d')}, "r| quiet"},
		{"a\xc3\xb6", {KEY_ERASE}, "a|"},
		{"a\xc3\xb6", {KEY_CURSOR_LEFT, KEY_ERASE, KEY_DEL}, "|"},
		{"a\xc3\xb6", {KEY_CURSOR_LEFT, 0x20ac}, "a\xe2\x82\xac|\xc3\xb6"},
		{"a b  c", {KEY_CONTROL('w')}, "a b  |"},
		{"a b  c", {KEY_CONTROL('w'), KEY_CONTROL('w')}, "a |"},
		{"a b  c", {KEY_CONTROL('w'), KEY_CONTROL('w'), KEY_CONTROL('y')}, "a b  c|"},
		{"a b  c", {ALT('b'), ALT('b'), ALT('d')}, "a |  c"},
		{"a b  c", {ALT('b'), ALT('b'), KEY_CONTROL('k'), KEY_LINE_HOME, KEY_CONTROL('y')},
			"b  c|a "},
		{"a b c", {KEY_CONTROL('u'), 'x', KEY_CONTROL('y')}, "xa b c|"},
		{"a b c", {KEY_CURSOR_LEFT | KEY_WITH_CONTROL, KEY_CURSOR_LEFT, KEY_ERASE},
			"a | c"},
		{"a b c", {KEY_LINE_HOME, KEY_CURSOR_RIGHT | KEY_WITH_CONTROL}, "a| b c"},
		{"a b",
			{ALT('b'), KEY_CONTROL('k'), KEY_LINE_HOME, KEY_CONTROL('k'),
				KEY_CONTROL('y')},
			"a |"},
		{"ab", {KEY_CONTROL('y'), 0xd800, 0x85, 0x7f, KEY_FN + 3}, "a|"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct line_edit *e = line_edit_new(NULL, cases[i].text);
		char shown[64];
		int at;

		for (size_t k = 0; k < 6 && cases[i].keys[k]; k++)
			press(e, cases[i].keys[k]);
		at = (int)line_edit_at(e);
		snprintf(shown, sizeof(shown), "%.*s|%s", at, line_edit_text(e),
			line_edit_text(e) + at);
		assert_string_equal(shown, cases[i].then);
		talloc_free(e);
	}
}

static void what_is_no_key_of_a_line_is_refused(void **state)
{
	static const uint32_t keys[] = {KEY_TAB, KEY_RETURN, KEY_ESC, KEY_CURSOR_UP, KEY_FN + 1,
		KEY_CONTROL('s'), KEY_CONTROL('p'), UNDO, ALT('x'), KEY_CLICK, KEY_NO, 0xdfff};
	struct line_edit *e = line_edit_new(NULL, "text");

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		assert_false(press(e, keys[i]));
	assert_string_equal(line_edit_text(e), "text");
	talloc_free(e);
}

static void words_are_taken_back_one_by_one(void **state)
{
	struct line_edit *e = line_edit_new(NULL, "ro");

	(void)state;
	line_edit_remember(e);
	assert_true(press(e, UNDO));
	type(e, " quiet single");
	press(e, UNDO);
	assert_string_equal(line_edit_text(e), "ro quiet ");
	press(e, UNDO);
	press(e, KEY_CONTROL('_'));
	assert_string_equal(line_edit_text(e), "ro ");
	press(e, REDO);
	assert_string_equal(line_edit_text(e), "ro quiet");
	press(e, KEY_CONTROL('u'));
	press(e, REDO); /* nothing: another way was gone */
	assert_string_equal(line_edit_text(e), "");
	for (int i = 0; i < 10; i++)
		press(e, UNDO);
	assert_string_equal(line_edit_text(e), "ro");
	assert_int_equal(line_edit_at(e), 2);
	talloc_free(e);
}

static void a_move_ends_what_is_taken_back_as_one(void **state)
{
	struct line_edit *e = line_edit_new(NULL, "");

	(void)state;
	line_edit_remember(e);
	type(e, "ab");
	press(e, KEY_CURSOR_LEFT);
	type(e, "cd");
	press(e, UNDO);
	assert_string_equal(line_edit_text(e), "ab");
	assert_int_equal(line_edit_at(e), 1);
	talloc_free(e);
}

/* Is this anywhere in what belongs to e? */
static size_t found(struct line_edit *e, const char *secret)
{
	return memmem(e, talloc_get_size(e), secret, strlen(secret)) != NULL;
}

static void a_secret_leaves_nothing(void **state)
{
	struct line_edit *e = line_edit_new(NULL, "");

	(void)state;
	type(e, "correct horse");
	press(e, KEY_CONTROL('u'));
	press(e, KEY_CONTROL('y'));
	press(e, UNDO);
	assert_string_equal(line_edit_text(e), "correct horse");
	assert_int_equal(talloc_total_blocks(e), 1);
	assert_true(found(e, "correct horse"));
	line_edit_wipe(e);
	assert_string_equal(line_edit_text(e), "");
	assert_false(found(e, "horse"));
	press(e, KEY_CONTROL('y'));
	assert_string_equal(line_edit_text(e), "");
	talloc_free(e);
}

static void what_is_too_long_is_cut_at_a_character(void **state)
{
	char long_text[LINE_EDIT_MAX + 8] = "";
	struct line_edit *e;

	(void)state;
	for (size_t i = 0; i < LINE_EDIT_MAX + 4; i += 2)
		memcpy(long_text + i, "\xc3\xb6", 3);
	e = line_edit_new(NULL, long_text);
	assert_int_equal(strlen(line_edit_text(e)), LINE_EDIT_MAX - 2);
	press(e, 0x20ac);
	assert_int_equal(strlen(line_edit_text(e)), LINE_EDIT_MAX - 2);
	press(e, 'x');
	assert_int_equal(strlen(line_edit_text(e)), LINE_EDIT_MAX - 1);
	talloc_free(e);
}

static void what_was_typed_earlier_comes_again(void **state)
{
	struct history *h = history_new(NULL);
	struct line_edit *e = line_edit_new(h, "now");

	(void)state;
	line_edit_offer(e, h);
	assert_false(press(e, KEY_CURSOR_UP));
	history_add(h, "first");
	history_add(h, "second");
	assert_true(press(e, KEY_CURSOR_UP));
	assert_string_equal(line_edit_text(e), "second");
	assert_true(press(e, KEY_CONTROL('p')));
	assert_string_equal(line_edit_text(e), "first");
	assert_false(press(e, KEY_CURSOR_UP));
	assert_true(line_edit_is_recalled(e));
	assert_true(press(e, KEY_CURSOR_DOWN));
	assert_true(press(e, KEY_CONTROL('n')));
	assert_string_equal(line_edit_text(e), "now");
	assert_false(press(e, KEY_CURSOR_DOWN));
	press(e, KEY_CURSOR_UP);
	press(e, 'x');
	assert_false(line_edit_is_recalled(e));
	assert_string_equal(line_edit_text(e), "secondx");
	talloc_free(h);
}

static void history_is_bounded_and_has_each_once(void **state)
{
	struct history *h = history_new(NULL);
	char text[32];

	(void)state;
	history_add(h, "");
	assert_null(history_at(h, 0));
	for (int i = 0; i < 2 * HISTORY_MAX; i++) {
		snprintf(text, sizeof(text), "text %d", i);
		history_add(h, text);
	}
	assert_string_equal(history_at(h, 0), text);
	assert_string_equal(history_at(h, HISTORY_MAX - 1), "text 50");
	assert_null(history_at(h, HISTORY_MAX));
	history_add(h, "text 60");
	assert_string_equal(history_at(h, 0), "text 60");
	assert_string_equal(history_at(h, 1), text);
	assert_string_equal(history_at(h, HISTORY_MAX - 1), "text 50");
	assert_int_equal(talloc_total_blocks(h), 1 + HISTORY_MAX);
	talloc_free(h);
}

static void the_past_is_bounded(void **state)
{
	struct past *p = past_new(NULL);
	char text[2000];
	struct moment then, now = {"now", 0};
	int count = 0;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < 1000; i++)
		past_keep(p, (struct moment){i % 2 ? text : "short", 0}, 0);
	assert_true(talloc_total_blocks(p) <= 1 + PAST_MOMENTS_MAX);
	assert_true(talloc_total_size(p) < 2 * PAST_BYTES_MAX);
	while (past_go(p, PAST_UNDO, now, &then))
		count++;
	assert_in_range(count, 2, PAST_MOMENTS_MAX);
	assert_true(talloc_total_size(p) < 2 * PAST_BYTES_MAX);
	talloc_free(p);
}

static void rows_break_behind_blanks(void **state)
{
	static const struct {
		const char *text;
		int width;
		const char *rows; /* parted by | */
	} cases[] = {
		{"", 5, ""},
		{"ro quiet", 8, "ro quiet"},
		{"ro quiet", 7, "ro |quiet"},
		{"ro quiet", 5, "ro |quiet"},
		{"ro quiet", 3, "ro |qui|et"},
		{"quiet     ro", 5, "quiet     |ro"},
		{"ro ", 2, "ro "},
		{"\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 4,
			"\xe4\xb8\xad\xe4\xb8\xad|\xe4\xb8\xad"},
		{"\xe4\xb8\xad", 1, "\xe4\xb8\xad"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t count;
		struct line_row *rows = line_wrap(NULL, cases[i].text, cases[i].width, &count);
		char shown[64] = "";

		for (size_t r = 0; r < count; r++)
			snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown), "%s%.*s",
				r ? "|" : "", (int)(rows[r].to - rows[r].from),
				cases[i].text + rows[r].from);
		assert_string_equal(shown, cases[i].rows);
		talloc_free(rows);
	}
}

static void words_differ(void **state)
{
	static const struct {
		const char *old, *new, *diff;
	} cases[] = {
		{"", "", ""},
		{"ro quiet", "ro quiet", " ro quiet"},
		{"ro quiet", "ro  single quiet", " ro+single quiet"},
		{"a b c", "c", "-a-b c"},
		{"a b c d", "a x c y d", " a-b+x c+y d"},
		{"", "a", "+a"},
		{"init=\"/bin/sh -x\" ro", "init=\"/bin/sh -y\" ro",
			"-init=\"/bin/sh -x\"+init=\"/bin/sh -y\" ro"},
		{"a a a", "a a", " a a-a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t count;
		struct word *words = word_diff(NULL, cases[i].old, cases[i].new, &count);
		char shown[128] = "";

		for (size_t w = 0; w < count; w++)
			snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown), "%c%.*s",
				" +-"[words[w].state], (int)words[w].len, words[w].text);
		assert_string_equal(shown, cases[i].diff);
		talloc_free(words);
	}
}

static void thousands_of_words_differ_without_a_table(void **state)
{
	char old[LINE_EDIT_MAX], new[LINE_EDIT_MAX];
	size_t count;
	struct word *words;

	(void)state;
	for (size_t i = 0; i < LINE_EDIT_MAX; i++) {
		old[i] = i % 2 ? ' ' : 'a';
		new[i] = i % 2 ? ' ' : 'b';
	}
	old[LINE_EDIT_MAX - 1] = new[LINE_EDIT_MAX - 1] = '\0';
	words = word_diff(NULL, old, new, &count);
	assert_int_equal(count, LINE_EDIT_MAX);
	talloc_free(words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_do_what_readline_does),
		cmocka_unit_test(what_is_no_key_of_a_line_is_refused),
		cmocka_unit_test(words_are_taken_back_one_by_one),
		cmocka_unit_test(a_move_ends_what_is_taken_back_as_one),
		cmocka_unit_test(a_secret_leaves_nothing),
		cmocka_unit_test(what_is_too_long_is_cut_at_a_character),
		cmocka_unit_test(what_was_typed_earlier_comes_again),
		cmocka_unit_test(history_is_bounded_and_has_each_once),
		cmocka_unit_test(the_past_is_bounded),
		cmocka_unit_test(rows_break_behind_blanks),
		cmocka_unit_test(words_differ),
		cmocka_unit_test(thousands_of_words_differ_without_a_table),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
