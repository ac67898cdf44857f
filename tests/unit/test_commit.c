// SPDX-License-Identifier: GPL-2.0-or-later
/* What is written when an entry is booted: which effects, in which order, with which bytes. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/commit.h"
#include "boot/efi_variable.h"
#include "boot/volume/volume.h"
#include "tests/unit/scripted.h"

#define VENDOR "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define VARIABLE "sys/firmware/efi/efivars/" EFI_VARIABLE_ONESHOT VENDOR
#define SIGNATURE "# GRUB Environment Block\n"

struct fixture {
	struct scripted *s;
	struct volume boot;
	struct entry_write writes[8];
	size_t count;
	struct commit *commit;
	struct err err;
};

/* A block of 1024 bytes with these lines. */
static void put_block(struct fixture *f, const char *path, const char *lines)
{
	char block[1025];

	memset(block, '#', sizeof(block) - 1);
	block[sizeof(block) - 1] = '\0';
	memcpy(block, SIGNATURE, strlen(SIGNATURE));
	memcpy(block + strlen(SIGNATURE), lines, strlen(lines));
	scripted_file(f->s, path, block);
}

static void expect_block(struct fixture *f, const char *path, const char *lines)
{
	char block[1025] = "", expected[1025];
	int fd = openat(f->s->machine.root_fd, path, O_RDONLY);

	assert_int_equal(read(fd, block, sizeof(block)), 1024);
	close(fd);
	memset(expected, '#', 1024);
	memcpy(expected, SIGNATURE, strlen(SIGNATURE));
	memcpy(expected + strlen(SIGNATURE), lines, strlen(lines));
	expected[1024] = block[1024] = '\0';
	assert_string_equal(block, expected);
}

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	f->s = scripted_new();
	put_block(f, "boot/grub/grubenv", "saved_entry=a\nnext_entry=b\n");
	scripted_file(f->s, "boot/loader/entries/x+3.conf", "linux /k\n");
	scripted_file(f->s, VARIABLE, "x");
	f->boot = (struct volume){
		.fd = openat(f->s->machine.root_fd, "boot", O_PATH | O_DIRECTORY),
		.target = "/boot",
		.device = "/dev/sda1",
		.type = "ext4",
		.root = "/",
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->boot.fd >= 0)
		close(f->boot.fd);
	scripted_free(f->s);
	return talloc_free(f);
}

static void add(struct fixture *f, struct entry_write write)
{
	if (f->count)
		f->writes[f->count - 1].next = &f->writes[f->count];
	f->writes[f->count++] = write;
}

static void add_variable(struct fixture *f, const char *path, const char *name, const char *value)
{
	add(f, (struct entry_write){.kind = ENTRY_WRITE_GRUBENV,
		       .volume = &f->boot,
		       .path = path,
		       .name = name,
		       .value = value});
}

static void add_count(struct fixture *f)
{
	add(f, (struct entry_write){.kind = ENTRY_WRITE_RENAME,
		       .volume = &f->boot,
		       .path = "loader/entries/x+3.conf",
		       .value = "x+2-1.conf"});
}

static void add_efi(struct fixture *f, const char *value)
{
	add(f, (struct entry_write){
		       .kind = ENTRY_WRITE_EFI, .name = EFI_VARIABLE_ONESHOT, .value = value});
}

static int prepare(struct fixture *f)
{
	return commit_prepare(f, f->count ? f->writes : NULL, &f->commit, &f->err);
}

static int run(struct fixture *f)
{
	return commit_run(&f->s->machine, f->commit, &f->err);
}

/* All lines of the log, each ended by a bar. */
static void expect_log(struct fixture *f, const char *expected)
{
	char *log = talloc_strdup(f, "");

	for (size_t i = 0; i < f->s->log_count; i++)
		log = talloc_asprintf_append(log, "%s|", f->s->log[i]);
	assert_string_equal(log, expected);
}

static int there(struct fixture *f, const char *path)
{
	return faccessat(f->s->machine.root_fd, path, F_OK, 0) == 0;
}

static void add_setting(struct fixture *f, const char *name, const char *value)
{
	add(f, (struct entry_write){.kind = ENTRY_WRITE_SETTING,
		       .volume = &f->boot,
		       .path = "loader/stillboot.conf",
		       .name = name,
		       .value = value});
}

static void add_file(struct fixture *f, const char *text)
{
	add(f, (struct entry_write){.kind = ENTRY_WRITE_FILE,
		       .volume = &f->boot,
		       .path = "loader/entries/stillboot-x.conf",
		       .value = text});
}

static void expect_file(struct fixture *f, const char *path, const char *content)
{
	char text[4096] = "";
	int fd = openat(f->s->machine.root_fd, path, O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		fail_msg("%s cannot be read", path);
	close(fd);
	assert_string_equal(text, content);
}

static void nothing_is_nothing(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(prepare(f), 0);
	assert_int_equal(run(f), 0);
	expect_log(f, "");
}

static void a_block_is_written_once(void **state)
{
	struct fixture *f = *state;

	add_variable(f, "grub/grubenv", "next_entry", NULL);
	add_count(f);
	add_variable(f, "grub/grubenv", "boot_success", "0");
	assert_int_equal(prepare(f), 0);
	expect_log(f, "");
	expect_block(f, "boot/grub/grubenv", "saved_entry=a\nnext_entry=b\n");
	assert_int_equal(run(f), 0);
	expect_log(f, "overwrite /boot grub/grubenv|rename loader/entries/x+3.conf x+2-1.conf|");
	expect_block(f, "boot/grub/grubenv", "saved_entry=a\nboot_success=0\n");
	assert_true(there(f, "boot/loader/entries/x+2-1.conf"));
	assert_false(there(f, "boot/loader/entries/x+3.conf"));
}

static void two_blocks_are_two(void **state)
{
	struct fixture *f = *state;
	struct volume other = f->boot;

	put_block(f, "boot/efi/grubenv", "next_entry=c\n");
	add_variable(f, "grub/grubenv", "next_entry", NULL);
	add_variable(f, "efi/grubenv", "next_entry", NULL);
	add_variable(f, "grub/grubenv", "next_entry", "d");
	f->writes[2].volume = &other; /* the same path elsewhere */
	assert_int_equal(prepare(f), 0);
	assert_int_equal(run(f), 0);
	expect_log(f, "overwrite /boot grub/grubenv|overwrite /boot efi/grubenv|overwrite /boot "
		      "grub/grubenv|");
	expect_block(f, "boot/efi/grubenv", "");
}

static void variables_are_set_and_deleted(void **state)
{
	struct fixture *f = *state;

	add_efi(f, "a");
	add_efi(f, NULL);
	assert_int_equal(prepare(f), 0);
	assert_int_equal(run(f), 0);
	expect_log(f,
		"variable LoaderEntryOneShot" VENDOR " 8|variable LoaderEntryOneShot" VENDOR " 0|");
	assert_false(there(f, VARIABLE));
}

/* The volumes are closed by the time it runs, and their devices unmounted. */
static void needs_no_volume_to_run(void **state)
{
	struct fixture *f = *state;

	add_variable(f, "grub/grubenv", "next_entry", NULL);
	assert_int_equal(prepare(f), 0);
	close(f->boot.fd);
	f->boot.fd = -1;
	assert_int_equal(run(f), 0);
	expect_block(f, "boot/grub/grubenv", "saved_entry=a\n");
}

/* GRUB's paths begin at the top of a btrfs, of which a subvolume is mounted. */
static void paths_of_subvolumes(void **state)
{
	struct fixture *f = *state;

	f->boot.root = "/@boot";
	add_variable(f, "/@boot/grub/grubenv", "next_entry", NULL);
	assert_int_equal(prepare(f), 0);
	assert_int_equal(run(f), 0);
	expect_log(f, "overwrite /boot /grub/grubenv|");
	expect_block(f, "boot/grub/grubenv", "saved_entry=a\n");
}

static void mounts_what_was_our_mount(void **state)
{
	struct fixture *f = *state;

	f->boot.flags = VOLUME_OUR_MOUNT;
	f->boot.device = "/dev/none";
	add_variable(f, "grub/grubenv", "next_entry", NULL);
	assert_int_equal(prepare(f), 0);
	assert_true(run(f) < 0);
	expect_log(f, "overwrite /dev/none grub/grubenv|");
	assert_non_null(strstr(f->err.text, "mount /dev/none as ext4"));
	expect_block(f, "boot/grub/grubenv", "saved_entry=a\nnext_entry=b\n");
}

/* It is known before anything is written, and the rest can be all the same. */
static void what_cannot_be_prepared_is_told(void **state)
{
	static const struct {
		const char *path, *says;
		int rc;
	} cases[] = {
		{"grub/none", "grub/none on /dev/sda1", -ENOENT},
		{"grub/odd", "grub/odd on /dev/sda1", -EINVAL},
		{"grub/full", "grub/full on /dev/sda1", -ENOSPC},
		{"grub", "is a directory", -EINVAL},
	};
	struct fixture *f = *state;
	char full[1000];

	memset(full, 'x', sizeof(full) - 1);
	full[0] = 'a';
	full[1] = '=';
	full[sizeof(full) - 2] = '\n';
	full[sizeof(full) - 1] = '\0';
	put_block(f, "boot/grub/full", full);
	scripted_file(f->s, "boot/grub/odd", "saved_entry=x\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		f->count = 0;
		add_variable(f, cases[i].path, "next_entry", "a value that takes some room");
		add_efi(f, NULL);
		f->s->log_count = 0;
		assert_int_equal(prepare(f), cases[i].rc);
		if (!strstr(f->err.text, cases[i].says))
			fail_msg("%s", f->err.text);
		assert_int_equal(run(f), 0);
		expect_log(f, "variable LoaderEntryOneShot" VENDOR " 0|");
	}
}

/* To mount it would replay a journal that the hibernated system goes on with. */
static void nothing_is_written_below_a_hibernated_system(void **state)
{
	struct fixture *f = *state;

	f->boot.flags = VOLUME_OUR_MOUNT | VOLUME_SLEEPS;
	add_variable(f, "grub/grubenv", "next_entry", NULL);
	add_count(f);
	add_efi(f, NULL);
	assert_int_equal(prepare(f), -EBUSY);
	assert_string_equal(f->err.text, "grub/grubenv on /dev/sda1 is not written: a hibernated "
					 "system may have that open");
	assert_int_equal(run(f), 0);
	expect_log(f, "variable LoaderEntryOneShot" VENDOR " 0|");
}

/* What stays is told, of several the choice for one boot, and what is no change is none. */
static void nothing_is_written_on_stacks_of_ours(void **state)
{
	static const struct {
		const char *name, *value, *says;
	} cases[] = {
		{"next_entry", NULL,
			"the choice for one boot, next_entry in grub/grubenv on /dev/sda1, stays"},
		{"next_entry", "", "`grub-editenv FILE unset next_entry`"},
		{"next_entry", "a", "next_entry in grub/grubenv on /dev/sda1 stays as it is"},
		{"saved_entry", "b", "saved_entry in grub/grubenv on /dev/sda1 stays as it is"},
		{"saved_entry", "a", NULL},
		{"none", NULL, NULL},
	};
	struct fixture *f = *state;

	f->boot.flags = VOLUME_OUR_MOUNT | VOLUME_OUR_STACK;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		f->count = 0;
		f->s->log_count = 0;
		add_variable(f, "grub/grubenv", cases[i].name, cases[i].value);
		add_efi(f, NULL);
		assert_int_equal(prepare(f), cases[i].says ? -EROFS : 0);
		if (cases[i].says && !strstr(f->err.text, cases[i].says))
			fail_msg("%s", f->err.text);
		assert_int_equal(run(f), 0);
		expect_log(f, "variable LoaderEntryOneShot" VENDOR " 0|");
	}
	f->count = 0;
	add_count(f);
	assert_int_equal(prepare(f), -EROFS);
	assert_string_equal(f->err.text,
		"loader/entries/x+3.conf on /dev/sda1 keeps its name, and its boots are not "
		"counted: LVM, RAID and LUKS are opened read-only here");
	add_variable(f, "grub/grubenv", "boot_success", "0");
	add_variable(f, "grub/grubenv", "next_entry", "");
	assert_int_equal(prepare(f), -EROFS);
	assert_non_null(strstr(f->err.text, "the choice for one boot"));
	f->count = 0;
	add_variable(f, "grub/none", "next_entry", NULL);
	assert_int_equal(prepare(f), -ENOENT);
	expect_block(f, "boot/grub/grubenv", "saved_entry=a\nnext_entry=b\n");
}

static void settings_are_written_once(void **state)
{
	struct fixture *f = *state;

	scripted_file(f->s, "boot/loader/stillboot.conf", "# mine\nfuture x\ntimeout 5\n");
	add_setting(f, "timeout", "9");
	add_efi(f, NULL);
	add_setting(f, "default", "a b");
	assert_int_equal(prepare(f), 0);
	expect_log(f, "");
	close(f->boot.fd);
	f->boot.fd = -1;
	assert_int_equal(run(f), 0);
	expect_log(
		f, "replace /boot loader/stillboot.conf|variable LoaderEntryOneShot" VENDOR " 0|");
	expect_file(f, "boot/loader/stillboot.conf", "# mine\nfuture x\ntimeout 9\ndefault a b\n");
}

static void settings_begin_a_file(void **state)
{
	struct fixture *f = *state;

	add_setting(f, "timeout", "9");
	assert_int_equal(prepare(f), 0);
	assert_int_equal(run(f), 0);
	expect_file(f, "boot/loader/stillboot.conf",
		"# What was set in stillboot's menu. `stillboot settings` changes it.\ntimeout "
		"9\n");
}

static void files_are_written_and_removed(void **state)
{
	struct fixture *f = *state;

	add_file(f, "linux /k\n");
	assert_int_equal(prepare(f), 0);
	assert_int_equal(run(f), 0);
	expect_file(f, "boot/loader/entries/stillboot-x.conf", "linux /k\n");
	f->count = 0;
	add_file(f, NULL);
	assert_int_equal(prepare(f), 0);
	assert_int_equal(run(f), 0);
	assert_false(there(f, "boot/loader/entries/stillboot-x.conf"));
	expect_log(f, "replace /boot loader/entries/stillboot-x.conf|"
		      "replace /boot loader/entries/stillboot-x.conf by nothing|");
}

static void no_files_where_none_can_be(void **state)
{
	static const struct {
		const char *type, *device, *says;
		unsigned int flags;
		int rc;
	} cases[] = {
		{"iso9660", "/dev/sr0", "iso9660 is a filesystem that is only read", 0, -EROFS},
		{"squashfs", "/dev/sda1", "squashfs is", VOLUME_OUR_MOUNT, -EROFS},
		{"ext4", "/dev/dm-3", "LVM, RAID", VOLUME_OUR_MOUNT | VOLUME_OUR_STACK, -EROFS},
		{"ext4", "/dev/mapper/vg-boot", "", 0, 0}, /* the system has it mounted */
		{"ext4", "/dev/sda1", "hibernated", VOLUME_OUR_MOUNT | VOLUME_SLEEPS, -EBUSY},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		f->count = 0;
		f->boot.type = cases[i].type;
		f->boot.device = cases[i].device;
		f->boot.flags = cases[i].flags;
		add_setting(f, "timeout", "1");
		assert_int_equal(prepare(f), cases[i].rc);
		if (cases[i].rc < 0 && !strstr(f->err.text, cases[i].says))
			fail_msg("%s", f->err.text);
		f->count = 0;
		add_file(f, "x");
		assert_int_equal(prepare(f), cases[i].rc);
	}
}

static void settings_that_are_too_many(void **state)
{
	struct fixture *f = *state;
	char *text = talloc_array(f, char, (16 << 10) + 2);

	memset(text, '#', 16 << 10);
	text[16 << 10] = '\0';
	scripted_file(f->s, "boot/loader/stillboot.conf", text);
	add_setting(f, "timeout", "1");
	assert_int_equal(prepare(f), -EFBIG);
	assert_string_equal(f->err.text, "loader/stillboot.conf on /dev/sda1: timeout has no room: "
					 "16384 bytes are enough");
	text[16 << 10] = '#';
	text[(16 << 10) + 1] = '\0';
	scripted_file(f->s, "boot/loader/stillboot.conf", text);
	assert_int_equal(prepare(f), -EFBIG);
	assert_int_equal(run(f), 0);
	expect_log(f, "");
}

/* The device of a filesystem within a file is another one's by then. */
static void nothing_is_written_into_files_that_are_filesystems(void **state)
{
	struct fixture *f = *state;

	f->boot.flags = VOLUME_OUR_MOUNT | VOLUME_IN_FILE;
	add_variable(f, "grub/grubenv", "next_entry", NULL);
	add_count(f);
	add_efi(f, NULL);
	assert_int_equal(prepare(f), -EROFS);
	assert_non_null(strstr(f->err.text, "grub/grubenv on /dev/sda1 stays as it is: that lies"));
	assert_int_equal(run(f), 0);
	expect_log(f, "variable LoaderEntryOneShot" VENDOR " 0|");
}

static void what_fails_keeps_nothing_else_from_being_done(void **state)
{
	static const char *const errors[] = {"write grub/grubenv", "rename loader/entries/x+3.conf",
		"set the EFI variable LoaderEntryOneShot"};

	teardown(state);
	for (size_t k = 1; k <= 3; k++) {
		struct fixture *f;

		setup(state);
		f = *state;
		add_variable(f, "grub/grubenv", "next_entry", NULL);
		add_count(f);
		add_efi(f, NULL);
		assert_int_equal(prepare(f), 0);
		f->s->fail_at = k;
		assert_int_equal(run(f), -EIO);
		if (strncmp(f->err.text, errors[k - 1], strlen(errors[k - 1])))
			fail_msg("%s", f->err.text);
		assert_int_equal(f->s->log_count, 3);
		expect_block(f, "boot/grub/grubenv",
			k == 1 ? "saved_entry=a\nnext_entry=b\n" : "saved_entry=a\n");
		assert_int_equal(there(f, "boot/loader/entries/x+3.conf"), k == 2);
		assert_int_equal(there(f, VARIABLE), k == 3);
		teardown(state);
	}
	setup(state);
}

static void the_first_of_two_failures_is_told(void **state)
{
	struct fixture *f = *state;

	add_count(f);
	add_count(f); /* gone by then */
	add_efi(f, "\xff");
	assert_int_equal(prepare(f), 0);
	assert_int_equal(run(f), -ENOENT);
	assert_non_null(strstr(f->err.text, "x+3.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_block_is_written_once, setup, teardown),
		cmocka_unit_test_setup_teardown(two_blocks_are_two, setup, teardown),
		cmocka_unit_test_setup_teardown(variables_are_set_and_deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(needs_no_volume_to_run, setup, teardown),
		cmocka_unit_test_setup_teardown(paths_of_subvolumes, setup, teardown),
		cmocka_unit_test_setup_teardown(mounts_what_was_our_mount, setup, teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_prepared_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nothing_is_written_below_a_hibernated_system, setup, teardown),
		cmocka_unit_test_setup_teardown(settings_are_written_once, setup, teardown),
		cmocka_unit_test_setup_teardown(settings_begin_a_file, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_written_and_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(no_files_where_none_can_be, setup, teardown),
		cmocka_unit_test_setup_teardown(settings_that_are_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nothing_is_written_on_stacks_of_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(
			nothing_is_written_into_files_that_are_filesystems, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_fails_keeps_nothing_else_from_being_done, setup, teardown),
		cmocka_unit_test_setup_teardown(the_first_of_two_failures_is_told, setup, teardown),
	};

	return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
