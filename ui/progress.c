// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/progress.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devices/log.h"
#include "ui/print.h"

/* A descriptor for the same terminal or pipe that does not block: a description of our own, so
 * that the shell's stays as it is. A regular file would be overwritten from its start, and does
 * not block anyway. */
static int unblocked(struct machine *m, int fd)
{
	struct stat st;
	char path[32];
	int own;

	if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode))
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); /* cannot be opened again */
	if (fstat(fd, &st) < 0 || !(S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)))
		return fd;
	snprintf(path, sizeof(path), "proc/self/fd/%d", fd);
	own = openat(m->root_fd, path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return own < 0 ? fd : own;
}

static void begin(void *ctx)
{
	const struct progress *p = ctx;
	struct machine *m = p->machine;

	fflush(stdout);
	log_setup(unblocked(m, p->to_stderr ? STDERR_FILENO : STDOUT_FILENO),
		unblocked(m, STDERR_FILENO), LOG_INFO);
}

static void say(struct progress *p, const struct journal_entry *e, uint64_t at_us, const char *what)
{
	char line[512], slot[2 * JOURNAL_SLOT_MAX];

	snprintf(line, sizeof(line), "[%4llu.%03llu] %-12s  %-12s  %s",
		(unsigned long long)at_us / 1000000, (unsigned long long)at_us / 1000 % 1000,
		print_escape(slot, sizeof(slot), e->slot), step_name(e->step), what);
	log_info("%s", line);
	p->machine->effects->klog(
		p->machine, e->result == JOURNAL_HUNG ? LOG_WARN : LOG_DEBUG, line);
}

static void begun(void *ctx, const struct journal_entry *e)
{
	say(ctx, e, e->start_us, "...");
}

static void ended(void *ctx, const struct journal_entry *e)
{
	char what[256], duration[32], detail[200];

	print_duration(duration, sizeof(duration), e->duration_us);
	print_escape(detail, sizeof(detail), e->detail);
	if (e->result == JOURNAL_SKIPPED)
		snprintf(what, sizeof(what), "skipped: %s", detail);
	else
		snprintf(what, sizeof(what), "%s, %s%s%s", journal_result_name(e->result), duration,
			detail[0] ? ": " : "", detail);
	say(ctx, e, e->start_us + e->duration_us, what);
}

static void end(void *ctx, const struct journal *j, size_t hung)
{
	const struct progress *p = ctx;
	char line[256], duration[32];

	for (size_t i = 0; i < j->verdict_count; i++) {
		const struct journal_verdict *v = &j->verdicts[i];

		if (v->verdict == VERDICT_LOUD)
			log_info("%s is loud: %s", v->slot, v->why);
	}
	snprintf(line, sizeof(line), "%zu still, %zu loud, %zu left, %zu hung, in %s",
		journal_count(j, VERDICT_STILL), journal_count(j, VERDICT_LOUD),
		journal_count(j, VERDICT_LEFT), hung,
		print_duration(duration, sizeof(duration), j->duration_us));
	log_info("%s", line);
	p->machine->effects->klog(p->machine, LOG_DEBUG, line);
}

struct stilling_watch progress_watch(struct progress *p)
{
	return (struct stilling_watch){
		.begin = begin,
		.steps = {.begun = begun, .ended = ended, .ctx = p},
		.end = end,
		.ctx = p,
	};
}
