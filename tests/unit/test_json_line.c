// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages without memory: whatever the texts are, each is one line of JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "ui/json.h"
#include "ui/menu/json_line.h"

/* As the other end reads it. */
static json_t *read_line(const struct json_line *line)
{
	json_t *json = json_loadb(line->bytes, line->len - 1, JSON_REJECT_DUPLICATES, NULL);

	assert_int_equal(line->bytes[line->len - 1], '\n');
	assert_null(memchr(line->bytes, '\n', line->len - 1));
	assert_true(json_is_object(json));
	return json;
}

static void says_what_jansson_says(void **state)
{
	static const char *const texts[] = {"", "0000:01:00.0", "a \"quote\" \\ and \b\t\n\x1b[1m",
		"gr\xc3\xbc\xc3\x9f \xf0\x9f\x90\xa7", "\x7f", "/ </script>"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct json_line line = {.len = 0};
		json_t *json;

		json_line_text(&line, "text", texts[i]);
		json_line_number(&line, "number", UINT32_MAX);
		json_line_text(&line, "none", NULL);
		json_line_end(&line);
		json = read_line(&line);
		assert_string_equal(json_string_value(json_object_get(json, "text")), texts[i]);
		assert_int_equal(json_integer_value(json_object_get(json, "number")), UINT32_MAX);
		assert_true(json_is_null(json_object_get(json, "none")));
		json_decref(json);
	}
}

/* Where json_text() has to escape it all, only the odd bytes are here. */
static void shows_what_is_no_utf8(void **state)
{
	struct json_line line = {.len = 0};
	json_t *json;

	(void)state;
	json_line_text(&line, "text", "a\xff\xc3(\xed\xa0\x80");
	json_line_end(&line);
	json = read_line(&line);
	assert_string_equal(
		json_string_value(json_object_get(json, "text")), "a\\xff\\xc3(\\xed\\xa0\\x80");
	json_decref(json);
}

static void is_whole_however_long(void **state)
{
	static const char *const fillings[] = {"x", "\x1b", "\xff", "\xc3\xbc"};

	(void)state;
	for (size_t i = 0; i < sizeof(fillings) / sizeof(*fillings); i++) {
		size_t n = strlen(fillings[i]);
		char *text = calloc(1, 3 * JSON_LINE_MAX);
		struct json_line line = {.len = 0};
		json_t *json;

		for (size_t at = 0; at < 2 * JSON_LINE_MAX; at += n)
			memcpy(text + at, fillings[i], n);
		json_line_text(&line, "first", "1");
		json_line_text(&line, "long", text);
		json_line_text(&line, "lost", "3");
		json_line_number(&line, "gone", 4);
		json_line_end(&line);
		assert_in_range(line.len, JSON_LINE_MAX - 16, JSON_LINE_MAX);
		json = read_line(&line);
		assert_int_equal(json_object_size(json), 2);
		assert_string_equal(json_string_value(json_object_get(json, "first")), "1");
		json_decref(json);
		free(text);
	}
}

/* Bytes of every kind, many times. */
static void survives_anything(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 2000; round++) {
		struct json_line line = {.len = 0};
		char text[1024];
		size_t len = (size_t)rand() % sizeof(text);

		for (size_t i = 0; i < len; i++)
			text[i] = (char)(1 + rand() % 255);
		text[len] = '\0';
		for (int i = 0; i < rand() % 8; i++) {
			char key[8] = {(char)('a' + i)};

			json_line_text(&line, key, text);
		}
		json_line_end(&line);
		json_decref(read_line(&line));
	}
}

static void may_be_empty(void **state)
{
	struct json_line line = {.len = 0};

	(void)state;
	json_line_end(&line);
	json_decref(read_line(&line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_jansson_says),
		cmocka_unit_test(shows_what_is_no_utf8),
		cmocka_unit_test(is_whole_however_long),
		cmocka_unit_test(survives_anything),
		cmocka_unit_test(may_be_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
