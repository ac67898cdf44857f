// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/err.h"

static void test_chain_reads_from_outside_in(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_errno(&err, -ENODEV, "unbind from %s", "nvme"), -ENODEV);
	assert_int_equal(err_wrap(&err, -ENODEV, "rule %s", "default.lua:12"), -ENODEV);
	assert_string_equal(err.text, "rule default.lua:12: unbind from nvme: No such device");
	assert_int_equal(err_set(NULL, -EIO, "nobody asks"), -EIO);
}

static void test_cause_survives_length(void **state)
{
	char lengthy[2 * ERR_TEXT_MAX];
	struct err err;

	(void)state;
	memset(lengthy, 'x', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = '\0';
	err_set(&err, -EIO, "the cause");
	err_wrap(&err, -EIO, "%s", lengthy);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	assert_string_equal(err.text + strlen(err.text) - 11, ": the cause");
	err_set(&err, -EIO, "%s", lengthy);
	err_wrap(&err, -EIO, "before");
	assert_true(strlen(err.text) < ERR_TEXT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain_reads_from_outside_in),
		cmocka_unit_test(test_cause_survives_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
