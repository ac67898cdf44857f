// SPDX-License-Identifier: GPL-2.0-or-later
/* Which configurations on which volumes become which menus, in which order. */
#include <errno.h>
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

#include "boot/explore.h"
#include "boot/seen.h"
#include "tests/unit/tree.h"

struct fixture {
	struct tree tree;
	const char *volumes[600];
	size_t count;
	const char *esp;
};

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	tree_new(&f->tree);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tree_remove(&f->tree);
	return talloc_free(f);
}

/* A directory of the tree as a volume, with names or without. */
static void volume(struct fixture *f, const char *names, const char *directory)
{
	tree_file(&f->tree, talloc_asprintf(f, "%s/k", directory), "");
	f->volumes[f->count++] = talloc_asprintf(
		f, "%s%s%s/%s", names, *names ? ":" : "", f->tree.path, directory);
}

static struct exploration *look(struct fixture *f)
{
	struct volume_set *set;
	struct exploration *e;
	struct explored what = {.architecture = "x86_64", .efi = true, .esp = f->esp};
	struct err err;

	if (volumes_of_trees(f, f->volumes, f->count, &set, &err) < 0)
		fail_msg("%s", err.text);
	what.volumes = set;
	assert_int_equal(explore(f, &what, &e), 0);
	return e;
}

/* "format FILE on VOLUME default=X: id id; ...": problems after a bar. */
static void expect(struct fixture *f, const char *expected)
{
	struct exploration *x = look(f);
	char *text = talloc_strdup(f, "");

	for (size_t i = 0; i < x->menu_count; i++) {
		const struct explored_menu *m = &x->menus[i];

		text = talloc_asprintf_append(text, "%s%s%s%s on %s", i ? "; " : "",
			m->format->name, *m->file ? " " : "", m->file, volume_name(m->volume));
		if (m->list->default_pattern)
			text = talloc_asprintf_append(
				text, " default=%s", m->list->default_pattern);
		text = talloc_strdup_append(text, ":");
		for (size_t n = 0; n < m->list->count; n++)
			text = talloc_asprintf_append(text, " %s", m->list->entries[n].id);
		assert_int_equal(m->list->problem_count, 0);
	}
	for (size_t i = 0; i < x->problem_count; i++)
		text = talloc_asprintf_append(text, " | %s", x->problems[i]);
	assert_string_equal(text, expected);
}

static void no_volumes(void **state)
{
	struct fixture *f = *state;

	expect(f, "");
	volume(f, "sda1", "a");
	expect(f, "");
}

/* By volume, then by format; not in the order in which they were read. */
static void menus_in_order(void **state)
{
	struct fixture *f = *state;

	volume(f, "sda1", "a");
	volume(f, "sdb1", "b");
	tree_file(&f->tree, "a/grub/grub.cfg", "menuentry A --id ga { linux /k }");
	tree_file(&f->tree, "a/EFI/x/grub.cfg", "menuentry A --id gx { linux /k }");
	tree_file(&f->tree, "a/EFI/w/grub.cfg", "menuentry A --id gw { linux /k }");
	tree_file(&f->tree, "a/loader/entries/la.conf", "linux /k\n");
	tree_file(&f->tree, "b/grub/grub.cfg", "menuentry A --id gb { linux /k }");
	tree_file(&f->tree, "b/loader/entries/lb.conf", "linux /k\n");
	expect(f, "bls1 on /dev/sda1: la; grub grub/grub.cfg on /dev/sda1: ga; grub "
		  "EFI/w/grub.cfg on /dev/sda1: gw; grub EFI/x/grub.cfg on /dev/sda1: gx; bls1 "
		  "on /dev/sdb1: lb; grub grub/grub.cfg on /dev/sdb1: gb");
}

/* ESP and XBOOTLDR (UAPI.1): loader.conf lies on the ESP, entries on either. */
static void one_menu_for_a_disk(void **state)
{
	struct fixture *f = *state;

	volume(f, "nvme0n1p1", "esp");
	volume(f, "sda1", "other");
	volume(f, "nvme0n1p3", "xbootldr");
	tree_file(&f->tree, "esp/loader/loader.conf", "default b*\ntimeout 3\n");
	tree_file(&f->tree, "esp/loader/entries/a.conf", "linux /k\nversion 2\nsort-key x");
	tree_file(&f->tree, "xbootldr/loader/entries/b.conf", "linux /k\nversion 3\nsort-key x");
	tree_file(&f->tree, "xbootldr/loader/entries/c.conf", "linux /k\nversion 1\nsort-key x");
	tree_file(&f->tree, "other/loader/entries/d.conf", "linux /k\n");
	expect(f, "bls1 on /dev/nvme0n1p1 default=b*: b a c; bls1 on /dev/sda1: d");
}

/* systemd-boot reads that on its own partition alone. */
static void settings_of_the_loader_s_partition_count(void **state)
{
	struct fixture *f = *state;

	volume(f, "sda1", "boot");
	volume(f, "sda2,PARTUUID=11111111-2222-4333-8444-55555555555a", "esp");
	tree_file(&f->tree, "boot/loader/loader.conf", "default a\n");
	tree_file(&f->tree, "boot/loader/entries/a.conf", "linux /k\n");
	tree_file(&f->tree, "esp/loader/loader.conf", "default b\n");
	tree_file(&f->tree, "esp/loader/entries/b.conf", "linux /k\n");
	expect(f, "bls1 on /dev/sda1 default=a: b a");
	f->esp = "PARTUUID=11111111-2222-4333-8444-55555555555A";
	expect(f, "bls1 on /dev/sda1 default=b: b a");
	f->esp = "PARTUUID=11111111-2222-4333-8444-55555555555b";
	expect(f, "bls1 on /dev/sda1 default=a: b a");
}

/* What has no disk is one by itself. */
static void plain_directories_are_no_one_disk(void **state)
{
	struct fixture *f = *state;
	struct exploration *x;

	volume(f, "", "a");
	volume(f, "", "b");
	tree_file(&f->tree, "a/loader/entries/a.conf", "linux /k\n");
	tree_file(&f->tree, "b/loader/entries/b.conf", "linux /k\n");
	x = look(f);
	assert_int_equal(x->menu_count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct entry *e = x->menus[i].list->entries;

		assert_int_equal(x->menus[i].list->count, 1);
		assert_null(e->source.device);
		assert_ptr_equal(e->source.volume, x->menus[i].volume);
		assert_string_equal(e->format, "bls1");
	}
}

static void every_file_is_read_once(void **state)
{
	struct fixture *f = *state;
	char above[300];

	volume(f, "sda1", "a");
	tree_file(&f->tree, "a/grub/grub.cfg", "menuentry A --id a { linux /k }");
	tree_file(&f->tree, "a/loader/entries/l.conf", "linux /k\n");
	tree_link(&f->tree, "a/boot", ".");
	tree_link(&f->tree, "a/loader/entries/m.conf", "l.conf");
	tree_link(&f->tree, "a/EFI/x/grub.cfg", "/grub/grub.cfg");
	expect(f, "bls1 on /dev/sda1: l; grub boot/grub/grub.cfg on /dev/sda1: a");
	/* The same tree once more, as a bind mount would be. */
	snprintf(above, sizeof(above), "sda1:%s/a", f->tree.path);
	f->volumes[f->count++] = above;
	expect(f, "bls1 on /dev/sda1: l; grub boot/grub/grub.cfg on /dev/sda1: a");
}

static void what_is_wrong_is_told_and_hides_nothing(void **state)
{
	struct fixture *f = *state;

	volume(f, "sda1", "a");
	tree_file(&f->tree, "a/loader/entries/b.conf", "linux /k\n");
	tree_file(&f->tree, "a/loader/entries/empty.conf", "");
	tree_node(&f->tree, "a/loader/entries/a.conf", S_IFDIR);
	tree_node(&f->tree, "a/loader/entries/c.conf", S_IFIFO);
	tree_link(&f->tree, "a/loader/entries/d.conf", "none");
	tree_link(&f->tree, "a/loader/entries/e.conf", "e.conf");
	expect(f, "bls1 on /dev/sda1: empty b | loader/entries/a.conf on /dev/sda1 is a directory, "
		  "not a file | loader/entries/c.conf on /dev/sda1 is a FIFO, not a file | open "
		  "loader/entries/e.conf on /dev/sda1: Too many levels of symbolic links");
}

static void files_have_a_size(void **state)
{
	struct fixture *f = *state;
	char *text = talloc_array(f, char, (64 << 10) + 2);

	memset(text, '#', (64 << 10) + 1);
	text[(64 << 10) + 1] = '\0';
	volume(f, "sda1", "a");
	tree_file(&f->tree, "a/loader/entries/a.conf", text);
	memcpy(text, "linux k\n", 8);
	text[64 << 10] = '\0';
	tree_file(&f->tree, "a/loader/entries/b.conf", text);
	expect(f, "bls1 on /dev/sda1: b | loader/entries/a.conf on /dev/sda1 is larger than 65536 "
		  "bytes");
}

/* Short files are read in one go, others are asked for their size first: what stands last counts in all. */
static void files_are_read_to_their_end(void **state)
{
	struct fixture *f = *state;
	char text[4099];

	volume(f, "sda1", "a");
	for (size_t len = 4095; len <= 4097; len++) {
		memset(text, '#', sizeof(text));
		memcpy(text + len - 8, "\nlinux k", 9);
		tree_file(&f->tree, talloc_asprintf(f, "a/loader/entries/%zu.conf", len), text);
	}
	expect(f, "bls1 on /dev/sda1: 4097 4096 4095");
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(look(f)->menus[0].list->entries[i].kernel.path, "/k");
}

/* A hostile disk takes a limited amount of memory, and nothing from the others. */
static void disks_have_a_size(void **state)
{
	struct fixture *f = *state;
	char *text = talloc_array(f, char, (64 << 10) + 1);
	struct exploration *x;

	memset(text, '#', 64 << 10);
	text[64 << 10] = '\0';
	memcpy(text, "linux k\n", 8);
	volume(f, "sda1", "a");
	volume(f, "sdb1", "b");
	for (size_t i = 0; i < 300; i++)
		tree_file(&f->tree, talloc_asprintf(f, "a/loader/entries/%03zu.conf", i), text);
	tree_file(&f->tree, "a/grub/grub.cfg", "menuentry A --id a { linux /k }");
	tree_file(&f->tree, "b/loader/entries/b.conf", "linux /k\n");
	x = look(f);
	assert_int_equal(x->menu_count, 3);
	assert_int_equal(x->menus[0].list->count, 128);
	assert_string_equal(x->menus[1].list->entries->id, "a");
	assert_string_equal(x->menus[2].list->entries->id, "b");
	assert_int_equal(x->problem_count, 1);
	assert_non_null(strstr(x->problems[0], "loader/entries/128.conf on /dev/sda1, and what "
					       "follows it, is left out"));
}

static void menus_have_an_end(void **state)
{
	struct fixture *f = *state;
	struct exploration *x;

	volume(f, "sda1", "a");
	for (size_t i = 0; i < ENTRY_LIST_MAX + 10; i++)
		tree_file(&f->tree, talloc_asprintf(f, "a/loader/entries/%04zu.conf", i),
			"linux k\n");
	tree_file(&f->tree, "a/loader/loader.conf", "default 0001");
	x = look(f);
	assert_int_equal(x->menus[0].list->count, ENTRY_LIST_MAX);
	assert_string_equal(x->menus[0].list->default_pattern, "0001");
	assert_int_equal(x->problem_count, 1);
	assert_string_equal(x->problems[0], "loader/entries/4096.conf on /dev/sda1, and what "
					    "follows it, is left out: there are "
					    "4096 entries");
}

static void many_volumes(void **state)
{
	struct fixture *f = *state;
	struct exploration *x;

	for (size_t i = 0; i < 512; i++)
		volume(f, talloc_asprintf(f, "sd%zup%zu", i / 8, i % 8 + 1),
			talloc_asprintf(f, "v%03zu", i));
	for (size_t i = 0; i < 512; i += 2)
		tree_file(&f->tree, talloc_asprintf(f, "v%03zu/loader/entries/e%03zu.conf", i, i),
			"linux k\n");
	x = look(f);
	assert_int_equal(x->menu_count, 64);
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(x->menus[i].list->count, 4);
	assert_int_equal(x->problem_count, 0);
}

static void remembers_files(void **state)
{
	struct seen *seen = seen_new(*state);

	for (size_t round = 0; round < 2; round++)
		for (unsigned int i = 0; i < 20000; i++) {
			/* As they come: inodes in a row, few devices. */
			struct stat st = {.st_dev = i % 3, .st_ino = i / 3};

			assert_int_equal(seen_add(seen, &st), round == 0);
		}
	assert_true(seen_add(seen, &(struct stat){.st_dev = 3, .st_ino = 0}));
	/* Nothing is taken for free. */
	assert_false(seen_add(seen, &(struct stat){.st_dev = 0, .st_ino = 0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_volumes, setup, teardown),
		cmocka_unit_test_setup_teardown(menus_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(one_menu_for_a_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(
			settings_of_the_loader_s_partition_count, setup, teardown),
		cmocka_unit_test_setup_teardown(plain_directories_are_no_one_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(every_file_is_read_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_wrong_is_told_and_hides_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(files_have_a_size, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_read_to_their_end, setup, teardown),
		cmocka_unit_test_setup_teardown(disks_have_a_size, setup, teardown),
		cmocka_unit_test_setup_teardown(menus_have_an_end, setup, teardown),
		cmocka_unit_test_setup_teardown(many_volumes, setup, teardown),
		cmocka_unit_test_setup_teardown(remembers_files, setup, teardown),
	};

	return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}
