// SPDX-License-Identifier: GPL-2.0-or-later
/* Whose files are followed: those of the running machine must be root's alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scene.h"
#include "tests/unit/tree.h"

#define ETC "etc/stillboot/policy.d"
#define NOBODY 65534

struct fixture {
	struct tree tree;
	struct machine machine;
	struct scene *scene;
};

/* The running machine, but below the tree. */
static int setup(void **state)
{
	struct fixture *fix = talloc_zero(NULL, struct fixture);

	tree_new(&fix->tree);
	tree_file(&fix->tree, ETC "/a.lua", "device { leave = true }");
	fix->machine = (struct machine){.root_fd = fix->tree.fd, .root = ""};
	fix->scene = scene_new(fix);
	*state = fix;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fix = *state;

	tree_remove(&fix->tree);
	return talloc_free(fix);
}

static int load(struct fixture *fix, const char *extra, struct err *err)
{
	struct policy *p;

	assert_int_equal(policy_new(fix->scene, &fix->scene->facts, &p), 0);
	err->text[0] = '\0';
	return policy_load(&fix->machine, p, POLICY_ALL, extra, err);
}

static void expect_refused(struct fixture *fix, const char *extra, const char *error)
{
	struct err err;

	assert_true(load(fix, extra, &err) < 0);
	assert_string_equal(err.text, error);
}

static void expect_followed(struct fixture *fix, const char *extra)
{
	struct err err;

	if (load(fix, extra, &err) < 0)
		fail_msg("%s", err.text);
}

static void change_mode(const struct fixture *fix, const char *path, mode_t mode)
{
	assert_int_equal(fchmodat(fix->tree.fd, path, mode, 0), 0);
}

static void give_away(const struct fixture *fix, const char *path)
{
	if (geteuid() != 0)
		skip(); /* only root can */
	assert_int_equal(fchownat(fix->tree.fd, path, NOBODY, NOBODY, 0), 0);
}

static void a_file_that_others_can_write_is_refused(void **state)
{
	struct fixture *fix = *state;

	expect_followed(fix, NULL);
	change_mode(fix, ETC "/a.lua", 0664);
	expect_refused(
		fix, NULL, ETC "/a.lua: can be written by others than its owner (`chmod go-w`)");
	change_mode(fix, ETC "/a.lua", 0646);
	expect_refused(
		fix, NULL, ETC "/a.lua: can be written by others than its owner (`chmod go-w`)");
	change_mode(fix, ETC "/a.lua", 0600);
	expect_followed(fix, NULL);
}

static void a_folder_that_others_can_write_is_refused(void **state)
{
	struct fixture *fix = *state;

	change_mode(fix, ETC, 0777);
	expect_refused(fix, NULL, ETC ": can be written by others than its owner (`chmod go-w`)");
	change_mode(fix, ETC, 01777);
	expect_refused(fix, NULL, ETC ": can be written by others than its owner (`chmod go-w`)");
	change_mode(fix, ETC, 0755);
	expect_followed(fix, NULL);
}

static void what_belongs_to_somebody_else_is_refused(void **state)
{
	struct fixture *fix = *state;

	give_away(fix, ETC "/a.lua");
	expect_refused(fix, NULL,
		ETC "/a.lua: belongs to user 65534, not to root: rules of others are not followed "
		    "(`chown root`)");
	assert_int_equal(unlinkat(fix->tree.fd, ETC "/a.lua", 0), 0);
	give_away(fix, ETC);
	expect_refused(fix, NULL,
		ETC ": belongs to user 65534, not to root: rules of others are not followed "
		    "(`chown root`)");
}

/* A link is followed to what it leads to; that is what is looked at. */
static void a_link_to_somebody_else_s_file_is_refused(void **state)
{
	struct fixture *fix = *state;
	char target[300];

	tree_file(&fix->tree, "home/user.lua", "device { leave = true }");
	snprintf(target, sizeof(target), "%s/home/user.lua", fix->tree.path);
	tree_link(&fix->tree, ETC "/b.lua", target);
	expect_followed(fix, NULL);
	give_away(fix, "home/user.lua");
	expect_refused(fix, NULL,
		ETC "/b.lua: belongs to user 65534, not to root: rules of others are not followed "
		    "(`chown root`)");
}

static void the_extra_file_and_what_it_includes_are_looked_at_too(void **state)
{
	struct fixture *fix = *state;
	char path[300], error[1000];

	tree_file(&fix->tree, "x.lua", "machine { include = \"y.lua\" }");
	tree_file(&fix->tree, "include/y.lua", "device { leave = true }");
	snprintf(path, sizeof(path), "%s/x.lua", fix->tree.path);
	expect_followed(fix, path);
	change_mode(fix, "include/y.lua", 0666);
	snprintf(error, sizeof(error),
		"%s:1: %s/include/y.lua: can be written by others than its owner (`chmod go-w`)",
		path, fix->tree.path);
	expect_refused(fix, path, error);
	change_mode(fix, "x.lua", 0666);
	snprintf(error, sizeof(error), "%s: can be written by others than its owner (`chmod go-w`)",
		path);
	expect_refused(fix, path, error);
}

static void an_included_folder_that_others_can_write_is_refused(void **state)
{
	struct fixture *fix = *state;

	tree_file(&fix->tree, ETC "/a.lua", "machine { include = \"y.lua\" }");
	tree_file(&fix->tree, ETC "/include/y.lua", "device { leave = true }");
	expect_followed(fix, NULL);
	change_mode(fix, ETC "/include", 0777);
	expect_refused(fix, NULL,
		ETC "/a.lua:1: " ETC
		    "/include: can be written by others than its owner (`chmod go-w`)");
}

static void another_machine_s_files_are_only_looked_at(void **state)
{
	struct fixture *fix = *state;

	fix->machine.root = fix->tree.path;
	change_mode(fix, ETC "/a.lua", 0666);
	change_mode(fix, ETC, 0777);
	expect_followed(fix, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_file_that_others_can_write_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_folder_that_others_can_write_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_belongs_to_somebody_else_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_link_to_somebody_else_s_file_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_extra_file_and_what_it_includes_are_looked_at_too, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_included_folder_that_others_can_write_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			another_machine_s_files_are_only_looked_at, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
