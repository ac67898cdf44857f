// SPDX-License-Identifier: GPL-2.0-or-later
/* Two that look at the disks at once: the second waits, and not for ever. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/volume/hold.h"
#include "tests/unit/tree_case.h"

static struct volume_hold *hold_with(struct tree_case *t, int patience_ms)
{
	struct volume_hold *hold = volume_hold_new(&t->machine);

	assert_non_null(hold);
	hold->patience_ms = patience_ms;
	return hold;
}

static void one_at_a_time(void **state)
{
	struct volume_hold *first, *second;

	tree_node(&((struct tree_case *)*state)->tree, "run", S_IFDIR);
	first = hold_with(*state, 0);
	second = hold_with(*state, 100);
	assert_int_equal(volume_hold_disks(first), 0);
	assert_int_equal(volume_hold_disks(first), 0);
	assert_int_equal(volume_hold_disks(second), -EBUSY);
	assert_true(second->patience_ms <= 0);
	/* Now it only looks, and sees when its turn has come. */
	assert_int_equal(volume_hold_disks(second), -EBUSY);
	volume_hold_drop(first, NULL);
	assert_int_equal(volume_hold_disks(second), 0);
	volume_hold_drop(second, NULL);
}

static void without_a_place_for_a_lock(void **state)
{
	struct volume_hold *hold = hold_with(*state, 0);

	assert_int_equal(volume_hold_disks(hold), 0);
	volume_hold_drop(hold, NULL);
}

/* Holds the disks until it is killed. */
__attribute__((noreturn)) static void hold_for_ever(struct tree_case *t, int say)
{
	struct volume_hold *hold = hold_with(t, 0);
	struct err err;

	if (volume_hold_disks(hold) < 0 || volume_hold_read_only(hold, &err) < 0)
		_exit(1);
	if (write(say, "x", 1) == 1)
		pause();
	_exit(2);
}

/* When it is killed, its turn ends with that of the keeper, which sees it die. */
static void a_killed_one_is_not_waited_for(void **state)
{
	struct volume_hold *hold;
	int said[2];
	char byte;
	pid_t pid;

	tree_node(&((struct tree_case *)*state)->tree, "run", S_IFDIR);
	assert_int_equal(pipe(said), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		hold_for_ever(*state, said[1]);
	assert_int_equal(read(said[0], &byte, 1), 1);
	hold = hold_with(*state, 0);
	assert_int_equal(volume_hold_disks(hold), -EBUSY);
	hold->patience_ms = VOLUME_HOLD_MS;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(volume_hold_disks(hold), 0);
	volume_hold_drop(hold, NULL);
	close(said[0]);
	close(said[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_at_a_time, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			without_a_place_for_a_lock, tree_case_new, tree_case_free),
		cmocka_unit_test_setup_teardown(
			a_killed_one_is_not_waited_for, tree_case_new, tree_case_free),
	};

	return cmocka_run_group_tests_name("volume_hold", tests, NULL, NULL);
}
