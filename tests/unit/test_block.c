// SPDX-License-Identifier: GPL-2.0-or-later
/* Which block devices may have a filesystem, from a sysfs made of files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/volume/block.h"
#include "tests/unit/tree.h"

/* Attributes as "name=value" parted by blanks; a name that ends in a slash is a directory. */
static const struct {
	const char *path; /* below sys/devices */
	const char *attributes;
} devices[] = {
	{"sda", "dev=8:0 size=1000 diskseq=7"},
	{"sda/sda1", "dev=8:1 size=500 partition=1"},
	{"sda/sda10", "dev=8:10 size=500 partition=10"},
	{"sda/sda2", "dev=8:2 size=500 partition=2 holders/dm-1/"},
	{"sdb", "dev=8:16 size=1000"}, /* a filesystem on the whole disk */
	{"sdc", "dev=8:32 size=0"},
	{"dm-0", "dev=253:0 size=100 dm/suspended=1"},
	{"dm-1", "dev=253:1 size=100 dm/suspended=0"},
	{"loop0", "dev=7:0 size=100"},
	{"loop1", "dev=7:1 size=100 loop/backing_file=/x loop/autoclear=0"},
	{"loop3", "dev=7:3 size=100 loop/backing_file=/y loop/autoclear=1"},
	{"loop2", "dev=7:2 size=100 loop/backing_file=/dev/sdb"}, /* one of ours, for f2fs */
	{"ram0", "dev=1:0 size=100"},
	{"zram0", "dev=252:0 size=100"},
	{"fd0", "dev=2:0 size=8"},
	{"nvme0c0n1", "size=100 hidden=1"},
	{"nvme0n1", "dev=259:0 size=100"},
	{"cciss!c0d0", "dev=104:0 size=100"},
};

static int setup(void **state)
{
	struct tree *tree = talloc_zero(NULL, struct tree);
	char path[300], target[300];

	tree_new(tree);
	for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
		const char *slash = strrchr(devices[i].path, '/');
		char *attributes = talloc_strdup(tree, devices[i].attributes), *rest;

		for (char *a = strtok_r(attributes, " ", &rest); a;
			a = strtok_r(NULL, " ", &rest)) {
			char *value = strchr(a, '=');

			snprintf(path, sizeof(path), "sys/devices/%s/%.*s%s", devices[i].path,
				(int)strcspn(a, "="), a, value ? "" : "x");
			tree_file(tree, path, value ? value + 1 : "");
		}
		snprintf(path, sizeof(path), "sys/class/block/%s",
			slash ? slash + 1 : devices[i].path);
		snprintf(target, sizeof(target), "../../devices/%s", devices[i].path);
		tree_link(tree, path, target);
	}
	*state = tree;
	return 0;
}

static int teardown(void **state)
{
	tree_remove(*state);
	return talloc_free(*state);
}

static void lists_what_nobody_has_claimed(void **state)
{
	static const struct block_device expected[] = {
		{"cciss!c0d0", "/dev/cciss/c0d0", "cciss!c0d0", 0, 0},
		{"dm-1", "/dev/dm-1", "dm-1", 0, 0},
		{"loop1", "/dev/loop1", "loop1", 0, 0},
		{"loop3", "/dev/loop3", "loop3", 0, 0},
		{"nvme0n1", "/dev/nvme0n1", "nvme0n1", 0, 0},
		{"sda1", "/dev/sda1", "sda", 1, 7},
		{"sda10", "/dev/sda10", "sda", 10, 7},
		{"sdb", "/dev/sdb", "sdb", 0, 0},
	};
	struct block_device *list;
	struct machine m;
	struct err err;
	size_t count;

	tree_machine(*state, &m);
	assert_int_equal(block_list(&m, *state, &list, &count, &err), 0);
	for (size_t i = 0; i < count; i++) {
		assert_in_range(i, 0, sizeof(expected) / sizeof(*expected) - 1);
		assert_string_equal(list[i].name, expected[i].name);
		assert_string_equal(list[i].path, expected[i].path);
		assert_string_equal(list[i].disk, expected[i].disk);
		assert_int_equal(list[i].partition, expected[i].partition);
		assert_int_equal(list[i].sequence, expected[i].sequence);
	}
	assert_int_equal(count, sizeof(expected) / sizeof(*expected));
	block_drop_borrowed(&m, list, &count);
	assert_int_equal(count, sizeof(expected) / sizeof(*expected) - 1);
	for (size_t i = 0; i < count; i++)
		assert_string_not_equal(list[i].name, "loop3");
	machine_close(&m);
}

static void finds_what_a_path_means(void **state)
{
	static const struct {
		const char *path;
		unsigned int major, minor;
		struct block_device device;
	} cases[] = {
		{"/dev/sda1", 8, 1, {"sda1", "/dev/sda1", "sda", 1, 7}},
		{"/dev/root", 8, 1, {"sda1", "/dev/sda1", "sda", 1, 7}},
		{"/dev/mapper/vg-root", 0, 0, {"dm-1", "/dev/mapper/vg-root", "dm-1", 0, 0}},
		{"/dev/sda10", 0, 50, {"sda10", "/dev/sda10", "sda", 10, 7}},
		{"/dev/cciss/c0d0", 0, 51, {"cciss!c0d0", "/dev/cciss/c0d0", "cciss!c0d0", 0, 0}},
		{"/dev/unknown", 9, 9, {"unknown", "/dev/unknown", "unknown", 0, 0}},
	};
	struct tree *tree = *state;
	struct machine m;

	tree_link(tree, "sys/dev/block/8:1", "../../devices/sda/sda1");
	tree_link(tree, "dev/mapper/vg-root", "../dm-1");
	tree_machine(tree, &m);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct block_device d;

		assert_int_equal(
			block_find(&m, tree, cases[i].path, cases[i].major, cases[i].minor, &d), 0);
		assert_string_equal(d.name, cases[i].device.name);
		assert_string_equal(d.path, cases[i].device.path);
		assert_string_equal(d.disk, cases[i].device.disk);
		assert_int_equal(d.partition, cases[i].device.partition);
	}
	machine_close(&m);
}

/* Of names with a slash, too. */
static void knows_what_udev_calls_a_device(void **state)
{
	struct tree *tree = *state;
	struct machine m;

	tree_link(tree, "dev/disk/by-uuid/1234", "../../cciss/c0d0");
	tree_link(tree, "dev/disk/by-label/other", "../../c0d0");
	tree_link(tree, "dev/disk/by-label/more", "../../cciss/c0d0p1");
	tree_machine(tree, &m);
	assert_string_equal(block_udev_names(&m, tree, "cciss!c0d0").uuid, "1234");
	assert_null(block_udev_names(&m, tree, "cciss!c0d0").label);
	assert_string_equal(block_name_of(tree, "/dev/cciss/c0d0"), "cciss!c0d0");
	assert_string_equal(block_name_of(tree, "/dev/sda1"), "sda1");
	machine_close(&m);
}

/* An absolute link in a tree leads to the tree's own, not to this machine's. */
static void no_link_leads_out_of_a_tree(void **state)
{
	struct tree *tree = *state, other;
	char target[320];
	struct machine m;

	tree_new(&other);
	tree_link(&other, "by-uuid/OUTSIDE", "../../sda1");
	tree_machine(tree, &m);
	snprintf(target, sizeof(target), "%s/by-uuid", other.path);
	tree_link(tree, "dev/disk/by-uuid", target);
	assert_null(block_udev_names(&m, tree, "sda1").uuid);
	machine_close(&m);
	tree_remove(&other);
}

static void says_when_there_is_no_list(void **state)
{
	struct tree empty;
	struct machine m;
	struct block_device *list;
	struct err err;
	size_t count;

	tree_new(&empty);
	tree_machine(&empty, &m);
	assert_true(block_list(&m, *state, &list, &count, &err) < 0);
	assert_string_equal(
		err.text, "list block devices in sys/class/block: No such file or directory");
	machine_close(&m);
	tree_remove(&empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lists_what_nobody_has_claimed, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_what_a_path_means, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_what_udev_calls_a_device, setup, teardown),
		cmocka_unit_test_setup_teardown(no_link_leads_out_of_a_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(says_when_there_is_no_list, setup, teardown),
	};

	return cmocka_run_group_tests_name("block", tests, NULL, NULL);
}
