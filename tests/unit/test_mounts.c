// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/mounts.h"
#include "tests/unit/scripted.h"

static const char mountinfo[] =
	"22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro\n"
	"garbage\n"
	"23 22 0:21 / /proc rw,nosuid shared:14 master:2 - proc proc rw\n"
	"24 22 259:1 / /boot/efi\\040two ro,relatime - vfat /dev/nvme0n1p1 ro,fmask=0077\n"
	"25 22 0:33 /@home /home rw - btrfs /dev/sda1 rw,subvol=/@home\n"
	"26 22 1:0 / /ram rw - ext2 /dev/ram0 rw\n"
	"27 22 0:40 / /dev rw - devtmpfs /dev/udev rw\n"
	"28 22 0:41 / /net rw - nfs4 server:/x rw\n"
	"29 22 8:1 / /ro ro - ext4 /dev/sda2 rwx\n";

static void test_fields(void **state)
{
	struct mount_list *list = mounts_parse(NULL, mountinfo);

	(void)state;
	assert_int_equal(list->count, 8);
	assert_int_equal(list->mounts[0].major, 259);
	assert_string_equal(list->mounts[0].type, "ext4");
	assert_string_equal(list->mounts[0].options, "rw,errors=remount-ro");
	assert_true(list->mounts[0].writable);
	assert_string_equal(list->mounts[2].target, "/boot/efi two");
	assert_false(list->mounts[2].writable);
	assert_string_equal(list->mounts[3].root, "/@home");
	assert_false(list->mounts[7].writable);
	talloc_free(list);
}

static void test_what_is_on_disk(void **state)
{
	static const int on_disk[] = {1, 0, 1, 1, 0, 0, 0, 1};
	struct mount_list *list = mounts_parse(NULL, mountinfo);

	(void)state;
	for (size_t i = 0; i < list->count; i++)
		assert_int_equal(mount_is_on_disk(&list->mounts[i]), on_disk[i]);
	talloc_free(list);
}

static void test_all_namespaces_once(void **state)
{
	struct scripted *s = scripted_new();
	struct mount_list *list;

	(void)state;
	scripted_file(s, "proc/1/ns/mnt", "");
	scripted_file(s, "proc/1/mountinfo", "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
	scripted_file(s, "proc/22/ns/mnt", "");
	scripted_file(s, "proc/22/mountinfo", "1 1 8:2 / / rw - ext4 /dev/sda2 rw\n");
	scripted_file(s, "proc/33/mountinfo", "ended meanwhile");
	assert_int_equal(mounts_read_all(&s->machine, NULL, &list, NULL), 0);
	assert_int_equal(list->count, 2);
	talloc_free(list);
	scripted_free(s);
}

static void test_swaps(void **state)
{
	struct scripted *s = scripted_new();
	char **paths;

	(void)state;
	assert_int_equal(swaps_read(&s->machine, NULL, &paths, NULL), 0);
	assert_null(paths[0]);
	talloc_free(paths);
	scripted_file(s, "proc/swaps",
		"Filename\t\t\t\tType\n/dev/sda3   partition 1 0 -2\n/swap\\040file file 1\n");
	assert_int_equal(swaps_read(&s->machine, NULL, &paths, NULL), 0);
	assert_string_equal(paths[0], "/dev/sda3");
	assert_string_equal(paths[1], "/swap file");
	assert_null(paths[2]);
	talloc_free(paths);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_what_is_on_disk),
		cmocka_unit_test(test_all_namespaces_once),
		cmocka_unit_test(test_swaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
