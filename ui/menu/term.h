/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_TERM_H
#define MENU_TERM_H

/*
 * A terminal that shows grids. ncurses finds the bytes that make one screen of another; it writes them
 * into a memory file, and they go out from there as the terminal takes them. So a serial line that is slow,
 * or that was stopped with XOFF, never blocks: while a frame is on its way no other is made, and the next
 * one is the newest. All else about a terminal is ours: its modes, its size, its keys (key.h).
 *
 * A process can have several. Each has an open file of its own, so that nobody else's is made non-blocking.
 * Freeing one puts everything back: that takes up to TERM_LEAVE_MS on a line that does not take its bytes.
 */

#include "devices/err.h"
#include "ui/menu/grid.h"

#define TERM_LEAVE_MS 500

enum term_kind {
	TERM_SCREEN, /* tty1 and the like: the kernel draws it */
	TERM_SERIAL, /* ttyS0, hvc0, and all that may be slow or have no size */
	TERM_PSEUDO, /* a terminal's window, ssh */
};

struct term;
struct renders;

struct term_setup {
	struct renders *renders; /* of all terminals, render.h */
	const char *path;        /* NULL is the one on standard input */
	const char *type;        /* terminfo's name for it; NULL or "" for one that fits its kind */
	int is_ascii;            /* it has no other characters, whatever the locale says */
};

/* Take a terminal; what was typed on it so far is forgotten. Colours are used where it has some and NO_COLOR is
 * not set.
 *
 * -ENOTTY if it is none; -EOPNOTSUPP if it cannot place its cursor, or terminfo knows none like it: then
 * lines are all that can be shown. Nothing is changed then. */
int term_open(void *ctx, const struct term_setup *setup, struct term **term, struct err *err);

/* To be polled: for keys, and for POLLOUT while term_pending(). Never blocks. */
int term_fd(const struct term *term);
enum term_kind term_kind(const struct term *term);
/* What terminfo calls what it is taken for. */
const char *term_type(const struct term *term);

/* Columns and lines; 80 and 24 where the line does not know. */
void term_size(const struct term *term, int *width, int *height);
/* Look again: 1 if the size has changed. The next frame is drawn whole then. */
int term_look_at_size(struct term *term);
/* Where the size is not known the terminal is asked to go as far as it can and say where it is; this is its
 * answer (struct key_decoder). 1 if the size has changed. Any other time it is not listened to. */
int term_size_reported(struct term *term, int row, int column);

/* Show a grid. -EAGAIN, with nothing done, while term_pending(), or between suspend and resume. Cells beyond the
 * terminal's size are not shown. */
int term_paint(struct term *term, const struct grid *grid);
/* The next frame is drawn whole: its screen shows what others wrote. */
void term_spoiled(struct term *term);

/* Do bytes wait to go out? Send what it takes; an error (-EIO) means that the terminal is gone. */
int term_pending(const struct term *term);
int term_flush(struct term *term, struct err *err);

/* Give the terminal back as it was, cursor on the last line, for a shell or a stop; and take it again. */
void term_suspend(struct term *term);
void term_resume(struct term *term);

/* Text as it is, lines that end in line feeds, while it is given back. What it does not take is lost beyond
 * TERM_TEXT_MAX bytes. */
#define TERM_TEXT_MAX 65536
void term_text(struct term *term, const char *text);

#endif
