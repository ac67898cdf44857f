// SPDX-License-Identifier: GPL-2.0-or-later
/* Jobs in children: their results, those that die, and those that do not end. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "boot/parallel.h"

static int square(const void *input, void *output, int *fd)
{
	const int *n = input;

	(void)fd;
	*(int *)output = *n * *n;
	return *n == 3 ? -ENODATA : 0;
}

static void gives_each_its_result(void **state)
{
	enum { COUNT = 40 };
	struct parallel_job jobs[COUNT] = {0};
	int input[COUNT], output[COUNT];

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		input[i] = i;
		jobs[i].input = &input[i];
		jobs[i].output = &output[i];
	}
	parallel_run(jobs, COUNT, square, sizeof(int), 10000);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(jobs[i].rc, i == 3 ? -ENODATA : 0);
		assert_int_equal(output[i], i * i);
		assert_int_equal(jobs[i].fd, -1);
	}
	parallel_run(jobs, 0, square, sizeof(int), 10000);
}

static int make_pipe(const void *input, void *output, int *fd)
{
	int ends[2];

	(void)input;
	(void)output;
	if (pipe(ends) < 0 || write(ends[1], "still", 5) != 5)
		return -errno;
	*fd = ends[0];
	return 0;
}

static void passes_a_descriptor_back(void **state)
{
	struct parallel_job job = {0};
	char text[6] = "";

	(void)state;
	parallel_run(&job, 1, make_pipe, 0, 10000);
	assert_int_equal(job.rc, 0);
	assert_true(job.fd >= 0);
	assert_int_equal(read(job.fd, text, sizeof(text)), 5);
	assert_string_equal(text, "still");
	assert_int_equal(fcntl(job.fd, F_GETFD), FD_CLOEXEC);
	close(job.fd);
}

enum fate { WELL, DIES, EXITS, HANGS };

static int meet_fate(const void *input, void *output, int *fd)
{
	(void)output;
	(void)fd;
	switch (*(const enum fate *)input) {
	case WELL:
		return 0;
	case DIES:
		raise(SIGKILL);
		return 0;
	case EXITS:
		_exit(3);
	case HANGS:
		sleep(3); /* far beyond the deadline; then it ends by itself */
		return 0;
	}
	return 0;
}

static void does_not_wait_for_ever(void **state)
{
	static const enum fate fates[] = {HANGS, WELL, DIES, EXITS, HANGS, WELL};
	static const int expected[] = {-ETIME, 0, -ECHILD, -ECHILD, -ETIME, 0};
	struct parallel_job jobs[6] = {0};
	struct timespec begin, end;

	(void)state;
	for (int i = 0; i < 6; i++)
		jobs[i].input = &fates[i];
	clock_gettime(CLOCK_MONOTONIC, &begin);
	parallel_run(jobs, 6, meet_fate, 0, 300);
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (int i = 0; i < 6; i++)
		assert_int_equal(jobs[i].rc, expected[i]);
	assert_in_range(
		(end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000, 290,
		5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_each_its_result),
		cmocka_unit_test(passes_a_descriptor_back),
		cmocka_unit_test(does_not_wait_for_ever),
	};

	return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
