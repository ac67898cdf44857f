// SPDX-License-Identifier: GPL-2.0-or-later
/* All that is wrong in files, each with its line and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scene.h"

static const struct problems *problems_of(struct scene *scene, const char *text)
{
	struct policy *p;

	assert_int_equal(policy_new(scene, &scene->facts, &p), 0);
	assert_true(policy_add_chunk(p, text, strlen(text), "x.lua", NULL) < 0);
	return policy_problems(p);
}

static void expect_problem(const struct problems *p, size_t i, unsigned int line,
	unsigned int column, const char *text)
{
	assert_true(i < p->count);
	assert_string_equal(p->list[i].text, text);
	assert_string_equal(p->list[i].file, "x.lua");
	assert_int_equal(p->list[i].line, line);
	assert_int_equal(p->list[i].column, column);
}

static void all_errors_of_a_file_are_found(void **state)
{
	const struct problems *p = problems_of(*state,
		"-- vendor and class\n"
		"device {\n"
		"	vendor = 0x10000,\n"
		"	class  =  bridge,\n"
		"	leave = true, laeve = 1,\n"
		"}\n"
		"\n"
		"devcie { leave = true }\n"
		"  boot { timeout = \"soon\" }\n"
		"device { device = 0x123456, leave = true }\n"
		"device { driver = \"x\" } device {}\n"
		"maschine = 1\n");

	assert_int_equal(p->count, 9);
	expect_problem(p, 0, 4, 12, "unknown name \"bridge\"");
	expect_problem(p, 1, 5, 16, "device has no field \"laeve\"; did you mean \"leave\"?");
	expect_problem(p, 2, 3, 2,
		"vendor must be a number up to 0xffff or a string like \"0x8086\", or a list of "
		"these, not 65536");
	expect_problem(p, 3, 8, 1, "unknown name \"devcie\"; did you mean \"device\"?");
	expect_problem(
		p, 4, 9, 10, "timeout must be a number of seconds up to 3600, or 0, not \"soon\"");
	expect_problem(p, 5, 10, 10,
		"device must be a number up to 0xffff or a string like \"0x8086\", or a list of "
		"these, not 1193046");
	expect_problem(p, 6, 11, 1,
		"device needs one of leave, steps, deadline, options_add, options_remove: as it "
		"stands it does nothing");
	expect_problem(p, 8, 12, 1,
		"nothing is called \"maschine\" here; for a variable of your own say local");
}

static void a_syntax_error_stands_where_lua_says_it_is_near(void **state)
{
	expect_problem(problems_of(*state, "device { leave = true }\n  device { leave true }\n"), 0,
		2, 18, "'}' expected near 'true'");
	expect_problem(problems_of(*state, "device { leave = true }\nlocal then = 1\n"), 0, 2, 7,
		"<name> expected near 'then'");
	expect_problem(problems_of(*state, "device { leave = true\n\n\n"), 0, 4, 0,
		"'}' expected (to close '{' at line 1) near <eof>");
	expect_problem(
		problems_of(*state, "if x then\nend end\n"), 0, 2, 1, "<eof> expected near 'end'");
}

static void what_a_script_throws_is_one_too(void **state)
{
	const struct problems *p = problems_of(*state, "devcie {}\n\nerror(\"here\")\ndevcie {}\n");

	assert_int_equal(p->count, 2);
	expect_problem(p, 1, 3, 0, "here");
}

static void they_are_limited(void **state)
{
	const struct problems *p = problems_of(*state, "for i = 1, 1e5 do x = 1 end");

	assert_int_equal(p->count, PROBLEMS_MAX);
	p = problems_of(*state, "local t = {} for i = 1, 1e5 do t[\"f\" .. i] = i end device(t)");
	assert_int_equal(p->count, 10);
}

/* An error that is not kept any more is still an error. */
static void after_many_the_next_file_still_fails(void **state)
{
	struct scene *scene = *state;
	struct policy *p;
	struct err err;

	assert_int_equal(policy_new(scene, &scene->facts, &p), 0);
	assert_true(policy_add_chunk(p, "for i = 1, 60 do x = 1 end", 26, "a.lua", &err) < 0);
	assert_int_equal(policy_add_chunk(p, "y = 1", 5, "b.lua", &err), -EINVAL);
	assert_string_equal(err.text,
		"b.lua:1: nothing is called \"y\" here; for a variable of your "
		"own say local");
}

static void long_texts_are_cut_between_characters(void **state)
{
	struct problems *p = talloc_zero(*state, struct problems);
	char text[PROBLEM_TEXT_MAX + 3];

	memset(text, 'a', sizeof(text));
	memcpy(text + PROBLEM_TEXT_MAX - 1, "\xc3\xa4", 3);
	assert_int_equal(problems_add(p, "f", 1, 1, text), 0);
	assert_int_equal(strlen(p->list[0].text), PROBLEM_TEXT_MAX - 1);
}

static void an_error_is_taken_apart(void **state)
{
	static const struct {
		const char *error, *file, *text;
		unsigned int line, column;
	} cases[] = {
		{"x.lua:2: bad near 'b'", "x.lua", "bad near 'b'", 2, 3},
		{"x.lua: bad", "x.lua", "bad", 0, 0},
		{"/a b/y.lua:7: bad near 'b'", "/a b/y.lua", "bad near 'b'", 7, 0},
		{"/a:12/y.lua:7: bad", "/a:12/y.lua", "bad", 7, 0},
		{"something: 5: else", "x.lua", "something: 5: else", 0, 0},
		{"", "x.lua", "", 0, 0},
		{"/a b/y.lua: bad: worse", "/a b/y.lua", "bad: worse", 0, 0},
		{"bad: y.lua: worse", "x.lua", "bad: y.lua: worse", 0, 0},
		{":3: x", "x.lua", ":3: x", 0, 0},
		{"x.lua:123456789: y", "x.lua", "123456789: y", 0, 0},
	};
	struct problems *p = talloc_zero(*state, struct problems);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(problems_add_error(p, "x.lua", "a\n  b\n", 6, cases[i].error), 0);
		assert_string_equal(p->list[i].file, cases[i].file);
		assert_string_equal(p->list[i].text, cases[i].text);
		assert_int_equal(p->list[i].line, cases[i].line);
		assert_int_equal(p->list[i].column, cases[i].column);
	}
}

static void words_are_found_whole(void **state)
{
	static const char text[] = "class = subclass\nclass == 1\n x.class , class\t= 2";
	unsigned int line = 1;

	(void)state;
	assert_int_equal(problems_find(text, sizeof(text) - 1, "class", &line), 1);
	line = 2;
	assert_int_equal(problems_find_field(text, sizeof(text) - 1, "class", &line), 12);
	assert_int_equal(line, 3);
	line = 2;
	assert_int_equal(problems_find(text, sizeof(text) - 1, "subclass", &line), 0);
	assert_int_equal(line, 2);
	line = 9;
	assert_int_equal(problems_find(text, sizeof(text) - 1, "class", &line), 0);
	assert_int_equal(problems_find(text, 0, "class", &line), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			all_errors_of_a_file_are_found, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(a_syntax_error_stands_where_lua_says_it_is_near,
			scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			what_a_script_throws_is_one_too, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(they_are_limited, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			after_many_the_next_file_still_fails, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			long_texts_are_cut_between_characters, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			an_error_is_taken_apart, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(words_are_found_whole, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
