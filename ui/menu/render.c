// SPDX-License-Identifier: GPL-2.0-or-later
#define NCURSES_WIDECHAR 1
#include "ui/menu/render.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <talloc.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

struct render {
	struct renders *all;
	struct render *next; /* of all */
	SCREEN *screen;
	FILE *file; /* what ncurses writes */
	const char *type;
	char *taken;
	int width, height;
	int has_colours, has_mouse, is_utf8, is_ascii;
	attr_t attributes; /* that it has */
};

/* ncurses 6.4 has one list of windows, whatever screen they are of: resize_term() resizes the windows of all
 * screens, after which it writes beyond their ends, and delscreen() frees those of all. So no screen is ever
 * resized, and when one has to go all go and are made anew. */
struct renders {
	struct render *first;
};

#define DEFAULT (-1) /* the terminal's own colour: use_default_colors(3) */

/* What a style looks like with colours and without. */
static const struct look {
	short ink, paper;
	attr_t colour, mono;
} looks[GRID_STYLES] = {
	[GRID_PLAIN] = {DEFAULT, DEFAULT, 0, 0},
	[GRID_BAR] = {COLOR_WHITE, COLOR_BLUE, 0, A_REVERSE},
	[GRID_KEY] = {COLOR_YELLOW, COLOR_BLUE, A_BOLD, A_REVERSE | A_BOLD},
	[GRID_SELECTED] = {DEFAULT, DEFAULT, A_REVERSE, A_REVERSE},
	[GRID_HEADING] = {COLOR_CYAN, DEFAULT, A_BOLD, A_BOLD},
	[GRID_DIM] = {DEFAULT, DEFAULT, A_DIM, A_DIM},
	[GRID_STRONG] = {DEFAULT, DEFAULT, A_BOLD, A_BOLD},
	[GRID_GOOD] = {COLOR_GREEN, DEFAULT, 0, 0},
	[GRID_WARN] = {COLOR_YELLOW, DEFAULT, 0, A_BOLD},
	[GRID_BAD] = {COLOR_RED, DEFAULT, A_BOLD, A_BOLD},
	[GRID_FRAME] = {COLOR_CYAN, DEFAULT, 0, 0},
	[GRID_GAUGE] = {COLOR_WHITE, COLOR_CYAN, 0, A_REVERSE},
	[GRID_FOUND] = {COLOR_BLACK, COLOR_YELLOW, 0, A_UNDERLINE},
};

#define PAIR(style) ((short)((style) + 1))

/* ncurses puts handlers of its own where there are none (lib/tstp.c, _nc_signal_handler); who has the
 * terminals has the signals. */
static const int signals[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
#define SIGNALS (sizeof(signals) / sizeof(*signals))

static void tell_size(int width, int height)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", height);
	setenv("LINES", text, 1);
	snprintf(text, sizeof(text), "%d", width);
	setenv("COLUMNS", text, 1);
}

static SCREEN *new_screen(const char *type, FILE *file, int width, int height)
{
	struct sigaction before[SIGNALS];
	SCREEN *screen;

	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], NULL, &before[i]);
	tell_size(width, height);
	screen = newterm(type, file, file);
	/* Programs that we start are to find out. */
	unsetenv("LINES");
	unsetenv("COLUMNS");
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	return screen;
}

static const char *capability(const char *name)
{
	const char *text = tigetstr(name);

	return text == (const char *)-1 ? NULL : text;
}

static int wants_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return !no || !*no;
}

static void prepare_colours(struct render *r)
{
	if (!wants_colour() || tigetnum("colors") < 8 || start_color() == ERR)
		return;
	r->has_colours = use_default_colors() == OK;
	for (int i = 0; i < GRID_STYLES; i++)
		init_pair(PAIR(i), looks[i].ink, looks[i].paper);
}

/* Make its screen. 1, or 0 if terminfo does not know the type. */
static int begin(struct render *r, const char *type)
{
	r->screen = new_screen(type, r->file, r->width, r->height);
	if (!r->screen)
		return 0;
	set_term(r->screen);
	typeahead(-1); /* there is no input that could break a frame off */
	nonl();
	r->attributes = term_attrs();
	prepare_colours(r);
	return 1;
}

static void end_all(struct renders *all)
{
	for (struct render *r = all->first; r; r = r->next)
		if (r->screen) {
			set_term(r->screen);
			delscreen(r->screen);
			r->screen = NULL;
		}
}

static void begin_all(struct renders *all)
{
	for (struct render *r = all->first; r; r = r->next)
		begin(r, r->type);
}

static int destroy(struct render *r)
{
	struct render **link = &r->all->first;

	end_all(r->all);
	while (*link != r)
		link = &(*link)->next;
	*link = r->next;
	begin_all(r->all);
	fclose(r->file);
	return 0;
}

/* 1 if terminfo knows it and it can be used, 0 if not known. Asked before newterm(), which loses memory when it
 * does not know it. */
static int is_usable(struct render *r, const char *type, struct err *err)
{
	TERMINAL *const before = cur_term; /* it belongs to another screen */
	int known, can_place;

	if (setupterm(type, fileno(r->file), &known) == ERR)
		return 0;
	can_place = capability("cup") != NULL;
	r->has_mouse = capability("kmous") && tigetnum("colors") >= 8;
	del_curterm(set_curterm(before));
	if (!can_place)
		return err_set(
			err, -EOPNOTSUPP, "a terminal of type %s cannot place its cursor", type);
	return 1;
}

static int try_type(struct render *r, const char *type, struct err *err)
{
	int rc = is_usable(r, type, err);

	if (rc <= 0)
		return rc;
	r->type = talloc_strdup(r, type);
	r->is_utf8 = !r->is_ascii && !strcmp(nl_langinfo(CODESET), "UTF-8");
	return begin(r, type);
}

struct renders *renders_new(void *ctx)
{
	return talloc_zero(ctx, struct renders);
}

static FILE *open_memory(struct err *err)
{
	int fd = memfd_create("screen", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file) {
		err_errno(err, -errno, "make a screen in memory");
		if (fd >= 0)
			close(fd);
	}
	return file;
}

int render_new(void *ctx, const struct render_setup *setup, struct render **render, struct err *err)
{
	FILE *file = open_memory(err);
	struct render *r;
	int rc = 0;

	if (!file)
		return -ENOMEM;
	r = talloc_zero(ctx, struct render);
	*r = (struct render){.all = setup->all, .next = setup->all->first, .file = file};
	r->width = setup->width;
	r->height = setup->height;
	r->is_ascii = setup->is_ascii;
	setup->all->first = r;
	talloc_set_destructor(r, destroy);
	for (size_t i = 0; setup->types[i] && rc == 0; i++)
		rc = try_type(r, setup->types[i], err);
	if (rc > 0) {
		*render = r;
		return 0;
	}
	if (rc == 0)
		rc = err_set(
			err, -EOPNOTSUPP, "terminfo knows no terminal of type %s", setup->types[0]);
	talloc_free(r);
	return rc;
}

const char *render_type(const struct render *r)
{
	return r->type;
}

int render_has_mouse(const struct render *r)
{
	return r->has_mouse;
}

static int has_paper(enum grid_style style, int has_colours)
{
	const struct look *look = &looks[style];

	return has_colours ? look->paper != DEFAULT || look->colour & A_REVERSE
			   : look->mono & (A_REVERSE | A_UNDERLINE);
}

/* Columns that ncurses takes it for; a grid may think otherwise of a character that is newer than the C
 * library. */
static int fits(const struct grid_cell *cell, int is_last)
{
	return wcwidth((wchar_t)cell->ch) == (!is_last && cell[1].ch == 0 ? 2 : 1);
}

static void put_cell(
	struct render *r, const struct grid_cell *cell, enum grid_style style, int is_last)
{
	wchar_t text[3] = {(wchar_t)cell->ch, (wchar_t)cell->mark, 0};
	cchar_t c;

	if (!r->is_utf8) {
		text[0] = !cell->ch         ? L' '
			  : cell->ch < 0x80 ? (wchar_t)cell->ch
					    : grid_ascii(cell->ch);
		text[1] = 0;
	} else if (!fits(cell, is_last)) {
		text[0] = '?';
		text[1] = 0;
	} else if (text[1] && wcwidth(text[1]) != 0) {
		text[1] = 0;
	}
	if (r->has_colours)
		setcchar(&c, text, looks[style].colour & r->attributes,
			style == GRID_PLAIN ? 0 : PAIR(style), NULL);
	else
		setcchar(&c, text, looks[style].mono & r->attributes, 0, NULL);
	add_wch(&c); /* ERR in the last corner, where the cursor cannot go on */
}

static int is_seen(const struct render *r, const struct grid_cell *cell)
{
	return cell->ch != ' ' ||
	       (cell->style < GRID_STYLES && has_paper(cell->style, r->has_colours));
}

/* The styles of a line's cells. A blank whose own cannot be seen has that of its neighbours where they are alike,
 * which needs no bytes, and else none: then a line's end is cleared with three. */
static void find_styles(
	const struct render *r, const struct grid_cell *row, int width, enum grid_style *styles)
{
	enum grid_style next = GRID_PLAIN;

	for (int x = width - 1; x >= 0; x--) {
		if (is_seen(r, &row[x]))
			next = row[x].style < GRID_STYLES ? row[x].style : GRID_PLAIN;
		styles[x] = next;
	}
	for (int x = 0; x < width; x++)
		if (!is_seen(r, &row[x]) && (x == 0 || styles[x - 1] != styles[x] ||
						    has_paper(styles[x], r->has_colours)))
			styles[x] = GRID_PLAIN;
}

static void put_row(struct render *r, const struct grid *grid, int y)
{
	const int width = r->width < grid->width ? r->width : grid->width;
	const struct grid_cell *row = &grid->cells[y * grid->width];
	enum grid_style styles[GRID_WIDTH_MAX];

	find_styles(r, row, width, styles);
	for (int x = 0; x < width; x++) {
		if (row[x].ch == 0 && r->is_utf8)
			continue;
		move(y, x);
		put_cell(r, &row[x], styles[x], x == width - 1);
	}
}

void render_frame(struct render *r, const struct grid *grid)
{
	const int height = r->height < grid->height ? r->height : grid->height;
	const int shows_cursor = grid->cursor_x >= 0 && grid->cursor_y >= 0;

	if (!r->screen) /* no memory for it */
		return;
	set_term(r->screen);
	erase();
	for (int y = 0; y < height; y++)
		put_row(r, grid, y);
	/* One that is hidden need not go anywhere. */
	leaveok(stdscr, !shows_cursor);
	curs_set(shows_cursor);
	if (shows_cursor)
		move(grid->cursor_y, grid->cursor_x);
	wnoutrefresh(stdscr);
	doupdate();
}

void render_end(struct render *r)
{
	if (!r->screen)
		return;
	set_term(r->screen);
	endwin();
}

const char *render_take(struct render *r, size_t *len)
{
	const int fd = fileno(r->file);
	off_t size;

	TALLOC_FREE(r->taken);
	*len = 0;
	fflush(r->file);
	size = lseek(fd, 0, SEEK_END);
	if (size <= 0)
		return "";
	r->taken = talloc_array(r, char, (size_t)size);
	if (r->taken && pread(fd, r->taken, (size_t)size, 0) == size)
		*len = (size_t)size;
	/* ncurses goes on where the file then ends. */
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		*len = 0;
	return r->taken ? r->taken : "";
}

void render_resize(struct render *r, int width, int height)
{
	r->width = width;
	r->height = height;
	end_all(r->all);
	begin_all(r->all);
}

void render_spoiled(struct render *r)
{
	if (!r->screen)
		return;
	set_term(r->screen);
	clearok(curscr, TRUE);
}
