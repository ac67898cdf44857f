// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/clock.h"
#include "devices/utf8.h"
#include "ui/translate.h"

struct ends {
	int sockets[2], pipe[2]; /* ours first; it writes to pipe[1] */
};

static int open_ends(struct ends *ends, struct err *err)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends->sockets) < 0)
		return err_errno(err, -errno, "make a socket");
	if (pipe2(ends->pipe, O_CLOEXEC) < 0) {
		int rc = err_errno(err, -errno, "make a pipe");

		close(ends->sockets[0]);
		close(ends->sockets[1]);
		return rc;
	}
	fcntl(ends->pipe[0], F_SETFL, O_NONBLOCK);
	return 0;
}

static _Noreturn void be_child(const struct ends *ends, struct session *s, child_run *run)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	enum exit_code code;
	sigset_t none;

	close(ends->sockets[0]);
	close(ends->pipe[0]);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(ends->pipe[1], STDOUT_FILENO);
	dup2(ends->pipe[1], STDERR_FILENO);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	code = run(s, ends->sockets[1]);
	fflush(stdout);
	_exit(code);
}

int child_begin(struct child *child, struct session *s, child_run *run, child_close *close_front,
	void *front, struct err *err)
{
	struct ends ends;
	int rc = open_ends(&ends, err);
	pid_t pid;

	if (rc < 0)
		return rc;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close_front(front);
		be_child(&ends, s, run);
	}
	rc = pid < 0 ? -errno : 0;
	close(ends.sockets[1]);
	close(ends.pipe[1]);
	if (rc < 0) {
		close(ends.sockets[0]);
		close(ends.pipe[0]);
		return err_errno(err, rc, "begin the menu's other half");
	}
	*child = (struct child){.pid = pid, .socket = ends.sockets[0]};
	child->lines.fd = ends.pipe[0];
	child->messages = messages_new(s->memory, child->socket);
	return child->messages ? 0 : err_errno(err, -ENOMEM, "begin");
}

static void tell_end(struct child *child, int status)
{
	if (WIFSIGNALED(status))
		snprintf(child->why, sizeof(child->why),
			_("The search for entries was ended by signal %d (%s)"), WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		snprintf(child->why, sizeof(child->why),
			_("The search for entries has ended with exit code %d"),
			WEXITSTATUS(status));
}

static void give_up(struct child *child)
{
	TALLOC_FREE(child->messages);
	close(child->socket);
	close(child->lines.fd);
	child->socket = child->lines.fd = -1;
	child->pid = 0;
}

int child_reap(struct child *child)
{
	int status;

	if (!child->pid || waitpid(child->pid, &status, WNOHANG) != child->pid)
		return 0;
	tell_end(child, status);
	give_up(child);
	return 1;
}

void child_kill(struct child *child)
{
	if (child->pid)
		kill(child->pid, SIGKILL);
}

/* Nobody reads what it says any more; but it must not wait until somebody does. */
static void discard(int fd)
{
	char bytes[4096];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

/* Has it ended within this time? */
static int ends_within(struct child *child, unsigned int ms)
{
	const uint64_t end = clock_now_us() + ms * 1000ull;
	struct pollfd fds[] = {
		{.fd = child->lines.fd, .events = POLLIN}, {.fd = child->socket, .events = POLLIN}};
	json_t *message;
	uint64_t now;

	while ((now = clock_now_us()) < end) {
		int status, rc = waitpid(child->pid, &status, WNOHANG);

		if (rc == child->pid || rc < 0)
			return 1;
		/* The socket and the pipe are closed a moment before it can be waited for. */
		poll(fds, fds[0].fd < 0 ? 0 : 2, fds[0].fd < 0 ? 1 : (int)((end - now) / 1000) + 1);
		discard(child->lines.fd);
		while ((rc = messages_read(child->messages, &message, NULL)) > 0)
			json_decref(message);
		if (rc < 0)
			fds[0].fd = -1;
	}
	return 0;
}

void child_end(struct child *child)
{
	json_t *bye = json_pack("{ss}", "ask", "bye");

	if (!child->pid) {
		json_decref(bye);
		return;
	}
	messages_send(child->messages, bye, NULL);
	json_decref(bye);
	if (!ends_within(child, CHILD_END_MS)) {
		kill(child->pid, SIGKILL);
		ends_within(child, CHILD_KILL_MS);
	}
	give_up(child);
}

/* Levels by what the log sink puts in front (devices/log.c); its errors look like its warnings. */
static json_t *log_message(char *line)
{
	static const struct {
		const char *prefix, *level;
	} levels[] = {{"stillboot: ", "warn"}, {"debug: ", "debug"}, {"", "info"}};

	utf8_clean(line, strlen(line));
	for (size_t i = 0;; i++) {
		const size_t len = strlen(levels[i].prefix);

		if (!strncmp(line, levels[i].prefix, len))
			return json_pack("{ss ss ss}", "say", "log", "level", levels[i].level,
				"text", line + len);
	}
}

static int next_byte(struct child_lines *l, char *byte)
{
	if (l->begin == l->end) {
		ssize_t n = l->fd < 0 ? 0 : read(l->fd, l->bytes, sizeof(l->bytes));

		if (n <= 0)
			return 0;
		l->begin = 0;
		l->end = (size_t)n;
	}
	*byte = l->bytes[l->begin++];
	return 1;
}

json_t *child_next_line(struct child_lines *l)
{
	char byte;

	while (next_byte(l, &byte)) {
		if (byte != '\n' && byte)
			l->line[l->len++] = byte;
		if (!l->len || (byte != '\n' && l->len < sizeof(l->line) - 1))
			continue;
		l->line[l->len] = '\0';
		l->len = 0;
		return log_message(l->line);
	}
	return NULL;
}
