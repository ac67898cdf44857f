// SPDX-License-Identifier: GPL-2.0-or-later
/* Volumes of machines that are only files: which there are, their names, and staying within. */
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

#include "boot/volume/volume.h"
#include "tests/unit/tree_case.h"

static struct volume_set *find(struct tree_case *f)
{
	struct volume_set *set;
	struct err err;

	if (volumes_find(&f->machine, f, DISCOVER_ALL_DISKS, &set, &err) < 0)
		fail_msg("%s", err.text);
	return set;
}

static void takes_a_plain_directory(void **state)
{
	struct volume_set *set = find(*state);

	assert_int_equal(set->count, 1);
	assert_null(set->volumes[0].device);
	assert_string_equal(volume_name(&set->volumes[0]), "the root directory");
	assert_ptr_equal(volume_named(set, "UUID=any", &set->volumes[0]), &set->volumes[0]);
	assert_int_equal(volumes_close(set, NULL), 0);
	assert_int_equal(set->volumes[0].fd, -1);
}

static const char mountinfo[] =
	"22 1 8:2 /@ / rw,relatime shared:1 - btrfs /dev/sda2 rw,subvol=/@\n"
	"23 22 0:21 / /proc rw - proc proc rw\n"
	"24 22 0:22 / /run rw - tmpfs tmpfs rw\n"
	"25 22 8:1 / /boot/efi rw shared:2 - vfat /dev/sda1 rw\n"
	"26 22 8:3 / /boot rw shared:3 - ext4 /dev/sda3 ro\n"
	"27 22 8:3 /sub /mnt/bind rw - ext4 /dev/sda3 rw\n"
	"28 22 259:1 / /srv/with\\040space rw - xfs /dev/nvme0n1p1 rw\n"
	"29 22 7:0 / /snap/x ro - squashfs /dev/loop0 ro\n"
	"30 22 8:17 / /gone rw - ext4 /dev/sdb1 rw\n"
	"31 22 8:2 /@ /mnt/again rw,relatime shared:1 - btrfs /dev/sda2 rw,subvol=/@\n"
	"32 22 8:33 / /mnt/hidden rw - ext4 /dev/sdc1 rw\n"
	"33 32 8:49 / /mnt/hidden rw - ext4 /dev/sdd1 rw\n"
	"34 22 0:50 / /home rw - nfs server:/home rw\n";

static void add_partition(const struct tree_case *f, const char *disk, const char *name,
	const char *number, const char *dev)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "sys/devices/block/%s/%s/partition", disk, name);
	tree_file(&f->tree, path, number);
	snprintf(path, sizeof(path), "sys/class/block/%s", name);
	snprintf(target, sizeof(target), "../../devices/block/%s/%s", disk, name);
	tree_link(&f->tree, path, target);
	snprintf(path, sizeof(path), "sys/dev/block/%s", dev);
	tree_link(&f->tree, path, target);
}

static void add_system(const struct tree_case *f)
{
	static const char *const directories[] = {"boot/efi", "mnt/bind", "srv/with space",
		"snap/x", "mnt/again", "mnt/hidden", "home"};

	tree_file(&f->tree, "proc/self/mountinfo", mountinfo);
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++)
		tree_node(&f->tree, directories[i], S_IFDIR);
	add_partition(f, "sda", "sda1", "1\n", "8:1");
	add_partition(f, "sda", "sda2", "2\n", "8:2");
	add_partition(f, "sda", "sda3", "3\n", "8:3");
	add_partition(f, "nvme0n1", "nvme0n1p1", "1\n", "259:1");
	tree_link(&f->tree, "dev/disk/by-uuid/ABCD-1234", "../../sda1");
	tree_link(&f->tree, "dev/disk/by-uuid/5f3c1c9e", "../../sda2");
	tree_link(&f->tree, "dev/disk/by-label/my\\x20disk", "../../nvme0n1p1");
}

static void reads_mountinfo(void **state)
{
	static const struct {
		const char *device, *target, *uuid, *label, *disk;
		unsigned int partition;
	} expected[] = {
		{"/dev/sda3", "/boot", NULL, NULL, "sda", 3},
		{"/dev/sda2", "/", "5f3c1c9e", NULL, "sda", 2},
		{"/dev/sda1", "/boot/efi", "ABCD-1234", NULL, "sda", 1},
		{"/dev/nvme0n1p1", "/srv/with space", NULL, "my disk", "nvme0n1", 1},
		{"/dev/sdd1", "/mnt/hidden", NULL, NULL, "sdd1", 0},
	};
	struct tree_case *f = *state;
	struct volume_set *set;

	add_system(f);
	set = find(f);
	for (size_t i = 0; i < set->count; i++) {
		const struct volume *v = &set->volumes[i];

		assert_in_range(i, 0, 4);
		assert_string_equal(v->device, expected[i].device);
		assert_string_equal(v->target, expected[i].target);
		assert_string_equal(
			v->uuid ? v->uuid : "", expected[i].uuid ? expected[i].uuid : "");
		assert_string_equal(
			v->label ? v->label : "", expected[i].label ? expected[i].label : "");
		assert_string_equal(v->disk, expected[i].disk);
		assert_int_equal(v->partition, expected[i].partition);
		assert_true(v->fd >= 0);
	}
	assert_int_equal(set->count, 5);
	assert_string_equal(set->volumes[1].root, "/@");
	/* What mountinfo has and the tree has not. */
	assert_int_equal(set->problem_count, 1);
	assert_string_equal(set->problems[0].device, "/dev/sdb1");
	assert_string_equal(set->problems[0].text, "open /gone: No such file or directory");
	assert_null(set->problems[0].stuck);
}

static void answers_to_names(void **state)
{
	static const struct {
		const char *name, *device;
	} cases[] = {
		{"UUID=5f3c1c9e", "/dev/sda2"},
		{"UUID=abcd-1234", "/dev/sda1"},
		{"UUID=ABCD-123", NULL},
		{"UUID=", NULL},
		{"LABEL=my disk", "/dev/nvme0n1p1"},
		{"LABEL=My disk", NULL},
		{"FILE=/marker", "/dev/sda1"},
		{"FILE=/nothing", NULL},
		{"hd0,gpt2", "/dev/sda2"},
		{"hd7,3", "/dev/sda3"},
		{"hd0,msdos1", "/dev/sda1"}, /* on the disk of the configuration, not the other 1 */
		{"hd0,gpt9", NULL},
		{"hd0,gpt", NULL},
		{"hd0,gpt99999999999999999999", NULL},
		{"hd0", "/dev/sdd1"},
		{"cd0", NULL},
		{"hdx,1", NULL},
		{"sda2", "/dev/sda2"},
		{"/dev/sda2", "/dev/sda2"},
		{"/dev/sda", NULL},
		{"hda2", NULL},
		{"/dev/", NULL},
		{"/dev/hd0", NULL},
		{"nvme0n1p1", "/dev/nvme0n1p1"},
		{"/dev/disk/by-uuid/abcd-1234", "/dev/sda1"},
		{"/dev/disk/by-uuid/abcd", NULL},
		{"/dev/disk/by-label/my\\x20disk", "/dev/nvme0n1p1"},
		{"/dev/disk/by-label/my", NULL},
		{"/dev/disk/by-label/my\\x2", NULL},
		{"/dev/disk/by-label/my\\x20disk2", NULL},
		{"", NULL},
	};
	struct tree_case *f = *state;
	struct volume_set *set;

	add_system(f);
	tree_file(&f->tree, "boot/efi/marker", "");
	set = find(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct volume *v = volume_named(set, cases[i].name, &set->volumes[0]);

		if (!v != !cases[i].device || (v && strcmp(v->device, cases[i].device)))
			fail_msg("%s is %s", cases[i].name, v ? v->device : "nothing");
	}
}

static void knows_mapped_devices(void **state)
{
	static const char *const names[] = {"vg-root", "mapper/vg-root", "/dev/mapper/vg-root"};
	struct volume volume = {.fd = -1, .root = "/", .device = "/dev/mapper/vg-root"};
	const struct volume nowhere = {.fd = -1, .root = "/"};
	const struct volume_set set = {.volumes = &volume, .count = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_ptr_equal(volume_named(&set, names[i], &nowhere), &volume);
	assert_null(volume_named(&set, "root", &nowhere));
	assert_null(volume_named(&set, "mapper/", &nowhere));
}

static void opens_regular_files_within_only(void **state)
{
	static const struct {
		const char *path;
		int rc;
	} cases[] = {
		{"/boot/file", 0},
		{"boot/file", 0},
		{"//boot//./file", 0},
		{"/../../boot/file", 0}, /* the root's parent is the root */
		{"/absolute", 0},
		{"/up", 0},
		{"/boot", -EINVAL},
		{"/", -EINVAL},
		{"", -EINVAL},
		{"/fifo", -EINVAL},
		{"/to-fifo", -EINVAL},
		{"/outside", -ENOENT},
		{"/loop", -ELOOP},
		{"/missing", -ENOENT},
		{"/boot/file/x", -ENOTDIR},
		{"/proc/self/exe", -ENOENT},
	};
	struct tree_case *f = *state;
	struct volume_set *set;
	struct err err;
	int fd;

	tree_file(&f->tree, "boot/file", "text");
	tree_link(&f->tree, "absolute", "/boot/file");
	tree_link(&f->tree, "up", "../../../../boot/file");
	tree_link(&f->tree, "outside", "/etc/passwd");
	tree_link(&f->tree, "loop", "loop");
	tree_node(&f->tree, "fifo", S_IFIFO);
	tree_link(&f->tree, "to-fifo", "/fifo");
	set = find(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int rc = volume_open(&set->volumes[0], cases[i].path, &fd, &err);

		if (rc == 0)
			close(fd);
		if (rc != cases[i].rc || volume_has(&set->volumes[0], cases[i].path, &err) != rc)
			fail_msg("\"%s\" gave %d: %s", cases[i].path, rc, rc ? err.text : "");
	}
	assert_int_equal(volume_open(&set->volumes[0], "/to-fifo", &fd, &err), -EINVAL);
	assert_string_equal(err.text, "/to-fifo on the root directory is a FIFO, not a file");
}

static void takes_the_subvolume_off_a_path(void **state)
{
	struct tree_case *f = *state;
	const struct volume *root;

	add_system(f);
	tree_file(&f->tree, "vmlinuz", "");
	root = &find(f)->volumes[1];
	assert_int_equal(volume_has(root, "/@/vmlinuz", NULL), 0);
	assert_int_equal(volume_has(root, "/vmlinuz", NULL), 0);
	assert_int_equal(volume_has(root, "/@x/vmlinuz", NULL), -ENOENT);
}

static void reads_up_to_a_limit(void **state)
{
	struct tree_case *f = *state;
	struct volume_set *set;
	struct err err;
	char *bytes;
	size_t len;

	tree_file(&f->tree, "four", "text");
	tree_file(&f->tree, "empty", "");
	set = find(f);
	assert_int_equal(volume_read(&set->volumes[0], f, "four", 4, &bytes, &len, &err), 0);
	assert_int_equal(len, 4);
	assert_string_equal(bytes, "text");
	assert_int_equal(volume_read(&set->volumes[0], f, "four", 3, &bytes, &len, &err), -EFBIG);
	assert_int_equal(volume_read(&set->volumes[0], f, "empty", 3, &bytes, &len, &err), 0);
	assert_int_equal(len, 0);
}

static void expands_patterns(void **state)
{
	struct tree_case *f = *state;
	struct volume_set *set;
	char **found;

	tree_file(&f->tree, "EFI/ubuntu/grub.cfg", "");
	tree_file(&f->tree, "EFI/debian/grub.cfg", "");
	tree_file(&f->tree, "EFI/.hidden/grub.cfg", "");
	tree_file(&f->tree, "loader/entries/b.conf", "");
	tree_file(&f->tree, "loader/entries/a.conf", "");
	tree_file(&f->tree, "loader/entries/a.conf~", "");
	set = find(f);
	found = volume_glob(&set->volumes[0], f, "EFI/*/grub.cfg");
	assert_string_equal(found[0], "EFI/debian/grub.cfg");
	assert_string_equal(found[1], "EFI/ubuntu/grub.cfg");
	assert_null(found[2]);
	found = volume_glob(&set->volumes[0], f, "loader/entries/*.conf");
	assert_string_equal(found[0], "loader/entries/a.conf");
	assert_string_equal(found[1], "loader/entries/b.conf");
	assert_null(found[2]);
	assert_null(volume_glob(&set->volumes[0], f, "nowhere/*/x")[0]);
	assert_string_equal(volume_glob(&set->volumes[0], f, "grub/grub.cfg")[0], "grub/grub.cfg");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			takes_a_plain_directory, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(reads_mountinfo, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(answers_to_names, tree_case_new, tree_case_free),
		cmocka_unit_test(knows_mapped_devices),
		cmocka_unit_test_setup_teardown(
			opens_regular_files_within_only, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			takes_the_subvolume_off_a_path, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(reads_up_to_a_limit, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(expands_patterns, tree_case_new, tree_case_free),
	};

	return cmocka_run_group_tests_name("volume", tests, NULL, NULL);
}
