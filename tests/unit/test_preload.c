// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `stillboot reboot` up to the moment in which systemd has said yes, with every effect failing in
 * turn, and interrupted at many of its system calls by every signal: all of it is there then, or
 * nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/leave/exitrd.h"
#include "boot/service/record.h"
#include "devices/log.h"
#include "tests/unit/scripted.h"
#include "ui/command.h"
#include "ui/pinned.h"
#include "ui/preload.h"

#define POINTS 20
#define ASKED "run systemctl"

/* The exitrd as it is known by. */
static int performed(struct scripted *s, const char *what)
{
	if (!strncmp(what, "put an exitrd", 13))
		scripted_file(s, EXITRD_DIRECTORY "/" EXITRD_TARGET, "");
	else if (!strncmp(what, "unmount the exitrd", 18))
		unlinkat(s->machine.root_fd, EXITRD_DIRECTORY "/" EXITRD_TARGET, 0);
	return 0;
}

static struct scripted *machine(void)
{
	/* Where our libraries are, which go into the exitrd. */
	static const char *const folders[] = {"usr", "lib", "lib64"};
	struct scripted *s = scripted_new();
	char target[16];

	s->performed = performed;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(target, sizeof(target), "/%s", folders[i]);
		scripted_link(s, folders[i], target);
	}
	scripted_link(s, "proc/self/exe", "/bin/true");

	scripted_file(s, "proc/sysrq-trigger", "");
	scripted_file(s, "proc/self/mountinfo", "1 1 0:2 / / rw - rootfs rootfs rw\n");
	scripted_file(s, "proc/sys/kernel/random/boot_id", "this\n");
	scripted_file(s, "run/systemd/system/unit", "");
	scripted_file(s, "vmlinuz", "no bzImage, but the kernel may know it");
	scripted_file(s, "initrd", "an initrd");
	scripted_file(s, "run/stillboot/here", "");
	scripted_file(s, "run/initramfs/here", "");
	scripted_file(s, "var/lib/stillboot/here", "");
	return s;
}

/* As the program does it, on this machine. */
static int reboot_it(struct scripted *s, option_set also)
{
	static char kernel[96], initrd[96];
	struct session session = {.machine = s->machine, .memory = talloc_new(NULL)};
	static const char *const none[] = {NULL};
	int code;

	snprintf(kernel, sizeof(kernel), "%s/vmlinuz", s->root);
	snprintf(initrd, sizeof(initrd), "%s/initrd", s->root);
	session.machine.root = "";
	session.options = (struct options){.command = "reboot",
		.given = OPT_KERNEL | OPT_INITRD | also,
		.kernel = kernel,
		.initrds = {initrd},
		.initrd_count = 1,
		.arguments = none};
	log_setup(STDOUT_FILENO, STDOUT_FILENO, LOG_ERROR);
	code = (int)command_reboot(&session);
	talloc_free(session.memory);
	if (session.lock)
		close(session.lock);
	return code;
}

/* What is loaded last, by the log. */
static int is_loaded(const struct scripted *s)
{
	for (size_t i = s->log_count; i--;)
		if (!strncmp(s->log[i], "load ", 5) && i + 1 != s->fail_at)
			return strncmp(s->log[i], "load - - 1", 10) != 0;
	return 0;
}

static int is_there(const struct scripted *s, const char *path)
{
	return faccessat(s->machine.root_fd, path, F_OK, 0) == 0;
}

static void check_whole(struct scripted *s)
{
	assert_true(is_loaded(s));
	assert_true(is_there(s, RECORD_PRELOADED));
	assert_true(is_there(s, PINNED_FILE));
	assert_int_equal(exitrd_owner(&s->machine), EXITRD_OURS);
	assert_true(scripted_find(s, ASKED) >= 0);
}

static void check_nothing(struct scripted *s)
{
	assert_false(is_loaded(s));
	assert_false(is_there(s, RECORD_PRELOADED));
	assert_false(is_there(s, PINNED_FILE));
	assert_false(is_there(s, RECORD_ATTEMPT));
	assert_int_equal(exitrd_owner(&s->machine), EXITRD_NONE);
}

/* Not without systemd having said yes, and not by halves. */
static void check(struct scripted *s)
{
	if (is_loaded(s))
		check_whole(s);
	else
		check_nothing(s);
}

/* In a process of its own, since a command blocks signals and takes standard output. */
static pid_t start_with(struct scripted *s, int traced, option_set also)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stdout) || setpgid(0, 0) < 0)
			_exit(99);
		if (traced) {
			ptrace(PTRACE_TRACEME, 0, NULL, NULL);
			raise(SIGSTOP);
		}
		_exit(reboot_it(s, also));
	}
	assert_true(pid > 0);
	return pid;
}

static pid_t start(struct scripted *s, int traced)
{
	return start_with(s, traced, 0);
}

/* The keeper too, which becomes ours when its parent dies. */
static int wait_for_all(pid_t pid)
{
	int status, code = -1;
	pid_t one;

	while ((one = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR)
		if (one == pid)
			code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return code;
}

/* How many system calls it makes, or with point >= 0 send the signal at that one. */
static long trace(pid_t pid, long point, int signal_at)
{
	long calls = 0;
	int status, pass = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	for (;;) {
		if (calls == point) {
			assert_int_equal(kill(pid, signal_at), 0);
			if (signal_at != SIGKILL)
				ptrace(PTRACE_DETACH, pid, NULL, (void *)(uintptr_t)pass);
			return calls;
		}
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(uintptr_t)pass);
		if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
			return calls;
		pass = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		calls += !pass;
	}
}

static void it_goes(void **state)
{
	struct scripted *s = machine();

	(void)state;
	assert_int_equal(wait_for_all(start(s, 0)), EXIT_DONE);
	check_whole(s);
	assert_true(is_there(s, RECORD_ATTEMPT));
	scripted_free(s);
}

/* What the exitrd would refuse is refused while nothing is done. */
static void what_would_not_jump_is_not_loaded(void **state)
{
	static const struct {
		const char *root, *pid, *exitrd;
		int goes;
	} cases[] = {
		{"rootfs rootfs", "pid:[4026531836]", NULL, 1},
		{"rootfs rootfs", "pid:[4026532999]", NULL, 0},
		{"nfs4 server:/x", "pid:[4026531836]", NULL, 1}, /* it is left for the exitrd */
		{"nfs4 server:/x", "pid:[4026531836]", EXITRD_DIRECTORY "/shutdown", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scripted *s = machine();
		char line[64];
		int code;

		snprintf(line, sizeof(line), "1 1 0:2 / / rw - %s rw\n", cases[i].root);
		scripted_file(s, "proc/self/mountinfo", line);
		scripted_link(s, "proc/self/ns/pid", cases[i].pid);
		if (cases[i].exitrd)
			scripted_file(s, cases[i].exitrd, "");
		code = wait_for_all(start(s, 0));
		assert_int_equal(code, cases[i].goes ? EXIT_DONE : EXIT_REFUSED);
		if (!cases[i].goes)
			assert_int_equal(s->log_count, 0);
		scripted_free(s);
	}
}

static void every_effect_failing(void **state)
{
	size_t effects = 1;

	(void)state;
	for (size_t k = 0; k <= effects; k++) {
		struct scripted *s = machine();
		int code;

		s->fail_at = k;
		code = wait_for_all(start(s, 0));
		if (!k)
			effects = s->log_count;
		assert_true(s->log_count >= k && effects > 4);
		if (code == EXIT_DONE) { /* only that it is not on record may fail */
			check_whole(s);
			assert_true(!k || strstr(s->log[k - 1], RECORD_ATTEMPT));
		} else {
			check_nothing(s);
		}
		scripted_free(s);
	}
}

/* logind says no, although it is to be done all the same; only an objection is passed by. */
static void an_objection_is_passed_by(void **state)
{
	static const char *const modes[] = {"block", "delay"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct scripted *s = machine();
		char text[64];
		int asked;

		snprintf(text, sizeof(text), "WHAT=shutdown\nMODE=%s\nWHO=w\nWHY=y\n", modes[i]);
		scripted_file(s, "run/systemd/inhibit/1", text);
		assert_int_equal(wait_for_all(start_with(s, 0, OPT_FORCE)), EXIT_DONE);
		asked = scripted_find(s, ASKED " kexec -i");
		assert_true(asked > 0 && scripted_find(s, ASKED " start kexec.target") < 0);
		scripted_free(s);

		s = machine();
		scripted_file(s, "run/systemd/inhibit/1", text);
		s->fail_at = (size_t)asked + 1;
		assert_int_equal(
			wait_for_all(start_with(s, 0, OPT_FORCE)), i ? EXIT_FAILED : EXIT_DONE);
		assert_true((scripted_find(s, ASKED " start kexec.target") > asked) == !i);
		check(s);
		scripted_free(s);
	}
}

/* What came of it, how often. */
struct outcome {
	size_t nothing, whole, undone;
};

static void interrupt_at(long call, int signal_at, struct outcome *outcome)
{
	struct scripted *s = machine();
	pid_t pid = start(s, 1);

	trace(pid, call, signal_at);
	wait_for_all(pid);
	check(s);
	outcome->nothing += !is_loaded(s);
	outcome->whole += is_loaded(s);
	outcome->undone += scripted_find(s, "load - - 1") >= 0;
	scripted_free(s);
}

/* At so many system calls, at every step-th from the first on. */
static struct outcome sweep(long first, long step)
{
	static const int signals[] = {SIGKILL, SIGTERM, SIGINT, SIGHUP};
	struct outcome outcome = {0};

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		for (long point = 0; point < POINTS; point++)
			interrupt_at(first + point * step, signals[i], &outcome);
	return outcome;
}

static long count_calls(void)
{
	struct scripted *s = machine();
	long calls = trace(start(s, 1), -1, 0);

	wait_for_all(0);
	scripted_free(s);
	assert_true(calls > 10 * POINTS);
	return calls;
}

static void interrupted_anywhere(void **state)
{
	struct outcome outcome = sweep(1, count_calls() / POINTS);

	(void)state;
	assert_int_equal(outcome.nothing + outcome.whole, 4 * POINTS);
	assert_true(outcome.nothing > POINTS);
}

/* The last part of it, from before the loading to after systemd has said yes. */
static void interrupted_while_it_is_loaded(void **state)
{
	const long step = 4;
	struct outcome outcome = sweep(count_calls() - POINTS * step, step);

	(void)state;
	print_message("%zu times nothing, %zu of them undone, %zu times all of it\n",
		outcome.nothing, outcome.undone, outcome.whole);
	assert_true(outcome.nothing && outcome.whole && outcome.undone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes),
		cmocka_unit_test(what_would_not_jump_is_not_loaded),
		cmocka_unit_test(every_effect_failing),
		cmocka_unit_test(an_objection_is_passed_by),
		cmocka_unit_test(interrupted_anywhere),
		cmocka_unit_test(interrupted_while_it_is_loaded),
	};

	if (geteuid() != 0) {
		puts("[  SKIPPED ] only root reboots");
		return 0;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
