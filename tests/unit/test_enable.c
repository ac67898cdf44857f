// SPDX-License-Identifier: GPL-2.0-or-later
/* enable, disable, and what the service runs, on a machine that acts. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/leave/exitrd.h"
#include "boot/service/configuration.h"
#include "boot/service/record.h"
#include "boot/service/systemd.h"
#include "devices/log.h"
#include "tests/unit/scripted.h"
#include "ui/attempt.h"
#include "ui/command.h"

#define RECORD                                                                                     \
	"{\"boot_id\":\"this\",\"time\":1000000000,\"entry\":\"Old\",\"kernel\":\"6.1\","          \
	"\"by\":\"%s\",\"handoff\":true}"
#define EFI_VARIABLE(name) "sys/firmware/efi/efivars/" name "-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SKIPPED 77
#define UNLOADED "load - - 1"

/* Who waits does not wait here. */
int nanosleep(const struct timespec *time, struct timespec *rest)
{
	(void)time;
	(void)rest;
	return 0;
}

static struct scripted *machine(void)
{
	struct scripted *s = scripted_new();

	scripted_file(s, "proc/self/mountinfo", "1 1 0:2 / / rw - rootfs rootfs rw\n");
	scripted_file(s, "proc/sys/kernel/random/boot_id", "this\n");
	scripted_file(s, "run/systemd/system/unit", "");
	scripted_file(s, "run/stillboot/here", "");
	scripted_file(s, "proc/sysrq-trigger", "");
	return s;
}

static void preloaded(struct scripted *s, const char *path, const char *by)
{
	char text[256];

	snprintf(text, sizeof(text), RECORD, by);
	scripted_file(s, path, text);
}

static int is_there(const struct scripted *s, const char *path)
{
	return faccessat(s->machine.root_fd, path, F_OK, 0) == 0;
}

/* As the program does it, on this machine; in a process of its own, for what it does to itself. */
static enum exit_code run(struct scripted *s, command *what, const struct options *options)
{
	static const char *const none[] = {NULL};
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct session session = {
			.machine = s->machine, .options = *options, .memory = talloc_new(NULL)};

		session.machine.root = "";
		session.options.arguments = none;
		if (!freopen("/dev/null", "w", stdout))
			_exit(99);
		log_setup(STDOUT_FILENO, STDOUT_FILENO, LOG_ERROR);
		_exit((int)what(&session));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (enum exit_code)WEXITSTATUS(status);
}

/* The machine is leaving: systemctl says so, in a mount namespace of our own. 0 where there may be none. */
static int systemctl_says(const char *text)
{
	FILE *f;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("none", "/usr/sbin", "tmpfs", 0, NULL) < 0)
		return 0;
	f = fopen("/usr/sbin/systemctl", "we");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\necho '%s'\n", text);
	fclose(f);
	return chmod("/usr/sbin/systemctl", 0755) == 0;
}

static enum exit_code stop_for_kexec(struct session *s)
{
	return systemctl_says("7 kexec.target start waiting") ? command_refresh(s)
							      : (enum exit_code)SKIPPED;
}

static enum exit_code stop_for_reboot(struct session *s)
{
	return systemctl_says("7 reboot.target start waiting") ? command_refresh(s)
							       : (enum exit_code)SKIPPED;
}

/* 1 if there is one that did not arrive. */
static enum exit_code tells_of_attempt(struct session *s)
{
	struct attempt a = attempt_read(s, NULL);

	command_report(s);
	return (enum exit_code)(a.state == ATTEMPT_LOST);
}

static void disable_while_another_is_at_work(void **state)
{
	static const struct options disable = {.command = "disable"};
	struct scripted *s = machine();
	int lock;

	(void)state;
	preloaded(s, RECORD_PRELOADED, "service");
	scripted_file(s, "run/stillboot/lock", "");
	lock = openat(s->machine.root_fd, "run/stillboot/lock", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_int_equal(run(s, command_disable, &disable), EXIT_REFUSED);
	assert_int_equal(scripted_find(s, "run systemctl disable --now"), 0);
	assert_true(scripted_find(s, UNLOADED) > 0);
	assert_false(is_there(s, RECORD_PRELOADED));
	close(lock);
	scripted_free(s);
}

static void disable_takes_an_exitrd_away(void **state)
{
	static const struct options disable = {.command = "disable"};
	struct scripted *s = machine();

	(void)state;
	scripted_file(s, EXITRD_DIRECTORY "/" EXITRD_TARGET, "");
	assert_int_equal(run(s, command_disable, &disable), EXIT_DONE);
	assert_true(scripted_find(s, "perform unmount the exitrd") > 0);
	scripted_free(s);
}

/* Its start asks the record whose the kernel is. */
static void enable_takes_over(void **state)
{
	static const struct options enable = {.command = "enable"};

	(void)state;
	for (size_t fails = 0; fails < 2; fails++) {
		struct scripted *s = machine();
		struct record *r;
		void *ctx = talloc_new(NULL);

		preloaded(s, RECORD_PRELOADED, "load");
		s->fail_at = fails ? 3 : 0; /* systemctl reload-or-restart */
		assert_int_equal(run(s, command_enable, &enable), fails ? EXIT_FAILED : EXIT_DONE);
		assert_int_equal(scripted_find(s, "run systemctl reload-or-restart"), 2);
		assert_int_equal(record_read(&s->machine, ctx, RECORD_PRELOADED, &r, NULL), 0);
		assert_int_equal(r->by, fails ? RECORD_BY_LOAD : RECORD_BY_SERVICE);
		assert_string_equal(r->entry, "Old");
		talloc_free(ctx);
		scripted_free(s);
	}
}

/* What is loaded by then would not let it. */
static void the_firmware_comes_first(void **state)
{
	static const struct options stopping = {.command = "refresh", .given = OPT_STOPPING};
	static command *const ways[] = {stop_for_kexec, stop_for_reboot};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct scripted *s = machine();
		enum exit_code code;

		preloaded(s, RECORD_PRELOADED, "reboot");
		preloaded(s, RECORD_ATTEMPT, "reboot");
		scripted_file(s, EXITRD_DIRECTORY "/" EXITRD_TARGET, "");
		scripted_file(s, EFI_VARIABLE("BootNext"), "");
		code = run(s, ways[i], &stopping);
		if ((int)code == SKIPPED)
			skip();
		assert_int_equal(code, EXIT_DONE);
		assert_int_equal(scripted_find(s, "remove " RECORD_ATTEMPT), 0);
		assert_int_equal(scripted_find(s, UNLOADED), 1);
		assert_true(scripted_find(s, "perform unmount the exitrd") > 0);
		assert_false(is_there(s, RECORD_PRELOADED));
		scripted_free(s);
	}
}

/* As it was configured when it was built, and not any more. */
static void an_exitrd_that_would_jump_goes(void **state)
{
	static const struct options stopping = {.command = "refresh", .given = OPT_STOPPING};
	static const struct {
		const char *reboot_is_kexec;
		int goes;
	} cases[] = {{"true", 1}, {"false", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scripted *s = machine();
		enum exit_code code;
		char target[256];

		snprintf(target, sizeof(target),
			"{\"version\": 2, \"title\": \"x\", \"format\": \"\", \"kernel_size\": 6, "
			"\"initrd_size\": 0, \"start_size\": 0, \"handoff_offset\": 0, "
			"\"handoff_room\": 0, "
			"\"reboot_is_kexec\": %s}",
			cases[i].reboot_is_kexec);
		scripted_file(s, EXITRD_DIRECTORY "/" EXITRD_TARGET, target);
		preloaded(s, RECORD_PRELOADED, "service");
		code = run(s, stop_for_reboot, &stopping);
		if ((int)code == SKIPPED)
			skip();
		assert_int_equal(code, EXIT_DONE);
		assert_int_equal(
			scripted_find(s, "perform unmount the exitrd") >= 0, cases[i].goes);
		scripted_free(s);
	}
}

/* Also where the service was enabled before, and another way of rebooting configured. */
static void a_failed_enable_changes_nothing(void **state)
{
	static const struct options enable = {
		.command = "enable", .given = OPT_REBOOT, .reboot = "kexec"};
	static const char mine[] = "reboot = firmware\n";
	char *text;

	(void)state;
	for (size_t k = 1; k <= 3; k++) { /* the file, enable, reload-or-restart */
		struct scripted *s = machine();

		scripted_file(s, CONFIGURATION_ENABLE_FILE, mine);
		scripted_link(s, "etc/systemd/system/multi-user.target.wants/" SYSTEMD_SERVICE,
			"/dev/null");
		s->fail_at = k;
		assert_int_equal(run(s, command_enable, &enable), EXIT_FAILED);
		assert_int_equal(machine_read_file(&s->machine, NULL, CONFIGURATION_ENABLE_FILE, 99,
					 &text, NULL),
			0);
		assert_string_equal(text, "reboot = firmware");
		talloc_free(text);
		assert_int_equal(scripted_find(s, "run systemctl disable"), -1);
		scripted_free(s);
	}
}

static void a_lost_attempt_is_told_of_in_one_boot(void **state)
{
	static const struct options report = {.command = "report"};
	struct scripted *s = machine();

	(void)state;
	preloaded(s, RECORD_ATTEMPT, "service");
	assert_int_equal(run(s, tells_of_attempt, &report), 0); /* under way */
	scripted_file(s, "proc/sys/kernel/random/boot_id", "that\n");
	for (int again = 0; again < 2; again++)
		assert_int_equal(run(s, tells_of_attempt, &report), 1);
	assert_int_equal(s->log_count, 2); /* that it was told of, and its line of the history */
	scripted_file(s, "proc/sys/kernel/random/boot_id", "a later one\n");
	assert_int_equal(run(s, tells_of_attempt, &report), 0);
	assert_false(is_there(s, RECORD_ATTEMPT));
	scripted_free(s);
}

/* A jump that is given up when its kernel is loaded: the service's went with it. */
static void exec_gives_back_what_the_service_had(void **state)
{
	static const char *const by[] = {"service", "load"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct scripted *s = machine();
		char kernel[96];
		const struct options exec = {
			.command = "exec", .given = OPT_KERNEL, .kernel = kernel};

		snprintf(kernel, sizeof(kernel), "%s/vmlinuz", s->root);
		scripted_file(s, "vmlinuz", "no bzImage, but the kernel may know it");
		scripted_file(s, "proc/sysrq-trigger", "");
		preloaded(s, RECORD_PRELOADED, by[i]);
		s->fail_at = 2; /* what follows the load */
		assert_int_equal(run(s, command_exec, &exec), EXIT_FAILED);
		assert_int_equal(scripted_find(s, "load kernel"), 0);
		assert_int_equal(scripted_find(s, UNLOADED), 2);
		assert_false(is_there(s, RECORD_PRELOADED));
		assert_int_equal(
			scripted_find(s, "run systemctl --no-block try-reload-or-restart") > 0,
			i == 0);
		scripted_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disable_while_another_is_at_work),
		cmocka_unit_test(disable_takes_an_exitrd_away),
		cmocka_unit_test(enable_takes_over),
		cmocka_unit_test(a_failed_enable_changes_nothing),
		cmocka_unit_test(a_lost_attempt_is_told_of_in_one_boot),
		cmocka_unit_test(the_firmware_comes_first),
		cmocka_unit_test(an_exitrd_that_would_jump_goes),
		cmocka_unit_test(exec_gives_back_what_the_service_had),
	};

	if (geteuid() != 0) {
		puts("[  SKIPPED ] only root enables");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
