// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/line_diff.h"

static char *diff(const char *old, const char *new)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(line_diff(old, new, out), 0);
	fclose(out);
	return text;
}

static void test_differences(void **state)
{
	static const struct {
		const char *old, *new, *expected;
	} cases[] = {
		{"", "", ""},
		{"a\nb\n", "a\nb\n", ""},
		{"", "a\n", "@@ -1 +1 @@\n+a\n"},
		{"a\n", "", "@@ -1 +1 @@\n-a\n"},
		{"a\nb\nc\n", "a\nx\nc\n", "@@ -2 +2 @@\n-b\n+x\n"},
		{"a\nb\nc\nd\n", "b\nc\ne\nd\n", "@@ -1 +1 @@\n-a\n@@ -4 +3 @@\n+e\n"},
		{"a\nb\n", "b\na\n", "@@ -1 +1 @@\n-a\n@@ -3 +2 @@\n+a\n"},
		{"a\n\nb\n", "a\nb\n", "@@ -2 +2 @@\n-\n"},
		{"a", "a\n", ""},
		{"\033[m\n", "", "@@ -1 +1 @@\n-\\x1b[m\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = diff(cases[i].old, cases[i].new);

		assert_string_equal(text, cases[i].expected);
		free(text);
	}
}

/* Too many lines for a table: everything between what is alike at both ends. */
static void test_very_long_ones(void **state)
{
	enum { LINES = 5000 };
	char *old = malloc(8 * LINES), *new = malloc(8 * LINES), *text;
	size_t old_len = 0, new_len = 0, lines = 0;

	(void)state;
	for (int i = 0; i < LINES; i++) {
		old_len += (size_t)sprintf(old + old_len, "%d\n", i);
		new_len += (size_t)sprintf(new + new_len, "%d\n", i == 1 || i == 4998 ? -i : i);
	}
	text = diff(old, new);
	assert_ptr_equal(strstr(text, "@@ -2 +2 @@\n-1\n-2\n"), text);
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 1 + 2 * 4998);
	free(old);
	free(new);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_differences),
		cmocka_unit_test(test_very_long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
