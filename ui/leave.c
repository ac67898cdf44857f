// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/leave.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "boot/jump.h"
#include "boot/leave/enter.h"
#include "boot/leave/exitrd.h"
#include "boot/leave/firmware.h"
#include "boot/leave/processes.h"
#include "boot/leave/unmount.h"
#include "devices/log.h"
#include "ui/shutdown.h"
#include "ui/stilling.h"

/* The terminal goes with the shell that runs on it. */
static void survive_the_terminal(struct machine *m)
{
	stilling_block_signals();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	if (m->effects->pretends)
		return;
	setsid();
	shutdown_take_console(m);
}

/* What can be found out before anything is done. */
static enum exit_code check(struct session *s)
{
	struct err err;

	if (!s->machine.effects->pretends && exitrd_owner(&s->machine) != EXITRD_OURS) {
		err_set(&err, -ENOENT, "there is no exitrd of stillboot's on /%s",
			EXITRD_DIRECTORY);
		return command_fail(EXIT_FAILED, &err);
	}
	if (jump_check(&s->machine, JUMP_FORCE, &err) < 0)
		return command_fail(EXIT_REFUSED, &err);
	return EXIT_DONE;
}

/* Processes are ended: there is only one way. */
static enum exit_code restart(struct session *s, const struct err *why)
{
	struct err err;

	command_fail(EXIT_FAILED, why);
	log_error("restarting through the firmware");
	s->machine.effects->sync(&s->machine, NULL);
	if (firmware_restart(&s->machine, &err) < 0)
		command_fail(EXIT_FAILED, &err);
	jump_out(&s->machine, JUMP_HANG_RESTART, NULL);
	return EXIT_FAILED;
}

/* Those on disks are done here, since the first initramfs as a root hides what is mounted in it. */
static void unmount(struct session *s)
{
	struct unmount_result *result;
	struct err err;

	if (unmount_all(&s->machine, NULL, s->memory, &result, &err) < 0)
		log_warn("%s", err.text);
}

enum exit_code leave_now(struct session *s)
{
	static const char *const argv[] = {"/" EXITRD_PROGRAM, "kexec", NULL};
	struct machine *m = &s->machine;
	enum exit_code code = check(s);
	struct err err;

	if (code != EXIT_DONE)
		return code;
	if (enter_prepare(m, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	survive_the_terminal(m);
	if (processes_freeze_init(m, &err) < 0)
		log_warn("%s: the disk of the root filesystem is left as it is", err.text);
	log_info("ending all processes");
	if (processes_end(m, PROCESSES_TERM_MS, &err) < 0)
		log_warn("%s", err.text);
	if (m->effects->sync(m, &err) < 0)
		return restart(s, &err);
	unmount(s);
	return enter_go(m, argv, &err) < 0 ? restart(s, &err) : EXIT_DONE;
}
