// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "boot/crash/dump.h"
#include "boot/jump.h"
#include "boot/leave/firmware.h"
#include "devices/clock.h"
#include "devices/log.h"
#include "ui/crash.h"
#include "ui/print.h"
#include "ui/refusal.h"

#define BAR 40         /* columns */
#define STEP 100       /* permille between two lines where there is no terminal */
#define LOOK_US 200000 /* between two looks of a bar */
#define LEAVE_MS 60000 /* for drivers' shutdown() */

/* How far it is, as a bar on a terminal, as lines elsewhere. */
struct bar {
	int on_terminal;
	char what[64];
	unsigned int told; /* permille, next to be told where there are lines */
	uint64_t at_us;    /* of the last look */
	int is_open;       /* the cursor is behind a bar */
};

static void draw(struct bar *b, const struct dump_progress *p)
{
	char bar[BAR + 1], what[sizeof(p->what)];
	size_t full = p->permille * BAR / 1000;

	memset(bar, '#', full);
	memset(bar + full, '.', BAR - full);
	bar[BAR] = '\0';
	printf("\r%-28.28s [%s] %3u %%", print_escape(what, sizeof(what), p->what), bar,
		p->permille / 10);
	fflush(stdout);
	b->is_open = 1;
}

static void show(void *ctx, const struct dump_progress *p)
{
	struct bar *b = ctx;
	const uint64_t now = clock_now_us();
	const int is_new = strcmp(b->what, p->what) != 0;

	if (is_new)
		b->told = 0;
	snprintf(b->what, sizeof(b->what), "%s", p->what);
	if (b->on_terminal && (is_new || p->permille == 1000 || now - b->at_us >= LOOK_US)) {
		draw(b, p);
		b->at_us = now;
	} else if (!b->on_terminal && p->permille >= b->told) {
		print_text(stdout, p->what, 0);
		printf(": %u %%\n", p->permille / 10);
		b->told = p->permille / STEP * STEP + STEP;
	}
}

static int start_shell(void *argument, struct err *err)
{
	struct machine *m = argument;
	pid_t pid = fork();

	if (pid < 0)
		return err_errno(err, -errno, "start a shell");
	if (pid == 0) {
		int fd = isatty(STDIN_FILENO) ? -1 : openat(m->root_fd, "dev/console", O_RDWR);

		if (fd >= 0) {
			setsid();
			ioctl(fd, TIOCSCTTY, 1);
			for (int to = STDIN_FILENO; to <= STDERR_FILENO; to++)
				dup2(fd, to);
		}
		execl("/bin/sh", "sh", (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static const struct then {
	const char *name;
	enum machine_reboot how;
	int shell; /* where saving failed, before it */
} thens[] = {
	{"reboot", MACHINE_REBOOT_FIRMWARE, 0},
	{"poweroff", MACHINE_REBOOT_OFF, 0},
	{"shell", MACHINE_REBOOT_FIRMWARE, 1},
};

#define THENS (sizeof(thens) / sizeof(*thens))

static const struct then *find_then(const char *name)
{
	for (size_t i = 0; i < THENS; i++)
		if (!strcmp(thens[i].name, name))
			return &thens[i];
	return NULL;
}

/* Never reboot() in our own process: a driver's probe() or a step of preinit that hangs holds its device, for
 * which reboot() waits, and so would everybody after us. */
static void go(struct machine *m, enum machine_reboot how)
{
	struct err err;

	if (m->effects->pretends)
		m->effects->reboot(m, how, &err);
	else if (how == MACHINE_REBOOT_OFF)
		firmware_off_within(m, LEAVE_MS);
	else
		firmware_restart_within(m, LEAVE_MS);
}

/* The end of a crash kernel: what is on disks is written out, nothing is shut down. Returns when the
 * machine does not want to go. */
static void leave(struct session *s, const struct then *then, enum exit_code code)
{
	struct machine *m = &s->machine;
	struct err err;

	if (then->shell && code != EXIT_DONE) {
		log_warn("a shell, because saving the dump failed; its end restarts the machine");
		if (m->effects->perform(m, "start a shell on the console", start_shell, m, &err) <
			0)
			log_warn("%s", err.text);
	}
	fflush(stdout);
	/* A disk that takes nothing any more must not hold up the restart. */
	if (jump_settle_disks(m, JUMP_FORCE, &err) < 0)
		log_warn("%s", err.text);
	go(m, then->how);
}

static char *stamp(void *ctx)
{
	time_t now = time(NULL);
	char text[32] = "unknown";
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm);
	return talloc_strdup(ctx, text);
}

static enum exit_code save_to_place(struct session *s, struct dump *d)
{
	struct bar bar = {.on_terminal = isatty(STDOUT_FILENO)};
	const char *verb = s->options.given & OPT_DRY_RUN ? "would be saved" : "saved";
	char line[ERR_TEXT_MAX];
	struct err err;
	int rc;

	d->watch = show;
	d->ctx = &bar;
	rc = dump_save(d, s->memory, &err);
	if (bar.is_open)
		putchar('\n');
	if (d->has_messages) {
		printf("the kernel's messages are %s in ", verb);
		print_text(stdout, d->saved_to, 0);
		putchar('\n');
	}
	if (rc < 0) {
		log_error("%s: the dump is not saved", print_escape(line, sizeof(line), err.text));
		return EXIT_FAILED;
	}
	printf("the dump is %s in ", verb);
	print_text(stdout, d->saved_to, 0);
	putchar('\n');
	return EXIT_DONE;
}

static enum exit_code save(struct session *s)
{
	const struct options *o = &s->options;
	struct dump d = {
		.m = &s->machine,
		.stamp = stamp(s->memory),
		.arguments = o->makedumpfile ? o->makedumpfile : DUMP_DEFAULT_ARGUMENTS,
	};
	struct err err;

	if (crash_place_parse(s->memory, o->to ? o->to : DUMP_DEFAULT_FOLDER, &d.place, &err) < 0)
		return command_fail(EXIT_USAGE, &err);
	if (!dump_is_there(&s->machine)) {
		log_error("this is no crash kernel: there is no %s/proc/vmcore to save",
			s->machine.root);
		return EXIT_REFUSED;
	}
	d.place.key = o->key_file;
	return save_to_place(s, &d);
}

enum exit_code crash_save(struct session *s)
{
	const struct options *o = &s->options;
	const struct then *then = o->then ? find_then(o->then) : NULL;
	enum exit_code code;

	if (o->then && !then) {
		log_error("--then is reboot, poweroff or shell, not '%s'", o->then);
		return EXIT_USAGE;
	}
	code = refusal_check_machine(s);
	if (code != EXIT_DONE)
		return code;
	code = save(s);
	if (then && dump_is_there(&s->machine))
		leave(s, then, code);
	return code;
}
