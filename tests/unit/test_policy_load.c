// SPDX-License-Identifier: GPL-2.0-or-later
/* Which files make up the policy, in which order, and what happens to those that do not load. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scene_tree.h"

static int setup(void **state)
{
	struct scene_tree *fix;
	int rc = scene_tree_setup(state);

	fix = *state;
	tree_node(&fix->tree, "usr/lib/stillboot/policy.d", S_IFDIR);
	tree_node(&fix->tree, "etc/stillboot/policy.d", S_IFDIR);
	return rc;
}

static void put(struct scene_tree *fix, const char *path, const char *text)
{
	tree_file(&fix->tree, path, text);
}

static void put_bytes(struct scene_tree *fix, const char *path, const char *bytes, size_t len)
{
	int fd;

	put(fix, path, "");
	fd = openat(fix->tree.fd, path, O_WRONLY);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

static void mask(struct scene_tree *fix, const char *path)
{
	tree_link(&fix->tree, path, "/dev/null");
}

static void expect_error(struct scene_tree *fix, const char *extra, const char *error)
{
	struct policy *p;
	struct err err;

	assert_true(scene_tree_load(fix, extra, &p, &err) < 0);
	assert_string_equal(err.text, error);
}

/* Is it a rule of the built-in files? They have no folder. */
static int is_builtin(const struct device_rule *rule)
{
	return !strchr(rule->declared.where, '/');
}

/* Load, and compare where the rules come from, without those of the built-in policy. */
static void expect_rules(struct scene_tree *fix, const char *extra, const char *expected)
{
	char *got = talloc_strdup(fix, "");
	struct policy *p;
	struct err err;

	if (scene_tree_load(fix, extra, &p, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < p->device_count; i++)
		if (!is_builtin(&p->devices[i]))
			got = talloc_asprintf_append(got, "%s\n", p->devices[i].declared.where);
	assert_string_equal(got, expected);
}

/* How many rules of a built-in file there are. */
static size_t count_of(struct scene_tree *fix, const char *name)
{
	size_t count = 0, len = strlen(name);
	struct policy *p;

	assert_int_equal(scene_tree_load(fix, NULL, &p, NULL), 0);
	for (size_t i = 0; i < p->device_count; i++) {
		const char *where = p->devices[i].declared.where;

		count += !strncmp(where, name, len) && where[len] == ':';
	}
	return count;
}

static const char rule[] = "device { deadline = 5 }\n";

static void without_files_it_is_the_built_in_policy(void **state)
{
	struct scene_tree *fix = *state;
	struct policy *p;

	assert_int_equal(scene_tree_load(fix, NULL, &p, NULL), 0);
	assert_true(count_of(fix, POLICY_DEFAULT) > 0);
	assert_true(count_of(fix, POLICY_QUIRKS) > 0);
	assert_int_equal(
		count_of(fix, POLICY_DEFAULT) + count_of(fix, POLICY_QUIRKS), p->device_count);
	unlinkat(fix->tree.fd, ETC, AT_REMOVEDIR);
	unlinkat(fix->tree.fd, LIB, AT_REMOVEDIR);
	expect_rules(fix, NULL, "");
}

static void files_are_read_in_the_order_of_their_names(void **state)
{
	struct scene_tree *fix = *state;

	put(fix, LIB "20-b.lua", rule);
	put(fix, ETC "30-c.lua", "\ndevice { deadline = 5 }\ndevice { deadline = 5 }");
	put(fix, ETC "10-a.lua", rule);
	put(fix, ETC "README", "not Lua");
	put(fix, ETC "b.lua.dpkg-old", "not Lua");
	put(fix, ETC ".hidden.lua", "not Lua");
	put(fix, "extra", rule);
	expect_rules(fix, NULL,
		ETC "10-a.lua:1\n" LIB "20-b.lua:1\n" ETC "30-c.lua:2\n" ETC "30-c.lua:3\n");
}

static void the_same_name_in_etc_replaces(void **state)
{
	struct scene_tree *fix = *state;

	put(fix, LIB "a.lua", "this is broken");
	put(fix, LIB "b.lua", rule);
	put(fix, ETC "a.lua", rule);
	expect_rules(fix, NULL, ETC "a.lua:1\n" LIB "b.lua:1\n");
}

static void a_link_to_dev_null_masks(void **state)
{
	struct scene_tree *fix = *state;

	put(fix, LIB "a.lua", "this is broken");
	put(fix, LIB "b.lua", rule);
	mask(fix, ETC "a.lua");
	mask(fix, LIB "c.lua");
	expect_rules(fix, NULL, LIB "b.lua:1\n");
	put(fix, ETC "c.lua", rule);
	expect_rules(fix, NULL, LIB "b.lua:1\n" ETC "c.lua:1\n");
}

static void default_lua_replaces_the_built_in_and_stays_first(void **state)
{
	struct scene_tree *fix = *state;

	put(fix, LIB "a.lua", rule);
	put(fix, LIB "default.lua", rule);
	expect_rules(fix, NULL, LIB "default.lua:1\n" LIB "a.lua:1\n");
	assert_int_equal(count_of(fix, POLICY_DEFAULT), 0);
	put(fix, ETC "default.lua", rule);
	expect_rules(fix, NULL, ETC "default.lua:1\n" LIB "a.lua:1\n");
}

static void quirks_lua_can_be_replaced_and_masked(void **state)
{
	struct scene_tree *fix = *state;

	put(fix, LIB "quirks.lua", rule);
	put(fix, ETC "a.lua", rule);
	expect_rules(fix, NULL, LIB "quirks.lua:1\n" ETC "a.lua:1\n");
	assert_int_equal(count_of(fix, POLICY_QUIRKS), 0);
	assert_true(count_of(fix, POLICY_DEFAULT) > 0);
	mask(fix, ETC "quirks.lua");
	expect_rules(fix, NULL, ETC "a.lua:1\n");
}

static void default_lua_can_be_masked(void **state)
{
	struct scene_tree *fix = *state;

	mask(fix, ETC "default.lua");
	assert_int_equal(count_of(fix, POLICY_DEFAULT), 0);
	expect_rules(fix, NULL, "");
}

static void the_extra_file_comes_last_and_from_outside_the_root(void **state)
{
	struct scene_tree *fix = *state;
	char path[300], expected[400];

	put(fix, LIB "a.lua", rule);
	put(fix, "extra", rule);
	snprintf(path, sizeof(path), "%s/extra", fix->tree.path);
	snprintf(expected, sizeof(expected), LIB "a.lua:1\n%s:1\n", path);
	expect_rules(fix, path, expected);
	expect_error(fix, "extra-that-is-not-there.lua",
		"extra-that-is-not-there.lua: cannot be opened: No such file or directory");
}

static void an_error_names_its_file_and_nothing_is_loaded(void **state)
{
	struct scene_tree *fix = *state;

	put(fix, LIB "a.lua", rule);
	put(fix, ETC "b.lua", "\n\ndevcie {}");
	expect_error(fix, NULL, ETC "b.lua:3: unknown name \"devcie\"; did you mean \"device\"?");
}

static void files_that_cannot_be_read_are_errors(void **state)
{
	struct scene_tree *fix = *state;
	static const char zero[] = "device { deadline = 5 }\n\0device { leave = true }\n";

	put_bytes(fix, ETC "z.lua", zero, sizeof(zero) - 1);
	expect_error(fix, NULL, ETC "z.lua: has a zero byte in it: it is no text");
	assert_int_equal(mkdirat(fix->tree.fd, ETC "d.lua", 0755), 0);
	expect_error(fix, NULL, ETC "d.lua: is not a regular file");
	assert_int_equal(symlinkat("nowhere", fix->tree.fd, ETC "c.lua"), 0);
	expect_error(fix, NULL, ETC "c.lua: cannot be opened: No such file or directory");
}

static void the_errors_of_all_files_are_found(void **state)
{
	struct scene_tree *fix = *state;
	const struct problems *found;
	struct policy *p;
	struct err err;

	put(fix, ETC "a.lua", "devcie {}\n");
	put(fix, ETC "b.lua", rule);
	put(fix, LIB "c.lua", "\ndevice { leave = 7 }\n\nboot { timeuot = 1 }");
	assert_int_equal(scene_tree_load(fix, NULL, &p, &err), -EINVAL);
	assert_string_equal(
		err.text, ETC "a.lua:1: unknown name \"devcie\"; did you mean \"device\"?");
	found = policy_problems(p);
	assert_int_equal(found->count, 3);
	assert_string_equal(found->list[1].file, LIB "c.lua");
	assert_int_equal(found->list[1].line, 2);
	assert_int_equal(found->list[1].column, 10);
	assert_string_equal(
		found->list[2].text, "boot has no field \"timeuot\"; did you mean \"timeout\"?");
	assert_int_equal(found->list[2].line, 4);
	assert_int_equal(found->list[2].column, 8);
}

static void what_is_too_large_is_refused(void **state)
{
	struct scene_tree *fix = *state;
	char *text = talloc_zero_array(fix, char, POLICY_FILE_MAX + 2);

	memset(text, ' ', POLICY_FILE_MAX + 1);
	put(fix, ETC "a.lua", text);
	expect_error(fix, NULL, ETC "a.lua: larger than 262144 bytes");
	text[POLICY_FILE_MAX] = '\0';
	put(fix, ETC "a.lua", text);
	expect_rules(fix, NULL, "");
}

static void a_fifo_does_not_block(void **state)
{
	struct scene_tree *fix = *state;
	char path[300], expected[400];

	tree_node(&fix->tree, "fifo", S_IFIFO);
	snprintf(path, sizeof(path), "%s/fifo", fix->tree.path);
	snprintf(expected, sizeof(expected), "%s: is not a regular file", path);
	expect_error(fix, path, expected);
	tree_node(&fix->tree, ETC "b.lua", S_IFIFO);
	expect_error(fix, NULL, ETC "b.lua: is not a regular file");
}

static void a_directory_that_is_none_is_an_error(void **state)
{
	struct scene_tree *fix = *state;

	unlinkat(fix->tree.fd, ETC, AT_REMOVEDIR);
	put(fix, "etc/stillboot/policy.d", rule);
	expect_error(
		fix, NULL, "read the policy directory etc/stillboot/policy.d: Not a directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			without_files_it_is_the_built_in_policy, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			files_are_read_in_the_order_of_their_names, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			the_same_name_in_etc_replaces, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			a_link_to_dev_null_masks, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(default_lua_replaces_the_built_in_and_stays_first,
			setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			quirks_lua_can_be_replaced_and_masked, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			the_errors_of_all_files_are_found, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_too_large_is_refused, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(a_fifo_does_not_block, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			default_lua_can_be_masked, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(the_extra_file_comes_last_and_from_outside_the_root,
			setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			an_error_names_its_file_and_nothing_is_loaded, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			files_that_cannot_be_read_are_errors, setup, scene_tree_teardown),
		cmocka_unit_test_setup_teardown(
			a_directory_that_is_none_is_an_error, setup, scene_tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
