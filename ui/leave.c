// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/leave.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "boot/jump.h"
#include "boot/leave/disks.h"
#include "boot/leave/enter.h"
#include "boot/leave/exitrd.h"
#include "boot/leave/firmware.h"
#include "boot/leave/processes.h"
#include "boot/leave/watchdog.h"
#include "boot/service/configuration.h"
#include "devices/log.h"
#include "ui/shutdown.h"
#include "ui/stilling.h"

#define RESTART_MS (2 * 60 * 1000) /* for drivers' shutdown() */

/* The terminal goes with the shell that runs on it. */
static void survive_the_terminal(struct machine *m)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	if (m->effects->pretends)
		return;
	setsid();
	shutdown_take_console(m);
	shutdown_log_to_console(m);
	log_wait(SHUTDOWN_CONSOLE_MS);
}

/* What can be found out before anything is done. */
static enum exit_code check(struct session *s)
{
	const char *watchdog;
	struct err err;

	if (!s->machine.effects->pretends && exitrd_owner(&s->machine) != EXITRD_OURS) {
		err_set(&err, -ENOENT, "there is no exitrd of stillboot's on /%s",
			EXITRD_DIRECTORY);
		return command_fail(EXIT_FAILED, &err);
	}
	if (jump_check(&s->machine, JUMP_FROM_EXITRD, &err) < 0)
		return command_fail(EXIT_REFUSED, &err);
	watchdog = watchdog_of_init(&s->machine, s->memory);
	if (!watchdog)
		return EXIT_DONE;
	log_error("%s restarts the machine when PID 1 stops telling it that it lives, and --now "
		  "stops PID 1: reboot without --now",
		watchdog);
	return EXIT_REFUSED;
}

/* Processes are ended: there is only one way, and nobody is there to watch it. */
static enum exit_code restart(struct session *s, const struct err *why)
{
	command_fail(EXIT_FAILED, why);
	firmware_restart_within(&s->machine, RESTART_MS);
	return EXIT_FAILED;
}

/* Those on disks are done here, since the first initramfs as a root hides what is mounted in it. */
static void give_up_disks(struct session *s)
{
	struct disks_left left;
	struct err err;

	if (disks_give_up(&s->machine, NULL, s->memory, &left, &err) < 0)
		log_warn("%s", err.text);
}

/* All that can be undone. */
static int hold(struct machine *m, struct err *err)
{
	struct err why;
	int rc;

	stilling_block_signals();
	rc = enter_prepare(m, err);
	if (rc < 0)
		return rc;
	if (processes_freeze_init(m, &why) < 0)
		log_warn("%s: the disk of the root filesystem is left as it is", why.text);
	if (!stilling_interrupted())
		return 0;
	/* What is undone now may ask PID 1 for something. */
	processes_thaw_init(m);
	return err_set(err, -EINTR, "interrupted: nothing was ended");
}

/* What is wrong with the configuration has been told before. */
static unsigned int term_ms(struct session *s)
{
	struct configuration c = CONFIGURATION_BUILTIN;

	configuration_read(&s->machine, s->memory, &c, NULL);
	return c.timeout_s * 1000;
}

enum exit_code leave_now(struct session *s, leave_settle *settle, void *argument)
{
	static const char *const argv[] = {"/" EXITRD_PROGRAM, "kexec", NULL};
	struct machine *m = &s->machine;
	enum exit_code code = check(s);
	struct err err;

	if (code != EXIT_DONE)
		return code;
	if (hold(m, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	survive_the_terminal(m);
	settle(argument);
	log_info("ending all processes");
	if (processes_end(m, term_ms(s), &err) < 0)
		log_warn("%s", err.text);
	if (unmount_sync(m, &err) < 0)
		log_warn("%s", err.text);
	give_up_disks(s);
	return enter_go(m, argv, &err) < 0 ? restart(s, &err) : EXIT_DONE;
}
