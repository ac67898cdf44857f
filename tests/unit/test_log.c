// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines to a console that is slow, or takes nothing at all. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "devices/clock.h"
#include "devices/log.h"

#define LINES 200

/* A pipe with nothing in it any more than it takes. */
static void full_pipe(int ends[2])
{
	char page[4096] = {0};

	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	while (write(ends[1], page, sizeof(page)) > 0)
		continue;
}

static void test_a_console_that_takes_nothing(void **state)
{
	uint64_t begun;
	int ends[2];

	(void)state;
	full_pipe(ends);
	log_setup(ends[1], ends[1], LOG_INFO);
	begun = clock_now_us();
	log_info("nobody waits");
	assert_true(clock_now_us() - begun < 50000);
	log_wait(100);
	begun = clock_now_us();
	for (int i = 0; i < LINES; i++)
		log_info("one of them waits");
	assert_in_range(clock_now_us() - begun, 100000, 1000000);
	log_setup(STDOUT_FILENO, STDERR_FILENO, LOG_WARN);
	close(ends[0]);
	close(ends[1]);
}

/* Somebody reads, but not before the pipe is full. */
static void test_a_slow_console_loses_no_line(void **state)
{
	char line[1000], text[65536];
	size_t newlines = 0;
	int ends[2];
	ssize_t n;

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_int_equal(pipe2(ends, 0), 0);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	if (fork() == 0) {
		log_setup(ends[1], ends[1], LOG_INFO);
		log_wait(10000);
		for (int i = 0; i < LINES; i++)
			log_info("%.*s", (int)sizeof(line), line);
		_exit(0);
	}
	close(ends[1]);
	while ((n = read(ends[0], text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n; i++)
			newlines += text[i] == '\n';
	assert_int_equal(newlines, LINES);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_console_that_takes_nothing),
		cmocka_unit_test(test_a_slow_console_loses_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
