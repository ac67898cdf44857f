// SPDX-License-Identifier: GPL-2.0-or-later
/* A filesystem far above its disks: loop devices, and what device mapper and md put on one another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/volume/held.h"
#include "devices/usage.h"
#include "tests/unit/scripted.h"

struct fixture {
	struct scripted *s;
	struct pci_snapshot *snap;
	int minor;
};

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	f->s = scripted_new();
	f->snap = snapshot_new(f);
	for (int i = 1; i <= 3; i++) {
		char slot[PCI_SLOT_MAX];

		snprintf(slot, sizeof(slot), "0000:00:%02x.0", i);
		snapshot_add(f->snap, slot, 0x010802, "driver");
	}
	pci_link_tree(f->snap);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	scripted_free(f->s);
	return talloc_free(f);
}

/* A block device 9:MINOR (counted up from 1) at this place below sys/devices, held by others. */
static void add(struct fixture *f, const char *place, const char *holder)
{
	const char *name = strrchr(place, '/') + 1;
	char path[200], text[200];

	snprintf(path, sizeof(path), "sys/class/block/%s", name);
	snprintf(text, sizeof(text), "../../devices/%s", place);
	scripted_link(f->s, path, text);
	snprintf(path, sizeof(path), "sys/devices/%s/dev", place);
	snprintf(text, sizeof(text), "9:%d\n", ++f->minor);
	scripted_file(f->s, path, text);
	if (!holder)
		return;
	snprintf(path, sizeof(path), "sys/devices/%s/holders/%s", place, holder);
	snprintf(text, sizeof(text), "../../%s", holder);
	scripted_link(f->s, path, text);
}

static void mount_last(struct fixture *f)
{
	char text[100];

	snprintf(text, sizeof(text), "1 1 9:%d / /srv rw - xfs /dev/mapper/x rw\n", f->minor);
	scripted_file(f->s, "proc/self/mountinfo", text);
	assert_int_equal(usage_read(&f->s->machine, f->snap, NULL), 0);
}

static void expect(const struct fixture *f, const char *first, const char *second)
{
	const struct pci_function *functions = f->snap->functions;

	assert_string_equal(functions[0].use ? functions[0].use : "", first);
	assert_string_equal(functions[1].use ? functions[1].use : "", second);
	assert_int_equal(functions[0].uses, *first ? PCI_USE_DISK : 0);
	assert_int_equal(functions[1].uses, *second ? PCI_USE_DISK : 0);
	assert_int_equal(functions[2].uses, 0);
}

static void lvm_on_luks_on_md(void **state)
{
	struct fixture *f = *state;

	add(f, "pci0000:00/0000:00:01.0/nvme/nvme0/nvme0n1/nvme0n1p2", "md0");
	add(f, "pci0000:00/0000:00:02.0/nvme/nvme1/nvme1n1/nvme1n1p2", "md0");
	add(f, "pci0000:00/0000:00:03.0/nvme/nvme2/nvme2n1", NULL);
	add(f, "virtual/block/md0", "dm-0");
	add(f, "virtual/block/dm-0", "dm-1");
	add(f, "virtual/block/dm-1", NULL);
	mount_last(f);
	expect(f, "nvme0n1p2 is part of md0", "nvme1n1p2 is part of md0");
}

static void multipath_over_two_adapters(void **state)
{
	struct fixture *f = *state;

	add(f, "pci0000:00/0000:00:01.0/host1/target1:0:0/1:0:0:1/block/sda", "dm-0");
	add(f, "pci0000:00/0000:00:02.0/host2/target2:0:0/2:0:0:1/block/sdb", "dm-0");
	add(f, "pci0000:00/0000:00:03.0/host3/target3:0:0/3:0:0:1/block/sdc", NULL);
	add(f, "virtual/block/dm-0", NULL);
	mount_last(f);
	expect(f, "sda is part of dm-0", "sdb is part of dm-0");
}

static void loop_on_a_disk(void **state)
{
	struct fixture *f = *state;

	add(f, "pci0000:00/0000:00:01.0/ata1/host0/block/sda/sda2", NULL);
	add(f, "pci0000:00/0000:00:02.0/ata2/host1/block/sdb", NULL);
	add(f, "virtual/block/loop0", NULL);
	scripted_file(f->s, "sys/devices/virtual/block/loop0/loop/backing_file", "/dev/sda2\n");
	assert_int_equal(usage_read(&f->s->machine, f->snap, NULL), 0);
	expect(f, "", ""); /* a loop device that nobody uses */
	mount_last(f);
	expect(f, "sda2 lies under a loop device: loop0 is mounted on /srv", "");
}

/* The partition of a loop device on a loop device on a disk, and one on a file. */
static void loop_on_a_loop(void **state)
{
	struct fixture *f = *state;

	add(f, "pci0000:00/0000:00:02.0/host1/block/cciss!c0d0", NULL);
	add(f, "virtual/block/loop0", NULL);
	add(f, "virtual/block/loop1", NULL);
	add(f, "virtual/block/loop2", NULL);
	add(f, "virtual/block/loop1/loop1p1", NULL);
	scripted_file(
		f->s, "sys/devices/virtual/block/loop0/loop/backing_file", "/dev/cciss/c0d0\n");
	scripted_file(f->s, "sys/devices/virtual/block/loop1/loop/backing_file", "/dev/loop0\n");
	scripted_file(f->s, "sys/devices/virtual/block/loop2/loop/backing_file", "/srv/image\n");
	mount_last(f);
	expect(f, "", "cciss!c0d0 lies under a loop device: loop1p1 is mounted on /srv");
}

/* We open a stack and mount it to look for entries; somebody else uses the other disk. */
static void what_we_hold_is_nobodys_use(void **state)
{
	static const char *const none[] = {NULL};
	struct fixture *f = *state;
	struct volume v = {.fd = -1, .top_fd = -1, .flags = VOLUME_OUR_MOUNT};
	struct volume_set set = {.volumes = &v, .count = 1};

	add(f, "pci0000:00/0000:00:01.0/ata1/host0/block/sda/sda2", "dm-0");
	scripted_file(f->s, "sys/class/block/sda2/partition", "2\n");
	add(f, "pci0000:00/0000:00:01.0/ata1/host0/block/sda", NULL);
	add(f, "pci0000:00/0000:00:02.0/ata2/host1/block/sdb", "dm-1");
	add(f, "virtual/block/dm-0", NULL);
	scripted_file(f->s, "sys/class/block/dm-0/slaves/sda2/x", "");
	v.device = "/dev/dm-0";
	f->s->machine.held = volumes_held(&f->s->machine, f, &set);
	assert_string_equal(f->s->machine.held[0], "dm-0");
	assert_string_equal(f->s->machine.held[1], "sda2");
	assert_string_equal(f->s->machine.held[2], "sda");
	assert_null(f->s->machine.held[3]);
	assert_int_equal(usage_read(&f->s->machine, f->snap, NULL), 0);
	expect(f, "", "sdb is part of dm-1");
	f->s->machine.held = none;
	mount_last(f);
	expect(f, "sda2 is part of dm-0", "sdb is part of dm-1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lvm_on_luks_on_md),
		TEST(multipath_over_two_adapters),
		TEST(loop_on_a_disk),
		TEST(loop_on_a_loop),
		TEST(what_we_hold_is_nobodys_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
