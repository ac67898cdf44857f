// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that watches (shutdown_watch.c); shutdown_work.c is the one that works. */
#include "ui/shutdown.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "boot/leave/exitrd.h"
#include "devices/cleanup.h"
#include "devices/clock.h"
#include "devices/log.h"
#include "ui/shutdown_watch.h"

#define WORK_MS (15 * 60 * 1000) /* far above all deadlines of its steps */
#define PANIC_S "10"

int shutdown_is_meant(void)
{
	return access("/" EXITRD_TARGET, F_OK) == 0;
}

void shutdown_take_console(struct machine *m)
{
	_cleanup_fd_ int fd = openat(m->root_fd, "dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);

	for (int i = STDIN_FILENO; fd >= 0 && i <= STDERR_FILENO; i++)
		dup2(fd, i);
}

void shutdown_log_to_console(struct machine *m)
{
	int fd = openat(m->root_fd, "dev/console", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		log_setup(fd, fd, LOG_INFO);
}

/* It was left running, for us to go on telling it (systemd's KExecWatchdogSec= and RebootWatchdogSec=). */
static void open_watchdog(struct watcher *w)
{
	const char *us = getenv("WATCHDOG_USEC"), *device = getenv("WATCHDOG_DEVICE");
	unsigned long long interval_us = us ? strtoull(us, NULL, 10) : 0;
	int device_s = 0;

	w->watchdog = -1;
	if (!interval_us)
		return;
	if (!device || *device != '/')
		device = "/dev/watchdog0";
	w->watchdog = openat(w->session.machine.root_fd, device + 1, O_WRONLY | O_CLOEXEC);
	if (w->watchdog >= 0 && ioctl(w->watchdog, WDIOC_GETTIMEOUT, &device_s) < 0)
		device_s = 0;
	w->watchdog_ms = shutdown_beat_ms(interval_us, device_s);
	/* systemd hands down its interval on machines without a watchdog, too. */
	if (w->watchdog < 0 && errno != ENOENT)
		log_warn("open %s: %s; it will restart the machine", device, strerror(errno));
}

/* Its machine is nobody's toy any more; and where it dies, it restarts. */
static void prepare(struct watcher *w)
{
	struct machine *m = &w->session.machine;
	_cleanup_talloc_ char *panic = NULL;

	if (machine_read_file(m, NULL, "proc/sys/kernel/panic", 64, &panic, NULL) == 0 &&
		!strcmp(panic, "0"))
		m->effects->write_attr(m, "proc/sys/kernel/panic", PANIC_S, NULL);
	m->effects->write_attr(m, "proc/sys/kernel/ctrl-alt-del", "0", NULL);
	open_watchdog(w);
}

static enum exit_code work(struct watcher *w)
{
	enum exit_code code;

	log_wait(SHUTDOWN_CONSOLE_MS); /* a slow console loses no line */
	if (w->watchdog >= 0)
		close(w->watchdog);
	code = shutdown_work(&w->session, &w->request, w->phase);
	if (code != EXIT_DONE)
		shutdown_keep_reason(&w->session.machine, log_last_error());
	return code;
}

/* What somebody sent to what ran before us is forgotten, and nobody has anything more to tell us; only
 * SIGCHLD is asked for. */
static void make_quiet(void)
{
	sigset_t child;

	for (int s = 1; s < SIGRTMAX; s++)
		if (s != SIGCHLD)
			signal(s, SIG_IGN);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_SETMASK, &child, NULL);
}

static enum exit_code begin(struct watcher *w)
{
	static const char *const no_arguments[] = {NULL};
	struct err err;

	if (machine_open(&w->session.machine, NULL, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	shutdown_take_console(&w->session.machine);
	/* One that takes nothing must not keep the watcher from restarting the machine. */
	shutdown_log_to_console(&w->session.machine);
	w->session.memory = talloc_new(NULL);
	w->session.began_us = clock_wall_us();
	w->session.options = (struct options){.command = "shutdown", .arguments = no_arguments};
	w->phase = mmap(
		NULL, sizeof(*w->phase), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return w->session.memory && w->phase != MAP_FAILED ? EXIT_DONE : EXIT_FAILED;
}

int shutdown_main(int argc, char **argv)
{
	struct watcher w = {.watchdog = -1, .watchdog_ms = 1000};
	int rc;

	make_quiet();
	/* What was handed down (from systemd 258 on all that services gave into its keeping) holds the old root:
	 * a socket, say, the mount that its name lies on. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	shutdown_request_read(argc, argv, &w.request);
	if (begin(&w) == EXIT_DONE) {
		prepare(&w);
		rc = shutdown_watch(
			&w, work, WORK_MS + (unsigned int)(w.request.minimum_uptime_us / 1000));
		/* What ended well was switched off or halted, by another processor than ours. */
		if (rc < 0 || w.request.verb->how == MACHINE_REBOOT_FIRMWARE)
			shutdown_get_out(&w, rc);
	} else {
		machine_linux_effects.reboot(&w.session.machine, w.request.verb->how, NULL);
	}
	for (;;)
		pause();
}
