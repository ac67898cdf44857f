// SPDX-License-Identifier: GPL-2.0-or-later
/* The sandbox that rules run in: what it withholds, what it ends, and what it says then. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scene.h"

static const struct {
	const char *text, *error;
} bad_chunks[] = {
	{"device { leave = true", "x.lua:1: '}' expected near <eof>"},
	{"\ndevcie { leave = true }", "x.lua:2: unknown name \"devcie\"; did you mean \"device\"?"},
	{"device { class = bridge, leave = true }", "x.lua:1: unknown name \"bridge\""},
	{"device { leave = ture, driver = { nvme, \"ahci\" } }",
		"x.lua:1: unknown name \"ture\" (and 1 more error)"},
	{"devices = 1", "x.lua:1: nothing is called \"devices\" here; for a variable of your own "
			"say local"},
	{"error(\"stop\\27[31m\\nhere\")", "x.lua:1: stop [31m here"},
	{"error({})", "x.lua: error() was given a table, not a text"},
	{"error()", "x.lua: error() was given a nil, not a text"},
	{"error(\"policy of mine\", 0)", "x.lua: policy of mine"},
	{"\033Lua", "x.lua: is compiled Lua: only its source is read"},
	{"local a = 1 +", "x.lua:1: unexpected symbol near <eof>"},
	{"device { leave = true } }", "x.lua:1: unexpected symbol near '}'"},
	{"local s = 'abc", "x.lua:1: unfinished string near <eof>"},
	{"--[[ never ends", "x.lua:1: unfinished long comment (starting at line 1) near <eof>"},
	{"goto nowhere", "x.lua:1: no visible label 'nowhere' for <goto> at line 1"},
	{"error(\"\\xff\\xfe bad \\xc2\\x9b31m\")", "x.lua:1: ?? bad ?31m"},
	{"_ENV[{}] = 1", "x.lua:1: nothing is called \"a table\" here; for a variable of your own "
			 "say local"},
	{"local _ENV = {} device { leave = true }",
		"x.lua:1: attempt to call a nil value (global 'device')"},
	{"table.concat({ {} })", "x.lua:1: invalid value (table) at index 1 in table for 'concat'"},
	{"string.format(\"%999999999d\", 1)",
		"x.lua:1: invalid conversion specification: '%999999999d'"},
	{"string.rep(\"x\", 1e10)", "x.lua:1: resulting string too large"},
};

static void names_what_is_wrong_with_a_chunk(void **state)
{
	for (size_t i = 0; i < sizeof(bad_chunks) / sizeof(*bad_chunks); i++)
		scene_fails(*state, bad_chunks[i].text, bad_chunks[i].error);
}

static void withholds_what_reaches_outside(void **state)
{
	static const char *const names[] = {"io", "os", "require", "load", "loadstring", "dofile",
		"loadfile", "debug", "package", "coroutine", "pcall", "xpcall", "setmetatable",
		"getmetatable", "rawset", "rawget", "collectgarbage", "print", "utf8", "_G"};
	char text[64], error[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(text, sizeof(text), "local x = %s", names[i]);
		snprintf(error, sizeof(error), "x.lua:1: unknown name \"%s\"", names[i]);
		scene_fails(*state, text, error);
	}
}

static void gives_strings_only_the_allowed_methods(void **state)
{
	scene_fails(*state, "local s = (\"x\"):dump()",
		"x.lua:1: attempt to call a nil value (method 'dump')");
	scene_fails(*state, "local s = string.pack(\"i\", 1)",
		"x.lua:1: attempt to call a nil value (field 'pack')");
	scene_load(*state, SCENE_RULES, "device { driver = (\"NVME\"):lower(), leave = true }");
}

static void ends_scripts_that_do_not_end(void **state)
{
	struct timespec start, end;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
	scene_fails(*state, "local n = 0\nwhile true do\nn = n + 1 end",
		"x.lua:3: more than 5000000 instructions, probably an endless loop");
	scene_fails(*state, "local function f() return f() end f()",
		"x.lua:1: more than 5000000 instructions, probably an endless loop (called from "
		"x.lua:1)");
	scene_fails(*state, "local s = \"x\" while true do s = s .. s end",
		"x.lua: needs more memory than a policy may have");
	scene_fails(*state, "local f = {} for i = 1, 1e6 do f[i] = function() return i end end",
		"x.lua: needs more memory than a policy may have");
	scene_fails(*state,
		"local w = {} for i = 1, 128 do w[i] = \"w\" .. i end\n"
		"for i = 1, 4096 do device { driver = w, slot = \"*\", options_add = w } end",
		"x.lua:2: the rules need more memory than those of a policy may");
	scene_fails(*state, "for i = 1, 5000 do device { leave = true } end",
		"x.lua:1: more than 4096 rules");
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	assert_true(end.tv_sec - start.tv_sec < 3);
}

static void survives_deep_recursion(void **state)
{
	const char *deep = "local function f(n) return 1 + f(n + 1) end f(1)";
	char parens[2000];
	struct policy *p = scene_load(*state, SCENE_RULES, "");
	struct err err;

	assert_int_equal(policy_add_chunk(p, deep, strlen(deep), "x.lua", &err), -EINVAL);
	memset(parens, '(', sizeof(parens));
	assert_int_equal(policy_add_chunk(p, parens, sizeof(parens), "x.lua", &err), -EINVAL);
	assert_null(strchr(err.text, '\n'));
}

static void names_files_whose_path_is_long(void **state)
{
	static const char name[] = "/a/very/long/path/that/lua/itself/would/cut/in/front/and/leave/"
				   "without/its/beginning/x.lua";
	struct policy *p = scene_load(*state, SCENE_RULES, "");
	struct err err;

	assert_int_equal(policy_add_chunk(p, "\nx", 2, name, &err), -EINVAL);
	assert_non_null(strstr(err.text, name));
	assert_memory_equal(err.text + strlen(name), ":2: ", 4);
}

static void refuses_files_that_are_too_large(void **state)
{
	char *text = talloc_array(NULL, char, POLICY_FILE_MAX + 1);
	struct policy *p = scene_load(*state, SCENE_RULES, "");
	struct err err;

	memset(text, '\n', POLICY_FILE_MAX + 1);
	assert_int_equal(policy_add_chunk(p, text, POLICY_FILE_MAX + 1, "x.lua", &err), -EFBIG);
	assert_int_equal(policy_add_chunk(p, text, POLICY_FILE_MAX, "x.lua", &err), 0);
	talloc_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			names_what_is_wrong_with_a_chunk, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			withholds_what_reaches_outside, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			gives_strings_only_the_allowed_methods, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			ends_scripts_that_do_not_end, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			survives_deep_recursion, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			names_files_whose_path_is_long, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			refuses_files_that_are_too_large, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
