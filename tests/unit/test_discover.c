// SPDX-License-Identifier: GPL-2.0-or-later
/* From a machine's files to entries: which configurations are read, where files lie, the default.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/discover.h"
#include "tests/unit/tree_case.h"

/* "id*(reason) id ...": the default has the star. */
static void expect(struct tree_case *f, const char *expected)
{
	struct discovery *d = tree_case_discover(f);
	char *text = talloc_strdup(f, "");

	for (size_t i = 0; i < d->entries->count; i++) {
		const struct entry *e = &d->entries->entries[i];

		text = talloc_asprintf_append(
			text, "%s%s%s", i ? " " : "", e->id, e->is_default ? "*" : "");
		if (e->reason)
			text = talloc_asprintf_append(text, "(%s)", e->reason);
	}
	for (size_t i = 0; i < d->problem_count; i++)
		text = talloc_asprintf_append(text, " problem: %s", d->problems[i]);
	assert_string_equal(text, expected);
}

static void finds_nothing_in_nothing(void **state)
{
	struct tree_case *f = *state;

	expect(f, "");
	tree_node(&f->tree, "boot/grub/grub.cfg", S_IFDIR);
	tree_node(&f->tree, "loader/entries", S_IFDIR);
	expect(f, " problem: boot/grub/grub.cfg on the root directory is a directory, not a file");
}

static void reads_every_place(void **state)
{
	struct tree_case *f = *state;

	tree_kernel(&f->tree, "k");
	tree_file(&f->tree, "loader/entries/bls.conf", "linux /k\n");
	tree_file(&f->tree, "boot/loader/entries/below.conf", "linux /k\n");
	tree_file(&f->tree, "boot/grub/grub.cfg", "menuentry A --id a { linux /k }");
	tree_file(&f->tree, "boot/grub2/grub.cfg", "menuentry B --id b { linux /k }");
	tree_file(&f->tree, "grub/grub.cfg", "menuentry C --id c { linux /k }");
	tree_file(&f->tree, "grub2/grub.cfg", "menuentry D --id d { linux /k }");
	tree_file(&f->tree, "EFI/fedora/grub.cfg", "menuentry E --id e { linux /k }");
	tree_file(&f->tree, "EFI/debian/grub.cfg",
		"search.fs_uuid 5f3c root\nset prefix=($root)'/boot/grub'\nconfigfile "
		"$prefix/grub.cfg");
	expect(f, "bls* below a b c d e");
}

static void reads_a_configuration_once(void **state)
{
	struct tree_case *f = *state;

	tree_kernel(&f->tree, "k");
	tree_file(&f->tree, "grub/grub.cfg", "menuentry A --id a { linux /k }");
	tree_file(&f->tree, "loader/entries/b.conf", "linux /k\n");
	tree_link(&f->tree, "boot", ".");
	expect(f, "b* a");
}

static void says_why_an_entry_cannot_boot(void **state)
{
	struct tree_case *f = *state;

	tree_kernel(&f->tree, "k");
	tree_file(&f->tree, "proc/self/mountinfo", "22 1 8:2 / / rw - ext4 /dev/sda2 rw\n");
	tree_file(&f->tree, "grub/grub.cfg",
		"menuentry A --id a { linux /gone }\n"
		"menuentry A --id b { linux /k\ninitrd /k /i }\n"
		"menuentry A --id c { linux /k\ndevicetree /x.dtb }\n"
		"menuentry A --id d { search --set=root --fs-uuid 1-2\nlinux /k }\n"
		"menuentry A --id e { linux /grub }\n"
		"menuentry A --id f { chainloader +1 }\n"
		"menuentry A --id g { linux /k }\n");
	expect(f, "a(kernel /gone is missing on /dev/sda2)"
		  " b(initrd /i is missing on /dev/sda2)"
		  " c(device tree /x.dtb is missing on /dev/sda2)"
		  " d(kernel /k is on UUID=1-2, which is not there)"
		  " e(kernel: /grub on /dev/sda2 is a directory, not a file)"
		  " f(it starts another boot loader, not Linux)"
		  " g*");
}

/* "/dev/sda2", which has the entries, and an NTFS on /dev/sdb1 that the kernel cannot read. */
static size_t problems_with(struct tree_case *f, const char *config)
{
	const char *trees[] = {talloc_asprintf(f, "/dev/sda2:%s", f->tree.path)};
	struct volume unread = {
		.fd = -1, .device = "/dev/sdb1", .uuid = "1A2B", .disk = "sdb", .partition = 1};
	struct volume_problem *problem;
	struct volume_set *set;
	struct discovery *d;
	struct err err;

	tree_file(&f->tree, "grub/grub.cfg", config);
	assert_int_equal(volumes_of_trees(f, trees, 1, &set, &err), 0);
	problem = volume_set_problem(set, "/dev/sdb1", "the kernel has no driver for ntfs");
	problem->unread = &unread;
	assert_int_equal(discover_in(NULL, f, set, &d, &err), 0);
	if (d->problem_count)
		assert_string_equal(d->problems[0], "/dev/sdb1: the kernel has no driver for ntfs");
	return d->problem_count;
}

static void says_what_cannot_be_read_where_an_entry_means_it(void **state)
{
	struct tree_case *f = *state;

	tree_kernel(&f->tree, "k");
	assert_int_equal(problems_with(f, "menuentry A { linux /k }"), 0);
	assert_int_equal(problems_with(f, "menuentry A { linux /k }\nmenuentry Windows {\n"
					  "search --set=root --fs-uuid 1A2B\nchainloader +1 }"),
		0);
	assert_int_equal(problems_with(f, "menuentry A { search --set=root --fs-uuid 1-2\n"
					  "linux /k }"),
		0);
	assert_int_equal(problems_with(f, "menuentry A { search --set=root --fs-uuid 1a2b\n"
					  "linux /k }"),
		1);
	assert_int_equal(problems_with(f, "menuentry A { linux /k\ninitrd (hd1,msdos1)/i }"), 1);
}

static void knows_the_architecture(void **state)
{
	struct tree_case *f = *state;
	struct utsname uts;

	uname(&uts);
	if (strcmp(uts.machine, "x86_64"))
		skip();
	tree_kernel(&f->tree, "k");
	tree_file(&f->tree, "loader/entries/a.conf", "linux /k\narchitecture X64\nsort-key b\n");
	tree_file(&f->tree, "loader/entries/b.conf", "linux /k\narchitecture aa64\nsort-key a\n");
	expect(f, "b(it is for the architecture aa64) a*");
}

static void chooses_the_default(void **state)
{
	static const struct {
		const char *loader_conf, *grub_default, *expected;
	} cases[] = {
		{"", "", "new* old g h"},
		{"default old.conf\n", "1", "new old* g h"},
		{"default nothing*\n", "", "new* old g h"},
		{"default broken\n", "h",
			"new old broken(kernel /x is missing on the root directory)"
			" g h*"},
	};
	struct tree_case *f = *state;

	tree_kernel(&f->tree, "k");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *grub = talloc_asprintf(f,
			"set default=\"%s\"\nmenuentry G --id g { linux /k }\n"
			"menuentry H --id h { linux /k }\n",
			cases[i].grub_default);

		tree_file(&f->tree, "loader/entries/old.conf", "version 1\nsort-key a\nlinux k");
		tree_file(&f->tree, "loader/entries/new.conf", "version 2\nsort-key a\nlinux k");
		if (strstr(cases[i].loader_conf, "broken"))
			tree_file(&f->tree, "loader/entries/broken.conf", "linux x\nversion 3");
		tree_file(&f->tree, "loader/loader.conf", cases[i].loader_conf);
		tree_file(&f->tree, "grub/grub.cfg", grub);
		expect(f, cases[i].expected);
	}
}

/* A separate /boot: its configuration names the root filesystem, and its paths begin there. */
static void follows_names_to_other_volumes(void **state)
{
	struct tree_case *f = *state;
	struct discovery *d;
	const struct entry *e;
	struct err err;
	char text[5] = "";
	int fd;

	tree_file(&f->tree, "proc/self/mountinfo",
		"22 1 8:2 / / rw - ext4 /dev/sda2 rw\n26 22 8:1 / /boot rw - ext4 /dev/sda1 rw\n");
	tree_link(&f->tree, "dev/disk/by-uuid/1-1", "../../sda1");
	tree_link(&f->tree, "dev/disk/by-uuid/2-2", "../../sda2");
	tree_kernel(&f->tree, "boot/vmlinuz");
	tree_file(&f->tree, "other", "root");
	tree_kernel(&f->tree, "kernel");
	tree_file(&f->tree, "boot/grub/grub.cfg",
		"search --fs-uuid --set=root 1-1\n"
		"menuentry A --id a { linux /vmlinuz\ninitrd (UUID=2-2)/other }\n"
		"menuentry B --id b { search --fs-uuid --set=root 2-2\nlinux /kernel }\n");
	d = tree_case_discover(f);
	assert_int_equal(d->entries->count, 2);
	e = &d->entries->entries[0];
	assert_string_equal(e->source.device, "/dev/sda1");
	assert_string_equal(e->source.file, "grub/grub.cfg");
	assert_null(e->reason);
	assert_null(e->device);
	assert_null(e->kernel.device);
	assert_string_equal(e->initrds[0].device, "/dev/sda2");
	assert_int_equal(discovery_open(&e->initrds[0], &fd, &err), 0);
	assert_int_equal(read(fd, text, 4), 4);
	close(fd);
	assert_string_equal(text, "root");
	assert_int_equal(discovery_open(&e->kernel, &fd, &err), 0);
	close(fd);
	assert_string_equal(discovery_file_name(f, &e->kernel), "/vmlinuz on /dev/sda1");
	assert_string_equal(d->entries->entries[1].device, "/dev/sda2");
	assert_int_equal(discovery_close(d, &err), 0);
	assert_int_equal(discovery_open(&e->kernel, &fd, &err), -EBADF);
}

static void gives_every_entry_an_id_of_its_own(void **state)
{
	struct tree_case *f = *state;

	tree_kernel(&f->tree, "k");
	tree_file(&f->tree, "loader/entries/a.conf", "linux /k\n");
	tree_file(&f->tree, "loader/entries/a+3.conf", "linux /k\n");
	tree_file(&f->tree, "grub/grub.cfg",
		"menuentry A --id a { linux /k }\nmenuentry A { linux /k }");
	expect(f, "a* a#2 a#3 grub/grub.cfg:1");
}

static void takes_the_first_timeout(void **state)
{
	struct tree_case *f = *state;

	tree_kernel(&f->tree, "k");
	tree_file(&f->tree, "loader/entries/b.conf", "linux /k\n");
	assert_int_equal(tree_case_discover(f)->entries->timeout, -1);
	tree_file(&f->tree, "grub/grub.cfg", "set timeout=7\nmenuentry A --id a { linux /k }");
	tree_file(&f->tree, "grub2/grub.cfg", "set timeout=9\nmenuentry C --id c { linux /k }");
	assert_int_equal(tree_case_discover(f)->entries->timeout, 7);
	tree_file(&f->tree, "loader/loader.conf", "timeout 0\n");
	assert_int_equal(tree_case_discover(f)->entries->timeout, 0);
}

static void names_what_is_too_large(void **state)
{
	struct tree_case *f = *state;
	char *big = talloc_array(f, char, (4 << 20) + 2);

	memset(big, '#', (4 << 20) + 1);
	big[(4 << 20) + 1] = '\0';
	tree_kernel(&f->tree, "k");
	tree_file(&f->tree, "boot/grub/grub.cfg", big);
	tree_file(&f->tree, "loader/entries/big.conf", big);
	tree_file(&f->tree, "loader/entries/good.conf", "linux /k");
	expect(f, "good* problem: boot/grub/grub.cfg on the root directory is larger than 4194304"
		  " bytes problem: loader/entries/big.conf on the root directory is larger than"
		  " 65536 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			finds_nothing_in_nothing, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(reads_every_place, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			reads_a_configuration_once, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			says_why_an_entry_cannot_boot, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(says_what_cannot_be_read_where_an_entry_means_it,
			tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			knows_the_architecture, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(chooses_the_default, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			follows_names_to_other_volumes, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			gives_every_entry_an_id_of_its_own, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			takes_the_first_timeout, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			names_what_is_too_large, tree_case_new, tree_case_free),
	};

	return cmocka_run_group_tests_name("discover", tests, NULL, NULL);
}
