// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * paint RUNS MARK STILLBOOT OPTIONS...: how soon the menu stands. Runs `STILLBOOT --version` and
 * `STILLBOOT menu OPTIONS...` in turn, each on a new terminal, and prints the medians of both in
 * microseconds: of the first, from before it is started until it has ended; of the second, from there
 * until its terminal has been sent MARK, which is to be in the last line of the first screen.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_MS 20000 /* of a machine that emulates another one */

static char *const environment[] = {
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm", "LANG=C.UTF-8", NULL};

static long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

static void fail(const char *what)
{
	fprintf(stderr, "paint: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* On a terminal of its own, as a person's. */
static pid_t start(char **argv, int *terminal)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	char name[64];
	int slave;
	pid_t pid;

	if (openpty(terminal, &slave, name, NULL, &size) < 0)
		fail("openpty");
	fcntl(*terminal, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, name, O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&files, 0, 1);
	posix_spawn_file_actions_adddup2(&files, 0, 2);
	errno = posix_spawn(&pid, argv[0], &files, &attributes, argv, environment);
	if (errno)
		fail(argv[0]);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	close(slave);
	return pid;
}

static long run(char **argv)
{
	const long begin = now_us();
	int terminal, status;
	pid_t pid = start(argv, &terminal);

	if (waitpid(pid, &status, 0) != pid)
		fail("wait");
	close(terminal);
	if (status) {
		fprintf(stderr, "paint: %s has failed\n", argv[0]);
		exit(1);
	}
	return now_us() - begin;
}

static void wait_for(int terminal, const char *mark)
{
	struct pollfd fd = {.fd = terminal, .events = POLLIN};
	char bytes[65536];
	size_t len = 0;

	do {
		ssize_t n = 0;

		errno = ETIMEDOUT;
		if (poll(&fd, 1, LONGEST_MS) > 0)
			n = read(terminal, bytes + len, sizeof(bytes) - len);
		if (n <= 0)
			fail(mark);
		len += (size_t)n;
	} while (!memmem(bytes, len, mark, strlen(mark)));
}

static long paint(char **argv, const char *mark)
{
	const long begin = now_us();
	int terminal, status;
	pid_t pid = start(argv, &terminal);
	char bytes[4096];
	long took;

	wait_for(terminal, mark);
	took = now_us() - begin;
	kill(pid, SIGTERM);
	while (read(terminal, bytes, sizeof(bytes)) > 0)
		;
	if (waitpid(pid, &status, 0) != pid || status)
		fail("the menu's end");
	close(terminal);
	return took;
}

static int compare(const void *a, const void *b)
{
	const long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static long median(long *times, int count)
{
	qsort(times, (size_t)count, sizeof(*times), compare);
	return times[count / 2];
}

int main(int argc, char **argv)
{
	static char version_word[] = "--version", menu_word[] = "menu";
	const int runs = argc > 3 ? atoi(argv[1]) : 0;
	long *version = calloc((size_t)runs + 1, sizeof(long));
	long *menu = calloc((size_t)runs + 1, sizeof(long));
	const char *mark = argv[2];

	if (runs < 1 || !version || !menu)
		return 2;
	char *asked[] = {argv[3], version_word, NULL};
	/* MARK's place is the program's, the program's is the command's. */
	argv[2] = argv[3];
	argv[3] = menu_word;
	for (int i = 0; i < runs; i++) {
		version[i] = run(asked);
		menu[i] = paint(argv + 2, mark);
	}
	printf("%ld %ld\n", median(version, runs), median(menu, runs));
	free(version);
	free(menu);
	return 0;
}
