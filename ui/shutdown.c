// SPDX-License-Identifier: GPL-2.0-or-later
/* The process that watches; shutdown_work.c is the one that works. */
#include "ui/shutdown.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "boot/jump.h"
#include "boot/leave/exitrd.h"
#include "boot/leave/firmware.h"
#include "devices/cleanup.h"
#include "devices/clock.h"
#include "devices/log.h"
#include "ui/shutdown_work.h"

#define WORK_MS (15 * 60 * 1000)   /* far above all deadlines of its steps */
#define RESTART_MS (2 * 60 * 1000) /* for drivers' shutdown() */
#define PANIC_S "10"

struct watcher {
	struct session session;
	struct shutdown_request request;
	volatile enum departure_phase *phase; /* shared with the worker */
	int watchdog;                         /* -1 for none */
	int watchdog_ms;                      /* how often it is told that we live */
};

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

/* A console that takes nothing must not keep the watcher from restarting the machine. */
static void speak_without_waiting(struct machine *m)
{
	int fd = openat(m->root_fd, "dev/console", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		log_setup(fd, fd, LOG_INFO);
}

/* Where it stays readable after the restart, if the machine has such a place (pstore). */
static void keep_reason(struct machine *m, const char *reason)
{
	char line[ERR_TEXT_MAX + 32];

	snprintf(line, sizeof(line), "stillboot: %s\n", reason);
	if (faccessat(m->root_fd, "dev/pmsg0", W_OK, 0) == 0)
		m->effects->write_attr(m, "dev/pmsg0", line, NULL);
	m->effects->klog(m, LOG_WARN, reason);
}

/* It was left running, for us to go on telling it (systemd's KExecWatchdogSec= and RebootWatchdogSec=). */
static void open_watchdog(struct watcher *w)
{
	const char *us = getenv("WATCHDOG_USEC"), *device = getenv("WATCHDOG_DEVICE");
	unsigned long long interval_us = us ? strtoull(us, NULL, 10) : 0;

	w->watchdog = -1;
	if (!interval_us)
		return;
	if (!device || *device != '/')
		device = "/dev/watchdog0";
	w->watchdog = openat(w->session.machine.root_fd, device + 1, O_WRONLY | O_CLOEXEC);
	w->watchdog_ms = interval_us / 2000 > 60000 ? 60000 : (int)(interval_us / 2000);
	if (w->watchdog_ms < 100)
		w->watchdog_ms = 100;
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

typedef enum exit_code part(struct watcher *w);

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

/* Have a child do it, and wait for it. 0 if it did and ended well; -ETIME with it still out. */
static int watch(struct watcher *w, part *do_it, unsigned int ms)
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

static enum exit_code work(struct watcher *w)
{
	enum exit_code code;

	log_setup(STDOUT_FILENO, STDERR_FILENO, LOG_INFO); /* no line of it is lost */
	if (w->watchdog >= 0)
		close(w->watchdog);
	code = shutdown_work(&w->session, &w->request, w->phase);
	if (code != EXIT_DONE)
		keep_reason(&w->session.machine, log_last_error());
	return code;
}

static enum exit_code restart(struct watcher *w)
{
	struct err err;

	return firmware_restart(&w->session.machine, &err) < 0 ? command_fail(EXIT_FAILED, &err)
							       : EXIT_DONE;
}

/* With a step that hangs, or may, the emergency restart is the only one that does not wait for it. */
static void get_out(struct watcher *w, int rc)
{
	struct machine *m = &w->session.machine;

	if (rc == -ETIME)
		keep_reason(m, "the end of the system takes too long");
	if (rc != -ETIME && *w->phase < DEPARTURE_QUIESCE) {
		log_error("restarting through the firmware");
		watch(w, restart, RESTART_MS);
	}
	log_error("emergency restart");
	jump_out(m, JUMP_HANG_RESTART, NULL);
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

static int begin(struct watcher *w, int argc, char **argv)
{
	static const char *const no_arguments[] = {NULL};
	struct err err;

	if (machine_open(&w->session.machine, NULL, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	shutdown_take_console(&w->session.machine);
	speak_without_waiting(&w->session.machine);
	w->session.memory = talloc_new(NULL);
	w->session.options = (struct options){.command = "shutdown", .arguments = no_arguments};
	shutdown_request_read(argc, argv, &w->request);
	w->phase = mmap(
		NULL, sizeof(*w->phase), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return w->session.memory && w->phase != MAP_FAILED ? EXIT_DONE : EXIT_FAILED;
}

int shutdown_main(int argc, char **argv)
{
	struct watcher w = {.watchdog = -1, .watchdog_ms = 1000};
	int rc;

	make_quiet();
	if (begin(&w, argc, argv) == EXIT_DONE) {
		prepare(&w);
		rc = watch(&w, work, WORK_MS + (unsigned int)(w.request.minimum_uptime_us / 1000));
		/* What ended well was switched off or halted, by another processor than ours. */
		if (rc < 0 || w.request.verb->how == MACHINE_REBOOT_FIRMWARE)
			get_out(&w, rc);
	} else {
		reboot(RB_AUTOBOOT);
	}
	for (;;)
		pause();
}
