// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/crash/pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/stack/tool.h"
#include "devices/cleanup.h"

#define LINE_MAX_BYTES 512 /* of a line; the rest is dropped */
#define KILLED_MS 1000     /* for what was killed to be gone; a disk may hold it */

struct running {
	const struct pipeline *p;
	pid_t pids[2]; /* 0 for none */
	int said;      /* the end of a pipe */
	char line[LINE_MAX_BYTES], last[LINE_MAX_BYTES];
	size_t len;
};

/* More than that is the end of it (SIGXFSZ). */
static void limit_files(uint64_t max)
{
	const struct rlimit limit = {max, max};

	if (max && setrlimit(RLIMIT_FSIZE, &limit) < 0)
		_exit(127);
}

__attribute__((noreturn)) static void do_own(
	const struct pipeline *p, int in_of_second, int out, int said)
{
	setsid();
	signal(SIGPIPE, SIG_DFL);
	/* While we held it too it would not be seen that the second has ended. */
	cleanup_fd(&in_of_second);
	_exit(p->own(p, out, said));
}

__attribute__((noreturn)) static void begin_child(
	const struct pipeline *p, int i, int in, int out, int said)
{
	if (i == 1)
		tool_become(p->m, p->second, in, said, said);
	if (p->own)
		do_own(p, in, p->second ? out : said, said);
	limit_files(p->file_max);
	tool_become(p->m, p->first, -1, p->second ? out : said, said);
}

static int start(struct running *r)
{
	const struct pipeline *p = r->p;
	_cleanup_fd_ int said = -1, between_in = -1, between_out = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	r->said = ends[0];
	said = ends[1];
	if (p->second) {
		if (pipe2(ends, O_CLOEXEC) < 0)
			return -errno;
		between_in = ends[0];
		between_out = ends[1];
	}
	for (int i = 0; i < (p->second ? 2 : 1); i++) {
		r->pids[i] = fork();
		if (r->pids[i] < 0)
			return -errno;
		if (r->pids[i] == 0)
			begin_child(p, i, between_in, between_out, said);
	}
	return 0;
}

/* "makedumpfile Failed." says no more than its exit status. */
static int tells_nothing(const struct running *r)
{
	const char *name = r->p->first[0];

	return !strncmp(r->line, name, strlen(name)) && !strcmp(r->line + strlen(name), " Failed.");
}

static void end_line(struct running *r)
{
	while (r->len && r->line[r->len - 1] == ' ')
		r->len--;
	r->line[r->len] = '\0';
	if (r->len && !tells_nothing(r)) {
		memcpy(r->last, r->line, r->len + 1);
		if (r->p->said)
			r->p->said(r->p->ctx, r->line);
	}
	r->len = 0;
}

static void take(struct running *r, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i] == '\n' || bytes[i] == '\r')
			end_line(r);
		else if (r->len < sizeof(r->line) - 1)
			r->line[r->len++] = bytes[i];
}

/* Until both have ended, or at least closed what they speak through. */
static int listen_to(struct running *r)
{
	struct pollfd fd = {.fd = r->said, .events = POLLIN};
	char bytes[4096];

	for (;;) {
		int ready = poll(&fd, 1, (int)r->p->quiet_ms);
		ssize_t n;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready < 0 ? -errno : -ETIME;
		n = read(r->said, bytes, sizeof(bytes));
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		take(r, bytes, n > 0 ? (size_t)n : 0);
	}
	end_line(r);
	return 0;
}

static void kill_one(pid_t pid)
{
	if (pid > 0) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
	}
}

/* Its status; -ETIME if it goes on, which one that waits for a disk can do even when it was killed. */
static int await(pid_t pid, unsigned int ms, int *status)
{
	_cleanup_fd_ int fd = pidfd_open(pid, 0);
	struct pollfd gone = {.fd = fd, .events = POLLIN};

	if (fd >= 0 && poll(&gone, 1, (int)ms) <= 0) {
		kill_one(pid);
		if (poll(&gone, 1, KILLED_MS) <= 0)
			return -ETIME;
	}
	return waitpid(pid, status, 0) < 0 ? -errno : 0;
}

static int judge(const struct running *r, const char *name, int status, struct err *err)
{
	const int is_first = name == r->p->first[0];

	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_set(err, -ENOENT, "%s is not installed", name);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
		return err_set(err, -EFBIG, "%s would write more than the %llu MiB that it may",
			name, (unsigned long long)r->p->file_max >> 20);
	return err_set(
		err, is_first ? -EIO : -EPIPE, "%s says: %s", name, *r->last ? r->last : "nothing");
}

static int finish(struct running *r, struct err *err)
{
	const char *names[] = {r->p->first[0], r->p->second ? r->p->second[0] : ""};
	int rc = listen_to(r), worst = 0;

	for (int i = 0; i < 2 && rc < 0; i++)
		kill_one(r->pids[i]);
	/* Who reads first: when it ends, who writes cannot go on. */
	for (int i = 1; i >= 0; i--) {
		int status = 0, waited;

		if (r->pids[i] <= 0)
			continue;
		waited = await(r->pids[i], rc < 0 ? 0 : r->p->quiet_ms, &status);
		if (rc == 0 && worst == 0)
			worst = waited < 0 ? err_errno(err, waited, "wait for %s", names[i])
					   : judge(r, names[i], status, err);
	}
	if (rc == -ETIME)
		return err_set(err, rc, "%s said nothing for %u seconds, and was killed", names[0],
			r->p->quiet_ms / 1000);
	return rc < 0 ? err_errno(err, rc, "listen to %s", names[0]) : worst;
}

int pipeline_run(const struct pipeline *p, struct err *err)
{
	struct running r = {.p = p, .said = -1};
	int rc = start(&r);

	if (rc < 0) {
		for (int i = 0; i < 2; i++)
			kill_one(r.pids[i]);
		rc = err_errno(err, rc, "start %s", p->first[0]);
	} else {
		rc = finish(&r, err);
	}
	cleanup_fd(&r.said);
	return rc;
}

char *pipeline_text(void *ctx, const struct pipeline *p)
{
	const char *const *parts[] = {p->first, p->second};
	char *text = talloc_strdup(ctx, "");

	for (int i = 0; i < 2 && parts[i]; i++)
		for (const char *const *arg = parts[i]; text && *arg; arg++)
			text = talloc_asprintf_append(text, "%s%s",
				arg > parts[i] ? " "
				: i            ? " | "
					       : "",
				*arg);
	return text;
}
