// SPDX-License-Identifier: GPL-2.0-or-later
/* What terminals send, and which keys it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ui/menu/key.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CTRL KEY_WITH_CONTROL
#define ALT KEY_WITH_ALT

/* A key as text: "x", "F1", "C-Up", "Click 3,4". */
static void append_name(char *text, size_t size, const struct key_event *event)
{
	static const struct {
		uint32_t key;
		const char *name;
	} names[] = {
		{KEY_TAB, "Tab"},
		{KEY_RETURN, "Return"},
		{KEY_ESC, "Esc"},
		{KEY_ERASE, "Erase"},
		{KEY_CURSOR_UP, "Up"},
		{KEY_CURSOR_DOWN, "Down"},
		{KEY_CURSOR_LEFT, "Left"},
		{KEY_CURSOR_RIGHT, "Right"},
		{KEY_PAGE_UP, "PgUp"},
		{KEY_PAGE_DOWN, "PgDn"},
		{KEY_LINE_HOME, "Home"},
		{KEY_LINE_END, "End"},
		{KEY_INS, "Ins"},
		{KEY_DEL, "Del"},
		{KEY_BACK_TAB, "BackTab"},
		{KEY_CLICK, "Click"},
		{KEY_WHEEL_UP, "WheelUp"},
		{KEY_WHEEL_DOWN, "WheelDown"},
	};
	const uint32_t key = event->key & ~(CTRL | ALT);
	size_t at = strlen(text);

	at += (size_t)snprintf(text + at, size - at, "%s%s%s", at ? " " : "",
		event->key & ALT ? "A-" : "", event->key & CTRL ? "C-" : "");
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].key == key)
			at += (size_t)snprintf(text + at, size - at, "%s", names[i].name);
	if (key > KEY_FN && key <= KEY_LAST)
		at += (size_t)snprintf(text + at, size - at, "F%u", key - KEY_FN);
	else if (key > ' ' && key < KEY_ERASE)
		at += (size_t)snprintf(text + at, size - at, "%c", (char)key);
	else if (key == ' ' || (key < ' ' && key != KEY_TAB && key != KEY_RETURN && key != KEY_ESC))
		at += (size_t)snprintf(text + at, size - at, "%02x", key);
	else if (key > KEY_ERASE && key < KEY_FIRST)
		at += (size_t)snprintf(text + at, size - at, "U+%04X", key);
	if (key >= KEY_CLICK && key <= KEY_WHEEL_DOWN)
		snprintf(text + at, size - at, "%d,%d", event->x, event->y);
}

static struct key_decoder decoder;

/* The keys that these bytes are, parted by blanks, when nothing comes after them for a long time. */
static const char *keys_of(const char *bytes, size_t len)
{
	static char text[4096];
	struct key_event event;

	text[0] = '\0';
	decoder = (struct key_decoder){0};
	for (size_t i = 0; i < len; i++)
		if (key_decode(&decoder, (unsigned char)bytes[i], &event))
			append_name(text, sizeof(text), &event);
	for (int i = 0; key_decode_waits(&decoder); i++) {
		assert_true(i < KEY_PATIENCE);
		if (key_decode_late(&decoder, &event))
			append_name(text, sizeof(text), &event);
	}
	return text;
}

#define KEYS(literal) keys_of(literal, sizeof(literal) - 1)

struct sample {
	const char *bytes, *keys;
};

/* Each by itself; then between two letters, which must come out as they are. */
static void check(const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char bytes[256], keys[256];

		assert_string_equal(
			keys_of(samples[i].bytes, strlen(samples[i].bytes)), samples[i].keys);
		snprintf(bytes, sizeof(bytes), "x%sy", samples[i].bytes);
		snprintf(keys, sizeof(keys), "x%s%s y", *samples[i].keys ? " " : "",
			samples[i].keys);
		assert_string_equal(keys_of(bytes, strlen(bytes)), keys);
	}
}

static void test_text(void **state)
{
	(void)state;
	assert_string_equal(KEYS("aZ ~"), "a Z 20 ~");
	assert_string_equal(KEYS("\r\n\t\b\x7f"), "Return Return Tab Erase Erase");
	assert_string_equal(KEYS("\x01\x03\x0c\x15\x1a\x1c\x1f"), "01 03 0c 15 1a 1c 1f");
	assert_string_equal(KEYS("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), "U+00E4 U+20AC U+1F600");
}

static void test_noise(void **state)
{
	(void)state;
	assert_string_equal(KEYS("\0a\0\0b"), "a b");
	for (int byte = 0x80; byte < 0x100; byte++) {
		const char bytes[] = {(char)byte, 'k', (char)byte, (char)byte, '\r', (char)byte};

		assert_string_equal(keys_of(bytes, sizeof(bytes)), "k Return");
	}
	/* Overlong, a surrogate, beyond the last, C1 controls. */
	assert_string_equal(KEYS("\xc0\xaf"
				 "a\xe0\x80\xafs\xed\xa0\x80t\xf4\x90\x80\x80u\xc2\x9bv"),
		"a s t u v");
	/* Cut short by a key. */
	assert_string_equal(KEYS("\xe2\x82q\xf0\x9f\x98\x1b[A"), "q Up");
}

static void test_xterm(void **state)
{
	static const struct sample samples[] = {
		{"\x1b[A", "Up"},
		{"\x1b[B", "Down"},
		{"\x1b[C", "Right"},
		{"\x1b[D", "Left"},
		{"\x1bOA", "Up"},
		{"\x1bOB", "Down"},
		{"\x1bOC", "Right"},
		{"\x1bOD", "Left"},
		{"\x1b[H", "Home"},
		{"\x1b[F", "End"},
		{"\x1bOH", "Home"},
		{"\x1bOF", "End"},
		{"\x1b[2~", "Ins"},
		{"\x1b[3~", "Del"},
		{"\x1b[5~", "PgUp"},
		{"\x1b[6~", "PgDn"},
		{"\x1b[Z", "BackTab"},
		{"\x1bOP", "F1"},
		{"\x1bOQ", "F2"},
		{"\x1bOR", "F3"},
		{"\x1bOS", "F4"},
		{"\x1b[15~", "F5"},
		{"\x1b[17~", "F6"},
		{"\x1b[18~", "F7"},
		{"\x1b[19~", "F8"},
		{"\x1b[20~", "F9"},
		{"\x1b[21~", "F10"},
		{"\x1b[23~", "F11"},
		{"\x1b[24~", "F12"},
		{"\x1b[1;2A", "Up"}, /* Shift */
		{"\x1b[1;3B", "A-Down"},
		{"\x1b[1;5C", "C-Right"},
		{"\x1b[1;6D", "C-Left"},
		{"\x1b[1;7H", "A-C-Home"},
		{"\x1b[1;9F", "A-End"}, /* Meta */
		{"\x1b[3;5~", "C-Del"},
		{"\x1b[5;3~", "A-PgUp"},
		{"\x1b[1;5P", "C-F1"},
		{"\x1b[1;2Q", "F2"},
		{"\x1b[1;3S", "A-F4"},
		{"\x1bO5P", "C-F1"},
		{"\x1bO1;5R", "C-F3"},
		{"\x1b[15;5~", "C-F5"},
		{"\x1b[24;2~", "F12"},
		{"\x1bOM", "Return"},
		{"\x1bOj", "*"},
		{"\x1bOp", "0"},
		{"\x1bOy", "9"},
	};

	(void)state;
	check(samples, COUNT(samples));
}

static void test_other_terminals(void **state)
{
	static const struct sample samples[] = {
		{"\x1b[[A", "F1"}, /* linux */
		{"\x1b[[B", "F2"},
		{"\x1b[[C", "F3"},
		{"\x1b[[D", "F4"},
		{"\x1b[[E", "F5"},
		{"\x1b[1~", "Home"},
		{"\x1b[4~", "End"},
		{"\x1b\t", "BackTab"},
		{"\x1b[11~", "F1"}, /* rxvt, vt220 of PuTTY */
		{"\x1b[12~", "F2"},
		{"\x1b[13~", "F3"},
		{"\x1b[14~", "F4"},
		{"\x1b[7~", "Home"},
		{"\x1b[8~", "End"},
		{"\x1b[a", "Up"},
		{"\x1b[b", "Down"},
		{"\x1b[c", "Right"},
		{"\x1b[d", "Left"},
		{"\x1bOa", "C-Up"},
		{"\x1bOb", "C-Down"},
		{"\x1bOc", "C-Right"},
		{"\x1bOd", "C-Left"},
		{"\x1b[5$", "PgUp"},
		{"\x1b[6^", "C-PgDn"},
		{"\x1b[3@", "C-Del"},
		{"\x1b[11^", "C-F1"},
		{"\x1b\x1b[A", "A-Up"},
		{"\x1b\x1bOP", "A-F1"},
		{"\x1b\x1b[5~", "A-PgUp"},
	};

	(void)state;
	check(samples, COUNT(samples));
}

/* F13 and on, Help and Do, the middle of the keypad, keyboards of protocols that nobody asked for. */
static void test_unknown_keys(void **state)
{
	static const struct sample samples[] = {
		{"\x1b[25~", ""},
		{"\x1b[28~", ""},
		{"\x1b[34~", ""},
		{"\x1b[E", ""},
		{"\x1b[G", ""},
		{"\x1b[97;5u", ""},
		{"\x1b[27;5;9~", ""},
		{"\x1b[9999999999999999999~", ""},
		{"\x1b[1;2;3;4;5;6;7;8A", ""},
		{"\x1b[5A", ""},
		{"\x1b[[z", ""},
		{"\x1bOz", ""},
	};

	(void)state;
	check(samples, COUNT(samples));
}

static void test_answers(void **state)
{
	static const struct sample samples[] = {
		{"\x1b[24;80R", ""}, /* where the cursor is */
		{"\x1b[1;1R", ""},
		{"\x1b[1;2R", ""},
		{"\x1b[?1;2R", ""},
		{"\x1b[R", ""},
		{"\x1b[?6c", ""}, /* what it is */
		{"\x1b[?1;2c", ""},
		{"\x1b[?62;1;2;4;6;9;15;22c", ""},
		{"\x1b[>0;276;0c", ""},
		{"\x1b[=0c", ""},
		{"\x1b[0n", ""},
		{"\x1b[?13n", ""},
		{"\x1b[?2026;2$y", ""}, /* modes */
		{"\x1b[4;1$y", ""},
		{"\x1b[?1u", ""},
		{"\x1b[8;24;80t", ""}, /* its size */
		{"\x1b[I", ""},        /* the focus */
		{"\x1b[O", ""},
		{"\x1b]11;rgb:0000/0000/0000\x07", ""}, /* colours */
		{"\x1b]11;rgb:0000/0000/0000\x1b\\", ""},
		{"\x1b]lboot menu\x1b\\", ""}, /* a title */
		{"\x1bP>|XTerm(379)\x1b\\", ""},
		{"\x1bP1$r0m\x1b\\", ""},
		{"\x1bP!|00000000\x1b\\", ""},
		{"\x1b_Gi=31;OK\x1b\\", ""},
		{"\x1b^private\x1b\\", ""},
		{"\x1bXstring\x1b\\", ""},
		{"\x1b[200~", ""}, /* paste */
		{"\x1b[201~", ""},
		{"\x1b[200~pasted\x1b[201~", "p a s t e d"},
	};
	char longest[4000];

	(void)state;
	check(samples, COUNT(samples));
	memset(longest, 'q', sizeof(longest));
	memcpy(longest, "\x1bP", 2);
	memcpy(longest + sizeof(longest) - 3, "\x1b\\k", 3);
	assert_string_equal(keys_of(longest, sizeof(longest)), "k");
	memset(longest, '1', sizeof(longest));
	memcpy(longest, "\x1b[", 2);
	memcpy(longest + sizeof(longest) - 3, "~kk", 3);
	assert_string_equal(keys_of(longest, sizeof(longest)), "k k");
}

static void test_report(void **state)
{
	(void)state;
	KEYS("\x1b[43;132R");
	assert_int_equal(decoder.report_row, 43);
	assert_int_equal(decoder.report_column, 132);
	KEYS("\x1b[?43;132R\x1b[1;5P\x1b[43R");
	assert_int_equal(decoder.report_row, 0);
}

static void test_mouse(void **state)
{
	static const struct sample samples[] = {
		{"\x1b[<0;1;1M", "Click0,0"},
		{"\x1b[<0;40;10M", "Click39,9"},
		{"\x1b[<0;40;10m", ""}, /* up again */
		{"\x1b[<0;300;200M", "Click299,199"},
		{"\x1b[<16;3;4M", "C-Click2,3"},
		{"\x1b[<8;3;4M", "A-Click2,3"},
		{"\x1b[<4;3;4M", "Click2,3"},
		{"\x1b[<64;3;4M", "WheelUp2,3"},
		{"\x1b[<65;3;4M", "WheelDown2,3"},
		{"\x1b[<1;3;4M", ""},
		{"\x1b[<2;3;4M", ""},
		{"\x1b[<32;3;4M", ""}, /* moved */
		{"\x1b[<35;3;4M", ""},
		{"\x1b[<0;0;4M", ""},
		{"\x1b[<0;4M", ""},
		{"\x1b[<0;1;2;3M", ""},
		{"\x1b[<M", ""},
		{"\x1b[M !!", "Click0,0"}, /* what does not know the SGR mode */
		{"\x1b[M (*", "Click7,9"},
		{"\x1b[M#!!", ""},
		{"\x1b[M`!!", "WheelUp0,0"},
	};

	(void)state;
	check(samples, COUNT(samples));
}

static void test_escape(void **state)
{
	(void)state;
	assert_string_equal(KEYS("\x1b"), "Esc");
	assert_string_equal(KEYS("\x1b\x1b"), "Esc");
	assert_string_equal(KEYS("\x1b\x1b\x1b"), "Esc Esc");
	assert_string_equal(KEYS("a\x1b"), "a Esc");
	assert_string_equal(KEYS("\x1bx\x1b\r\x1b\x7f\x1b\x01"), "A-x A-Return A-Erase A-01");
	assert_string_equal(KEYS("\x1b\xc3\xa4"), "A-U+00E4");
	assert_string_equal(KEYS("\x1b["), "A-[");
	assert_string_equal(KEYS("\x1bO"), "A-O");
	assert_string_equal(KEYS("\x1bP"), "A-P");
	assert_string_equal(KEYS("\x1b]"), "A-]");
	assert_string_equal(KEYS("\x1b\xff"), "Esc");
	/* Escape, and an answer after it. */
	assert_string_equal(KEYS("\x1b\x1b[?1;2c"), "Esc");
	assert_string_equal(KEYS("\x1b\x1b]11;rgb\x07q"), "Esc q");
}

/* What is broken off does not take the next key with it for long. */
static void test_broken(void **state)
{
	(void)state;
	assert_string_equal(KEYS("\x1b[1;\r"), "Return");
	assert_string_equal(KEYS("\x1b[12\x1b[A"), "Up");
	assert_string_equal(KEYS("\x1bO\x1bOP"), "F1");
	assert_string_equal(KEYS("\x1b]11;rgb\x1b[A"), "Up");
	assert_string_equal(KEYS("\x1b]11;rgb\x1b"), "Esc");
	assert_string_equal(KEYS("\x1b]11;rgb\rk"), "k");
	assert_string_equal(KEYS("\x1b[5\xffk"), "k");
	assert_string_equal(KEYS("\x1b[M\rk"), "Return k");
	assert_string_equal(KEYS("\x1b[12;"), "");
	assert_string_equal(KEYS("\x1bPq"), "");
}

/* It takes no longer pause to tell Escape from a sequence than one; within an answer there may be some. */
static void test_pauses(void **state)
{
	struct key_decoder d = {0};
	struct key_event event;

	(void)state;
	assert_false(key_decode_waits(&d));
	assert_int_equal(key_decode(&d, 0x1b, &event), 0);
	assert_true(key_decode_waits(&d));
	assert_int_equal(key_decode_late(&d, &event), 1);
	assert_int_equal(event.key, KEY_ESC);
	assert_false(key_decode_waits(&d));
	assert_int_equal(key_decode_late(&d, &event), 0);
	for (const char *c = "\x1b[24;80R"; *c; c++) {
		assert_int_equal(key_decode(&d, (unsigned char)*c, &event), 0);
		for (int i = 0; c[1] && strchr("24;80", *c) && i < KEY_PATIENCE - 1; i++)
			assert_int_equal(key_decode_late(&d, &event), 0);
	}
	assert_false(key_decode_waits(&d));
	assert_int_equal(d.report_row, 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_xterm),
		cmocka_unit_test(test_other_terminals),
		cmocka_unit_test(test_unknown_keys),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_pauses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
