// SPDX-License-Identifier: GPL-2.0-or-later
/* Which partitions may be this system's ESP and XBOOTLDR, in machines that are only files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/volume/boot_partitions.h"
#include "tests/unit/tree.h"

#define ESP "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define XBOOTLDR "bc13c2ff-59e6-4262-a352-b275fd6f7172"
#define ROOT "4f68bce3-e8cd-4db1-96e7-fbcaf984b709"

struct fixture {
	struct tree tree;
	struct machine machine;
};

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	tree_new(&f->tree);
	tree_machine(&f->tree, &f->machine);
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

__attribute__((format(printf, 3, 4))) static void put(
	struct fixture *f, const char *text, const char *format, ...)
{
	va_list args;
	char *path;

	va_start(args, format);
	path = talloc_vasprintf(f, format, args);
	va_end(args);
	tree_file(&f->tree, path, text);
}

/* A block device at this path below sys/devices ("sda", "sda/sda1"). */
static const char *add(struct fixture *f, const char *path, const char *number)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	put(f, number, "sys/devices/%s/dev", path);
	put(f, "2048\n", "sys/devices/%s/size", path);
	if (slash)
		put(f, path + strlen(path) - 1, "sys/devices/%s/partition", path);
	tree_link(&f->tree, talloc_asprintf(f, "sys/class/block/%s", name),
		talloc_asprintf(f, "../../devices/%s", path));
	tree_link(&f->tree, talloc_asprintf(f, "sys/dev/block/%s", number),
		talloc_asprintf(f, "../../devices/%s", path));
	return name;
}

/* A device that stands on another one. */
static void stack(struct fixture *f, const char *path, const char *on)
{
	const char *slash = strrchr(on, '/');

	put(f, "", "sys/devices/%s/slaves/%s", path, slash ? slash + 1 : on);
	put(f, "", "sys/devices/%s/holders/%s", on, path);
}

static void know(struct fixture *f, const char *number, const char *type)
{
	put(f,
		talloc_asprintf(
			f, "S:x\nE:ID_PART_ENTRY_TYPE_X=y\nE:ID_PART_ENTRY_TYPE=%s\nG:z\n", type),
		"run/udev/data/b%s", number);
}

/* Two disks, 8:0 and 8:16, with partitions from 8:1 and 8:17 on. */
static void two_disks(struct fixture *f)
{
	add(f, "sda", "8:0");
	add(f, "sda/sda1", "8:1");
	add(f, "sda/sda2", "8:2");
	add(f, "sda/sda3", "8:3");
	add(f, "sdb", "8:16");
	add(f, "sdb/sdb1", "8:17");
	add(f, "sdb/sdb2", "8:18");
}

static void expect(struct fixture *f, const char *mountinfo, const char *expected)
{
	struct mount_list *mounts = mounts_parse(f, mountinfo);
	struct block_device *devices;
	char *text = talloc_strdup(f, "");
	size_t count;

	assert_int_equal(boot_partitions_find(&f->machine, f, mounts, &devices, &count), 0);
	for (size_t i = 0; i < count; i++)
		text = talloc_asprintf_append(text, "%s%s", i ? " " : "", devices[i].path);
	assert_string_equal(text, expected);
}

static void those_on_the_disk_of_the_root(void **state)
{
	struct fixture *f = *state;

	two_disks(f);
	expect(f, "1 0 8:3 / / rw - ext4 /dev/sda3 rw\n", "/dev/sda1 /dev/sda2 /dev/sda3");
	/* What was mounted over another root is the root; other mounts are none. */
	expect(f,
		"1 0 0:1 / / rw - rootfs rootfs rw\n2 1 8:18 / / rw - ext4 /dev/root rw\n"
		"3 2 8:3 / /boot rw - ext4 /dev/sda3 rw\n",
		"/dev/sdb1 /dev/sdb2");
}

static void udev_knows_the_type(void **state)
{
	struct fixture *f = *state;

	two_disks(f);
	know(f, "8:1", ESP);
	know(f, "8:2", XBOOTLDR);
	know(f, "8:3", ROOT);
	know(f, "8:17", ESP);
	expect(f, "1 0 8:3 / / rw - ext4 /dev/sda3 rw\n", "/dev/sda1 /dev/sda2");
	know(f, "8:1", "0xef");
	put(f, "E:ID_FS_TYPE=vfat\nE:ID_PART_ENTRY_TYPE", "run/udev/data/b8:2");
	expect(f, "1 0 8:3 / / rw - ext4 /dev/sda3 rw\n", "/dev/sda2");
}

static void below_whatever_lies_between(void **state)
{
	struct fixture *f = *state;

	/* LVM on LUKS on RAID of two disks. */
	two_disks(f);
	add(f, "md0", "9:0");
	stack(f, "md0", "sda/sda3");
	stack(f, "md0", "sdb/sdb2");
	add(f, "dm-0", "254:0");
	stack(f, "dm-0", "md0");
	add(f, "dm-1", "254:1");
	stack(f, "dm-1", "dm-0");
	add(f, "sdc", "8:32");
	add(f, "sdc/sdc1", "8:33");
	expect(f, "1 0 254:1 / / rw - ext4 /dev/mapper/vg-root rw\n",
		"/dev/sda1 /dev/sda2 /dev/sdb1");
}

static void on_all_disks_of_a_btrfs(void **state)
{
	struct fixture *f = *state;

	two_disks(f);
	add(f, "sdc", "8:32");
	add(f, "sdc/sdc1", "8:33");
	put(f, "", "sys/fs/btrfs/features/x");
	put(f, "", "sys/fs/btrfs/aaaa/devices/sdc1");
	put(f, "", "sys/fs/btrfs/bbbb/devices/sda3");
	put(f, "", "sys/fs/btrfs/bbbb/devices/sdb2");
	expect(f, "1 0 0:30 /@ / rw - btrfs /dev/sda3 rw\n",
		"/dev/sda1 /dev/sda2 /dev/sda3 /dev/sdb1 /dev/sdb2");
}

/* Two paths to a disk, and its partitions as mappings; another mapping beside the root. */
static void on_a_multipath_disk(void **state)
{
	struct fixture *f = *state;

	add(f, "sda", "8:0");
	add(f, "sdb", "8:16");
	add(f, "dm-0", "254:0");
	put(f, "mpath-3600", "sys/devices/dm-0/dm/uuid");
	stack(f, "dm-0", "sda");
	stack(f, "dm-0", "sdb");
	for (int i = 1; i <= 3; i++) {
		const char *name = talloc_asprintf(f, "dm-%d", i);

		add(f, name, talloc_asprintf(f, "254:%d", i));
		put(f, i < 3 ? "part1-mpath-3600" : "LVM-x", "sys/devices/%s/dm/uuid", name);
		stack(f, name, "dm-0");
	}
	expect(f, "1 0 254:2 / / rw - ext4 /dev/mapper/mpatha-part2 rw\n", "/dev/dm-1 /dev/dm-2");
}

static void beside_an_overlay(void **state)
{
	struct fixture *f = *state;

	two_disks(f);
	expect(f,
		"1 0 0:30 / / rw - overlay composefs rw\n2 1 8:18 / /sysroot rw - xfs /dev/sdb2 "
		"rw\n",
		"/dev/sdb1 /dev/sdb2");
	expect(f, "1 0 0:30 / / rw - tmpfs tmpfs rw\n2 1 8:3 / /usr ro - erofs /dev/sda3 ro\n",
		"/dev/sda1 /dev/sda2 /dev/sda3");
}

static void nowhere_without_a_disk(void **state)
{
	struct fixture *f = *state;

	expect(f, "1 0 8:3 / / rw - ext4 /dev/sda3 rw\n", ""); /* no sysfs */
	two_disks(f);
	expect(f, "", "");
	expect(f, "1 0 0:30 / / rw - overlay overlay rw\n", "");
	expect(f, "1 0 0:31 / / rw - nfs4 server:/ rw\n", "");
	expect(f, "1 0 0:32 / / rw - zfs rpool/ROOT rw\n", "");
	/* A container's directory on a disk that it does not see. */
	expect(f, "1 0 259:7 /c / rw - ext4 /dev/nvme0n1p7 rw\n", "");
}

static void types(void **state)
{
	(void)state;
	assert_true(boot_partitions_are_of(ESP));
	assert_true(boot_partitions_are_of("BC13C2FF-59E6-4262-A352-B275FD6F7172"));
	assert_false(boot_partitions_are_of(ROOT));
	assert_false(boot_partitions_are_of(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(those_on_the_disk_of_the_root, setup, teardown),
		cmocka_unit_test_setup_teardown(udev_knows_the_type, setup, teardown),
		cmocka_unit_test_setup_teardown(below_whatever_lies_between, setup, teardown),
		cmocka_unit_test_setup_teardown(on_all_disks_of_a_btrfs, setup, teardown),
		cmocka_unit_test_setup_teardown(on_a_multipath_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(beside_an_overlay, setup, teardown),
		cmocka_unit_test_setup_teardown(nowhere_without_a_disk, setup, teardown),
		cmocka_unit_test(types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
