// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/term.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <talloc.h>
#include <termios.h>
#include <unistd.h>

#include "devices/clock.h"
#include "ui/menu/tty.h"
#include "ui/menu/outbox.h"
#include "ui/menu/render.h"

/* xterm's ctlseqs.txt: tell of buttons, in decimal numbers. */
#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"
/* Save the cursor, go to the end, where is that, and back (DECSC, CUP, DSR, DECRC). */
#define ASK_SIZE "\0337\033[999;999H\033[6n\0338"

/* Without a screen to come back to, there is a line of ours where the next program begins (EL). */
#define CLEAR_LINE "\r\033[K"

#define WIDTH 80
#define HEIGHT 24

struct term {
	int fd;
	enum term_kind kind;
	struct termios before;
	struct render *render;
	int width, height;
	int is_asked; /* for its size */
	int is_suspended;
	struct outbox out;
};

static void queue(struct term *t, const char *bytes, size_t len)
{
	outbox_add(&t->out, t, bytes, len, 0);
}

static void queue_text(struct term *t, const char *text)
{
	queue(t, text, strlen(text));
}

/* What ncurses has written. */
static void queue_rendered(struct term *t)
{
	size_t len;
	const char *bytes = render_take(t->render, &len);

	queue(t, bytes, len);
}
static int leave(struct term *t);

/* The kernel gives every first process TERM=linux, whatever its line is. */
static const char *named_type(enum term_kind kind, const char *type)
{
	if (!type || !*type || (kind == TERM_SERIAL && !strcmp(type, "linux")))
		return NULL;
	return type;
}

static int choose_render(struct term *t, const struct term_setup *setup, struct err *err)
{
	static const char *const defaults[] = {
		[TERM_SCREEN] = "linux",
		[TERM_SERIAL] = "vt220",
		[TERM_PSEUDO] = "xterm",
	};
	const char *const named = named_type(t->kind, setup->type);
	const char *const types[] = {
		named ? named : defaults[t->kind], defaults[t->kind], "vt100", "ansi", NULL};

	const struct render_setup render = {
		setup->renders, types, t->width, t->height, setup->is_ascii};

	return render_new(t, &render, &t->render, err);
}

static void find_size(struct term *t)
{
	if (tty_size(t->fd, &t->width, &t->height) == 0)
		return;
	t->width = WIDTH;
	t->height = HEIGHT;
	t->is_asked = 1;
}

/* What the terminal is told beside what ncurses tells it. */
static void greet(struct term *t)
{
	if (t->is_asked)
		queue_text(t, ASK_SIZE);
	if (render_has_mouse(t->render))
		queue_text(t, MOUSE_ON);
	term_flush(t, NULL);
}

int term_open(void *ctx, const struct term_setup *setup, struct term **term, struct err *err)
{
	struct term *t = talloc_zero(ctx, struct term);
	int rc;

	t->fd = t->out.fd = rc = tty_open(setup->path, err);
	if (rc >= 0) {
		t->kind = tty_kind(t->fd);
		find_size(t);
		rc = choose_render(t, setup, err);
	}
	if (rc >= 0)
		rc = tty_make_raw(t->fd, &t->before, err);
	if (rc < 0) {
		if (t->fd >= 0)
			close(t->fd);
		talloc_free(t);
		return rc;
	}
	talloc_set_destructor(t, leave);
	tcflush(t->fd, TCIFLUSH);
	greet(t);
	*term = t;
	return 0;
}

int term_fd(const struct term *t)
{
	return t->fd;
}

enum term_kind term_kind(const struct term *t)
{
	return t->kind;
}

const char *term_type(const struct term *t)
{
	return render_type(t->render);
}

void term_size(const struct term *t, int *width, int *height)
{
	*width = t->width;
	*height = t->height;
}

static int set_size(struct term *t, int width, int height)
{
	if (width == t->width && height == t->height)
		return 0;
	t->width = width;
	t->height = height;
	render_resize(t->render, width, height);
	return 1;
}

int term_look_at_size(struct term *t)
{
	int width, height;

	return tty_size(t->fd, &width, &height) == 0 ? set_size(t, width, height) : 0;
}

int term_size_reported(struct term *t, int row, int column)
{
	if (!t->is_asked || row < 2 || column < 2 || row > GRID_HEIGHT_MAX ||
		column > GRID_WIDTH_MAX)
		return 0;
	t->is_asked = 0;
	return set_size(t, column, row);
}

int term_paint(struct term *t, const struct grid *grid)
{
	if (t->is_suspended || term_pending(t))
		return -EAGAIN;
	render_frame(t->render, grid);
	queue_rendered(t);
	return 0;
}

void term_spoiled(struct term *t)
{
	render_spoiled(t->render);
}

int term_pending(const struct term *t)
{
	return outbox_pending(&t->out);
}

int term_flush(struct term *t, struct err *err)
{
	return outbox_flush(&t->out, err);
}

/* Wait until all is out, but not for ever. */
static int drain(struct term *t)
{
	const uint64_t end = clock_now_us() + TERM_LEAVE_MS * 1000;

	while (term_flush(t, NULL) == 0 && term_pending(t)) {
		struct pollfd fd = {.fd = t->fd, .events = POLLOUT};
		const uint64_t now = clock_now_us();

		if (now >= end || poll(&fd, 1, (int)((end - now) / 1000) + 1) < 0)
			return -ETIMEDOUT;
	}
	return 0;
}

void term_suspend(struct term *t)
{
	if (t->is_suspended)
		return;
	if (render_has_mouse(t->render))
		queue_text(t, MOUSE_OFF);
	render_end(t->render);
	queue_rendered(t);
	queue_text(t, CLEAR_LINE);
	/* A line that was stopped gets nothing more: closing it would wait for what it has. */
	if (drain(t) < 0) {
		tcflush(t->fd, TCOFLUSH);
		outbox_forget(&t->out);
	}
	tcsetattr(t->fd, TCSANOW, &t->before);
	t->is_suspended = 1;
}

void term_resume(struct term *t)
{
	struct termios ignored;

	if (!t->is_suspended)
		return;
	t->is_suspended = 0;
	tty_make_raw(t->fd, &ignored, NULL);
	tcflush(t->fd, TCIFLUSH);
	greet(t);
	term_spoiled(t);
	term_look_at_size(t);
}

void term_text(struct term *t, const char *text)
{
	while (t->is_suspended && *text) {
		const size_t len = strcspn(text, "\n");

		outbox_add(&t->out, t, text, len, TERM_TEXT_MAX);
		if (text[len])
			outbox_add(&t->out, t, "\r\n", 2, TERM_TEXT_MAX);
		text += len + (text[len] != '\0');
	}
	term_flush(t, NULL);
}

static int leave(struct term *t)
{
	term_suspend(t);
	if (drain(t) < 0)
		tcflush(t->fd, TCOFLUSH);
	TALLOC_FREE(t->render);
	close(t->fd);
	return 0;
}
