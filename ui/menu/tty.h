/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_TTY_H
#define MENU_TTY_H

/* What the kernel knows of a terminal: its modes, its size, and what kind of line it is. */

#include <termios.h>

#include "devices/err.h"
#include "ui/menu/term.h"

/* An open file of our own for the terminal at path, NULL for the one on standard input: it reads and writes,
 * never waits, and does not become our controlling terminal. -ENOTTY for what is none. */
int tty_open(const char *path, struct err *err);

enum term_kind tty_kind(int fd);

/* Each key at once and as it is, nothing shown, nothing changed on the way out. What a line needs to work
 * stays as it is: speed, parity, whether XOFF stops it (then any key lets it go on, too). *before is how
 * it was. Bytes that came in broken are dropped. */
int tty_make_raw(int fd, struct termios *before, struct err *err);

/* 0 with both written only if it knows them. No more than a grid can have. */
int tty_size(int fd, int *width, int *height);

#endif
