// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding volumes while doing something else, in machines that are only files; names of devices. */
#include <fcntl.h>
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

#include "boot/volume/finder.h"
#include "boot/volume/names.h"
#include "tests/unit/tree_case.h"

/* So many filesystems, each with a file that has its number as its name. */
static void add_mounts(const struct tree_case *f, int count)
{
	char *text = talloc_strdup(NULL, "");

	for (int i = 0; i < count; i++) {
		char path[64];

		text = talloc_asprintf_append(
			text, "%d 1 8:%d / /m%d rw - ext4 /dev/d%d rw\n", i + 1, i, i, i);
		snprintf(path, sizeof(path), "m%d/file%d", i, i);
		tree_file(&f->tree, path, "");
	}
	tree_file(&f->tree, "proc/self/mountinfo", text);
	talloc_free(text);
}

static struct volume_finder *begin(struct tree_case *f)
{
	struct volume_finder *finder;
	struct err err;

	if (volume_finder_new(&f->machine, f, 0, &finder, &err) < 0)
		fail_msg("%s", err.text);
	return finder;
}

/* Returns how often something has changed. */
static int finish(struct volume_finder *finder)
{
	int changes = 0;
	struct err err;

	while (volume_finder_busy(finder)) {
		struct pollfd fds[VOLUME_FINDER_FDS];

		volume_finder_poll(finder, fds);
		assert_true(poll(fds, VOLUME_FINDER_FDS, VOLUME_DEADLINE_MS) > 0);
		changes += volume_finder_step(finder, fds, &err);
	}
	return changes;
}

static struct volume_set *set_of(struct volume_finder *finder, void *ctx)
{
	struct volume_set *set;
	struct err err;

	if (volume_finder_set(finder, ctx, &set, &err) < 0)
		fail_msg("%s", err.text);
	return set;
}

static int open_files(void)
{
	int count = 0;

	for (int i = 0; i < 8192; i++)
		count += fcntl(i, F_GETFD) >= 0;
	return count;
}

static void finds_many_in_order(void **state)
{
	enum { COUNT = 400 };
	struct tree_case *f = *state;
	struct volume_finder *finder;
	struct volume_set *set;
	const char **awaited;
	int before = open_files(), changes;

	add_mounts(f, COUNT);
	finder = begin(f);
	assert_int_equal(set_of(finder, f)->count, 0);
	awaited = volume_finder_awaits(finder, f);
	assert_string_equal(awaited[0], "/dev/d0");
	assert_string_equal(awaited[COUNT - 1], "/dev/d399");
	assert_null(awaited[COUNT]);
	changes = finish(finder);
	assert_null(*volume_finder_awaits(finder, f));
	assert_in_range(changes, 1, COUNT);
	set = set_of(finder, f);
	assert_int_equal(set->count, COUNT);
	assert_int_equal(set->problem_count, 0);
	for (int i = 0; i < COUNT; i++) {
		char path[64];

		snprintf(path, sizeof(path), "file%d", i);
		assert_int_equal(volume_has(&set->volumes[i], path, NULL), 0);
	}
	/* A set needs the finder no more, and everything is closed in the end. */
	talloc_free(finder);
	assert_int_equal(volume_has(&set->volumes[COUNT - 1], "file399", NULL), 0);
	assert_int_equal(volumes_close(set, NULL), 0);
	assert_int_equal(open_files(), before);
}

static void can_be_left_at_any_time(void **state)
{
	struct tree_case *f = *state;
	int before = open_files();

	add_mounts(f, 40);
	for (int steps = 0; steps < 20; steps++) {
		struct volume_finder *finder = begin(f);
		struct volume_set *set;
		struct err err;

		for (int i = 0; i < steps && volume_finder_busy(finder); i++) {
			struct pollfd fds[VOLUME_FINDER_FDS];

			volume_finder_poll(finder, fds);
			poll(fds, VOLUME_FINDER_FDS, VOLUME_DEADLINE_MS);
			assert_true(volume_finder_step(finder, fds, &err) >= 0);
		}
		set = set_of(finder, NULL);
		assert_in_range(set->count, 0, 40);
		talloc_free(finder);
		talloc_free(set);
		assert_int_equal(open_files(), before);
	}
}

static void add_attribute(
	const struct tree_case *f, const char *name, const char *attribute, const char *value)
{
	char path[256];

	snprintf(path, sizeof(path), "sys/class/block/%s/%s", name, attribute);
	tree_file(&f->tree, path, value);
}

static void knows_what_devices_are_called(void **state)
{
	static const struct {
		const char *device, *name;
	} cases[] = {
		{"dm-0", "lvm/vg-root"},
		{"dm-0", "lvmid/2jVqDV-3bXU-KoMe-fzN1-1nqY-EQmB-zcQyOx/"
			 "Rxd6fT-lHnO-8yfJ-W1WL-1DTY-0dSL-0t1GZp"},
		{"dm-1", "cryptouuid/5f3c1c9e6a0a4c349d2f0d8a1f6d7b11"},
		{"dm-1", "cryptouuid/5F3C1C9E-6A0A-4C34-9D2F-0D8A1F6D7B11"},
		{"md127", "md/127"},
		{"md127", "md/home"},
		{"sda1", "PARTUUID=0A1B2C3D-01"},
	};
	static const char *const others[] = {
		"lvm/vg", "lvm/vg-roo", "md/12", "md/", "PARTUUID=0a1b2c3d-02", "lvm/VG-root", ""};
	struct tree_case *f = *state;

	add_attribute(f, "dm-0", "dm/name", "vg-root\n");
	add_attribute(f, "dm-0", "dm/uuid",
		"LVM-2jVqDV3bXUKoMefzN11nqYEQmBzcQyOxRxd6fTlHnO8yfJW1WL1DTY0dSL0t1GZp\n");
	add_attribute(f, "dm-1", "dm/name", "luks\n");
	add_attribute(f, "dm-1", "dm/uuid", "CRYPT-LUKS2-5f3c1c9e6a0a4c349d2f0d8a1f6d7b11-luks\n");
	tree_link(&f->tree, "dev/md/home", "../md127");
	tree_link(&f->tree, "dev/disk/by-partuuid/0a1b2c3d-01", "../../sda1");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *const *names = volume_names_of(&f->machine, f, cases[i].device);

		assert_int_equal(
			volume_names_on_stack(names), strcmp(cases[i].device, "sda1") != 0);
		if (!volume_names_have(names, cases[i].name))
			fail_msg("%s is not %s", cases[i].device, cases[i].name);
		for (size_t j = 0; j < sizeof(others) / sizeof(*others); j++)
			if (volume_names_have(names, others[j]))
				fail_msg("%s is %s", cases[i].device, others[j]);
	}
}

/* A mounted system on LVM, its /boot on a disk, a CD in the drive. */
static void finds_volumes_by_these_names(void **state)
{
	static const struct {
		const char *name, *target;
	} cases[] = {
		{"lvm/vg-root", "/"},
		{"cd0", "/media/cd"},
		{"lvm/vg-other", NULL},
	};
	struct tree_case *f = *state;
	struct volume_finder *finder;
	struct volume_set *set;

	tree_file(&f->tree, "proc/self/mountinfo",
		"1 0 253:0 / / rw - ext4 /dev/dm-0 rw\n2 1 8:1 / /boot rw - ext4 /dev/sda1 rw\n"
		"3 1 11:0 / /media/cd ro - iso9660 /dev/sr0 ro\n");
	add_attribute(f, "dm-0", "dm/name", "vg-root\n");
	add_attribute(f, "dm-0", "dm/uuid",
		"LVM-2jVqDV3bXUKoMefzN11nqYEQmBzcQyOxRxd6fTlHnO8yfJW1WL1DTY0dSL0t1GZp\n");
	tree_node(&f->tree, "boot", S_IFDIR);
	tree_node(&f->tree, "media/cd", S_IFDIR);
	finder = begin(f);
	finish(finder);
	set = set_of(finder, f);
	assert_int_equal(set->count, 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct volume *v = volume_named(set, cases[i].name, &set->volumes[0]);

		if (!v != !cases[i].target || (v && strcmp(v->target, cases[i].target)))
			fail_msg("%s is %s", cases[i].name, v ? v->target : "nothing");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_many_in_order, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			can_be_left_at_any_time, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			knows_what_devices_are_called, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			finds_volumes_by_these_names, tree_case_new, tree_case_free),
	};

	return cmocka_run_group_tests_name("volume_finder", tests, NULL, NULL);
}
