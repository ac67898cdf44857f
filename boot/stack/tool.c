// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/stack/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/clock.h"
#include "devices/log.h"

#define KILLED_MS 500 /* for what was killed to be gone */
#define SAID_MAX 256

enum { OUT, SAID, ENDED, COUNT };

/* A tool that runs. */
struct running {
	const char *name;
	unsigned int ms;
	pid_t pid;
	struct pollfd fds[COUNT]; /* its output, its messages, its end */
	char *output;
	size_t len;
	char said[SAID_MAX]; /* the end of its messages */
	size_t said_len;
};

int tool_has_udev(struct machine *m)
{
	return faccessat(m->root_fd, "run/udev/control", F_OK, 0) == 0;
}

void tool_become(struct machine *m, const char *const argv[], int in, int out, int said)
{
	int has_udev = tool_has_udev(m);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	dup2(in < 0 ? openat(m->root_fd, "dev/null", O_RDONLY) : in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(said, STDERR_FILENO);
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	clearenv();
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LC_ALL", "C", 1);
	setenv("HOME", "/root", 1);
	if (!has_udev)
		setenv(TOOL_NO_UDEV, "1", 1);
	execvp(argv[0], (char *const *)argv);
	_exit(errno == ENOENT ? 127 : 126);
}

static int start(struct machine *m, struct running *r, const char *const argv[])
{
	_cleanup_fd_ int out = -1, said = -1;
	int pipe_out[2], pipe_said[2];

	if (pipe2(pipe_out, O_CLOEXEC) < 0)
		return -errno;
	r->fds[OUT].fd = pipe_out[0];
	out = pipe_out[1];
	if (pipe2(pipe_said, O_CLOEXEC) < 0)
		return -errno;
	r->fds[SAID].fd = pipe_said[0];
	said = pipe_said[1];
	fcntl(pipe_out[0], F_SETFL, O_NONBLOCK);
	fcntl(pipe_said[0], F_SETFL, O_NONBLOCK);
	r->pid = fork();
	if (r->pid < 0)
		return -errno;
	if (r->pid == 0)
		tool_become(m, argv, -1, out, said);
	r->fds[ENDED].fd = pidfd_open(r->pid, 0);
	return r->fds[ENDED].fd < 0 ? -errno : 0;
}

/* -EFBIG when it says too much; 0 at the end of what there is for now. */
static int take_output(struct running *r)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(r->fds[OUT].fd, bytes, sizeof(bytes))) > 0) {
		char *more;

		if (r->len + (size_t)n > TOOL_OUTPUT_MAX)
			return -EFBIG;
		more = talloc_realloc(NULL, r->output, char, r->len + (size_t)n + 1);
		if (!more)
			return -ENOMEM;
		r->output = more;
		memcpy(more + r->len, bytes, (size_t)n);
		r->len += (size_t)n;
		more[r->len] = '\0';
	}
	if (n == 0)
		r->fds[OUT].events = 0;
	return 0;
}

/* Of its messages only the end is kept. */
static void take_said(struct running *r)
{
	char bytes[1024];
	ssize_t n;

	while ((n = read(r->fds[SAID].fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (r->said_len == sizeof(r->said) - 1)
				memmove(r->said, r->said + 1, --r->said_len);
			r->said[r->said_len++] = bytes[i];
		}
	r->said[r->said_len] = '\0';
	if (n == 0)
		r->fds[SAID].events = 0;
}

/* Without the name of the tool, which it puts in front itself. */
static const char *last_line(char *said, const char *name)
{
	char *end = said + strlen(said), *begin;

	while (end > said && (end[-1] == '\n' || end[-1] == ' ' || end[-1] == '\r'))
		*--end = '\0';
	begin = strrchr(said, '\n');
	begin = begin ? begin + 1 : said;
	begin += strspn(begin, " ");
	if (!strncmp(begin, name, strlen(name)) && !strncmp(begin + strlen(name), ": ", 2))
		begin += strlen(name) + 2;
	return begin;
}

static int wait_until(struct running *r, unsigned long long deadline_us)
{
	int rc = 0;

	while (rc == 0) {
		unsigned long long now = clock_now_us();
		struct pollfd waiting[COUNT];

		if (now >= deadline_us)
			return -ETIME;
		for (int i = 0; i < COUNT; i++) {
			waiting[i] = r->fds[i];
			if (!waiting[i].events)
				waiting[i].fd = -1; /* it is at its end */
		}
		if (poll(waiting, COUNT, (int)((deadline_us - now) / 1000) + 1) < 0 &&
			errno != EINTR)
			return -errno;
		rc = take_output(r);
		take_said(r);
		if (waiting[ENDED].revents)
			return rc < 0 ? rc : take_output(r);
	}
	return rc;
}

static int judge(struct running *r, int status, struct err *err)
{
	const char *said = last_line(r->said, r->name);

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_set(err, -ENOENT, "%s is not installed", r->name);
	return err_set(err, -EIO, "%s says: %s", r->name, *said ? said : "nothing");
}

static int finish(struct running *r, struct err *err)
{
	int status = 0, rc = wait_until(r, clock_now_us() + 1000ULL * r->ms);
	struct pollfd gone = {.fd = r->fds[ENDED].fd, .events = POLLIN};

	if (rc < 0) {
		kill(-r->pid, SIGKILL);
		kill(r->pid, SIGKILL);
		if (poll(&gone, 1, KILLED_MS) > 0)
			waitpid(r->pid, NULL, 0);
		return rc == -ETIME
			       ? err_set(err, rc, "%s did not end within %u ms", r->name, r->ms)
			       : err_errno(err, rc, "listen to %s", r->name);
	}
	take_said(r);
	if (waitpid(r->pid, &status, 0) < 0)
		return err_errno(err, -errno, "wait for %s", r->name);
	return judge(r, status, err);
}

static void log_call(const char *const argv[])
{
	_cleanup_talloc_ char *line = talloc_strdup(NULL, "running");

	for (; line && *argv; argv++)
		line = talloc_asprintf_append(line, " %s", *argv);
	if (line)
		log_debug("%s", line);
}

int tool_run(const struct tool_call *call, void *ctx, char **output, struct err *err)
{
	struct running r = {
		.name = call->argv[0],
		.ms = call->ms,
		.fds = {{.fd = -1, .events = POLLIN}, {.fd = -1, .events = POLLIN},
			{.fd = -1, .events = POLLIN}},
		.output = talloc_strdup(NULL, ""),
	};
	int rc;

	log_call(call->argv);
	rc = start(call->m, &r, call->argv);
	rc = rc < 0 ? err_errno(err, rc, "start %s", r.name) : finish(&r, err);
	for (int i = 0; i < COUNT; i++)
		cleanup_fd(&r.fds[i].fd);
	if (rc == 0 && output && r.output)
		*output = talloc_steal(ctx, r.output);
	else
		talloc_free(r.output);
	return rc;
}

int tool_ask(struct machine *m, void *ctx, const char *const argv[], char **output, struct err *err)
{
	const struct tool_call call = {m, argv, TOOL_MS};

	return tool_run(&call, ctx, output, err);
}

static int act(void *argument, struct err *err)
{
	return tool_run(argument, NULL, NULL, err);
}

int tool_do(struct machine *m, const char *const argv[], struct err *err)
{
	_cleanup_talloc_ char *what = talloc_strdup(NULL, "run");
	struct tool_call call = {m, argv, TOOL_MS};

	for (const char *const *arg = argv; what && *arg; arg++)
		what = talloc_asprintf_append(what, " %s", *arg);
	if (!what)
		return err_errno(err, -ENOMEM, "run %s", argv[0]);
	return m->effects->perform(m, what, act, &call, err);
}

void tool_load_module(struct machine *m, const char *module, const char *unless)
{
	const char *const argv[] = {"modprobe", "-q", module, NULL};
	struct err err;

	if (faccessat(m->root_fd, unless, F_OK, 0) < 0 && tool_do(m, argv, &err) < 0)
		log_debug("%s", err.text);
}
