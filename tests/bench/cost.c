// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cost RUNS COMMAND...: what a command costs. Prints the processor time that it and its children take,
 * in microseconds, and the most memory that one of them had resident, in KiB. The time is the least of all
 * runs: what else the machine does only ever adds. The command's output goes to /dev/null.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long microseconds(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000L + u->ru_utime.tv_usec +
	       u->ru_stime.tv_usec;
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
	long least = LONG_MAX, memory = 0;
	int runs = argc > 2 ? atoi(argv[1]) : 0, status;

	if (runs < 1)
		return 2;
	for (int i = 0; i < runs; i++) {
		struct rusage usage;
		long took;
		pid_t pid = fork();

		if (pid == 0)
			run(argv + 2);
		if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status) ||
			WEXITSTATUS(status) == 127)
			return 1;
		took = microseconds(&usage);
		least = took < least ? took : least;
		memory = usage.ru_maxrss > memory ? usage.ru_maxrss : memory;
	}
	printf("%ld %ld\n", least, memory);
	return 0;
}
