// SPDX-License-Identifier: GPL-2.0-or-later
/* PID 1, stopped by a tracer: unlike SIGSTOP, which it does not get, that is not asked (ptrace(2),
 * PTRACE_SEIZE). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "boot/leave/processes.h"
#include "devices/cleanup.h"

#define STOP_S                                                                                     \
	2 /* until it stops: only one in the middle of a system call on a dead disk takes longer */

/* SIGCHLD is what the tracer gets. */
static int wait_for_stop(void)
{
	const struct timespec patience = {.tv_sec = STOP_S};
	sigset_t child, before;
	int status, rc;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &before);
	do
		rc = waitpid(1, &status, WNOHANG | __WALL) == 1;
	while (!rc && sigtimedwait(&child, NULL, &patience) == SIGCHLD);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc && WIFSTOPPED(status) ? 0 : -ETIME;
}

static int freeze(void *argument, struct err *err)
{
	int rc;

	(void)argument;
	if (ptrace(PTRACE_SEIZE, 1, NULL, NULL) < 0)
		return err_errno(err, -errno, "stop PID 1");
	rc = ptrace(PTRACE_INTERRUPT, 1, NULL, NULL) < 0 ? -errno : wait_for_stop();
	if (rc < 0)
		ptrace(PTRACE_DETACH, 1, NULL, NULL);
	return rc < 0 ? err_errno(err, rc, "stop PID 1") : 0;
}

int processes_freeze_init(struct machine *m, struct err *err)
{
	return m->effects->perform(m, "stop PID 1", freeze, NULL, err);
}

static int thaw(void *argument, struct err *err)
{
	(void)argument;
	return ptrace(PTRACE_DETACH, 1, NULL, NULL) < 0 ? err_errno(err, -errno, "let PID 1 go on")
							: 0;
}

void processes_thaw_init(struct machine *m)
{
	m->effects->perform(m, "let PID 1 go on", thaw, NULL, NULL);
}

int processes_init_is_frozen(struct machine *m)
{
	_cleanup_talloc_ char *text = NULL;
	const char *state;

	if (machine_read_file(m, NULL, "proc/1/status", 16384, &text, NULL) < 0)
		return 0;
	state = strstr(text, "\nState:\t");
	return state && state[strlen("\nState:\t")] == 't'; /* "tracing stop" */
}
