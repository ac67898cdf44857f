// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "ui/menu/grid.h"
#include "ui/menu/page.h"

/* What a grid shows, without blanks at the ends of lines. */
static void expect(const struct grid *g, const char *wanted)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	grid_print(g, GRID_PRINT_TEXT, out);
	fclose(out);
	assert_string_equal(text, wanted);
	free(text);
}

static void test_text(void **state)
{
	static const struct {
		const char *text;
		int width;
		const char *shown;
		int columns;
	} cases[] = {
		{"plain", 10, "plain\n", 5}, {"plain", 5, "plain\n", 5}, {"plain", 4, "pla…\n", 5},
		{"plain", 1, "…\n", 5}, {"plain", 0, "\n", 5}, {"über", 10, "über\n", 4},
		{"日本語", 10, "日本語\n", 6}, {"日本語", 5, "日本…\n", 6},
		{"日本語", 4, "日…\n", 6}, {"e\xcc\x81t", 10, "e\xcc\x81t\n", 2},
		{"\033[31m", 20, "\\x1b[31m\n", 8}, {"a\xff", 20, "a\\xff\n", 5},
		{"\xc3", 20, "\\xc3\n", 4}, {"\xe2\x82", 20, "\\xe2\\x82\n", 8},
		{"\xc0\x80", 20, "\\xc0\\x80\n", 8},           /* too long for what it is */
		{"\xed\xa0\x80", 20, "\\xed\\xa0\\x80\n", 12}, /* half of a surrogate pair */
		{"\xf4\x90\x80\x80", 20, "\\xf4\\x90\\x80\\x80\n", 16},
		{"\xe2\x80\xae", 20, "\\xe2\\x80\\xae\n", 12}, /* turns the direction of writing */
		{"\xc2\x9b", 20, "\\xc2\\x9b\n", 8},           /* CSI in one byte */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct grid *g = grid_new(NULL, 20, 1);

		grid_text(g, 0, 0, cases[i].width, GRID_PLAIN, cases[i].text);
		expect(g, cases[i].shown);
		assert_int_equal(grid_columns(cases[i].text), cases[i].columns);
		talloc_free(g);
	}
}

/* Whatever is drawn where: nothing leaves the grid, and no half of a character is left. */
static void test_edges(void **state)
{
	struct grid *g = grid_new(NULL, 6, 2);

	(void)state;
	grid_text(g, -3, 0, 20, GRID_PLAIN, "abcdef");
	grid_text(g, 0, -1, 20, GRID_PLAIN, "above");
	grid_text(g, 0, 2, 20, GRID_PLAIN, "below");
	grid_text(g, 5, 1, 20, GRID_PLAIN, "日");
	expect(g, "def\n\n");
	grid_text(g, 0, 1, 6, GRID_PLAIN, "日本語");
	grid_text(g, 1, 1, 1, GRID_PLAIN, "x");
	grid_text(g, 4, 1, 1, GRID_PLAIN, "y");
	expect(g, "def\n x本y\n");
	grid_box(g, 0, 0, 6, 2);
	expect(g, "┌────┐\n└────┘\n");
	grid_box(g, -5, -5, 100, 100);
	grid_restyle(g, -5, 1, 100, GRID_SELECTED);
	talloc_free(g);
}

static void test_from_column(void **state)
{
	struct grid *g = grid_new(NULL, 6, 1);

	(void)state;
	grid_text_from(g, 0, 0, 6, 3, GRID_PLAIN, "abcdefghijkl");
	expect(g, "defghi\n");
	grid_clear(g);
	assert_int_equal(grid_text_from(g, 0, 0, 6, 30, GRID_PLAIN, "abc"), 0);
	expect(g, "\n");
	talloc_free(g);
}

static void test_wrap(void **state)
{
	static const struct {
		const char *text;
		int width;
		const char *lines; /* with bars between */
	} cases[] = {
		{"", 10, ""}, {"one two", 10, "one two"}, {"one two three", 7, "one two|three"},
		{"one two three", 8, "one two|three"}, {"one   two", 4, "one|two"},
		{"toolongforthis", 6, "toolon|gforth|is"},
		{"a toolongforthis", 6, "a|toolon|gforth|is"}, {"two\nlines", 10, "two|lines"},
		{"日本語", 4, "日本|語"},
		{"日", 1, "日"}, /* wider than the line: it has to go somewhere */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char lines[100] = "";
		const char *text = cases[i].text;

		while (text) {
			size_t len;
			const char *rest = grid_wrap(text, cases[i].width, &len);

			strncat(lines, text, len);
			strcat(lines, rest ? "|" : "");
			text = rest;
		}
		assert_string_equal(lines, cases[i].lines);
	}
}

static void test_page(void **state)
{
	struct page *p = page_new(NULL);
	struct grid *g = grid_new(p, 40, 5);

	(void)state;
	page_add(p, GRID_HEADING, "A heading");
	page_field(p, "Kernel", "/boot/vmlinuz and something more to read");
	page_field(p, "Nothing", NULL);
	assert_int_equal(page_height(p, 40), 3);
	page_draw(p, g, 0, 0, 40, 5, 0);
	expect(g, "A heading\nKernel        /boot/vmlinuz and\n              something more to "
		  "read\n\n\n");
	grid_clear(g);
	page_draw(p, g, 0, 0, 40, 1, 2);
	expect(g, "              something more to read\n\n\n\n\n");
	assert_int_equal(page_height(p, 20), 5); /* labels have lines of their own */
	talloc_free(p);
}

static int field_height(const char *label, int width)
{
	struct page *page = page_new(NULL);
	int rows;

	page_field(page, label, "text");
	rows = page_height(page, width);
	talloc_free(page);
	return rows;
}

/* A label that leaves a blank before the text stands beside it: columns count, not bytes. */
static void test_labels(void **state)
{
	(void)state;
	assert_int_equal(field_height("1234567890123", 40), 1);
	assert_int_equal(field_height("12345678901234", 40), 2);
	assert_int_equal(field_height("äöüäöüäöüäöü3", 40), 1);
	assert_int_equal(field_height("Device tree", 30), 2);
}

static void test_ascii(void **state)
{
	(void)state;
	assert_int_equal(grid_ascii('x'), 'x');
	assert_int_equal(grid_ascii(0x2500), '-');
	assert_int_equal(grid_ascii(0x2502), '|');
	assert_int_equal(grid_ascii(0x253c), '+');
	assert_int_equal(grid_ascii(0x2026), '~');
	assert_int_equal(grid_ascii(0xc0), 'A');
	assert_int_equal(grid_ascii(0xe4), 'a');
	assert_int_equal(grid_ascii(0xdf), 's');
	assert_int_equal(grid_ascii(0xff), 'y');
	assert_int_equal(grid_ascii(0x17e), '?');
	assert_int_equal(grid_ascii(0x1b), '?');
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_from_column),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_ascii),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
