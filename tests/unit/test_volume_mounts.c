// SPDX-License-Identifier: GPL-2.0-or-later
/* Which of the mounts are looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/volume/mounts.h"

/* The identifiers (first fields) of the chosen mounts, as in "1 4 ". */
static void expect(const char *mountinfo, const char *ids)
{
	void *ctx = talloc_new(NULL);
	struct mount_list *list = mounts_parse(ctx, mountinfo);
	const struct mount **chosen = volume_mounts_choose(ctx, list);
	char *text = talloc_strdup(ctx, "");

	for (; *chosen; chosen++)
		text = talloc_asprintf_append(text, "%td ", *chosen - list->mounts + 1);
	assert_string_equal(text, ids);
	talloc_free(ctx);
}

static void a_filesystem_bound_onto_itself(void **state)
{
	(void)state;
	expect("1 0 8:2 / / rw - ext4 /dev/sda2 rw\n"
	       "2 1 8:1 / /boot rw - ext4 /dev/sda1 rw\n"
	       "3 2 8:1 / /boot rw - ext4 /dev/sda1 rw\n",
		"1 3 ");
}

static void the_last_at_one_place(void **state)
{
	(void)state;
	expect("1 0 8:2 / / rw - ext4 /dev/sda2 rw\n"
	       "2 1 8:1 / /boot rw - ext4 /dev/sda1 rw\n"
	       "3 2 0:30 / /boot rw - tmpfs tmpfs rw\n",
		"1 ");
	/* Somebody who waits for the first look is not what he would mount. */
	expect("1 0 8:2 / / rw - ext4 /dev/sda2 rw\n"
	       "2 1 0:31 / /boot rw - autofs systemd-1 rw\n"
	       "3 1 0:32 / /efi rw - autofs systemd-1 rw\n"
	       "4 3 8:1 / /efi rw - vfat /dev/sda1 rw\n",
		"1 4 ");
	/* What is covered makes nothing else redundant. */
	expect("1 0 8:1 / /mnt rw - ext4 /dev/sda1 rw\n"
	       "2 0 8:1 / /other rw - ext4 /dev/sda1 rw\n"
	       "3 1 8:2 / /mnt rw - ext4 /dev/sda2 rw\n",
		"2 3 ");
}

static void the_one_that_shows_most(void **state)
{
	(void)state;
	expect("1 0 8:1 /a/b /1 rw - ext4 /dev/sda1 rw\n"
	       "2 0 8:1 /a-b /2 rw - ext4 /dev/sda1 rw\n"
	       "3 0 8:1 /a /3 rw - ext4 /dev/sda1 rw\n"
	       "4 0 8:1 /a /4 rw - ext4 /dev/sda1 rw\n"
	       "5 0 8:2 /a/b /5 rw - ext4 /dev/sda2 rw\n"
	       "6 0 8:1 /a\\001 /6 rw - ext4 /dev/sda1 rw\n",
		"2 3 5 6 ");
	expect("1 0 0:30 /@ / rw - btrfs /dev/sda1 rw\n"
	       "2 0 0:31 /@home /home rw - btrfs /dev/sda1 rw\n"
	       "3 0 0:32 / /top rw - btrfs /dev/sda1 rw\n"
	       "4 0 0:33 /@ /other rw - btrfs /dev/sdb1 rw\n",
		"3 4 ");
}

/* The same said plainly, and slowly. */
static int is_part(const struct mount *a, const struct mount *b)
{
	size_t len = strlen(b->root);

	return a->minor == b->minor && !strncmp(a->root, b->root, len) &&
	       (len == 1 || strchr("/", a->root[len]));
}

static int is_covered(const struct mount_list *list, size_t i)
{
	for (size_t j = i + 1; j < list->count; j++)
		if (!strcmp(list->mounts[i].target, list->mounts[j].target))
			return 1;
	return 0;
}

static int is_redundant(const struct mount_list *list, size_t i)
{
	const struct mount *mount = &list->mounts[i];

	for (size_t j = 0; j < list->count; j++)
		if (j != i && !is_covered(list, j) && is_part(mount, &list->mounts[j]) &&
			(j < i || !is_part(&list->mounts[j], mount)))
			return 1;
	return is_covered(list, i);
}

static void agrees_with_comparing_each_with_all(void **state)
{
	static const char *const roots[] = {
		"/", "/a", "/a/b", "/a/b/c", "/a-b", "/a0", "/b", "/b/a"};

	(void)state;
	srand(1);
	for (int round = 0; round < 2000; round++) {
		char *text = talloc_strdup(NULL, ""), *ids = talloc_strdup(text, "");
		struct mount_list *list;

		for (int i = 0; i < 12; i++)
			text = talloc_asprintf_append(text,
				"1 1 8:%d %s /m%d rw - ext4 /dev/sda rw\n", rand() % 2,
				roots[rand() % 8], rand() % 9);
		list = mounts_parse(text, text);
		for (size_t i = 0; i < list->count; i++)
			if (!is_redundant(list, i))
				ids = talloc_asprintf_append(ids, "%zu ", i + 1);
		expect(text, ids);
		talloc_free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filesystem_bound_onto_itself),
		cmocka_unit_test(the_last_at_one_place),
		cmocka_unit_test(the_one_that_shows_most),
		cmocka_unit_test(agrees_with_comparing_each_with_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
