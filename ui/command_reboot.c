// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "boot/leave/firmware.h"
#include "boot/service/systemd.h"
#include "devices/log.h"
#include "ui/attempt.h"
#include "ui/leave.h"
#include "ui/lock.h"
#include "ui/plan_show.h"
#include "ui/preload.h"
#include "ui/refusal.h"
#include "ui/stilling.h"
#include "ui/wall.h"
#include "ui/when.h"

#define HOOK "usr/lib/systemd/system-shutdown/stillboot"

static int has(const struct session *s, option_set option)
{
	return (s->options.given & option) != 0;
}

static enum exit_code check_options(const struct session *s)
{
	static const struct {
		option_set option, without;
		const char *why;
	} odd[] = {
		{OPT_NOW, OPT_WAIT, "--now does not come back in any case: leave --wait out"},
		{OPT_WHEN, OPT_WAIT, "--when has somebody else do it: leave --wait out"},
		{OPT_MESSAGE, OPT_NO_WALL, "--message or --no-wall, not both"},
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		if (has(s, odd[i].option) && has(s, odd[i].without)) {
			log_error("%s", odd[i].why);
			return EXIT_USAGE;
		}
	return EXIT_DONE;
}

/* Who would carry it out, and does somebody object? */
static enum exit_code check_way(struct session *s)
{
	const char *firmware = firmware_is_wanted(&s->machine);
	struct err err;

	if (firmware) {
		log_error("the firmware comes first: %s; `reboot` goes there", firmware);
		return EXIT_REFUSED;
	}
	if (!systemd_runs(&s->machine)) {
		if (has(s, OPT_NOW) && !has(s, OPT_WHEN))
			return EXIT_DONE;
		log_error("no systemd runs here: --now stops all processes itself");
		return EXIT_REFUSED;
	}
	if (!has(s, OPT_WHEN | OPT_FORCE) && systemd_is_inhibited(&s->machine, &err))
		return command_fail(EXIT_REFUSED, &err);
	return EXIT_DONE;
}

/* Somebody else's exitrd is his to end in. */
static enum exit_code check_exitrd(struct session *s)
{
	if (exitrd_owner(&s->machine) != EXITRD_FOREIGN)
		return EXIT_DONE;
	if (has(s, OPT_NOW)) {
		log_error("/%s is somebody else's, and --now ends in there: reboot without it",
			EXITRD_DIRECTORY);
		return EXIT_REFUSED;
	}
	if (faccessat(s->machine.root_fd, HOOK, X_OK, 0) == 0)
		log_warn("/%s is somebody else's: the hook of the shutdown is used instead, which "
			 "leaves the root disk as it is",
			EXITRD_DIRECTORY);
	else
		log_warn("/%s is somebody else's, and the hook /%s is not installed: no device "
			 "will be stilled",
			EXITRD_DIRECTORY, HOOK);
	return EXIT_DONE;
}

/* As systemctl does it where there is no logind. */
static int start_target(struct session *s, struct err *err)
{
	static const char *const start[] = {"systemctl", "start", "kexec.target",
		"--job-mode=replace-irreversibly", "--no-block", NULL};

	if (!has(s, OPT_NO_WALL))
		wall_tell(s, s->options.message ? s->options.message : "this machine restarts now");
	return s->machine.effects->run(&s->machine, start, err);
}

/* kexec-tools are not needed: what they would load is loaded, and they do not jump either. From 257 on
 * logind has polkit decide whether even root may pass by who objects, which means no where there is no
 * polkit (src/login/logind-dbus.c, verify_shutdown_creds()): then it is passed by. */
static int ask_systemd(struct session *s, struct err *err)
{
	const char *argv[8] = {"systemctl", "kexec"};
	struct err objection;
	size_t argc = 2;
	int rc;

	if (has(s, OPT_FORCE))
		argv[argc++] = "-i";
	if (has(s, OPT_NO_WALL))
		argv[argc++] = "--no-wall";
	if (s->options.message) {
		argv[argc] = talloc_asprintf(s->memory, "--message=%s", s->options.message);
		if (!argv[argc++])
			return err_errno(err, -ENOMEM, "ask systemd");
	}
	rc = s->machine.effects->run(&s->machine, argv, err);
	return rc < 0 && has(s, OPT_FORCE) && systemd_is_inhibited(&s->machine, &objection)
		       ? start_target(s, err)
		       : rc;
}

static enum exit_code give_up(struct preloaded *p, enum exit_code code, const struct err *err)
{
	preload_undo(p);
	return command_fail(code, err);
}

/* Signals are obeyed again, that of the shutdown among them. */
static void wait_for_the_end(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (;;)
		pause();
}

static enum exit_code by_systemd(struct session *s, struct preloaded *p)
{
	struct err err;

	attempt_write(s, &p->record);
	if (stilling_interrupted()) {
		err_set(&err, -EINTR, "interrupted: no kernel is left loaded");
		return give_up(p, EXIT_FAILED, &err);
	}
	if (ask_systemd(s, &err) < 0) /* somebody may object by now */
		return give_up(p,
			!has(s, OPT_FORCE) && systemd_is_inhibited(&s->machine, &err) ? EXIT_REFUSED
										      : EXIT_FAILED,
			&err);
	preload_commit(s, p);
	preload_settle(p);
	lock_release(s); /* the service looks after it while it is stopped */
	if (has(s, OPT_WAIT) && !s->machine.effects->pretends)
		wait_for_the_end();
	return EXIT_DONE;
}

/* The keeper would be one of the processes that are ended. */
static void settle(void *argument)
{
	struct preloaded *p = argument;

	preload_commit(p->session, p);
	preload_settle(p);
}

static enum exit_code by_ourselves(struct session *s, struct preloaded *p)
{
	enum exit_code code;
	struct err err;

	attempt_write(s, &p->record);
	if (!has(s, OPT_NO_WALL))
		wall_tell(s, s->options.message ? s->options.message : "this machine restarts now");
	if (stilling_interrupted()) {
		err_set(&err, -EINTR, "interrupted: no kernel is left loaded");
		return give_up(p, EXIT_FAILED, &err);
	}
	code = leave_now(s, settle, p);
	if (code != EXIT_DONE)
		preload_undo(p);
	return code;
}

static enum exit_code plan_it(struct session *s)
{
	struct still_plan plan;
	enum exit_code code;
	struct when when;
	struct err err;
	int rc;

	if (when_parse(s->options.when, time(NULL), &when, &err) < 0)
		return command_fail(EXIT_USAGE, &err);
	code = when.what == WHEN_CANCEL ? refusal_check(s)
					: preload_check(s, RECORD_BY_REBOOT, &plan);
	if (code == EXIT_DONE)
		code = check_way(s);
	if (code != EXIT_DONE)
		return code;
	rc = when.what == WHEN_CANCEL ? when_cancel(s, &err) : when_schedule(s, &when, &err);
	return rc < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}

enum exit_code command_reboot(struct session *s)
{
	enum exit_code code = check_options(s);
	struct preloaded p;
	struct err err;

	signal(SIGPIPE, SIG_IGN); /* a pager that was left must not leave a kernel loaded */
	if (code != EXIT_DONE)
		return code;
	if (has(s, OPT_WHEN))
		return plan_it(s);
	code = preload_check(s, RECORD_BY_REBOOT, &p.plan);
	if (code == EXIT_DONE)
		code = check_way(s);
	if (code == EXIT_DONE)
		code = check_exitrd(s);
	if (code != EXIT_DONE)
		return code;
	if (preload(s, RECORD_BY_REBOOT, &p, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	target_print(&p.target);
	if (has(s, OPT_DRY_RUN))
		plan_print(&p.plan, 0, stdout);
	return has(s, OPT_NOW) ? by_ourselves(s, &p) : by_systemd(s, &p);
}
