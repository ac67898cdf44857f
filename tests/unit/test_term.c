// SPDX-License-Identifier: GPL-2.0-or-later
/* Terminals that are pseudo terminals: their modes, their size, and the bytes that go out. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "ui/menu/render.h"
#include "ui/menu/term.h"

struct line {
	struct renders *renders;
	int master, slave;
	char path[64];
	struct term *term;
	struct termios before;
	char sent[200000]; /* by the terminal's program, since it was looked at */
	size_t count;
};

/* Beside others, or NULL. */
static struct line *line_beside(struct line *other, int width, int height)
{
	struct winsize size = {.ws_col = (unsigned short)width, .ws_row = (unsigned short)height};
	struct line *l = talloc_zero(NULL, struct line);

	assert_int_equal(openpty(&l->master, &l->slave, l->path, NULL, &size), 0);
	fcntl(l->master, F_SETFL, O_NONBLOCK);
	tcgetattr(l->slave, &l->before);
	l->renders = other ? other->renders : renders_new(l);
	return l;
}

static struct line *line_new(int width, int height)
{
	return line_beside(NULL, width, height);
}

static void line_free(struct line *l)
{
	close(l->master);
	close(l->slave);
	talloc_free(l);
}

/* Its modes are those that it had at first. */
static void expect_restored(const struct line *l)
{
	struct termios now;

	assert_int_equal(tcgetattr(l->slave, &now), 0);
	assert_int_equal(now.c_iflag, l->before.c_iflag);
	assert_int_equal(now.c_oflag, l->before.c_oflag);
	assert_int_equal(now.c_lflag, l->before.c_lflag);
	assert_int_equal(now.c_cflag, l->before.c_cflag);
	assert_memory_equal(now.c_cc, l->before.c_cc, sizeof(now.c_cc));
}

static void open_term(struct line *l, const char *type)
{
	struct err err;

	if (term_open(l, &(struct term_setup){l->renders, l->path, type, 0}, &l->term, &err) < 0)
		fail_msg("%s", err.text);
}

/* All bytes that go out now; how many. */
static size_t receive(struct line *l)
{
	struct err err;
	ssize_t n;

	l->count = 0;
	do {
		assert_int_equal(term_flush(l->term, &err), 0);
		n = read(l->master, l->sent + l->count, sizeof(l->sent) - 1 - l->count);
		if (n > 0)
			l->count += (size_t)n;
	} while (n > 0 || term_pending(l->term));
	l->sent[l->count] = '\0';
	return l->count;
}

static int is_sent(const struct line *l, const char *bytes)
{
	return memmem(l->sent, l->count, bytes, strlen(bytes)) != NULL;
}

/* As an entries screen: a bar, entries with the cursor on one, a bar of hints. */
static struct grid *menu_grid(void *ctx, int width, int height, int selected)
{
	struct grid *g = grid_new(ctx, width, height);

	grid_fill(g, 0, 0, width, GRID_BAR, ' ');
	grid_text(g, 1, 0, width, GRID_BAR, "stillboot 0.1");
	for (int y = 2; y < height - 2; y++) {
		char title[100];

		snprintf(title, sizeof(title),
			"Debian GNU/Linux, with Linux 6.1.0-%d-amd64 (recovery)", y);
		grid_text(g, 2, y, width, GRID_PLAIN, title);
	}
	grid_restyle(g, 0, selected + 2, width, GRID_SELECTED);
	grid_fill(g, 0, height - 1, width, GRID_BAR, ' ');
	grid_text(g, 1, height - 1, width, GRID_BAR, "Enter boot  e edit  q quit");
	return g;
}

static void test_modes(void **state)
{
	struct line *l = line_new(80, 24);
	struct termios now;

	(void)state;
	assert_int_equal(write(l->master, "typed before\n", 13), 13);
	open_term(l, "xterm");
	tcgetattr(l->slave, &now);
	assert_false(now.c_lflag & (ICANON | ECHO | ISIG));
	assert_false(now.c_iflag & ICRNL);
	assert_true(now.c_iflag & IXANY);
	assert_int_equal(now.c_cflag, l->before.c_cflag);
	{
		struct pollfd fd = {.fd = term_fd(l->term), .events = POLLIN};

		assert_int_equal(poll(&fd, 1, 0), 0); /* it is forgotten */
	}
	talloc_free(l->term);
	expect_restored(l);
	line_free(l);
}

static void test_frames(void **state)
{
	struct line *l = line_new(80, 24);
	struct grid *grid = menu_grid(l, 80, 24, 0);
	int width, height;

	(void)state;
	open_term(l, "xterm");
	term_size(l->term, &width, &height);
	assert_int_equal(width, 80);
	assert_int_equal(height, 24);
	assert_int_equal(term_kind(l->term), TERM_PSEUDO);
	assert_int_equal(receive(l), strlen("\033[?1000h\033[?1006h"));
	assert_int_equal(term_paint(l->term, grid), 0);
	assert_true(term_pending(l->term));
	assert_int_equal(term_paint(l->term, grid), -EAGAIN);
	receive(l);
	assert_true(is_sent(l, "\033[?1049h"));
	assert_true(is_sent(l, "Linux 6.1.0-9-amd64"));
	assert_true(is_sent(l, "\033[?25l"));
	/* Nothing has changed: nothing is sent. */
	assert_int_equal(term_paint(l->term, grid), 0);
	assert_int_equal(receive(l), 0);
	term_spoiled(l->term);
	assert_int_equal(term_paint(l->term, grid), 0);
	receive(l);
	assert_true(is_sent(l, "Linux 6.1.0-9-amd64"));
	grid->cursor_x = 3;
	grid->cursor_y = 4;
	assert_int_equal(term_paint(l->term, grid), 0);
	assert_in_range(receive(l), 1, 40);
	assert_true(is_sent(l, "\033[?12;25h") || is_sent(l, "\033[?25h"));
	talloc_free(l->term);
	l->count = (size_t)read(l->master, l->sent, sizeof(l->sent));
	assert_true(is_sent(l, "\033[?1000l"));
	assert_true(is_sent(l, "\033[?1049l"));
	line_free(l);
}

/* What it costs to go down one line, on what people have. */
static void test_cost(void **state)
{
	static const struct {
		const char *type;
		int width, height;
	} cases[] = {{"vt220", 80, 24}, {"vt100", 80, 24}, {"ansi", 80, 24}, {"linux", 80, 25},
		{"xterm", 80, 24}, {"screen", 80, 24}, {"xterm-256color", 90, 40}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct line *l = line_new(cases[i].width, cases[i].height);
		size_t whole, one;

		open_term(l, cases[i].type);
		assert_string_equal(term_type(l->term), cases[i].type);
		receive(l);
		term_paint(l->term, menu_grid(l, cases[i].width, cases[i].height, 3));
		whole = receive(l);
		term_paint(l->term, menu_grid(l, cases[i].width, cases[i].height, 4));
		one = receive(l);
		print_message("%s: whole %zu bytes, cursor down %zu\n", cases[i].type, whole, one);
		assert_in_range(one, 20, 199);
		line_free(l);
	}
}

/* A line that nobody reads: what was not sent is not made. */
static void test_stopped(void **state)
{
	struct line *l = line_new(300, 100);
	struct err err;
	int painted = 0;

	(void)state;
	open_term(l, "xterm");
	for (int i = 0; i < 100; i++) {
		term_flush(l->term, &err);
		painted += term_paint(l->term, menu_grid(l, 300, 100, i % 90)) == 0;
	}
	assert_in_range(painted, 1, 60);
	assert_true(term_pending(l->term));
	/* Now it is read, and shows the newest. */
	receive(l);
	assert_int_equal(term_paint(l->term, menu_grid(l, 300, 100, 7)), 0);
	receive(l);
	assert_int_equal(term_paint(l->term, menu_grid(l, 300, 100, 7)), 0);
	assert_int_equal(receive(l), 0);
	line_free(l);
}

static void test_size(void **state)
{
	struct line *l = line_new(0, 0);
	struct winsize size = {.ws_col = 100, .ws_row = 30};
	int width, height;

	(void)state;
	open_term(l, "vt220");
	term_size(l->term, &width, &height);
	assert_int_equal(width, 80);
	assert_int_equal(height, 24);
	receive(l);
	assert_true(is_sent(l, "\033[6n"));
	assert_int_equal(term_size_reported(l->term, 1, 1), 0);
	assert_int_equal(term_size_reported(l->term, 9999, 9999), 0);
	assert_int_equal(term_size_reported(l->term, 43, 132), 1);
	assert_int_equal(term_size_reported(l->term, 10, 10), 0); /* not asked */
	term_size(l->term, &width, &height);
	assert_int_equal(width, 132);
	assert_int_equal(height, 43);
	assert_int_equal(term_look_at_size(l->term), 0);
	ioctl(l->slave, TIOCSWINSZ, &size);
	assert_int_equal(term_look_at_size(l->term), 1);
	term_size(l->term, &width, &height);
	assert_int_equal(width, 100);
	assert_int_equal(height, 30);
	term_paint(l->term, menu_grid(l, 100, 30, 0));
	receive(l);
	assert_true(is_sent(l, "6.1.0-27-amd64"));
	line_free(l);
}

static void test_suspend(void **state)
{
	struct line *l = line_new(80, 24);
	struct grid *grid = menu_grid(l, 80, 24, 0);
	struct termios now;

	(void)state;
	open_term(l, "xterm");
	term_paint(l->term, grid);
	receive(l);
	term_suspend(l->term);
	receive(l);
	assert_true(is_sent(l, "\033[?1049l"));
	expect_restored(l);
	assert_int_equal(term_paint(l->term, grid), -EAGAIN);
	term_text(l->term, "unbind\nreset\n");
	receive(l);
	assert_true(is_sent(l, "unbind\r") && is_sent(l, "\nreset\r"));
	term_resume(l->term);
	tcgetattr(l->slave, &now);
	assert_false(now.c_lflag & ICANON);
	receive(l);
	assert_int_equal(term_paint(l->term, grid), 0);
	receive(l);
	assert_true(is_sent(l, "\033[?1049h"));
	assert_true(is_sent(l, "Linux 6.1.0-9-amd64"));
	line_free(l);
}

/* Colours where there are some, and where they are wanted; and lines of ASCII where no others can be. */
static void test_looks(void **state)
{
	struct line *l = line_new(80, 24);
	struct grid *grid = menu_grid(l, 80, 24, 0);

	(void)state;
	grid_text(grid, 2, 1, 20, GRID_GOOD, "fine");
	grid_box(grid, 40, 5, 20, 10);
	open_term(l, "linux");
	term_paint(l->term, grid);
	receive(l);
	assert_true(is_sent(l, "\033[32m"));
	assert_true(is_sent(l, "─"));
	TALLOC_FREE(l->term);
	setenv("NO_COLOR", "1", 1);
	setlocale(LC_CTYPE, "C");
	open_term(l, "linux");
	receive(l);
	term_paint(l->term, grid);
	receive(l);
	assert_false(is_sent(l, "\033[32m"));
	assert_true(is_sent(l, "fine"));
	for (size_t i = 0; i < l->count; i++)
		assert_true((unsigned char)l->sent[i] < 0x80);
	unsetenv("NO_COLOR");
	setlocale(LC_CTYPE, "C.UTF-8");
	line_free(l);
}

/* Wide characters, combining ones, what no library knows, and the last corner. */
static void test_characters(void **state)
{
	struct line *l = line_new(20, 3);
	struct grid *grid = grid_new(l, 20, 3);

	(void)state;
	open_term(l, "xterm");
	grid_text(grid, 0, 0, 20, GRID_PLAIN, "日本e\xcc\x81x");
	grid->cells[20].ch = 0xe000; /* one column, or none */
	grid->cells[21].ch = 0x0300;
	grid->cells[22].ch = 0x1f600; /* without its right half */
	grid_text(grid, 18, 2, 2, GRID_PLAIN, "ab");
	term_paint(l->term, grid);
	receive(l);
	assert_true(is_sent(l, "日本e\xcc\x81x"));
	assert_false(is_sent(l, "\xf0\x9f\x98\x80"));
	assert_true(is_sent(l, "a"));
	assert_true(is_sent(l, "b"));
	line_free(l);
}

static void expect_refused(struct line *l, const char *path, const char *type, int rc)
{
	struct err err;

	assert_int_equal(
		term_open(l, &(struct term_setup){l->renders, path, type, 0}, &l->term, &err), rc);
}

static void test_refused(void **state)
{
	struct line *l = line_new(80, 24);

	(void)state;
	expect_refused(l, "/dev/null", "xterm", -ENOTTY);
	expect_refused(l, "/dev/no-such", "xterm", -ENOENT);
	expect_refused(l, l->path, "dumb", -EOPNOTSUPP);
	expect_restored(l);
	/* One that terminfo does not know is taken for what its kind mostly is. */
	open_term(l, "no-such-terminal");
	assert_string_equal(term_type(l->term), "xterm");
	TALLOC_FREE(l->term);
	open_term(l, NULL);
	assert_string_equal(term_type(l->term), "xterm");
	line_free(l);
}

static void paint(struct line *l, int width, int height, int selected)
{
	struct err err;

	assert_int_equal(term_flush(l->term, &err), 0);
	assert_int_equal(term_paint(l->term, menu_grid(l, width, height, selected)), 0);
	receive(l);
}

/* Several at once keep apart, also when one has another size by now, and one that hangs up is told of. */
static void test_several(void **state)
{
	struct line *a = line_new(80, 24), *b = line_beside(a, 40, 10),
		    *c = line_beside(a, 100, 50);
	struct winsize size = {.ws_col = 120, .ws_row = 40};
	struct err err;

	(void)state;
	open_term(a, "xterm");
	open_term(b, "vt220");
	open_term(c, "linux");
	for (int i = 0; i < 5; i++) {
		paint(a, 80, 24, i);
		paint(b, 40, 10, i);
		paint(c, 100, 50, i);
		assert_in_range(a->count, 20, i ? 200 : 4000);
		assert_in_range(b->count, 20, i ? 200 : 4000);
		assert_in_range(c->count, 20, i ? 300 : 5000);
	}
	ioctl(b->slave, TIOCSWINSZ, &size);
	assert_int_equal(term_look_at_size(b->term), 1);
	paint(b, 120, 40, 0);
	assert_true(is_sent(b, "6.1.0-37-amd64"));
	paint(a, 80, 24, 1);
	assert_true(is_sent(a, "6.1.0-21-amd64"));
	assert_false(is_sent(a, "6.1.0-22-amd64"));
	paint(a, 80, 24, 2);
	assert_in_range(a->count, 20, 199);
	close(b->master);
	b->master = -1;
	term_paint(b->term, menu_grid(b, 120, 40, 1));
	assert_int_equal(term_flush(b->term, &err), -EIO);
	TALLOC_FREE(b->term);
	paint(a, 80, 24, 3);
	assert_true(is_sent(a, "6.1.0-21-amd64"));
	paint(c, 100, 50, 3);
	assert_true(is_sent(c, "6.1.0-47-amd64"));
	line_free(b);
	line_free(c);
	line_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_suspend),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_several),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
