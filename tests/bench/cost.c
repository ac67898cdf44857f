// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cost RUNS COMMAND...: what a command costs. Prints the median of the processor time that it and its
 * children take, in microseconds, and the most memory that one of them had resident, in KiB. Its
 * output goes to /dev/null.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS_MAX 1000

static long microseconds(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000L + u->ru_utime.tv_usec +
	       u->ru_stime.tv_usec;
}

static int by_size(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static void run(char **argv)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execvp(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	long times[RUNS_MAX], memory = 0;
	int runs = argc > 2 ? atoi(argv[1]) : 0, status;

	if (runs < 1 || runs > RUNS_MAX)
		return 2;
	for (int i = 0; i < runs; i++) {
		struct rusage usage;
		pid_t pid = fork();

		if (pid == 0)
			run(argv + 2);
		if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status) ||
			WEXITSTATUS(status) == 127)
			return 1;
		times[i] = microseconds(&usage);
		memory = usage.ru_maxrss > memory ? usage.ru_maxrss : memory;
	}
	qsort(times, (size_t)runs, sizeof(*times), by_size);
	printf("%ld %ld\n", times[runs / 2], memory);
	return 0;
}
