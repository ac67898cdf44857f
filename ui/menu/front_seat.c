// SPDX-License-Identifier: GPL-2.0-or-later
/* Consoles: terminals with screens, and lines where there are none. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <termios.h>
#include <unistd.h>

#include "ui/menu/front.h"
#include "ui/menu/tty.h"

#define LINES_WIDTH 80
#define LINES_HEIGHT 24

/* TERM is of the terminal that the menu was called on. */
static const char *type_of(const char *path)
{
	struct stat ours, other;

	if (path && (fstat(STDIN_FILENO, &ours) < 0 || stat(path, &other) < 0 ||
			    ours.st_rdev != other.st_rdev || !isatty(STDIN_FILENO)))
		return NULL;
	return getenv("TERM");
}

static int add_lines(struct front *f, struct seat *seat, const char *path, struct err *err)
{
	if (path || isatty(STDIN_FILENO)) {
		seat->in = seat->out.fd = tty_open(path, err);
		if (seat->in < 0)
			return seat->in;
	} else {
		seat->in = STDIN_FILENO;
		seat->out.fd = f->output;
	}
	return menu_add_console(f->menu, MENU_LINES, LINES_WIDTH, LINES_HEIGHT);
}

static int add_screen(struct front *f, struct seat *seat)
{
	int width, height;

	term_size(seat->term, &width, &height);
	seat->in = term_fd(seat->term);
	seat->is_serial = term_kind(seat->term) == TERM_SERIAL;
	seat->is_kernels = quiet_is_console(&f->s->machine, f->s->memory, seat->in);
	return menu_add_console(
		f->menu, seat->is_serial ? MENU_SERIAL : MENU_SCREEN, width, height);
}

/* "/dev/ttyS0", "ttyS0", "ttyS0,ascii". */
static const char *path_of(struct front *f, const char *console, int *is_ascii)
{
	const char *comma = console ? strchr(console, ',') : NULL;

	*is_ascii = comma && !strcmp(comma, ",ascii");
	if (!console)
		return NULL;
	return talloc_asprintf(f->s->memory, "%s%.*s", *console == '/' ? "" : "/dev/",
		(int)(*is_ascii ? comma - console : (long)strlen(console)), console);
}

/* Two would take each other's keys, and the second the first one's modes for those to be put back. */
static int is_taken(const struct front *f, const char *path)
{
	struct stat ours, other;

	for (int i = 0; path && i < f->seat_count && stat(path, &ours) == 0; i++)
		if (fstat(f->seats[i].in, &other) == 0 && ours.st_rdev == other.st_rdev)
			return 1;
	return 0;
}

int front_add_seat(struct front *f, const char *console, struct err *err)
{
	struct seat *seat = &f->seats[f->seat_count];
	int is_ascii;
	const char *path = path_of(f, console, &is_ascii);
	const struct term_setup setup = {f->renders, path, type_of(path), is_ascii};
	int rc;

	if (f->seat_count == MENU_CONSOLES_MAX)
		return err_set(err, -ENOSPC, "at most %d consoles", MENU_CONSOLES_MAX);
	if (is_taken(f, path))
		return err_set(err, -EBUSY, "%s has the menu already", path);
	*seat = (struct seat){.in = -1};
	rc = term_open(f->s->memory, &setup, &seat->term, err);
	if (rc == 0)
		rc = add_screen(f, seat);
	else if (rc == -EOPNOTSUPP || (rc == -ENOTTY && !path))
		rc = add_lines(f, seat, path, err);
	if (rc < 0)
		return rc;
	f->seat_count++;
	return 0;
}

/* Its terminal was hung up, or its input is at its end. */
static void lose(struct front *f, int number)
{
	struct seat *seat = &f->seats[number];

	seat->in = -1;
	if (!seat->term) {
		menu_line(f->menu, number, NULL);
		return;
	}
	TALLOC_FREE(seat->term);
	TALLOC_FREE(seat->grid);
	seat->is_gone = 1;
}

/* ECHONL would show the end of the line that is hidden; the menu prints it. */
static void show_typing(int fd, int shown)
{
	struct termios modes;

	if (tcgetattr(fd, &modes) < 0 || !(modes.c_lflag & ECHO) == !shown)
		return;
	modes.c_lflag &= (tcflag_t) ~(ECHO | ECHONL);
	modes.c_lflag |= shown ? ECHO : 0;
	tcsetattr(fd, TCSANOW, &modes); /* a stopped line would never be drained */
}

static void take_line(struct front *f, int number, char byte)
{
	struct seat *seat = &f->seats[number];

	if (byte != '\n' && byte != '\r') {
		if (seat->line_len < sizeof(seat->line) - 1)
			seat->line[seat->line_len++] = byte;
		return;
	}
	if (byte == '\r')
		return;
	seat->line[seat->line_len] = '\0';
	seat->line_len = 0;
	menu_line(f->menu, number, seat->line);
	explicit_bzero(seat->line, sizeof(seat->line));
	show_typing(seat->in, !menu_hides_input(f->menu, number));
}

static void take_key(struct front *f, int number, char byte)
{
	struct seat *seat = &f->seats[number];
	struct key_event event;

	if (key_decode(&seat->decoder, (unsigned char)byte, &event))
		menu_key(f->menu, number, &event);
	/* An answer to what the terminal was asked. */
	if (seat->decoder.report_row)
		term_size_reported(
			seat->term, seat->decoder.report_row, seat->decoder.report_column);
	seat->decoder.report_row = 0;
}

void front_seat_read(struct front *f, int number)
{
	struct seat *seat = &f->seats[number];
	char bytes[256];
	ssize_t n = read(seat->in, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == 0 && !seat->term && isatty(seat->in) && !(f->flags & MENU_MAY_QUIT))
		return; /* ^D: where the menu is all there is, nobody leaves it so */
	if (n <= 0) {
		lose(f, number);
		return;
	}
	for (ssize_t i = 0; i < n; i++)
		if (seat->term)
			take_key(f, number, bytes[i]);
		else
			take_line(f, number, bytes[i]);
	seat->byte_ms = -1; /* now, says whoever knows the time */
}

long long front_seat_wait_ms(const struct seat *seat, long long now_ms)
{
	const long long left = seat->byte_ms + KEY_ESCAPE_MS - now_ms;

	if (!key_decode_waits(&seat->decoder))
		return -1;
	return left > 0 ? left : 0;
}

void front_seat_late(struct front *f, int number, long long now_ms)
{
	struct seat *seat = &f->seats[number];
	struct key_event event;

	if (seat->byte_ms < 0)
		seat->byte_ms = now_ms;
	if (front_seat_wait_ms(seat, now_ms) != 0)
		return;
	seat->byte_ms = now_ms;
	if (key_decode_late(&seat->decoder, &event))
		menu_key(f->menu, number, &event);
}

static void print_text(struct front *f, int number)
{
	struct seat *seat = &f->seats[number];
	char *text;

	/* Lines wait in the menu while others are on their way: a list may be long, and none is lost. */
	while ((seat->term || !outbox_pending(&seat->out)) &&
		(text = menu_take_text(f->menu, f->s->memory, number))) {
		if (seat->term)
			term_text(seat->term, text);
		else if (!seat->is_unheard)
			outbox_add(&seat->out, f->s->memory, text, strlen(text), 0);
		talloc_free(text);
	}
}

static void fit_grid(struct front *f, int number)
{
	struct seat *seat = &f->seats[number];
	int width, height;

	term_look_at_size(seat->term);
	term_size(seat->term, &width, &height);
	if (seat->grid && seat->grid->width == width && seat->grid->height == height)
		return;
	talloc_free(seat->grid);
	seat->grid = grid_new(f->s->memory, width, height);
	if (seat->grid) /* it cuts what is too large */
		menu_resize(f->menu, number, seat->grid->width, seat->grid->height);
}

static int flush(struct seat *seat)
{
	return seat->term ? term_flush(seat->term, NULL) : outbox_flush(&seat->out, NULL);
}

/* Lines instead of screens: while a serial line's machine is stilled. */
static int has_lines(const struct front *f, const struct seat *seat)
{
	return !seat->term || (f->state == FRONT_JUMPS && seat->is_serial);
}

void front_seat_show(struct front *f, int number)
{
	struct seat *seat = &f->seats[number];

	if (seat->is_gone || seat->shell)
		return;
	if (has_lines(f, seat)) {
		print_text(f, number);
	} else {
		fit_grid(f, number);
		if (seat->grid && menu_changed(f->menu, number) && !term_pending(seat->term)) {
			menu_draw(f->menu, number, seat->grid);
			term_paint(seat->term, seat->grid);
		}
	}
	if (flush(seat) < 0) {
		seat->is_unheard = 1;
		outbox_forget(&seat->out);
		lose(f, number);
	}
}

int front_seat_pending(const struct seat *seat)
{
	if (seat->is_gone || seat->shell)
		return 0;
	return seat->term ? term_pending(seat->term) : outbox_pending(&seat->out);
}

int front_seat_is_shown(const struct front *f, int number)
{
	const struct seat *seat = &f->seats[number];

	if (seat->is_gone || seat->shell)
		return 1;
	return !front_seat_pending(seat) && (has_lines(f, seat) || !menu_changed(f->menu, number));
}

void front_seat_resume(struct front *f, int number)
{
	struct seat *seat = &f->seats[number];

	term_resume(seat->term);
	TALLOC_FREE(seat->grid); /* so that one is drawn */
}

void front_seat_leave(struct front *f, int number)
{
	struct seat *seat = &f->seats[number];

	if (!seat->term && !seat->is_gone)
		print_text(f, number); /* the last words */
	if (!seat->term && seat->in >= 0)
		show_typing(seat->in, 1);
	TALLOC_FREE(seat->term);
	TALLOC_FREE(seat->grid);
	if (!seat->is_gone && seat->out.bytes)
		outbox_flush(&seat->out, NULL);
}
