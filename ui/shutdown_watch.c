// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/shutdown_watch.h"

#include <errno.h>
#include <linux/watchdog.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "boot/jump.h"
#include "boot/leave/firmware.h"
#include "devices/clock.h"
#include "devices/log.h"

#define LEAVE_MS (2 * 60 * 1000) /* for drivers' shutdown() */

#define BEAT_MAX_MS 60000
#define BEAT_MIN_MS 100

int shutdown_beat_ms(uint64_t interval_us, int device_s)
{
	uint64_t ms = interval_us / 2000;

	if (device_s > 0 && (uint64_t)device_s * 500 < ms)
		ms = (uint64_t)device_s * 500;
	if (ms < BEAT_MIN_MS)
		return BEAT_MIN_MS;
	return ms > BEAT_MAX_MS ? BEAT_MAX_MS : (int)ms;
}

void shutdown_keep_reason(struct machine *m, const char *reason)
{
	char line[ERR_TEXT_MAX + 32];

	snprintf(line, sizeof(line), "stillboot: %s\n", reason);
	if (faccessat(m->root_fd, "dev/pmsg0", W_OK, 0) == 0)
		m->effects->write_attr(m, "dev/pmsg0", line, NULL);
	m->effects->klog(m, LOG_WARN, reason);
}

/* Every child that ends is reaped; *status is this one's. 1 if it was among them. */
static int reap(pid_t pid, int *status)
{
	int one, found = 0;

	for (pid_t ended; (ended = waitpid(-1, &one, WNOHANG)) > 0;)
		if (ended == pid) {
			*status = one;
			found = 1;
		}
	return found;
}

int shutdown_watch(struct watcher *w, shutdown_part *do_it, unsigned int ms)
{
	const struct timespec beat = {
		.tv_sec = w->watchdog_ms / 1000, .tv_nsec = w->watchdog_ms % 1000 * 1000000L};
	uint64_t deadline_us = clock_now_us() + (uint64_t)ms * 1000;
	sigset_t child;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(do_it(w));
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	while (!reap(pid, &status)) {
		if (clock_now_us() >= deadline_us)
			return -ETIME;
		if (w->watchdog >= 0)
			ioctl(w->watchdog, WDIOC_KEEPALIVE, 0);
		sigtimedwait(&child, NULL, &beat);
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE ? 0 : -ECHILD;
}

static enum exit_code leave(struct watcher *w)
{
	struct machine *m = &w->session.machine;
	enum machine_reboot how = w->request.verb->how;
	struct err err;
	int rc = how == MACHINE_REBOOT_FIRMWARE ? firmware_restart(m, &err)
						: m->effects->reboot(m, how, &err);

	return rc < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}

static enum exit_code switch_off(struct watcher *w)
{
	struct err err;

	return jump_off(&w->session.machine, &err) < 0 ? command_fail(EXIT_FAILED, &err)
						       : EXIT_DONE;
}

void shutdown_get_out(struct watcher *w, int rc)
{
	static const char *const words[] = {
		[MACHINE_REBOOT_KEXEC] = "restarting",
		[MACHINE_REBOOT_FIRMWARE] = "restarting through the firmware",
		[MACHINE_REBOOT_OFF] = "switching off",
		[MACHINE_REBOOT_HALT] = "halting",
	};
	struct machine *m = &w->session.machine;
	enum machine_reboot how = w->request.verb->how;

	if (rc == -ETIME)
		shutdown_keep_reason(m, "the end of the system takes too long");
	/* With a step that hangs, or may, the emergency restart is the only one that does not wait for it. */
	if (how != MACHINE_REBOOT_FIRMWARE || (rc != -ETIME && *w->phase < DEPARTURE_QUIESCE)) {
		log_error("%s", words[how]);
		shutdown_watch(w, leave, LEAVE_MS);
	}
	if (how == MACHINE_REBOOT_HALT)
		return;
	if (how == MACHINE_REBOOT_OFF) {
		log_error("switching off without waiting for drivers");
		shutdown_watch(w, switch_off, LEAVE_MS);
	}
	log_error("emergency restart");
	jump_out(m, JUMP_HANG_RESTART, NULL);
}
