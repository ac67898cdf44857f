// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing on filesystems: never more than was meant, and never elsewhere. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

#include "tests/unit/tree.h"

struct fixture {
	struct tree tree;
	struct machine machine;
	struct err err;
};

static const struct machine_place boot = {.target = "/boot", .device = "/dev/sda1", .inside = "/"};

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	tree_new(&f->tree);
	tree_machine(&f->tree, &f->machine);
	tree_file(&f->tree, "boot/env", "0123456789");
	tree_file(&f->tree, "outside", "outside");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	machine_close(&f->machine);
	tree_remove(&f->tree);
	return talloc_free(f);
}

static void expect(struct fixture *f, const char *path, const char *content)
{
	char text[64] = "";
	int fd = openat(f->tree.fd, path, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		fail_msg("%s cannot be read", path);
	close(fd);
	assert_string_equal(text, content);
}

static int there(struct fixture *f, const char *path)
{
	return faccessat(f->tree.fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int overwrite(struct fixture *f, const char *path, const char *text)
{
	return f->machine.effects->overwrite(&f->machine, &boot, path, text, strlen(text), &f->err);
}

static int rename_to(struct fixture *f, const char *path, const char *name)
{
	return f->machine.effects->rename(&f->machine, &boot, path, name, &f->err);
}

static void overwrites_in_place(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;

	fstatat(f->tree.fd, "boot/env", &before, 0);
	assert_int_equal(overwrite(f, "/env", "abc"), 0);
	expect(f, "boot/env", "abc3456789"); /* it keeps its length */
	assert_int_equal(overwrite(f, "env", "9876543210"), 0);
	expect(f, "boot/env", "9876543210");
	fstatat(f->tree.fd, "boot/env", &after, 0);
	assert_int_equal(before.st_ino, after.st_ino); /* GRUB finds it by its blocks */
}

static void neither_grows_nor_creates(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(overwrite(f, "/env", "0123456789x"), -EINVAL);
	expect(f, "boot/env", "0123456789");
	assert_int_equal(overwrite(f, "/none", ""), -ENOENT);
	assert_int_equal(overwrite(f, "/none/env", "x"), -ENOENT);
	assert_false(there(f, "boot/none"));
	assert_string_equal(f->err.text, "write /none/env on /dev/sda1: No such file or directory");
}

static void overwrites_nothing_but_files(void **state)
{
	struct fixture *f = *state;

	tree_node(&f->tree, "boot/fifo", S_IFIFO);
	tree_node(&f->tree, "boot/folder", S_IFDIR);
	assert_int_equal(overwrite(f, "/fifo", "x"), -EINVAL);
	assert_int_equal(overwrite(f, "/folder", "x"), -EINVAL);
	assert_int_equal(overwrite(f, "/", "x"), -EINVAL);
}

static int replace(struct fixture *f, const char *path, const char *text)
{
	return f->machine.effects->replace(
		&f->machine, &boot, path, text, text ? strlen(text) : 0, &f->err);
}

static void replaces_as_a_whole(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;

	fstatat(f->tree.fd, "boot/env", &before, 0);
	assert_int_equal(replace(f, "/env", "new"), 0);
	expect(f, "boot/env", "new");
	fstatat(f->tree.fd, "boot/env", &after, 0);
	assert_int_not_equal(before.st_ino, after.st_ino); /* the old one was whole to the last */
	assert_int_equal(after.st_mode & 0777, 0600);
	assert_int_equal(replace(f, "env", ""), 0);
	expect(f, "boot/env", "");
	assert_false(there(f, "boot/env.new"));
}

static void replaces_what_is_not_there(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(replace(f, "loader/entries/a.conf", "a"), 0);
	expect(f, "boot/loader/entries/a.conf", "a");
	assert_int_equal(replace(f, "/loader/stillboot.conf", "b"), 0);
	expect(f, "boot/loader/stillboot.conf", "b");
	tree_file(&f->tree, "boot/loader/c.new", "of a time that power was lost");
	assert_int_equal(replace(f, "loader/c", "c"), 0);
	expect(f, "boot/loader/c", "c");
	assert_false(there(f, "boot/loader/c.new"));
}

static void removes(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(replace(f, "/env", NULL), 0);
	assert_false(there(f, "boot/env"));
	assert_int_equal(replace(f, "/env", NULL), -ENOENT);
	assert_string_equal(f->err.text, "remove /env on /dev/sda1: No such file or directory");
	assert_int_equal(replace(f, "/none/env", NULL), -ENOENT);
	assert_false(there(f, "boot/none")); /* nothing is made to remove something */
}

static void replaces_nowhere_else(void **state)
{
	struct fixture *f = *state;
	char name[NAME_MAX + 1];

	tree_link(&f->tree, "boot/up", "..");
	tree_link(&f->tree, "boot/absolute", "/");
	tree_link(&f->tree, "boot/linked", "../outside");
	tree_link(&f->tree, "boot/dangling", "nowhere");
	tree_link(&f->tree, "boot/waiting.new", "../outside");
	assert_int_equal(replace(f, "up/outside", "x"), 0); /* ".." of its root is its root */
	assert_int_equal(replace(f, "absolute/outside", "y"), 0);
	expect(f, "boot/outside", "y");
	assert_int_equal(replace(f, "../outside", "z"), 0);
	expect(f, "boot/outside", "z");
	assert_int_equal(replace(f, "linked", "x"), 0); /* the link goes, not what it leads to */
	expect(f, "boot/linked", "x");
	assert_int_equal(replace(f, "waiting", "x"), 0);
	expect(f, "outside", "outside");
	assert_int_equal(replace(f, "dangling/x", "x"), -ENOENT);
	tree_node(&f->tree, "boot/folder", S_IFDIR);
	assert_int_equal(replace(f, "folder", "x"), -EISDIR);
	assert_false(there(f, "boot/folder.new"));
	assert_int_equal(replace(f, "env/x", "x"), -ENOTDIR);
	memset(name, 'x', NAME_MAX);
	name[NAME_MAX] = '\0';
	assert_int_equal(replace(f, name, "x"), -ENAMETOOLONG);
}

static void links_stay_within(void **state)
{
	struct fixture *f = *state;
	static const char *const paths[] = {
		"/up", "/absolute", "../outside", "/../outside", "/folder/outside"};

	tree_link(&f->tree, "boot/up", "../outside");
	tree_link(&f->tree, "boot/absolute", "/outside");
	tree_link(&f->tree, "boot/folder", "..");
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		assert_int_equal(overwrite(f, paths[i], "x"), -ENOENT);
		assert_true(rename_to(f, paths[i], "y") <= 0);
	}
	expect(f, "outside", "outside");
	assert_false(there(f, "y"));
	/* Within they are followed: /boot/grub2/grubenv is one, on Fedora. */
	tree_file(&f->tree, "boot/efi/env", "0123");
	tree_link(&f->tree, "boot/linked", "/efi/env");
	assert_int_equal(overwrite(f, "/linked", "x"), 0);
	expect(f, "boot/efi/env", "x123");
}

static void renames_in_the_same_folder(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, "boot/loader/entries/a+3.conf", "a");
	assert_int_equal(rename_to(f, "loader/entries/a+3.conf", "a+2-1.conf"), 0);
	assert_false(there(f, "boot/loader/entries/a+3.conf"));
	expect(f, "boot/loader/entries/a+2-1.conf", "a");
	assert_int_equal(rename_to(f, "/env", "env2"), 0);
	expect(f, "boot/env2", "0123456789");
}

static void renames_over_nothing_and_nowhere_else(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, "boot/a", "a");
	tree_file(&f->tree, "boot/b", "b");
	assert_int_equal(rename_to(f, "/a", "b"), -EEXIST);
	assert_string_equal(f->err.text, "rename /a on /dev/sda1 to b: File exists");
	expect(f, "boot/b", "b");
	assert_int_equal(rename_to(f, "/none", "c"), -ENOENT);
	assert_int_equal(rename_to(f, "/a", "../c"), -EINVAL);
	assert_int_equal(rename_to(f, "/a", "/c"), -EINVAL);
	expect(f, "boot/a", "a");
	assert_false(there(f, "c"));
}

static void says_where_it_could_not(void **state)
{
	struct fixture *f = *state;
	const struct machine_place gone = {.target = "/gone", .inside = "/"},
				   device = {.device = "/dev/none", .type = "none", .inside = "/"};

	assert_int_equal(f->machine.effects->overwrite(&f->machine, &gone, "/env", "x", 1, &f->err),
		-ENOENT);
	assert_non_null(strstr(f->err.text, "/gone"));
	assert_true(f->machine.effects->rename(&f->machine, &device, "/env", "x", &f->err) < 0);
	assert_non_null(strstr(f->err.text, "mount /dev/none as none"));
}

static void long_paths(void **state)
{
	struct fixture *f = *state;
	char *path = talloc_array(f, char, 5000);

	memset(path, 'x', 4999);
	path[4999] = '\0';
	assert_int_equal(rename_to(f, path, "y"), -ENAMETOOLONG);
	assert_int_equal(replace(f, path, "y"), -ENAMETOOLONG);
	assert_int_equal(overwrite(f, path, "y"), -ENAMETOOLONG);
	assert_int_equal(rename_to(f, "/env", path), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(overwrites_in_place, setup, teardown),
		cmocka_unit_test_setup_teardown(neither_grows_nor_creates, setup, teardown),
		cmocka_unit_test_setup_teardown(overwrites_nothing_but_files, setup, teardown),
		cmocka_unit_test_setup_teardown(replaces_as_a_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(replaces_what_is_not_there, setup, teardown),
		cmocka_unit_test_setup_teardown(removes, setup, teardown),
		cmocka_unit_test_setup_teardown(replaces_nowhere_else, setup, teardown),
		cmocka_unit_test_setup_teardown(links_stay_within, setup, teardown),
		cmocka_unit_test_setup_teardown(renames_in_the_same_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(
			renames_over_nothing_and_nowhere_else, setup, teardown),
		cmocka_unit_test_setup_teardown(says_where_it_could_not, setup, teardown),
		cmocka_unit_test_setup_teardown(long_paths, setup, teardown),
	};

	return cmocka_run_group_tests_name("machine_file", tests, NULL, NULL);
}
