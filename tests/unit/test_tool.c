// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs with a deadline; /bin/sh plays them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/stack/tool.h"
#include "devices/clock.h"
#include "tests/unit/scripted.h"

static int run(const char *script, unsigned int ms, char **output, struct err *err)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct machine m;
	struct tool_call call = {&m, argv, ms};
	int rc;

	assert_int_equal(machine_open(&m, NULL, NULL), 0);
	rc = tool_run(&call, NULL, output, err);
	machine_close(&m);
	return rc;
}

static void test_output(void **state)
{
	struct err err;
	char *text;

	(void)state;
	setenv("LD_PRELOAD_OF_SOMEBODY", "1", 1);
	assert_int_equal(run("echo out; echo aside >&2; env | grep -c SOMEBODY; env | grep LC_",
				 5000, &text, &err),
		0);
	assert_string_equal(text, "out\n0\nLC_ALL=C\n");
	talloc_free(text);
	assert_int_equal(run("head -c 300000 /dev/zero | tr '\\0' x", 5000, &text, &err), 0);
	assert_int_equal(strlen(text), 300000);
	talloc_free(text);
	/* Nothing of ours is open in it: the standard files, and that of the listing. */
	assert_int_equal(run("ls /proc/self/fd | wc -l", 5000, &text, &err), 0);
	assert_string_equal(text, "4\n");
	talloc_free(text);
}

static void test_failure(void **state)
{
	const char *const none[] = {"stillboot-no-such-tool", NULL};
	struct machine m;
	struct err err;

	(void)state;
	assert_int_equal(
		run("echo why >&2; echo '  at last ' >&2; exit 5", 5000, NULL, &err), -EIO);
	assert_string_equal(err.text, "sh says: at last");
	assert_int_equal(run("echo sh: sh is tired >&2; exit 1", 5000, NULL, &err), -EIO);
	assert_string_equal(err.text, "sh says: sh is tired");
	assert_int_equal(run("kill -9 $$", 5000, NULL, &err), -EIO);
	assert_string_equal(err.text, "sh says: nothing");
	assert_int_equal(
		run("i=0; while [ $i -lt 9999 ]; do echo line $i; i=$((i+1)); done >&2; exit 1",
			5000, NULL, &err),
		-EIO);
	assert_string_equal(err.text, "sh says: line 9998");
	assert_int_equal(machine_open(&m, NULL, NULL), 0);
	assert_int_equal(tool_ask(&m, NULL, none, NULL, &err), -ENOENT);
	assert_string_equal(err.text, "stillboot-no-such-tool is not installed");
	machine_close(&m);
}

static void test_limits(void **state)
{
	unsigned long long begin = clock_now_us();
	struct err err;

	(void)state;
	assert_int_equal(run("trap '' TERM; sleep 600", 200, NULL, &err), -ETIME);
	assert_string_equal(err.text, "sh did not end within 200 ms");
	assert_int_equal(run("while :; do echo endless; done", 20000, NULL, &err), -EFBIG);
	/* A daemon that keeps the pipe does not keep us. */
	assert_int_equal(run("sleep 3 & exit 0", 5000, NULL, &err), 0);
	assert_true(clock_now_us() - begin < 20000000);
}

static void test_do(void **state)
{
	struct scripted *s = scripted_new();
	const char *const argv[] = {"lvm", "lvchange", "vg/root", NULL};
	struct err err;

	(void)state;
	assert_int_equal(tool_do(&s->machine, argv, &err), 0);
	assert_string_equal(s->log[0], "perform run lvm lvchange vg/root");
	s->fail_at = 2;
	assert_int_equal(tool_do(&s->machine, argv, &err), -EIO);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
