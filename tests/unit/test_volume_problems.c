// SPDX-License-Identifier: GPL-2.0-or-later
/* What a set of volumes tells of devices that are no volume. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/volume/source.h"
#include "boot/volume/stacks.h"

static int setup(void **state)
{
	*state = volume_set_new(NULL);
	return 0;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static struct source *source(void *ctx, const char *name, const char *device)
{
	const struct volume_candidate candidate = {
		.volume = {.fd = -1, .top_fd = -1, .device = device, .root = "/"},
		.name = name,
		.key = name,
	};
	struct source *s = source_new(ctx, &candidate);

	assert_non_null(s);
	return s;
}

/* No line for each Windows disk: who reads the entries decides whether it matters. */
static void one_without_a_driver_may_be_meant(void **state)
{
	struct volume_set *set = *state;
	struct source *s = source(set, "sdb1", "/dev/sdb1");

	s->state = SOURCE_DONE;
	s->candidate.volume.uuid = "1A2B";
	s->rc = err_set(&s->finding->err, -ENOPKG, "the kernel has no driver for ntfs");
	assert_int_equal(source_show_problem(s, set), 0);
	assert_int_equal(set->problem_count, 1);
	assert_string_equal(set->problems[0].unread->uuid, "1A2B");
	assert_int_equal(set->problems[0].unread->fd, -1);
	/* Other failures are told of. */
	s->rc = err_set(&s->finding->err, -ENODEV, "this needs the kernel's loop driver");
	assert_int_equal(source_show_problem(s, set), 0);
	assert_null(set->problems[1].unread);
}

/* Whoever looks for it in sysfs gets its name there. */
static void a_late_device_is_stuck(void **state)
{
	struct volume_set *set = *state;
	struct source *s = source(set, "cciss!c0d0p1", "/dev/cciss/c0d0p1");

	s->state = SOURCE_LATE;
	assert_int_equal(source_show_problem(s, set), 0);
	assert_int_equal(set->problem_count, 1);
	assert_string_equal(set->problems[0].device, "/dev/cciss/c0d0p1");
	assert_string_equal(set->problems[0].text, "it did not answer in time");
	assert_string_equal(set->problems[0].stuck, "cciss!c0d0p1");
}

static void so_is_one_for_which_a_tool_hangs(void **state)
{
	struct volume_set *set = *state;
	struct stack_part parts[] = {
		{STACK_STUCK, "member", "/dev/cciss/c0d0p2", "", "/dev/cciss/c0d0p2", NULL,
			"it did not answer in time: lvm did not end within 20000 ms"},
		{STACK_LEFT, "RAID array", "host:0", "", "/dev/sda", NULL, "it has a journal"},
	};
	const struct stack stack = {.parts = parts, .count = 2};
	struct machine m;
	struct err err;

	assert_int_equal(machine_open(&m, "/", &err), 0);
	assert_int_equal(volume_stacks_show(&m, &stack, set), 0);
	machine_close(&m);
	assert_int_equal(set->problem_count, 2);
	assert_string_equal(set->problems[0].stuck, "cciss!c0d0p2");
	assert_null(set->problems[1].stuck);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_without_a_driver_may_be_meant, setup, teardown),
		cmocka_unit_test_setup_teardown(a_late_device_is_stuck, setup, teardown),
		cmocka_unit_test_setup_teardown(so_is_one_for_which_a_tool_hangs, setup, teardown),
	};

	return cmocka_run_group_tests_name("volume_problems", tests, NULL, NULL);
}
