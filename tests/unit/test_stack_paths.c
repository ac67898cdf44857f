// SPDX-License-Identifier: GPL-2.0-or-later
/* One of the paths to a disk, and never a disk too few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "boot/stack/paths.h"
#include "tests/unit/tree.h"

struct disk {
	const char *name, *bus, *wwid, *size, *state, *access;
};

static void put(const struct tree *tree, const char *block, const char *attr, const char *text)
{
	char path[128];

	if (!text)
		return;
	snprintf(path, sizeof(path), "sys/devices/%s/%s", block, attr);
	tree_file(tree, path, text);
}

static void plug(const struct tree *tree, const struct disk *d)
{
	char place[64], link[64], target[96];

	snprintf(place, sizeof(place), "%s/block/%s", d->bus, d->name);
	put(tree, place, "device/wwid", d->wwid);
	put(tree, place, "device/state", d->state);
	put(tree, place, "device/access_state", d->access);
	put(tree, place, "size", d->size);
	snprintf(link, sizeof(link), "sys/class/block/%s", d->name);
	snprintf(target, sizeof(target), "../../devices/%s", place);
	tree_link(tree, link, target);
}

/* The names that are left, in their order, with a space behind each. */
static void check(const struct disk *disks, size_t count, const char *expected)
{
	struct block_device devices[8];
	struct machine machine;
	struct tree tree;
	char left[64] = "";

	tree_new(&tree);
	tree_machine(&tree, &machine);
	for (size_t i = 0; i < count; i++) {
		plug(&tree, &disks[i]);
		devices[i] = (struct block_device){
			.name = disks[i].name, .path = disks[i].name, .disk = disks[i].name};
	}
	stack_one_path_each(&machine, devices, &count);
	for (size_t i = 0; i < count; i++) {
		strcat(left, devices[i].name);
		strcat(left, " ");
	}
	assert_string_equal(left, expected);
	tree_remove(&tree);
}

#define CHECK(expected, ...)                                                                       \
	do {                                                                                       \
		const struct disk disks[] = {__VA_ARGS__};                                         \
		check(disks, sizeof(disks) / sizeof(*disks), expected);                            \
	} while (0)

static void test_paths(void **state)
{
	(void)state;
	CHECK("sda sdb ", {"sda", "pci0", "naa.1", "100", "running", NULL},
		{"sdb", "pci0", "naa.2", "100", "running", NULL});
	CHECK("sda sdd ", {"sda", "pci0", "naa.1", "100", "running", NULL},
		{"sdb", "pci1", "naa.1", "100", "running", NULL},
		{"sdc", "pci2", "naa.1", "100", "running", NULL},
		{"sdd", "pci2", "naa.2", "100", "running", NULL});
	/* The one that works; the controller that is preferred. */
	CHECK("sdb ", {"sda", "pci0", "naa.1", "100", "offline", NULL},
		{"sdb", "pci1", "naa.1", "100", "running", NULL});
	CHECK("sdb ", {"sda", "pci0", "naa.1", "100", "running", "standby"},
		{"sdb", "pci1", "naa.1", "100", "running", "active/optimized"});
	CHECK("sdb ", {"sda", "pci0", "naa.1", "100", "offline", "active/optimized"},
		{"sdb", "pci1", "naa.1", "100", "running", "active/non-optimized"});
}

static void test_other_disks(void **state)
{
	(void)state;
	CHECK("sda sdb ", {"sda", "pci0", NULL, "100", "running", NULL},
		{"sdb", "pci1", NULL, "100", "running", NULL});
	CHECK("sda sdb ", {"sda", "pci0", "", "100", "running", NULL},
		{"sdb", "pci1", "", "100", "running", NULL});
	CHECK("sda sdb ", {"sda", "pci0", "naa.1", "100", "running", NULL},
		{"sdb", "pci1", "naa.1", "200", "running", NULL});
	CHECK("sda sdb ", {"sda", "usb1", "naa.1", "100", "running", NULL},
		{"sdb", "usb1", "naa.1", "100", "running", NULL});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_other_disks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
