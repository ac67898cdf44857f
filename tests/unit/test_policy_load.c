// SPDX-License-Identifier: GPL-2.0-or-later
/* Which files make up the policy, in which order, and what happens to those that do not load. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "policy/policy.h"
#include "policy/rule.h"

#define LIB "usr/lib/stillboot/policy.d/"
#define ETC "etc/stillboot/policy.d/"

/* A root directory of its own for each test, removed after it. */
struct fixture {
	char root[32];
	struct machine machine;
};

static int setup(void **state)
{
	static const char *const directories[] = {
		"usr", "usr/lib", "usr/lib/stillboot", LIB, "etc", "etc/stillboot", ETC};
	struct fixture *fix = talloc_zero(NULL, struct fixture);

	strcpy(fix->root, "/tmp/stillboot-XXXXXX");
	if (!mkdtemp(fix->root) || machine_open(&fix->machine, fix->root, NULL) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++)
		if (mkdirat(fix->machine.root_fd, directories[i], 0755) < 0)
			return -1;
	*state = fix;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fix = *state;
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", fix->root);
	machine_close(&fix->machine);
	talloc_free(fix);
	return system(command);
}

static void put_bytes(struct fixture *fix, const char *path, const char *bytes, size_t len)
{
	int fd = openat(fix->machine.root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

static void put(struct fixture *fix, const char *path, const char *text)
{
	put_bytes(fix, path, text, strlen(text));
}

static void mask(struct fixture *fix, const char *path)
{
	assert_int_equal(symlinkat("/dev/null", fix->machine.root_fd, path), 0);
}

static void expect_error(struct fixture *fix, const char *extra, const char *error)
{
	struct policy *p = NULL;
	struct err err;
	size_t blocks = talloc_total_blocks(fix);

	assert_true(policy_load(&fix->machine, fix, extra, &p, &err) < 0);
	assert_string_equal(err.text, error);
	assert_null(p);
	assert_int_equal(talloc_total_blocks(fix), blocks);
}

/* Load, and compare where the rules come from, without those of the built-in policy. */
static void expect_rules(struct fixture *fix, const char *extra, const char *expected)
{
	char *got = talloc_strdup(fix, "");
	struct policy *p;
	struct err err;

	if (policy_load(&fix->machine, fix, extra, &p, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < p->set.count; i++)
		if (strncmp(p->set.rules[i].where, POLICY_BUILTIN ":", sizeof(POLICY_BUILTIN)))
			got = talloc_asprintf_append(got, "%s\n", p->set.rules[i].where);
	assert_string_equal(got, expected);
}

static size_t count_builtin(struct fixture *fix)
{
	struct policy *p;
	size_t count = 0;

	assert_int_equal(policy_load(&fix->machine, fix, NULL, &p, NULL), 0);
	for (size_t i = 0; i < p->set.count; i++)
		count += !strncmp(
			p->set.rules[i].where, POLICY_BUILTIN ":", sizeof(POLICY_BUILTIN));
	return count;
}

static const char rule[] = "device { deadline = 5 }\n";

static void without_files_it_is_the_built_in_policy(void **state)
{
	struct fixture *fix = *state;
	struct policy *p;

	assert_int_equal(policy_load_builtin(fix, &p, NULL), 0);
	assert_true(p->set.count > 0);
	assert_int_equal(count_builtin(fix), p->set.count);
	expect_rules(fix, NULL, "");
	unlinkat(fix->machine.root_fd, ETC, AT_REMOVEDIR);
	unlinkat(fix->machine.root_fd, LIB, AT_REMOVEDIR);
	expect_rules(fix, NULL, "");
}

static void files_are_read_in_the_order_of_their_names(void **state)
{
	struct fixture *fix = *state;

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
	struct fixture *fix = *state;

	put(fix, LIB "a.lua", "this is broken");
	put(fix, LIB "b.lua", rule);
	put(fix, ETC "a.lua", rule);
	expect_rules(fix, NULL, ETC "a.lua:1\n" LIB "b.lua:1\n");
}

static void a_link_to_dev_null_masks(void **state)
{
	struct fixture *fix = *state;

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
	struct fixture *fix = *state;

	put(fix, LIB "a.lua", rule);
	put(fix, LIB "default.lua", rule);
	expect_rules(fix, NULL, LIB "default.lua:1\n" LIB "a.lua:1\n");
	assert_int_equal(count_builtin(fix), 0);
	put(fix, ETC "default.lua", rule);
	expect_rules(fix, NULL, ETC "default.lua:1\n" LIB "a.lua:1\n");
}

static void default_lua_can_be_masked(void **state)
{
	struct fixture *fix = *state;

	mask(fix, ETC "default.lua");
	assert_int_equal(count_builtin(fix), 0);
	expect_rules(fix, NULL, "");
}

static void the_extra_file_comes_last_and_from_outside_the_root(void **state)
{
	struct fixture *fix = *state;
	char path[64], expected[128];

	put(fix, LIB "a.lua", rule);
	put(fix, "extra", rule);
	snprintf(path, sizeof(path), "%s/extra", fix->root);
	snprintf(expected, sizeof(expected), LIB "a.lua:1\n%s:1\n", path);
	expect_rules(fix, path, expected);
	expect_error(fix, "extra-that-is-not-there.lua",
		"policy: open extra-that-is-not-there.lua: No such file or directory");
}

static void an_error_names_its_file_and_nothing_is_loaded(void **state)
{
	struct fixture *fix = *state;

	put(fix, LIB "a.lua", rule);
	put(fix, ETC "b.lua", "\n\ndevcie {}");
	expect_error(fix, NULL, ETC "b.lua:3: unknown name \"devcie\"; did you mean \"device\"?");
}

static void files_that_cannot_be_read_are_errors(void **state)
{
	struct fixture *fix = *state;
	static const char zero[] = "device { deadline = 5 }\n\0device { leave = true }\n";

	put_bytes(fix, ETC "z.lua", zero, sizeof(zero) - 1);
	expect_error(fix, NULL, ETC "z.lua: has a zero byte in it");
	assert_int_equal(mkdirat(fix->machine.root_fd, ETC "d.lua", 0755), 0);
	expect_error(fix, NULL, "policy: read " ETC "d.lua: Is a directory");
	assert_int_equal(symlinkat("nowhere", fix->machine.root_fd, ETC "c.lua"), 0);
	expect_error(fix, NULL, "policy: open " ETC "c.lua: No such file or directory");
}

static void a_directory_that_is_none_is_an_error(void **state)
{
	struct fixture *fix = *state;

	unlinkat(fix->machine.root_fd, ETC, AT_REMOVEDIR);
	put(fix, "etc/stillboot/policy.d", rule);
	expect_error(
		fix, NULL, "read the policy directory etc/stillboot/policy.d: Not a directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			without_files_it_is_the_built_in_policy, setup, teardown),
		cmocka_unit_test_setup_teardown(
			files_are_read_in_the_order_of_their_names, setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_name_in_etc_replaces, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_to_dev_null_masks, setup, teardown),
		cmocka_unit_test_setup_teardown(
			default_lua_replaces_the_built_in_and_stays_first, setup, teardown),
		cmocka_unit_test_setup_teardown(default_lua_can_be_masked, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_extra_file_comes_last_and_from_outside_the_root, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_error_names_its_file_and_nothing_is_loaded, setup, teardown),
		cmocka_unit_test_setup_teardown(
			files_that_cannot_be_read_are_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_directory_that_is_none_is_an_error, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
