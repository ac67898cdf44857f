// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries of the user's own: the file that is written, and what becomes of it when it is found. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/bls/own.h"
#include "boot/commit.h"
#include "boot/discover.h"
#include "tests/unit/tree.h"

struct fixture {
	struct tree tree;
	struct machine machine;
	struct discovery *d;
	struct own_entry own;
	struct entry_write *write;
	const char *id;
	struct err err;
};

static void look(struct fixture *f)
{
	if (discover(&f->machine, f, 0, &f->d, &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(f->d->volumes->count, 1);
	f->own.volume = f->d->volumes->volumes;
}

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	tree_new(&f->tree);
	tree_machine(&f->tree, &f->machine);
	tree_kernel(&f->tree, "k");
	tree_file(&f->tree, "i", "i");
	tree_file(&f->tree, "grub/grub.cfg",
		"menuentry A --id a { linux /k }\nmenuentry B --id b { linux /k }");
	f->own = (struct own_entry){.title = "My own", .kernel = "/k", .options = "quiet"};
	look(f);
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

static int make(struct fixture *f)
{
	return own_entry_write(f, &f->own, &f->write, &f->id, &f->err);
}

static void keep(struct fixture *f)
{
	struct commit *c;

	if (make(f) < 0 || commit_prepare(f, f->write, &c, &f->err) < 0 ||
		commit_run(&f->machine, c, &f->err) < 0)
		fail_msg("%s", f->err.text);
	look(f);
}

static void writes_a_file(void **state)
{
	struct fixture *f = *state;
	const char *const initrds[] = {"/i", "/i"};

	f->own.initrds = initrds;
	f->own.initrd_count = 2;
	f->own.devicetree = "/i";
	assert_int_equal(make(f), 0);
	assert_string_equal(f->id, "stillboot-my-own");
	assert_string_equal(f->write->path, "loader/entries/stillboot-my-own.conf");
	assert_string_equal(f->write->value, "title My own\n"
					     "sort-key zz-stillboot\n"
					     "linux /k\n"
					     "initrd /i\n"
					     "initrd /i\n"
					     "devicetree /i\n"
					     "options quiet\n");
	f->own = (struct own_entry){
		.title = "x", .kernel = "/k", .options = "", .volume = f->own.volume};
	assert_int_equal(make(f), 0);
	assert_string_equal(f->write->value, "title x\nsort-key zz-stillboot\nlinux /k\n");
}

static void names(void **state)
{
	static const struct {
		const char *title, *id;
	} cases[] = {
		{"Debian GNU/Linux 12", "stillboot-debian-gnu-linux-12"},
		{"../../etc/x", "stillboot-etc-x"},
		{"\xc3\x84pfel", "stillboot-pfel"},
		{"\xe6\x97\xa5\xe6\x9c\xac", "stillboot-entry"},
		{"...", "stillboot-entry"},
		{"a+3-1", "stillboot-a-3-1"}, /* counts no boots */
		{"0123456789012345678901234567890123456789012345678901234567890",
			"stillboot-012345678901234567890123456789012345678901234567"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		f->own.title = cases[i].title;
		assert_int_equal(make(f), 0);
		assert_string_equal(f->id, cases[i].id);
	}
}

static void a_name_that_is_taken_gets_a_number(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, "loader/entries/stillboot-my-own.conf", "linux /k\n");
	tree_link(&f->tree, "loader/entries/stillboot-my-own-2.conf", "nowhere");
	assert_int_equal(make(f), 0);
	assert_string_equal(f->id, "stillboot-my-own-3");
	for (int n = 2; n <= 99; n++) {
		char path[64];

		snprintf(path, sizeof(path), "loader/entries/stillboot-x-%d.conf", n);
		tree_file(&f->tree, path, "");
	}
	f->own.title = "x";
	assert_int_equal(make(f), 0);
	tree_file(&f->tree, "loader/entries/stillboot-x.conf", "");
	assert_int_equal(make(f), -EEXIST);
}

static void what_the_format_cannot_say(void **state)
{
	static const char bad[] = "a\nlinux /other";
	const char *const initrds[] = {"/i x"}, *const odd[] = {"/i$x"};
	struct fixture *f = *state;
	const struct own_entry own = f->own;
	struct own_entry cases[16];
	size_t n = 0;

	for (size_t i = 0; i < 16; i++)
		cases[i] = own;
	cases[n++].title = bad;
	cases[n++].title = "";
	cases[n++].title = " x";
	cases[n++].options = bad;
	cases[n++].options = "\"x\"";
	cases[n++].options = "a\r";
	cases[n++].options = "root=x $kernelopts";
	cases[n++].options = "root=x $tuned_params";
	cases[n++].options = "initrd=/i"; /* would be one, too */
	cases[n++].kernel = "/k\nx";
	cases[n++].kernel = "k";
	cases[n++].kernel = "/a\\b";
	cases[n].initrds = initrds;
	cases[n++].initrd_count = 1;
	cases[n].initrds = odd;
	cases[n++].initrd_count = 1;
	tree_file(&f->tree, "i x", "");
	for (size_t i = 0; i < n; i++) {
		f->own = cases[i];
		if (make(f) == 0)
			fail_msg("%zu: %s", i, f->write->value);
	}
}

static void files_that_are_not_there(void **state)
{
	const char *const initrds[] = {"/none"};
	struct fixture *f = *state;

	f->own.kernel = "/none";
	assert_int_equal(make(f), -ENOENT);
	assert_non_null(strstr(f->err.text, "/none on "));
	f->own.kernel = "/k";
	f->own.initrds = initrds;
	f->own.initrd_count = 1;
	assert_int_equal(make(f), -ENOENT);
	f->own.initrd_count = 0;
	f->own.devicetree = "/none";
	assert_int_equal(make(f), -ENOENT);
}

/* "id* id": the default has the star. */
static void expect(struct fixture *f, const char *expected)
{
	const struct entry_list *list = f->d->entries;
	char *text = talloc_strdup(f, "");

	for (size_t i = 0; i < list->count; i++)
		text = talloc_asprintf_append(text, "%s%s%s", i ? " " : "", list->entries[i].id,
			list->entries[i].is_default ? "*" : "");
	assert_string_equal(text, expected);
}

static void it_is_found_and_never_the_default_by_itself(void **state)
{
	struct fixture *f = *state;

	keep(f);
	expect(f, "a* b stillboot-my-own");
	assert_true(entry_is_own(&f->d->entries->entries[2]));
	assert_null(f->d->entries->entries[2].reason);
	assert_string_equal(f->d->entries->entries[2].options, "quiet");
	assert_string_equal(f->d->settings->file, "loader/stillboot.conf");
	tree_file(&f->tree, "loader/entries/aaa.conf", "linux /k\n"); /* sorts behind it */
	look(f);
	expect(f, "stillboot-my-own aaa* a b");
	tree_file(&f->tree, "loader/loader.conf", "default stillboot-*\n");
	look(f);
	expect(f, "stillboot-my-own* aaa a b");
}

static void alone_it_is_the_default(void **state)
{
	struct fixture *f = *state;

	keep(f);
	tree_file(&f->tree, "grub/grub.cfg", "");
	look(f);
	expect(f, "stillboot-my-own*");
	assert_null(f->d->settings->volume);
}

static void below_boot(void **state)
{
	struct fixture *f = *state;

	tree_kernel(&f->tree, "boot/k");
	f->own.kernel = "/boot/k";
	keep(f);
	assert_string_equal(f->write->path, "boot/loader/entries/stillboot-my-own.conf");
	expect(f, "a* b stillboot-my-own");
}

static void only_ones_own_is_removed(void **state)
{
	struct fixture *f = *state;
	struct commit *c;

	keep(f);
	assert_int_equal(
		own_entry_remove(f, &f->d->entries->entries[0], &f->write, &f->err), -EPERM);
	assert_int_equal(own_entry_remove(f, &f->d->entries->entries[2], &f->write, &f->err), 0);
	assert_int_equal(commit_prepare(f, f->write, &c, &f->err), 0);
	assert_int_equal(commit_run(&f->machine, c, &f->err), 0);
	look(f);
	expect(f, "a* b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_a_file, setup, teardown),
		cmocka_unit_test_setup_teardown(names, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_name_that_is_taken_gets_a_number, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_format_cannot_say, setup, teardown),
		cmocka_unit_test_setup_teardown(files_that_are_not_there, setup, teardown),
		cmocka_unit_test_setup_teardown(
			it_is_found_and_never_the_default_by_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(alone_it_is_the_default, setup, teardown),
		cmocka_unit_test_setup_teardown(below_boot, setup, teardown),
		cmocka_unit_test_setup_teardown(only_ones_own_is_removed, setup, teardown),
	};

	return cmocka_run_group_tests_name("own", tests, NULL, NULL);
}
