// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of a system: the order in which things are given up, that it ends whatever fails, and what
 * systemd asks for. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/leave/detach.h"
#include "boot/leave/exitrd_target.h"
#include "boot/leave/firmware.h"
#include "boot/leave/processes.h"
#include "boot/leave/unmount.h"
#include "devices/deadline.h"
#include "tests/unit/scripted.h"
#include "ui/leave.h"
#include "ui/shutdown_watch.h"

#define MOUNTINFO "proc/self/mountinfo"

/* The machine of these tests: what is mounted is a list of targets, the last mounted last. */
struct end {
	const char *targets[8];
	const char *busy;  /* cannot be unmounted */
	const char *stuck; /* does not come back */
	int lies;          /* says that it is done, and it is not */
};

static void write_mounts(struct scripted *s, const struct end *e)
{
	char text[2048] =
		"1 0 0:2 / / rw - tmpfs stillboot rw\n2 1 8:9 / /run/x rw - ext4 /dev/sda9 rw\n";

	for (size_t i = 0; i < 8; i++)
		if (e->targets[i])
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				"%zu 1 8:%zu / %s rw - ext4 /dev/sda%zu rw\n", i + 3, i + 1,
				e->targets[i], i + 1);
	scripted_file(s, MOUNTINFO, text);
}

static int performed(struct scripted *s, const char *what)
{
	struct end *e = s->of_test;
	const char *target = what + strlen("unmount ");

	if (strncmp(what, "unmount ", strlen("unmount ")) || e->lies)
		return 0;
	if (e->stuck && !strcmp(target, e->stuck))
		return -ETIME;
	if (e->busy && !strcmp(target, e->busy))
		return -EBUSY;
	for (size_t i = 0; i < 8; i++)
		if (e->targets[i] && !strcmp(e->targets[i], target))
			e->targets[i] = NULL;
	write_mounts(s, e);
	return 0;
}

static struct scripted *machine_new(struct end *e)
{
	struct scripted *s = scripted_new();

	s->performed = performed;
	s->of_test = e;
	write_mounts(s, e);
	return s;
}

static size_t count(const struct scripted *s, const char *beginning)
{
	size_t n = 0;

	for (size_t i = 0; i < s->log_count; i++)
		n += !strncmp(s->log[i], beginning, strlen(beginning));
	return n;
}

static void test_innermost_first(void **state)
{
	struct end e = {.targets = {"/oldroot", "/oldroot/a", "/oldroot/a/b", "/oldrootx"}};
	struct scripted *s = machine_new(&e);
	void *ctx = talloc_new(NULL);
	struct unmount_result *result;
	struct err err;

	(void)state;
	scripted_file(s, "proc/swaps", "Filename\n/oldroot/a/swap file 1 0 -2\n");
	assert_int_equal(unmount_all(&s->machine, "/oldroot", ctx, &result, &err), 0);
	assert_int_equal(result->count, 0);
	assert_int_equal(s->log_count, 4);
	assert_string_equal(s->log[0], "perform switch off swap on /oldroot/a/swap");
	assert_string_equal(s->log[1], "perform unmount /oldroot/a/b");
	assert_string_equal(s->log[2], "perform unmount /oldroot/a");
	assert_string_equal(s->log[3], "perform unmount /oldroot");
	talloc_free(ctx);
	scripted_free(s);
}

static void test_busy_becomes_read_only(void **state)
{
	struct end e = {.targets = {"/oldroot", "/oldroot/a"}, .busy = "/oldroot"};
	struct scripted *s = machine_new(&e);
	void *ctx = talloc_new(NULL);
	struct unmount_result *result;
	struct err err;
	const char **names;

	(void)state;
	scripted_link(s, "proc/77/cwd", "/oldroot/a");
	scripted_file(s, "proc/77/comm", "sh\n");
	scripted_link(s, "proc/1/exe", "/oldroot/sbin/init");
	scripted_link(s, "sys/dev/block/8:1", "../../block/sda1");
	assert_int_equal(unmount_all(&s->machine, "/oldroot", ctx, &result, &err), 0);
	assert_int_equal(result->count, 1);
	assert_string_equal(result->left[0].target, "/oldroot");
	assert_string_equal(result->left[0].source, "/dev/sda1");
	assert_non_null(strstr(result->left[0].why, "unmount /oldroot"));
	assert_true(result->left[0].is_on_disk);
	assert_false(result->left[0].is_writable);
	assert_int_equal(result->left[0].holder, 77); /* rather than PID 1 */
	assert_string_equal(processes_name(&s->machine, ctx, 77), "sh (77)");
	assert_true(scripted_find(s, "perform make read-only /oldroot") > 0);
	assert_true(count(s, "settle") > 1); /* a process may be on its way out */
	names = unmount_devices(&s->machine, ctx, result);
	assert_string_equal(names[0], "sda1");
	assert_null(names[1]);
	talloc_free(ctx);
	scripted_free(s);
}

static void test_stuck_is_tried_once(void **state)
{
	struct end e = {.targets = {"/oldroot", "/oldroot/a"}, .stuck = "/oldroot/a"};
	struct scripted *s = machine_new(&e);
	void *ctx = talloc_new(NULL);
	struct unmount_result *result;
	struct err err;

	(void)state;
	assert_int_equal(unmount_all(&s->machine, "/oldroot", ctx, &result, &err), 0);
	assert_int_equal(count(s, "perform unmount /oldroot/a"), 1);
	assert_int_equal(result->count, 1);
	assert_true(result->left[0].is_writable);
	assert_int_equal(scripted_find(s, "perform make read-only"), -1);
	talloc_free(ctx);
	scripted_free(s);
}

static void test_what_lies_ends(void **state)
{
	struct end e = {.targets = {"/oldroot"}, .lies = 1};
	struct scripted *s = machine_new(&e);
	void *ctx = talloc_new(NULL);
	struct unmount_result *result;
	struct err err;

	(void)state;
	assert_int_equal(unmount_all(&s->machine, "/oldroot", ctx, &result, &err), 0);
	assert_int_equal(result->count, 1);
	assert_true(s->log_count < 40);
	talloc_free(ctx);
	scripted_free(s);
}

/* A mapping on an array on a loop device: each can go when what stands on it is gone. */
static int take_apart(struct scripted *s, const char *what)
{
	static const struct {
		const char *what, *needs, *file;
	} steps[] = {
		{"remove the mapping dm-0", NULL, "sys/class/block/dm-0/dm/name"},
		{"stop md0", "sys/class/block/dm-0/dm/name", "sys/class/block/md0/md/array_state"},
		{"detach loop0", "sys/class/block/md0/md/array_state",
			"sys/class/block/loop0/loop/backing_file"},
	};

	for (size_t i = 0; i < 3; i++)
		if (!strcmp(what, steps[i].what)) {
			if (steps[i].needs &&
				faccessat(s->machine.root_fd, steps[i].needs, F_OK, 0) == 0)
				return -EBUSY;
			unlinkat(s->machine.root_fd, steps[i].file, 0);
		}
	return 0;
}

static void test_taken_apart_in_rounds(void **state)
{
	struct scripted *s = scripted_new();
	void *ctx = talloc_new(NULL);
	const char *const *left;
	struct err err;

	(void)state;
	s->performed = take_apart;
	scripted_file(s, "sys/class/block/dm-0/dm/name", "root\n");
	scripted_file(s, "sys/class/block/md0/md/array_state", "clean\n");
	scripted_file(s, "sys/class/block/md1/md/array_state", "clear\n");
	scripted_file(s, "sys/class/block/loop0/loop/backing_file", "/x\n");
	scripted_file(s, "sys/class/block/loop1/size", "0\n");
	scripted_file(s, "sys/class/block/sda/size", "100\n");
	assert_int_equal(detach_all(&s->machine, ctx, &left, &err), 3);
	assert_null(left[0]);
	assert_int_equal(scripted_find(s, "perform stop md1"), -1);
	assert_int_equal(scripted_find(s, "perform detach loop1"), -1);
	/* One that stays is named, and does not keep anybody for ever. */
	s->performed = NULL;
	scripted_file(s, "sys/class/block/dm-0/dm/name", "root\n");
	s->fail_at = s->log_count + 2;
	assert_int_equal(detach_all(&s->machine, ctx, &left, &err), 0);
	assert_non_null(strstr(left[0], "dm-0"));
	talloc_free(ctx);
	scripted_free(s);
}

static int answer(void *argument, struct err *err)
{
	return *(int *)argument ? err_set(err, *(int *)argument, "so it is") : 0;
}

__attribute__((noreturn)) static int never(void *argument, struct err *err)
{
	(void)argument;
	(void)err;
	for (;;)
		pause();
}

__attribute__((noreturn)) static int die(void *argument, struct err *err)
{
	(void)argument;
	(void)err;
	_exit(0);
}

static void test_deadline(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(deadline_run(10000, answer, &(int){0}, &err), 0);
	assert_int_equal(deadline_run(10000, answer, &(int){-EBUSY}, &err), -EBUSY);
	assert_string_equal(err.text, "so it is");
	assert_int_equal(deadline_run(50, never, NULL, &err), -ETIME);
	assert_int_equal(deadline_run(10000, die, NULL, &err), -ECHILD);
}

static void test_verbs(void **state)
{
	static const struct {
		const char *name;
		int jumps;
		enum machine_reboot how;
	} expected[] = {
		{"kexec", JUMPS_ALWAYS, MACHINE_REBOOT_FIRMWARE},
		{"reboot", JUMPS_IF_ASKED, MACHINE_REBOOT_FIRMWARE},
		{"poweroff", JUMPS_NEVER, MACHINE_REBOOT_OFF},
		{"halt", JUMPS_NEVER, MACHINE_REBOOT_HALT},
		{"exit", JUMPS_NEVER, MACHINE_REBOOT_OFF},
		{"soft", JUMPS_IF_ASKED, MACHINE_REBOOT_FIRMWARE},
		{NULL, JUMPS_IF_ASKED, MACHINE_REBOOT_FIRMWARE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		const struct shutdown_verb *verb = shutdown_verb_find(expected[i].name);

		assert_int_equal(verb->jumps, expected[i].jumps);
		assert_int_equal(verb->how, expected[i].how);
	}
}

static void test_beat_of_a_watchdog(void **state)
{
	static const struct {
		uint64_t interval_us;
		int device_s, ms;
	} cases[] = {
		{2000000, 0, 1000},
		{2000000, 30, 1000},
		{600000000, 60, 30000},
		{UINT64_MAX, 30, 15000},
		{UINT64_MAX, 0, 60000},
		{1, 0, 100},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
			shutdown_beat_ms(cases[i].interval_us, cases[i].device_s), cases[i].ms);
}

static void test_request(void **state)
{
	char *argv[] = {"/shutdown", "kexec", "--log-level=6", "--timeout=2500000us", NULL};
	struct shutdown_request r;

	(void)state;
	setenv("MINIMUM_UPTIME_USEC", "15000000", 1);
	unsetenv("SYSTEMD_LUO_SERIALIZE_FD");
	shutdown_request_read(4, argv, &r);
	assert_int_equal(r.timeout_ms, 2500);
	assert_int_equal(r.minimum_uptime_us, 15000000);
	assert_false(r.keeps_descriptors);
	assert_false(r.is_init);
	setenv("SYSTEMD_LUO_SERIALIZE_FD", "5", 1);
	unsetenv("MINIMUM_UPTIME_USEC");
	shutdown_request_read(1, argv, &r);
	assert_string_equal(r.verb->name, "reboot");
	assert_int_equal(r.timeout_ms, PROCESSES_TERM_MS);
	assert_int_equal(r.minimum_uptime_us, 0);
	assert_true(r.keeps_descriptors);
	assert_int_equal(shutdown_time("10"), 10000000);
	assert_int_equal(shutdown_time("10s"), 10000000);
	assert_int_equal(shutdown_time("10ms"), 10000);
	assert_int_equal(shutdown_time("10 m"), 0);
	assert_int_equal(shutdown_time("-1"), 0);
	assert_int_equal(shutdown_time("99999999999999999999"), 0);
	assert_int_equal(shutdown_time(NULL), 0);
}

static void test_firmware_is_wanted(void **state)
{
	static const char name[] =
		"sys/firmware/efi/efivars/OsIndications-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	struct scripted *s = scripted_new();
	int fd;

	(void)state;
	assert_null(firmware_is_wanted(&s->machine));
	scripted_file(s, name, "");
	assert_null(firmware_is_wanted(&s->machine));
	fd = openat(s->machine.root_fd, name, O_WRONLY);
	assert_int_equal(pwrite(fd, "\7\0\0\0\0\0\0\0\0\0\0", 12, 0), 12);
	assert_null(firmware_is_wanted(&s->machine));
	assert_int_equal(pwrite(fd, "\1", 1, 4), 1);
	assert_string_equal(firmware_is_wanted(&s->machine), "its setup was asked for");
	assert_int_equal(pwrite(fd, "\4", 1, 4), 1);
	assert_string_equal(firmware_is_wanted(&s->machine), "an update of the firmware waits");
	assert_int_equal(pwrite(fd, "\0", 1, 4), 1);
	scripted_file(
		s, "sys/firmware/efi/efivars/BootNext-8be4df61-93ca-11d2-aa0d-00e098032b8c", "");
	assert_non_null(strstr(firmware_is_wanted(&s->machine), "BootNext"));
	close(fd);
	assert_int_equal(s->log_count, 0);
	scripted_free(s);
}

/* Dracut's end of a system: `exec --loaded --unattended`. */
static int exec_loaded(struct scripted *s, option_set more)
{
	static const char *const none[] = {NULL};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct session session = {.machine = s->machine, .memory = talloc_new(NULL)};

		session.options = (struct options){.command = "exec",
			.arguments = none,
			.given = OPT_DRY_RUN | OPT_LOADED | more};
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		_exit((int)command_exec(&session));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_unattended_the_firmware_comes_first(void **state)
{
	static const char wanted[] =
		"sys/firmware/efi/efivars/BootNext-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	struct end e = {.targets = {NULL}};
	struct scripted *s = machine_new(&e);

	(void)state;
	scripted_file(s, MOUNTINFO, "1 0 0:2 / / rw - tmpfs stillboot rw\n");
	scripted_file(s, "proc/swaps", "Filename\n");
	scripted_file(s, "proc/sysrq-trigger", "");
	scripted_file(s, "sys/kernel/kexec_loaded", "1\n");
	scripted_file(s, wanted, "");
	assert_int_equal(exec_loaded(s, OPT_UNATTENDED), EXIT_REFUSED);
	assert_int_equal(s->log_count, 0);
	assert_int_equal(exec_loaded(s, 0), EXIT_DONE);
	assert_string_equal(s->log[s->log_count - 1], "reboot kexec");
	s->log_count = 0;
	unlinkat(s->machine.root_fd, wanted, 0);
	assert_int_equal(exec_loaded(s, OPT_UNATTENDED), EXIT_DONE);
	assert_string_equal(s->log[s->log_count - 1], "reboot kexec");
	scripted_free(s);
}

#define TARGET                                                                                     \
	"{\"version\": 2, \"title\": \"x\", \"format\": \"\", \"kernel_size\": 6, "                \
	"\"initrd_size\": 0, \"start_size\": 0, "                                                  \
	"\"handoff_offset\": 0, \"handoff_room\": 0, \"reboot_is_kexec\": %s}"

/* The whole work of one verb, with the effect of this number failing. A captured tree only prints in
 * earnest, so this says that it is a dry run. */
static enum exit_code work(struct scripted *s, const char *verb, int reboot_is_kexec)
{
	static const char *const none[] = {NULL};
	struct session session = {.machine = s->machine,
		.options = {.command = "shutdown", .arguments = none, .given = OPT_DRY_RUN},
		.memory = talloc_new(NULL)};
	const struct shutdown_request request = {.verb = shutdown_verb_find(verb)};
	volatile enum departure_phase phase = DEPARTURE_PIN;
	enum exit_code code;
	char target[512];

	snprintf(target, sizeof(target), TARGET, reboot_is_kexec ? "true" : "false");
	scripted_file(s, EXITRD_TARGET, target);
	scripted_file(s, EXITRD_KERNEL, "kernel");
	scripted_file(s, EXITRD_CMDLINE, "quiet");
	scripted_file(s, "proc/swaps", "Filename\n");
	scripted_file(s, "sys/class/block/loop0/loop/backing_file", "/x\n");
	code = shutdown_work(&session, &request, &phase);
	talloc_free(session.memory);
	return code;
}

static const struct {
	const char *verb;
	int reboot_is_kexec;
	const char *end;
} ends[] = {
	{"kexec", 0, "reboot kexec"},
	{"reboot", 1, "reboot kexec"},
	{"reboot", 0, "reboot firmware"},
	{"poweroff", 1, "reboot off"},
	{"halt", 1, "reboot halt"},
};

static struct scripted *at_the_end(struct end *e)
{
	*e = (struct end){.targets = {"/oldroot", "/oldroot/a"}};
	return machine_new(e);
}

static void test_every_verb_ends_as_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct end e;
		struct scripted *s = at_the_end(&e);

		/* Nothing else is mounted. */
		scripted_file(s, MOUNTINFO,
			"3 1 8:1 / /oldroot rw - ext4 /dev/sda1 rw\n"
			"4 1 8:2 / /oldroot/a rw - ext4 /dev/sda2 rw\n");
		assert_int_equal(work(s, ends[i].verb, ends[i].reboot_is_kexec), EXIT_DONE);
		assert_string_equal(s->log[s->log_count - 1], ends[i].end);
		assert_true(scripted_find(s, "perform unmount /oldroot") >= 0);
		assert_true(scripted_find(s, "perform detach loop0") >
			    scripted_find(s, "perform unmount /oldroot"));
		scripted_free(s);
	}
}

/* Whoever watches restarts the machine when the work says that it failed: so either that, or it ended as
 * it was to, or by the firmware. */
static void test_every_failure_is_told_or_passed_over(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		for (size_t k = 1;; k++) {
			struct end e;
			struct scripted *s = at_the_end(&e);
			enum exit_code code;
			size_t effects;

			s->fail_at = k;
			code = work(s, ends[i].verb, ends[i].reboot_is_kexec);
			effects = s->log_count;
			if (code == EXIT_DONE && effects >= k)
				assert_true(!strcmp(s->log[effects - 1], ends[i].end) ||
					    !strcmp(s->log[effects - 1], "reboot firmware") ||
					    !strncmp(s->log[effects - 1], "write proc/sysrq", 16));
			scripted_free(s);
			if (effects < k)
				break;
		}
	}
}

/* It is not even known what is mounted: switched off is switched off all the same. */
static void test_unmounting_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct end e;
		struct scripted *s = at_the_end(&e);
		const int never = shutdown_verb_find(ends[i].verb)->jumps == JUMPS_NEVER;

		unlinkat(s->machine.root_fd, MOUNTINFO, 0);
		assert_int_equal(work(s, ends[i].verb, ends[i].reboot_is_kexec),
			never ? EXIT_DONE : EXIT_FAILED);
		assert_int_equal(scripted_find(s, "reboot") >= 0, never);
		if (never)
			assert_string_equal(s->log[s->log_count - 1], ends[i].end);
		scripted_free(s);
	}
}

/* Nothing waits for a disk that does not answer, and nobody jumps: whoever watches gets the machine out. */
static void test_a_stuck_disk_is_told_at_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct end e;
		struct scripted *s = at_the_end(&e);

		e.stuck = "/oldroot/a";
		assert_int_equal(work(s, ends[i].verb, ends[i].reboot_is_kexec), EXIT_FAILED);
		assert_int_equal(count(s, "perform unmount /oldroot/a"), 1);
		assert_int_equal(scripted_find(s, "perform write all data"), -1);
		assert_int_equal(scripted_find(s, "sync"), -1);
		assert_int_equal(scripted_find(s, "reboot"), -1);
		scripted_free(s);
	}
}

/* And whoever watches does not make a restart of it. */
static void test_what_failed_ends_as_it_was_asked(void **state)
{
	static const struct {
		const char *verb;
		int rc;
		enum departure_phase phase;
		const char *log[4];
	} cases[] = {
		{"kexec", -ECHILD, DEPARTURE_HOLD,
			{"reboot firmware", "write proc/sysrq-trigger b"}},
		{"kexec", -ECHILD, DEPARTURE_QUIESCE, {"write proc/sysrq-trigger b"}},
		{"reboot", -ETIME, DEPARTURE_PIN, {"write proc/sysrq-trigger b"}},
		{"poweroff", -ECHILD, DEPARTURE_PIN,
			{"reboot off", "write proc/sysrq-trigger o", "settle 30000",
				"write proc/sysrq-trigger b"}},
		{"poweroff", -ETIME, DEPARTURE_PIN,
			{"reboot off", "write proc/sysrq-trigger o", "settle 30000",
				"write proc/sysrq-trigger b"}},
		{"halt", -ECHILD, DEPARTURE_PIN, {"reboot halt"}},
		{"halt", -ETIME, DEPARTURE_PIN, {"reboot halt"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scripted *s = scripted_new();
		volatile enum departure_phase phase = cases[i].phase;
		struct watcher w = {.session = {.machine = s->machine},
			.request = {.verb = shutdown_verb_find(cases[i].verb)},
			.phase = &phase,
			.watchdog = -1,
			.watchdog_ms = 100};
		size_t n = 0;

		shutdown_get_out(&w, cases[i].rc);
		for (; n < 4 && cases[i].log[n]; n++)
			assert_string_equal(s->log[n], cases[i].log[n]);
		assert_int_equal(s->log_count, n);
		scripted_free(s);
	}
}

#define SETTLED "settle 77"

static void settle(void *argument)
{
	struct scripted *s = argument;

	s->machine.effects->settle(&s->machine, 77, NULL);
}

/* In a child: it leaves its session and its signals blocked. */
static void leave(struct scripted *s)
{
	struct session session = {.machine = s->machine, .memory = talloc_new(NULL)};
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		leave_now(&session, settle, s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	talloc_free(session.memory);
}

static struct scripted *about_to_leave(struct end *e)
{
	struct scripted *s = at_the_end(e);

	scripted_file(s, "proc/sysrq-trigger", "");
	scripted_file(s, EXITRD_DIRECTORY "/" EXITRD_TARGET, "");
	return s;
}

static void test_leaving_in_order(void **state)
{
	static const char *const order[] = {
		"perform make /dev, /proc, /sys and /run appear in the exitrd",
		"perform stop PID 1",
		SETTLED,
		"perform end all processes",
		"perform write all data to the disks",
		"perform unmount /oldroot/a",
		"perform move into the exitrd",
	};
	struct end e;
	struct scripted *s = about_to_leave(&e);
	int last = -1;

	(void)state;
	leave(s);
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		int at = scripted_find(s, order[i]);

		assert_true(at > last);
		last = at;
	}
	scripted_free(s);
	/* Without an exitrd nothing is done. */
	s = about_to_leave(&e);
	unlinkat(s->machine.root_fd, EXITRD_DIRECTORY "/" EXITRD_TARGET, 0);
	leave(s);
	assert_int_equal(s->log_count, 0);
	scripted_free(s);
}

/* A failure before processes are ended is the end of it; none after it leaves the machine standing. */
static void test_leaving_always_goes_somewhere(void **state)
{
	size_t effects = SIZE_MAX;

	(void)state;
	for (size_t k = 1; k <= effects; k++) {
		struct end e;
		struct scripted *s = about_to_leave(&e);
		const char *end;

		s->fail_at = k;
		leave(s);
		effects = s->log_count;
		end = s->log[effects - 1];
		if (scripted_find(s, "perform end all processes") < 0)
			assert_int_equal(effects, 1);
		else if (strncmp(s->log[k - 1], "perform move", 12))
			assert_string_equal(end, "perform move into the exitrd");
		else
			assert_string_equal(end, "write proc/sysrq-trigger b");
		scripted_free(s);
	}
}

/* PID 1 could not tell it any more that it lives. */
static void test_a_watchdog_of_init_is_left_to_it(void **state)
{
	static const struct {
		const char *node, *state;
		int leaves;
	} cases[] = {
		{"/dev/null", "active\n", 1}, {"/dev/watchdog0", "active\n", 0},
		{"/dev/watchdog", "active\n", 0}, {"/dev/watchdog0", "inactive\n", 1},
		{"/dev/watchdog1", "inactive\n", 0}, /* of which nothing is known */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct end e;
		struct scripted *s = about_to_leave(&e);

		scripted_link(s, "proc/1/fd/3", "socket:[1]");
		scripted_link(s, "proc/1/fd/4", cases[i].node);
		scripted_file(s, "sys/class/watchdog/watchdog0/state", cases[i].state);
		leave(s);
		assert_int_equal(s->log_count > 0, cases[i].leaves);
		scripted_free(s);
	}
}

static void test_a_dry_run_only_tells(void **state)
{
	struct end e;
	struct scripted *s = about_to_leave(&e);
	const struct machine real = s->machine;
	void *ctx = talloc_new(NULL);

	(void)state;
	assert_int_equal(machine_make_dryrun(&s->machine, ctx, NULL), 0);
	leave(s);
	s->machine = real;
	assert_int_equal(s->log_count, 0);
	talloc_free(ctx);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_innermost_first),
		cmocka_unit_test(test_busy_becomes_read_only),
		cmocka_unit_test(test_stuck_is_tried_once),
		cmocka_unit_test(test_what_lies_ends),
		cmocka_unit_test(test_taken_apart_in_rounds),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_verbs),
		cmocka_unit_test(test_beat_of_a_watchdog),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_firmware_is_wanted),
		cmocka_unit_test(test_unattended_the_firmware_comes_first),
		cmocka_unit_test(test_every_verb_ends_as_it_says),
		cmocka_unit_test(test_every_failure_is_told_or_passed_over),
		cmocka_unit_test(test_unmounting_fails),
		cmocka_unit_test(test_a_stuck_disk_is_told_at_once),
		cmocka_unit_test(test_what_failed_ends_as_it_was_asked),
		cmocka_unit_test(test_leaving_in_order),
		cmocka_unit_test(test_leaving_always_goes_somewhere),
		cmocka_unit_test(test_a_watchdog_of_init_is_left_to_it),
		cmocka_unit_test(test_a_dry_run_only_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
