// SPDX-License-Identifier: GPL-2.0-or-later
/* The keeper of read-only devices, as a process; with devices in test_volume_mount.c. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/volume/read_only.h"
#include "tests/unit/tree.h"

/* What it writes to its own file in proc goes to that of a tree here. */
static void memory_that_is_short_does_not_kill_it(void **state)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct read_only *keeper;
	struct tree tree;
	struct machine m;
	char *text;

	(void)state;
	tree_new(&tree);
	tree_file(&tree, "proc/self/oom_score_adj", "");
	tree_machine(&tree, &m);
	keeper = read_only_new(&m, NULL, -1);
	assert_non_null(keeper);
	/* When it has answered, it has begun. */
	assert_int_equal(read_only_set(read_only_socket(keeper), null), -ENOTTY);
	assert_int_equal(
		machine_read_file(&m, NULL, "proc/self/oom_score_adj", 64, &text, NULL), 0);
	assert_string_equal(text, "-1000");
	talloc_free(text);
	read_only_free(keeper);
	close(null);
	machine_close(&m);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_that_is_short_does_not_kill_it),
	};

	return cmocka_run_group_tests_name("read_only", tests, NULL, NULL);
}
