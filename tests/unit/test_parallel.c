// SPDX-License-Identifier: GPL-2.0-or-later
/* Jobs in children: their results, those that die, and those that do not end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "boot/volume/parallel.h"

static void start(struct parallel_job *job, parallel_work *work, const void *input, size_t size)
{
	struct parallel_input in = {.input = input, .output_size = size, .keep = {-1, -1}};

	assert_int_equal(parallel_start(job, work, &in), 0);
}

static int has_ended(const struct parallel_job *job, int wait_ms)
{
	struct pollfd ended = {job->pid_fd, POLLIN, 0};

	return poll(&ended, 1, wait_ms) == 1;
}

static int end(struct parallel_job *job, void *output, size_t size, int *fd)
{
	assert_true(has_ended(job, 10000));
	return parallel_end(job, output, size, fd);
}

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
	struct parallel_job jobs[COUNT];
	int input[COUNT], output[COUNT];

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		input[i] = i;
		start(&jobs[i], square, &input[i], sizeof(int));
	}
	for (int i = 0; i < COUNT; i++) {
		int fd;

		assert_int_equal(
			end(&jobs[i], &output[i], sizeof(int), &fd), i == 3 ? -ENODATA : 0);
		assert_int_equal(output[i], i * i);
		assert_int_equal(fd, -1);
	}
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
	struct parallel_job job;
	char text[6] = "";
	int fd;

	(void)state;
	start(&job, make_pipe, NULL, 0);
	assert_int_equal(end(&job, NULL, 0, &fd), 0);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text)), 5);
	assert_string_equal(text, "still");
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
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

static void lives_with_those_that_die_or_hang(void **state)
{
	static const enum fate fates[] = {HANGS, WELL, DIES, EXITS, HANGS, WELL};
	static const int expected[] = {0, 0, -ECHILD, -ECHILD, 0, 0};
	struct parallel_job jobs[6];
	int fd;

	(void)state;
	for (int i = 0; i < 6; i++)
		start(&jobs[i], meet_fate, &fates[i], 0);
	for (int i = 0; i < 6; i++) {
		if (fates[i] != HANGS) {
			assert_int_equal(end(&jobs[i], NULL, 0, &fd), expected[i]);
			continue;
		}
		assert_false(has_ended(&jobs[i], 0));
		parallel_abandon(&jobs[i]);
		assert_int_equal(jobs[i].pid_fd, -1);
	}
}

/* A child that hangs must not hold what others have open. */
static int count_files(const void *input, void *output, int *fd)
{
	const int *kept = input;

	(void)fd;
	*(int *)output = 0;
	for (int i = STDERR_FILENO + 1; i < 1000; i++)
		*(int *)output += fcntl(i, F_GETFD) >= 0;
	return fcntl(*kept, F_GETFD) < 0 ? -EBADF : 0;
}

static void keeps_only_the_files_that_it_needs(void **state)
{
	struct parallel_job job;
	struct parallel_input in = {.output_size = sizeof(int), .keep = {-1, -1}};
	int files[20], count = 0, fd;

	(void)state;
	for (int i = 0; i < 20; i++)
		files[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	in.input = &files[10];
	in.keep[1] = files[10];
	assert_int_equal(parallel_start(&job, count_files, &in), 0);
	assert_int_equal(end(&job, &count, sizeof(int), &fd), 0);
	assert_int_equal(count, 2); /* that one, and the way back */
	for (int i = 0; i < 20; i++)
		close(files[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_each_its_result),
		cmocka_unit_test(passes_a_descriptor_back),
		cmocka_unit_test(lives_with_those_that_die_or_hang),
		cmocka_unit_test(keeps_only_the_files_that_it_needs),
	};

	return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
