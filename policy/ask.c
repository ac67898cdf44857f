// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "devices/clock.h"
#include "policy/loaded.h"

/* The answer's first byte says what follows: a decision, or an errno and a sentence, and problems. */
#define GOT_DECISION 'd'
#define GOT_ERROR 'e'

/* The file of a problem that is in no file's text. */
#define NO_FILE "policy"

/* What parent and child share. */
struct desk {
	pid_t pid;
	int fd;                         /* the parent's end */
	char (*note)[SANDBOX_NOTE_MAX]; /* shared memory: what the child is at */
};

struct job {
	struct machine *m;
	const struct policy_facts *facts;
	const struct question *question;
};

static void limit(int resource, rlim_t value)
{
	const struct rlimit l = {value, value};

	setrlimit(resource, &l);
}

/* The child can still read the files of policies; it cannot write any, nor start anything. */
static void confine(void)
{
	const struct itimerval t = {.it_value = {.tv_sec = ASK_SECONDS}};
	sigset_t none;

	prctl(PR_SET_NAME, "stillboot-rules");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPROF, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setitimer(ITIMER_PROF, &t, NULL);
	limit(RLIMIT_CPU, ASK_SECONDS + 1);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NPROC, 0);
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static json_t *problem_text(const char *text)
{
	json_t *json = json_string(text);

	return json ? json : json_string("(its name is not UTF-8)");
}

/* An error and the problems, as JSON behind the first byte. */
static char *write_error(const struct policy *p, int rc, const char *error, size_t *len)
{
	const struct problems *problems = policy_problems(p);
	json_t *list = json_array(), *json;
	char *text, *bytes;

	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *at = &problems->list[i];

		json_array_append_new(
			list, json_pack("{so si si so}", "file", problem_text(at->file), "line",
				      (int)at->line, "column", (int)at->column, "text",
				      problem_text(at->text)));
	}
	json = json_pack("{si so so}", "errno", rc, "error", problem_text(error), "problems", list);
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (!text || asprintf(&bytes, "%c%s", GOT_ERROR, text) < 0)
		return NULL;
	free(text);
	*len = strlen(bytes);
	return bytes;
}

static char *write_decision(const struct decision *d, size_t *len)
{
	size_t body_len;
	char *body = decision_write(d, &body_len), *bytes = body ? malloc(body_len + 1) : NULL;

	if (!bytes)
		return NULL;
	bytes[0] = GOT_DECISION;
	memcpy(bytes + 1, body, body_len);
	free(body);
	*len = body_len + 1;
	return bytes;
}

static char *answer(struct policy *p, const struct question *q, size_t *len)
{
	struct decision *d;
	struct err err;
	int rc = policy_load(p->m, p, q->files, q->extra, &err);

	if (rc == 0)
		rc = policy_decide(p, q->explain, p, &d, &err);
	if (rc == 0) {
		talloc_free(p->sandbox); /* the answer needs its room */
		return write_decision(d, len);
	}
	if (!p->problems->count) /* not of a file's text */
		problems_add_error(p->problems, NO_FILE, "", 0, err.text);
	return write_error(p, rc, err.text, len);
}

__attribute__((noreturn)) static void serve(const struct job *job, const struct desk *desk, int fd)
{
	struct machine m = *job->m;
	struct policy *p;
	char *bytes;
	size_t len;

	confine();
	m.effects = NULL; /* scripts decide; nobody here acts */
	if (policy_new(NULL, job->facts, &p) < 0)
		_exit(1);
	p->m = &m;
	sandbox_note(p->sandbox, *desk->note);
	bytes = answer(p, job->question, &len);
	_exit(!bytes || write_all(fd, bytes, len) < 0);
}

static int open_desk(const struct job *job, struct desk *desk, struct err *err)
{
	int ends[2], rc;

	desk->note = mmap(NULL, sizeof(*desk->note), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (desk->note == MAP_FAILED)
		return err_errno(err, -errno, "run the policy");
	rc = pipe2(ends, O_CLOEXEC) < 0 ? -errno : 0;
	desk->pid = rc < 0 ? -1 : fork();
	if (desk->pid == 0)
		serve(job, desk, ends[1]);
	if (rc == 0 && desk->pid < 0)
		rc = -errno;
	if (rc < 0) {
		munmap(desk->note, sizeof(*desk->note));
		return err_errno(err, rc, "run the policy");
	}
	close(ends[1]);
	desk->fd = ends[0];
	return 0;
}

/* Everything until the child closes its end. */
static int read_answer(
	const struct desk *desk, void *ctx, char **bytes, size_t *len, struct err *err)
{
	uint64_t end = clock_now_us() + ASK_TIMEOUT_MS * 1000ULL;
	size_t room = 1 << 16, used = 0;
	char *text = talloc_size(ctx, room);
	ssize_t n = 1;

	while (text && n > 0) {
		uint64_t now = clock_now_us();
		struct pollfd poll_fd = {desk->fd, POLLIN, 0};

		if (now >= end || poll(&poll_fd, 1, (int)((end - now) / 1000 + 1)) == 0)
			return err_set(err, -ETIME, "the policy takes longer than %d seconds",
				ASK_TIMEOUT_MS / 1000);
		if (used == room)
			text = room < DECISION_MAX ? talloc_realloc_size(ctx, text, room *= 2)
						   : NULL;
		n = text ? read(desk->fd, text + used, room - used) : 0;
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			used += (size_t)n;
	}
	if (!text || n < 0)
		return err_errno(err, text ? -errno : -ENOMEM, "read the policy's answer");
	*bytes = text;
	*len = used;
	return 0;
}

/* How it ended, when it did not answer. */
static int explain_end(const struct desk *desk, int status, struct err *err)
{
	const char *note = (*desk->note)[0] ? *desk->note : "the policy";
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (sig == SIGPROF || sig == SIGXCPU)
		return err_set(err, -ETIME,
			"%s: takes more than %d second of processor time, probably an endless loop",
			note, ASK_SECONDS);
	if (sig)
		return err_set(err, -EINVAL, "%s: made the process of the policy die (%s)", note,
			strsignal(sig));
	return err_set(err, -ENOMEM, "%s: could not be carried out: out of memory?", note);
}

static int close_desk(struct desk *desk, int rc, struct err *err)
{
	int status = 0;

	close(desk->fd);
	if (rc < 0)
		kill(desk->pid, SIGKILL);
	while (waitpid(desk->pid, &status, 0) < 0 && errno == EINTR)
		;
	(*desk->note)[SANDBOX_NOTE_MAX - 1] = '\0';
	if (rc == 0 && (!WIFEXITED(status) || WEXITSTATUS(status)))
		rc = explain_end(desk, status, err);
	munmap(desk->note, sizeof(*desk->note));
	return rc;
}

static int ask(const struct job *job, void *ctx, char **bytes, size_t *len, struct err *err)
{
	struct desk desk = {.pid = -1, .fd = -1};
	int rc = open_desk(job, &desk, err);

	if (rc < 0)
		return rc;
	rc = read_answer(&desk, ctx, bytes, len, err);
	return close_desk(&desk, rc, err);
}

static void read_problem(const json_t *json, struct problems *problems)
{
	const char *file = json_string_value(json_object_get(json, "file"));
	const char *text = json_string_value(json_object_get(json, "text"));

	if (file && text)
		problems_add(problems, file,
			(unsigned int)json_integer_value(json_object_get(json, "line")),
			(unsigned int)json_integer_value(json_object_get(json, "column")), text);
}

/* The errno that the child met, its sentence in err, and its problems. */
static int read_error(const char *bytes, size_t len, struct problems *problems, struct err *err)
{
	json_error_t error;
	json_t *json = json_loadb(bytes, len, 0, &error), *list = json_object_get(json, "problems");
	const char *text = json_string_value(json_object_get(json, "error"));
	json_int_t rc = json_integer_value(json_object_get(json, "errno"));

	for (size_t i = 0; i < json_array_size(list); i++)
		read_problem(json_array_get(list, i), problems);
	if (rc >= 0 || rc < -4095)
		rc = -EBADMSG;
	err_set(err, 0, "%s", text ? text : "the policy's answer is damaged");
	json_decref(json);
	return (int)rc;
}

static int read_decision(const char *bytes, size_t len, void *ctx, struct decision **decision,
	struct problems *problems, struct err *err)
{
	if (len && bytes[0] == GOT_DECISION)
		return decision_parse(bytes + 1, len - 1, ctx, decision, err);
	if (len && bytes[0] == GOT_ERROR)
		return read_error(bytes + 1, len - 1, problems, err);
	return err_set(err, -EBADMSG, "the policy's answer is damaged");
}

int policy_ask(struct machine *m, const struct policy_facts *facts, const struct question *question,
	void *ctx, struct decision **decision, struct problems **problems, struct err *err)
{
	const struct job job = {m, facts, question};
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct problems *found = talloc_zero(ctx, struct problems);
	struct err cause;
	char *bytes = NULL;
	size_t len = 0;
	int rc;

	if (!tmp || !found)
		return err_errno(err, -ENOMEM, "run the policy");
	rc = ask(&job, tmp, &bytes, &len, &cause);
	if (rc == 0)
		rc = read_decision(bytes, len, ctx, decision, found, &cause);
	if (rc < 0 && !found->count)
		problems_add_error(found, NO_FILE, "", 0, cause.text);
	if (rc < 0)
		err_set(err, rc, "%s", cause.text);
	if (problems)
		*problems = found;
	return rc;
}

/* What is in no file's text, that it cannot be opened, is about the file that is checked. */
static void add_checked(struct problems *all, const char *file, const struct problem *p)
{
	if (p->line || strcmp(p->file, NO_FILE))
		problems_add(all, p->file, p->line, p->column, p->text);
	else
		problems_add_error(all, file, "", 0, p->text);
}

/* Each by itself: two files that are checked together need not go together. */
int policy_check(struct machine *m, const struct policy_facts *facts, const char *const *files,
	void *ctx, struct problems **problems, struct err *err)
{
	struct problems *all = talloc_zero(ctx, struct problems);

	if (!all)
		return err_errno(err, -ENOMEM, "check the policy");
	for (; *files; files++) {
		const struct question question = {.files = POLICY_BUILTIN, .extra = *files};
		_cleanup_talloc_ void *tmp = talloc_new(NULL);
		struct problems *found = NULL;
		struct decision *d;
		int rc = policy_ask(m, facts, &question, tmp, &d, &found, err);

		if (rc == -ENOMEM)
			return rc;
		for (size_t i = 0; rc < 0 && found && i < found->count; i++)
			add_checked(all, *files, &found->list[i]);
	}
	*problems = all;
	return (int)all->count;
}
