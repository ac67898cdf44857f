// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernels without a configuration: names, versions, initrds, order, and the command line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/bare.h"
#include "boot/discover.h"
#include "tests/unit/menu_text.h"
#include "tests/unit/tree_case.h"

/* As `stillboot list --dir NAME:TREE --dir NAME:BOOT` finds it; the second only with a name. */
static struct discovery *look(struct tree_case *f, const char *name, const char *boot_name)
{
	const char *trees[2];
	struct volume_set *set;
	struct discovery *d;
	struct err err;

	trees[0] = talloc_asprintf(f, "%s%s%s", name, *name ? ":" : "", f->tree.path);
	trees[1] = talloc_asprintf(f, "%s:%s", boot_name ? boot_name : "", f->other.path);
	if (volumes_of_trees(f, trees, boot_name ? 2 : 1, &set, &err) < 0 ||
		discover_in(&f->machine, f, set, &d, &err) < 0)
		fail_msg("%s", err.text);
	return d;
}

static void expect(const struct discovery *d, const char *expected)
{
	char *text = talloc_strdup(d->entries, "");

	for (size_t i = 0; i < d->entries->count; i++) {
		const struct entry *e = &d->entries->entries[i];

		text = talloc_asprintf_append(
			text, "%s%s:%s", e->is_default ? "*" : "", e->title, e->kernel.path);
		for (size_t n = 0; n < e->initrd_count; n++)
			text = talloc_asprintf_append(text, " %s", e->initrds[n].path);
		text = talloc_asprintf_append(
			text, " | %s%s\n", e->options, e->reason ? " (reason)" : "");
	}
	for (size_t i = 0; i < d->problem_count; i++)
		text = talloc_asprintf_append(text, "problem: %s\n", d->problems[i]);
	if (strcmp(text, expected))
		fail_msg("\n%s\nis not\n%s", text, expected);
}

static void add_files(const struct tree *tree, const char *const *paths)
{
	for (; *paths; paths++)
		if (strstr(*paths, "init") || strstr(*paths, "etc/"))
			tree_file(tree, *paths, "");
		else
			tree_kernel(tree, *paths);
}

#define NO_ROOT "no root filesystem is known for this kernel: its command line has no root=\n"

/* What is in /boot of distributions. */
static const struct {
	const char *files[12];
	const char *menu;
} directories[] = {
	{{"etc/os-release", "boot/vmlinuz-6.1.0-9-amd64", "boot/initrd.img-6.1.0-9-amd64",
		 "boot/vmlinuz-6.1.0-13-amd64", "boot/initrd.img-6.1.0-13-amd64",
		 "boot/config-6.1.0-13-amd64", "boot/System.map-6.1.0-13-amd64"},
		"*Linux 6.1.0-13-amd64:/boot/vmlinuz-6.1.0-13-amd64"
		" /boot/initrd.img-6.1.0-13-amd64 | root=UUID=12 ro\n"
		"Linux 6.1.0-9-amd64:/boot/vmlinuz-6.1.0-9-amd64"
		" /boot/initrd.img-6.1.0-9-amd64 | root=UUID=12 ro\n"},
	/* Fedora; a hidden file and a rescue kernel. */
	{{"sbin/init", "boot/vmlinuz-0-rescue-ab12", "boot/initramfs-0-rescue-ab12.img",
		 "boot/vmlinuz-6.5.6-300.fc39.x86_64", "boot/initramfs-6.5.6-300.fc39.x86_64.img",
		 "boot/.vmlinuz-6.5.6-300.fc39.x86_64.hmac"},
		"*Linux 6.5.6-300.fc39.x86_64:/boot/vmlinuz-6.5.6-300.fc39.x86_64"
		" /boot/initramfs-6.5.6-300.fc39.x86_64.img | root=UUID=12 ro\n"
		"Linux 0-rescue-ab12:/boot/vmlinuz-0-rescue-ab12"
		" /boot/initramfs-0-rescue-ab12.img | root=UUID=12 ro\n"},
	/* Arch Linux. */
	{{"etc/fstab", "boot/vmlinuz-linux", "boot/initramfs-linux.img",
		 "boot/initramfs-linux-fallback.img", "boot/amd-ucode.img", "boot/intel-ucode.img",
		 "boot/vmlinuz-linux-lts", "boot/initramfs-linux-lts.img"},
		"*Linux vmlinuz-linux:/boot/vmlinuz-linux /boot/intel-ucode.img"
		" /boot/amd-ucode.img /boot/initramfs-linux.img | root=UUID=12 ro\n"
		"Linux vmlinuz-linux-lts:/boot/vmlinuz-linux-lts /boot/intel-ucode.img"
		" /boot/amd-ucode.img /boot/initramfs-linux-lts.img | root=UUID=12 ro\n"},
	/* openSUSE: the uncompressed kernel is for debuggers. Alpine. */
	{{"etc/fstab", "boot/vmlinuz-6.4.0-150600.23-default",
		 "boot/initrd-6.4.0-150600.23-default", "boot/vmlinux-6.4.0-150600.23-default.xz",
		 "boot/vmlinuz-lts", "boot/initramfs-lts"},
		"*Linux 6.4.0-150600.23-default:/boot/vmlinuz-6.4.0-150600.23-default"
		" /boot/initrd-6.4.0-150600.23-default | root=UUID=12 ro\n"
		"Linux vmlinuz-lts:/boot/vmlinuz-lts /boot/initramfs-lts | root=UUID=12 ro\n"},
	/* Gentoo, with what was replaced; Slackware. */
	{{"etc/fstab", "boot/kernel-6.1.0-gentoo", "boot/initramfs-6.1.0-gentoo.img",
		 "boot/kernel-6.1.0-gentoo.old", "boot/initramfs-6.1.0-gentoo.img.old",
		 "boot/vmlinuz-generic-5.15.19", "boot/initrd.gz", "boot/vmlinuz-6.2.sig"},
		"*Linux 6.1.0-gentoo:/boot/kernel-6.1.0-gentoo"
		" /boot/initramfs-6.1.0-gentoo.img | root=UUID=12 ro\n"
		"Linux generic-5.15.19:/boot/vmlinuz-generic-5.15.19 /boot/initrd.gz"
		" | root=UUID=12 ro\n"
		"Linux 6.1.0-gentoo (old):/boot/kernel-6.1.0-gentoo.old"
		" /boot/initramfs-6.1.0-gentoo.img.old | root=UUID=12 ro\n"},
	/* At the top: a /boot of its own, whose root is not there. */
	{{"vmlinuz-6.1", "initrd-6.1.img", "vmlinux-5.4", "vmlinuz", "initrd", "vmlinuz.old",
		 "initrd.old"},
		"*Linux 6.1:/vmlinuz-6.1 /initrd-6.1.img | \n"
		"Linux 5.4:/vmlinux-5.4 /initrd | \n"
		"Linux vmlinuz:/vmlinuz /initrd | \n"
		"Linux vmlinuz.old:/vmlinuz.old /initrd.old | \n"
		"problem: vmlinuz-6.1: " NO_ROOT},
	/* Other machines. */
	{{"etc/fstab", "boot/Image-6.1-arm64", "boot/vmlinux-6.4-ppc64le",
		 "boot/initrd-6.4-ppc64le", "bzImage", "zImage-5", "Image"},
		"*Linux 6.4-ppc64le:/boot/vmlinux-6.4-ppc64le /boot/initrd-6.4-ppc64le"
		" | root=UUID=12 ro\n"
		"Linux 6.1-arm64:/boot/Image-6.1-arm64 | root=UUID=12 ro\n"
		"Linux 5:/zImage-5 | root=UUID=12 ro\n"
		"Linux Image:/Image | root=UUID=12 ro\n"
		"Linux bzImage:/bzImage | root=UUID=12 ro\n"},
	/* Live systems. */
	{{"casper/vmlinuz", "casper/initrd.lz", "live/vmlinuz-6.1.0-9-amd64",
		 "live/initrd.img-6.1.0-9-amd64"},
		"*Linux 6.1.0-9-amd64:/live/vmlinuz-6.1.0-9-amd64"
		" /live/initrd.img-6.1.0-9-amd64 | boot=live\n"
		"Linux vmlinuz:/casper/vmlinuz /casper/initrd.lz | boot=casper\n"},
};

static void knows_distributions(void **state)
{
	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++) {
		struct tree_case *f = *state;

		add_files(&f->tree, directories[i].files);
		expect(look(f, "UUID=12", NULL), directories[i].menu);
		tree_case_free(state);
		tree_case_new(state);
	}
}

/* Anything else that can be read is preferred, and a link is no second kernel. */
static void is_the_last_resort(void **state)
{
	struct tree_case *f = *state;

	tree_kernel(&f->tree, "boot/vmlinuz-1");
	tree_link(&f->tree, "boot/vmlinuz", "vmlinuz-1");
	tree_link(&f->tree, "vmlinuz", "boot/vmlinuz-1");
	tree_file(&f->tree, "etc/fstab", "");
	expect(look(f, "UUID=12", NULL), "*Linux 1:/boot/vmlinuz-1 | root=UUID=12 ro\n");
	tree_file(&f->tree, "petitboot.conf", "name x\nimage /boot/vmlinuz\n");
	expect(look(f, "UUID=12", NULL), "*x:/boot/vmlinuz | \n");
}

static void reads_the_version_in_the_header(void **state)
{
	static const struct {
		size_t size, offset; /* of the file and, from 0x200 on, of the text */
		const char *title;
	} cases[] = {
		{0x5000, 0x3000, "Linux 6.6.10-1-lts"},
		{0x9000, 0x7f00, "Linux 6.6.10-1-lts"}, /* beyond what the parser is given */
		{0x1000, 0x7f00, "Linux vmlinuz"},      /* and beyond the file */
		{0x1000, 0, "Linux vmlinuz"},
		{0x20f, 0x100, "Linux vmlinuz"},
	};
	struct entry_list *list = entry_list_new(*state);
	char *head = talloc_zero_size(list, 0x9000);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct reading r = reading_of_bytes(list, "vmlinuz");

		memset(head, 0, 0x9000);
		memcpy(head + 0x202, "HdrS", 4);
		head[0x20e] = (char)cases[i].offset;
		head[0x20f] = (char)(cases[i].offset >> 8);
		strcpy(head + 0x200 + cases[i].offset, "6.6.10-1-lts (a@b) #1 SMP");
		if (!cases[i].offset)
			memset(head + 0x200, 'x', 0x20);
		assert_int_equal(bare_parse(&r, head, cases[i].size, NULL), 0);
		assert_string_equal(list->entries[i].title, cases[i].title);
	}
}

/* The files of a root filesystem, and the command line. */
static const struct {
	const char *fstab, *cmdline, *vendor, *grub, *options;
} systems[] = {
	{"", NULL, NULL, NULL, "root=UUID=12 ro"},
	{"LABEL=root / ext4 defaults 0 1\n", NULL, NULL, NULL, "root=UUID=12 ro"},
	{"/dev/x /home ext4\n# /dev/y / btrfs\nUUID=12\t/\tbtrfs rw,subvol=@,noatime 0 0\n", NULL,
		NULL, "GRUB_CMDLINE_LINUX='quiet'\n", "root=UUID=12 ro rootflags=subvol=@ quiet"},
	{"", "quiet \n # comment\nrw  x\n\n", "unused", "GRUB_CMDLINE_LINUX=unused\n",
		"root=UUID=12 quiet rw  x"},
	{"", "root=/dev/x quiet", NULL, NULL, "root=/dev/x quiet"},
	{"", NULL, "ro panic=1\n", "GRUB_CMDLINE_LINUX=unused\n", "root=UUID=12 ro panic=1"},
	{"", NULL, NULL,
		"# GRUB_CMDLINE_LINUX=x\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet splash\" # y\n"
		"GRUB_CMDLINE_LINUX=\"a=b  c\"\nGRUB_CMDLINE_LINUX_RECOVERY=x\nGRUB_TIMEOUT=5\n",
		"root=UUID=12 ro a=b  c quiet splash"},
	{"UUID=12 / btrfs subvol=@\n", NULL, NULL, "GRUB_CMDLINE_LINUX=rootflags=subvol=/x\n",
		"root=UUID=12 ro rootflags=subvol=/x"},
	{"", NULL, NULL, "GRUB_CMDLINE_LINUX=nfsroot=1\n", "root=UUID=12 ro nfsroot=1"},
};

static void builds_the_command_line(void **state)
{
	for (size_t i = 0; i < sizeof(systems) / sizeof(*systems); i++) {
		struct tree_case *f = *state;
		char *menu = talloc_asprintf(f, "*Linux 1:/vmlinuz-1 | %s\n", systems[i].options);

		tree_kernel(&f->tree, "vmlinuz-1");
		tree_file(&f->tree, "etc/fstab", systems[i].fstab);
		if (systems[i].cmdline)
			tree_file(&f->tree, "etc/kernel/cmdline", systems[i].cmdline);
		if (systems[i].vendor)
			tree_file(&f->tree, "usr/lib/kernel/cmdline", systems[i].vendor);
		if (systems[i].grub)
			tree_file(&f->tree, "etc/default/grub", systems[i].grub);
		expect(look(f, "UUID=12", NULL), menu);
		tree_case_free(state);
		tree_case_new(state);
	}
}

/* A filesystem that nobody named: its fstab knows. */
static void takes_root_from_fstab(void **state)
{
	struct tree_case *f = *state;

	tree_kernel(&f->tree, "vmlinuz-1");
	tree_file(&f->tree, "etc/fstab", "PARTUUID=3-02 / ext4 defaults 0 1\n");
	expect(look(f, "", NULL), "*Linux 1:/vmlinuz-1 | root=PARTUUID=3-02 ro\n");
	tree_file(&f->tree, "etc/fstab", "none / tmpfs\nrpool/root / zfs\n");
	expect(look(f, "", NULL), "*Linux 1:/vmlinuz-1 | \nproblem: vmlinuz-1: " NO_ROOT);
}

/* A root filesystem whose fstab mounts the kernel's own at /boot is the one. */
static void finds_the_root_of_a_boot_filesystem(void **state)
{
	struct tree_case *f = *state;

	tree_kernel(&f->other, "vmlinuz-1");
	tree_file(&f->tree, "etc/fstab", "UUID=12 / xfs\nLABEL=boot /boot ext4\n");
	tree_file(&f->tree, "etc/kernel/cmdline", "quiet");
	expect(look(f, "UUID=12", "LABEL=boot"), "*Linux 1:/vmlinuz-1 | root=UUID=12 ro quiet\n");
	expect(look(f, "UUID=12", "LABEL=other"),
		"*Linux 1:/vmlinuz-1 | \nproblem: vmlinuz-1: " NO_ROOT);
}

static void reads_simple_assignments_only(void **state)
{
	static const struct {
		const char *text, *options;
		size_t problems;
	} cases[] = {
		{"GRUB_CMDLINE_LINUX=a", "a", 0},
		{"GRUB_CMDLINE_LINUX=a b", "", 1}, /* that runs b */
		{"GRUB_CMDLINE_LINUX='a $b \"c\"'", "a $b \"c\"", 0},
		{"GRUB_CMDLINE_LINUX=\"a $b\"", "", 1},
		{"GRUB_CMDLINE_LINUX=\"a `b`\"", "", 1},
		{"GRUB_CMDLINE_LINUX=\"a \\\"b\\\"\"", "", 1},
		{"GRUB_CMDLINE_LINUX=\"a\"'b'", "", 1},
		{"GRUB_CMDLINE_LINUX=a'b'", "", 1},
		{"GRUB_CMDLINE_LINUX=\"a", "", 1},
		{"GRUB_CMDLINE_LINUX=$(b)", "", 1},
		{"GRUB_CMDLINE_LINUX=", "", 0},
		{"GRUB_CMDLINE_LINUX=a\nGRUB_CMDLINE_LINUX=\"b\"\n", "b", 0},
		{"GRUB_CMDLINE_LINUX=a\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX b\"\n", "a", 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry_list *list = entry_list_new(*state);
		struct reading r = reading_of_bytes(list, "vmlinuz");
		char *options = bare_read_grub(&r, list, cases[i].text, strlen(cases[i].text));

		if (strcmp(options, cases[i].options) || list->problem_count != cases[i].problems)
			fail_msg("%s gave %s", cases[i].text, options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(knows_distributions, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(is_the_last_resort, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			reads_the_version_in_the_header, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			builds_the_command_line, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			takes_root_from_fstab, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			finds_the_root_of_a_boot_filesystem, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			reads_simple_assignments_only, tree_case_new, tree_case_free),
	};

	return cmocka_run_group_tests_name("bare", tests, NULL, NULL);
}
