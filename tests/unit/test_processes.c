// SPDX-License-Identifier: GPL-2.0-or-later
/* Ending all processes, for once in earnest: in a PID namespace of their own. Skipped where we may not make
 * one. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/leave/processes.h"
#include "devices/clock.h"
#include "tests/unit/scripted.h"

#define SKIPPED 77

/* A process that is ready when this returns. */
static pid_t start(void (*handler)(int), int is_stopped)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe(ready) < 0)
		_exit(1);
	pid = fork();
	if (pid == 0) {
		signal(SIGTERM, handler);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		if (is_stopped)
			raise(SIGSTOP);
		for (;;)
			pause();
	}
	if (read(ready[0], &byte, 1) != 1)
		_exit(1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static int ended_by(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* As the second process of the namespace: 0 if all is as it should be, else where it is not. */
static int end_them(void)
{
	struct machine m;
	struct err err;
	pid_t plain, stopped, deaf;
	uint64_t begun = clock_now_us();

	/* Never outside of it: this ends everything that it may. */
	if (getpid() != 2 || machine_open(&m, NULL, &err) < 0)
		return SKIPPED;
	plain = start(SIG_DFL, 0);
	stopped = start(SIG_DFL, 1);
	if (processes_end(&m, 30000, &err) != 0)
		return 1;
	if (clock_now_us() - begun > 20000000)
		return 2; /* nobody waits for what is gone */
	if (ended_by(plain) != SIGTERM || ended_by(stopped) != SIGTERM)
		return 3;
	deaf = start(SIG_IGN, 0);
	if (processes_holding(&m, "/") != deaf) /* rather than PID 1 */
		return 4;
	if (processes_end(&m, 100, &err) != 0 || ended_by(deaf) != SIGKILL)
		return 5;
	if (processes_init_is_frozen(&m))
		return 6;
	if (processes_freeze_init(&m, &err) != 0 || !processes_init_is_frozen(&m))
		return 7;
	processes_thaw_init(&m);
	if (processes_init_is_frozen(&m))
		return 8;
	return 0;
}

__attribute__((noreturn)) static void be_init(void)
{
	int status = 0;
	pid_t pid;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("proc", "/proc", "proc", 0, NULL) < 0)
		_exit(SKIPPED);
	pid = fork();
	if (pid == 0)
		_exit(end_them());
	/* A tracer's end sets us free again. */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	_exit(WEXITSTATUS(status));
}

static void test_end_all(void **state)
{
	int status;
	pid_t outer = fork(), pid;

	(void)state;
	if (outer == 0) {
		if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
			_exit(SKIPPED);
		pid = fork();
		if (pid == 0)
			be_init();
		waitpid(pid, &status, 0);
		_exit(WEXITSTATUS(status));
	}
	assert_int_equal(waitpid(outer, &status, 0), outer);
	if (WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_int_equal(status, 0);
}

static void test_one_effect(void **state)
{
	struct scripted *s = scripted_new();
	struct err err;

	(void)state;
	assert_int_equal(processes_end(&s->machine, 5000, &err), 0);
	assert_string_equal(s->log[0], "perform end all processes: SIGTERM, after 5 s SIGKILL");
	assert_false(processes_init_is_frozen(&s->machine));
	scripted_file(s, "proc/1/status", "Name:\tinit\nState:\tS (sleeping)\n");
	assert_false(processes_init_is_frozen(&s->machine));
	scripted_file(s, "proc/1/status", "Name:\tinit\nState:\tt (tracing stop)\n");
	assert_true(processes_init_is_frozen(&s->machine));
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_effect),
		cmocka_unit_test(test_end_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
