// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/front.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <talloc.h>
#include <termios.h>
#include <unistd.h>

#include "devices/clock.h"
#include "ui/menu/shell.h"
#include "ui/signals.h"
#include "ui/translate.h"

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGWINCH, SIGTSTP, 0};

/* Windows whose changes of size nobody tells us of are looked at so often. */
#define SIZE_MS 1000

static long long now_ms(void)
{
	return (long long)(clock_now_us() / 1000);
}

/* What we or a library print would stand across the screens: it goes to the log. A line is lost rather than
 * waited for. */
static int catch_output(struct front *f, struct err *err)
{
	int ends[2];

	fflush(stdout);
	f->output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	f->errors = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (f->output < 0 || f->errors < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_errno(err, -errno, "begin the log");
	dup2(ends[1], STDOUT_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	f->lines.fd = ends[0];
	return 0;
}

static void release_output(struct front *f)
{
	fflush(stdout);
	dup2(f->output, STDOUT_FILENO);
	dup2(f->errors, STDERR_FILENO);
	close(f->output);
	close(f->errors);
	close(f->lines.fd);
}

static int add_seats(struct front *f, struct err *err)
{
	const struct options *o = &f->s->options;

	for (size_t i = 0; i < o->console_count; i++)
		if (front_add_seat(f, o->consoles[i], err) < 0)
			log_warn("%s", err->text);
	if (!o->console_count || (!f->seat_count && o->consoles_are_set))
		return front_add_seat(f, NULL, err);
	return f->seat_count ? 0 : -ENODEV; /* the last one's sentence */
}

static void be_quiet(struct front *f)
{
	for (int i = 0; i < f->seat_count; i++)
		if (f->seats[i].is_kernels)
			quiet_begin(&f->quiet, &f->s->machine, f->s->memory);
}

/* For a stop by job control, that of our terminal or of another. */
static void stop(struct front *f)
{
	for (int i = 0; i < f->seat_count; i++)
		if (f->seats[i].term && !f->seats[i].shell)
			term_suspend(f->seats[i].term);
	quiet_end(&f->quiet, &f->s->machine);
	kill(getpid(), SIGSTOP);
	be_quiet(f);
	for (int i = 0; i < f->seat_count; i++)
		if (f->seats[i].term && !f->seats[i].shell)
			front_seat_resume(f, i);
}

static void take_signals(struct front *f)
{
	struct signalfd_siginfo info;

	while (read(f->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		switch (info.ssi_signo) {
		case SIGCHLD:
			front_reap(f);
			break;
		case SIGWINCH: /* sizes are looked at after whatever happens */
			break;
		case SIGTSTP:
			if (f->state == FRONT_ON)
				stop(f);
			break;
		default:
			if (f->state == FRONT_ON)
				f->state = FRONT_ENDS;
		}
}

static void begin_shell(struct front *f, int number)
{
	struct seat *seat = &f->seats[number];
	struct err err;
	pid_t pid;

	if (!seat->term || seat->shell)
		return;
	term_suspend(seat->term);
	term_text(seat->term, _("A shell. `exit` comes back to the menu.\n"));
	pid = shell_begin(term_fd(seat->term), term_type(seat->term), &err);
	if (pid < 0) {
		log_error("%s", err.text);
		front_seat_resume(f, number);
		return;
	}
	seat->shell = pid;
}

/* From here on nothing is read from a disk, and nothing stops us; but a dry run comes back. */
static void begin_jump(struct front *f)
{
	if (f->state != FRONT_ON)
		return;
	f->state = FRONT_JUMPS;
	mlockall(MCL_CURRENT | MCL_FUTURE);
	quiet_end(&f->quiet, &f->s->machine);
	for (int i = 0; i < f->seat_count; i++)
		if (f->seats[i].term && f->seats[i].is_serial && !f->seats[i].shell)
			term_suspend(f->seats[i].term);
}

static void end_jump(struct front *f)
{
	if (f->state != FRONT_JUMPS)
		return;
	f->state = FRONT_ON;
	munlockall();
	be_quiet(f);
	for (int i = 0; i < f->seat_count; i++)
		if (f->seats[i].term && !f->seats[i].shell)
			front_seat_resume(f, i);
}

static void obey_wishes(struct front *f)
{
	enum menu_wish wish;
	int number;

	while ((wish = menu_wishes(f->menu, &number)) != MENU_GO_ON)
		switch (wish) {
		case MENU_QUIT:
			f->state = FRONT_ENDS;
			break;
		case MENU_SHELL:
			begin_shell(f, number);
			break;
		case MENU_REPAINT:
			if (f->seats[number].term)
				term_spoiled(f->seats[number].term);
			break;
		case MENU_LEAVE_SCREENS:
			begin_jump(f);
			break;
		case MENU_COME_BACK:
			end_jump(f);
			break;
		case MENU_GO_ON:
			break;
		}
}

static long long sooner(long long a, long long b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int wait_ms(const struct front *f)
{
	const long long now = now_ms();
	long long ms = f->has_more ? 0 : menu_wait_ms(f->menu);

	for (int i = 0; i < f->seat_count; i++) {
		const struct seat *seat = &f->seats[i];

		ms = sooner(ms, front_seat_wait_ms(seat, now));
		if (seat->term && !seat->is_serial && tcgetsid(seat->in) != getsid(0))
			ms = sooner(ms, SIZE_MS);
	}
	return ms > SIZE_MS * 60 ? SIZE_MS * 60 : (int)ms;
}

enum {
	FD_SIGNALS,
	FD_LINES,
	FD_ENGINE,
	FD_ENGINE_LINES,
	FD_SEATS,
	FD_OUT = FD_SEATS + MENU_CONSOLES_MAX
};

static void wait_for_events(struct front *f)
{
	struct pollfd fds[FD_OUT + MENU_CONSOLES_MAX] = {
		[FD_SIGNALS] = {.fd = f->signals, .events = POLLIN},
		[FD_LINES] = {.fd = f->lines.fd, .events = POLLIN},
		[FD_ENGINE] = {.fd = f->engine.pid ? f->engine.socket : -1, .events = POLLIN},
		[FD_ENGINE_LINES] = {.fd = f->engine.pid ? f->engine.lines.fd : -1,
			.events = POLLIN},
	};

	if (f->engine.pid && messages_pending(f->engine.messages))
		fds[FD_ENGINE].events |= POLLOUT;
	for (int i = 0; i < f->seat_count; i++) {
		const struct seat *seat = &f->seats[i];
		const int pends = front_seat_pending(seat);

		fds[FD_SEATS + i].fd = seat->shell ? -1 : seat->in;
		fds[FD_SEATS + i].events = (short)(POLLIN | (pends && seat->term ? POLLOUT : 0));
		fds[FD_OUT + i].fd = pends && !seat->term ? seat->out.fd : -1;
		fds[FD_OUT + i].events = POLLOUT;
	}
	for (int i = f->seat_count; i < MENU_CONSOLES_MAX; i++)
		fds[FD_SEATS + i].fd = fds[FD_OUT + i].fd = -1;
	if (poll(fds, sizeof(fds) / sizeof(*fds), wait_ms(f)) < 0)
		return;
	menu_clock(f->menu, now_ms());
	for (int i = 0; i < f->seat_count; i++)
		if (fds[FD_SEATS + i].revents & (POLLIN | POLLHUP | POLLERR)) {
			front_seat_read(f, i);
			obey_wishes(f);
		}
	if (fds[FD_SIGNALS].revents)
		take_signals(f);
}

static int is_somebody_there(const struct front *f)
{
	for (int i = 0; i < f->seat_count; i++)
		if (!f->seats[i].is_gone)
			return 1;
	return f->state == FRONT_JUMPS;
}

static void show(struct front *f)
{
	menu_clock(f->menu, now_ms());
	for (int i = 0; i < f->seat_count; i++)
		front_seat_show(f, i);
}

static void go_on(struct front *f)
{
	while (f->state != FRONT_ENDS && is_somebody_there(f)) {
		menu_clock(f->menu, now_ms());
		for (int i = 0; i < f->seat_count; i++)
			front_seat_late(f, i, now_ms());
		obey_wishes(f);
		show(f);
		front_engine_ask(f);
		if (f->state == FRONT_ENDS)
			break;
		wait_for_events(f);
		front_engine_read(f);
		obey_wishes(f);
	}
}

static void end(struct front *f)
{
	for (int i = 0; i < f->seat_count; i++)
		front_seat_leave(f, i);
	quiet_end(&f->quiet, &f->s->machine);
	child_end(&f->engine);
	release_output(f);
	close(f->signals);
}

enum exit_code front_run(struct session *s, const struct menu_setup *setup, child_run *run_engine)
{
	struct front f = {.s = s, .run_engine = run_engine, .engine = {.socket = -1}};
	struct err err;
	int rc;

	messages_wipe_json();
	f.signals = signals_open(signals, &err);
	rc = f.signals < 0 ? f.signals : catch_output(&f, &err);
	if (rc < 0)
		return command_fail(EXIT_FAILED, &err);
	f.flags = (int)setup->flags;
	f.renders = renders_new(s->memory);
	f.menu = menu_new(s->memory, setup);
	rc = add_seats(&f, &err);
	if (rc == 0) {
		be_quiet(&f);
		/* The screens stand before the engine begins: to fork takes longer than to paint one. */
		show(&f);
		rc = front_engine_begin(&f, &err);
	}
	if (rc == 0)
		go_on(&f);
	end(&f);
	return rc < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}
