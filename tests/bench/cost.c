// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cost RUNS COMMAND... [-- COMMAND...]...: what commands cost. Prints a line for each: the processor time that
 * it and its children take, in microseconds, and the most memory that one of them had resident, in KiB. The
 * time is the least of all runs: what else the machine does only ever adds. They take turns, so that a
 * machine that grows slower does so for all of them. Their output goes to /dev/null.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* A command, and what it took. */
struct command {
	char **argv;
	long least, memory;
};

#define COMMANDS_MAX 8

/* Cut the arguments into commands; returns how many, 0 where it is not right. */
static int take_commands(char **argv, struct command commands[COMMANDS_MAX])
{
	int count = 0;

	while (*argv) {
		if (count == COMMANDS_MAX)
			return 0;
		commands[count++] = (struct command){argv, LONG_MAX, 0};
		while (*argv && strcmp(*argv, "--"))
			argv++;
		if (*argv)
			*argv++ = NULL;
	}
	return count;
}

/* Once; false if it cannot be run. */
static bool measure(struct command *c)
{
	struct rusage usage;
	long took;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		run(c->argv);
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status) ||
		WEXITSTATUS(status) == 127)
		return false;
	took = microseconds(&usage);
	c->least = took < c->least ? took : c->least;
	c->memory = usage.ru_maxrss > c->memory ? usage.ru_maxrss : c->memory;
	return true;
}

int main(int argc, char **argv)
{
	struct command commands[COMMANDS_MAX];
	int runs = argc > 2 ? atoi(argv[1]) : 0;
	int count = runs > 0 ? take_commands(argv + 2, commands) : 0;

	if (!count)
		return 2;
	for (int i = 0; i < runs; i++)
		for (int k = 0; k < count; k++)
			if (!measure(&commands[k]))
				return 1;
	for (int k = 0; k < count; k++)
		printf("%ld %ld\n", commands[k].least, commands[k].memory);
	return 0;
}
