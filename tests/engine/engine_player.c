// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The menu's engine without the menu: requests come on standard input, a line each, messages go to
 * standard output, and what the engine prints itself goes to standard error. Options are those of
 * stillboot. Ends with the engine, whose exit code it has.
 */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/log.h"
#include "ui/menu/engine.h"

static int run_engine(struct session *s, int socket)
{
	enum exit_code code;
	struct err err;

	dup2(STDERR_FILENO, STDOUT_FILENO);
	log_setup(
		STDERR_FILENO, STDERR_FILENO, s->options.given & OPT_DRY_RUN ? LOG_INFO : LOG_WARN);
	s->memory = talloc_new(NULL);
	if (machine_open(&s->machine, s->options.root, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (s->options.given & OPT_DRY_RUN && machine_make_dryrun(&s->machine, s->memory, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	code = engine_run(s, socket);
	machine_close(&s->machine);
	talloc_free(s->memory);
	return code;
}

/* Pass on what is there. 0 at the end of it. */
static int pass(int from, int to)
{
	char bytes[65536];
	ssize_t n = read(from, bytes, sizeof(bytes));

	for (ssize_t done = 0, m; done < n; done += m) {
		m = write(to, bytes + done, (size_t)(n - done));
		if (m < 0)
			return 0;
	}
	return n > 0;
}

static void play(int socket)
{
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = socket, .events = POLLIN}};

	for (;;) {
		poll(fds, 2, -1);
		if (fds[1].revents && !pass(socket, STDOUT_FILENO))
			return;
		if (fds[0].revents && !pass(STDIN_FILENO, socket)) {
			shutdown(socket, SHUT_WR);
			fds[0].fd = -1;
		}
	}
}

int main(int argc, char **argv)
{
	struct session s = {.memory = NULL};
	int ends[2], status;
	pid_t pid;

	if (options_parse(argc, argv, &s.options) < 0 ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return EXIT_USAGE;
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		_exit(run_engine(&s, ends[1]));
	}
	close(ends[1]);
	play(ends[0]);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status)
								    : EXIT_FAILED;
}
