// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that rules about a machine include. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scene_tree.h"

static int setup(void **state)
{
	struct scene_tree *fix;
	int rc = scene_tree_setup(state);

	fix = *state;
	/* Only the test's own rules are there. */
	tree_link(&fix->tree, ETC "default.lua", "/dev/null");
	tree_link(&fix->tree, ETC "quirks.lua", "/dev/null");
	fix->scene->host.vendor = "Maker";
	return rc;
}

static void expect_rules(struct scene_tree *fix, const char *extra, const char *expected)
{
	char *got = talloc_strdup(fix, "");
	struct policy *p;
	struct err err;

	if (scene_tree_load(fix, extra, &p, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < p->device_count; i++)
		got = talloc_asprintf_append(
			got, "%s%s", i ? " " : "", p->devices[i].declared.where);
	assert_string_equal(got, expected);
}

static void expect_error(struct scene_tree *fix, const char *error)
{
	struct policy *p;
	struct err err;

	assert_int_equal(scene_tree_load(fix, NULL, &p, &err), -EINVAL);
	assert_string_equal(err.text, error);
}

static const char rule[] = "device { leave = true }\n";
static const char includes[] = "device { leave = true }\n"
			       "machine { vendor = \"Maker\", include = \"b.lua\" }\n"
			       "device { leave = true }\n";

static void its_rules_stand_where_it_is_included(void **state)
{
	struct scene_tree *fix = *state;

	tree_file(&fix->tree, ETC "a.lua", includes);
	tree_file(&fix->tree, ETC "include/b.lua", rule);
	expect_rules(fix, NULL, ETC "a.lua:1 " ETC "include/b.lua:1 " ETC "a.lua:3");
}

static void another_machine_does_not_even_look(void **state)
{
	struct scene_tree *fix = *state;

	fix->scene->host.vendor = "Other";
	tree_file(&fix->tree, ETC "a.lua", includes);
	expect_rules(fix, NULL, ETC "a.lua:1 " ETC "a.lua:3");
}

static void it_may_lie_in_the_other_directory(void **state)
{
	struct scene_tree *fix = *state;

	tree_file(&fix->tree, ETC "a.lua", includes);
	tree_file(&fix->tree, LIB "include/b.lua", rule);
	expect_rules(fix, NULL, ETC "a.lua:1 " LIB "include/b.lua:1 " ETC "a.lua:3");
}

static void the_one_beside_is_preferred(void **state)
{
	struct scene_tree *fix = *state;

	tree_file(&fix->tree, LIB "a.lua", includes);
	tree_file(&fix->tree, LIB "include/b.lua", rule);
	tree_file(&fix->tree, ETC "include/b.lua", rule);
	expect_rules(fix, NULL, LIB "a.lua:1 " LIB "include/b.lua:1 " LIB "a.lua:3");
}

static void beside_the_file_of_the_command_line(void **state)
{
	struct scene_tree *fix = *state;
	char path[300], expected[1000];

	tree_file(&fix->tree, "home/a.lua", includes);
	tree_file(&fix->tree, "home/include/b.lua", rule);
	snprintf(path, sizeof(path), "%s/home/a.lua", fix->tree.path);
	snprintf(expected, sizeof(expected), "%s:1 %s/home/include/b.lua:1 %s:3", path,
		fix->tree.path, path);
	expect_rules(fix, path, expected);
}

static void one_that_is_missing_is_named(void **state)
{
	struct scene_tree *fix = *state;

	tree_file(&fix->tree, ETC "a.lua", includes);
	expect_error(
		fix, ETC "a.lua:2: there is no b.lua in the folder \"include\" beside this file");
}

static void its_errors_are_its_own(void **state)
{
	struct scene_tree *fix = *state;

	tree_file(&fix->tree, ETC "a.lua", includes);
	tree_file(&fix->tree, ETC "include/b.lua", "\n\ndevice { leave = 1 }\n");
	expect_error(fix, ETC "include/b.lua:3: leave must be true or false, not 1");
}

static void one_that_includes_itself_ends(void **state)
{
	struct scene_tree *fix = *state;

	tree_file(&fix->tree, ETC "a.lua", includes);
	tree_file(&fix->tree, ETC "include/b.lua", "machine { include = \"b.lua\" }");
	tree_file(&fix->tree, ETC "include/include/b.lua", "machine { include = \"b.lua\" }");
	expect_error(fix,
		ETC "include/include/b.lua:1: there is no b.lua in the folder \"include\" "
		    "beside this file");
	tree_link(&fix->tree, ETC "include/include/include", ".");
	expect_error(fix, ETC "include/include/include/include/include/include/include/include/"
			      "b.lua:1: more than 8 files include each other");
}

static void two_that_include_each_other_twice_end(void **state)
{
	struct scene_tree *fix = *state;

	tree_file(&fix->tree, ETC "a.lua", includes);
	tree_file(&fix->tree, ETC "include/b.lua",
		"machine { include = \"b.lua\" } machine { include = \"b.lua\" }");
	tree_link(&fix->tree, ETC "include/include", ".");
	expect_error(fix, ETC "include/include/include/include/include/include/include/include/"
			      "b.lua:1: more than 8 files include each other (and 49 more errors)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			its_rules_stand_where_it_is_included, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			another_machine_does_not_even_look, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			it_may_lie_in_the_other_directory, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			the_one_beside_is_preferred, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			beside_the_file_of_the_command_line, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			one_that_is_missing_is_named, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(its_errors_are_its_own, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			one_that_includes_itself_ends, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			two_that_include_each_other_twice_end, setup, scene_tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
