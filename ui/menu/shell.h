/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_SHELL_H
#define MENU_SHELL_H

/*
 * A shell on a terminal of the menu, beside it: others go on showing the menu. Where the terminal is our
 * controlling one the shell is a process group in its foreground, elsewhere it gets a session of its own
 * whose controlling terminal it is, so that its keys (^C, ^Z) work.
 */

#include <sys/types.h>

#include "devices/err.h"

/* $SHELL, or /bin/sh, on the terminal that this file is; type is its TERM. The process, to be waited for, or a
 * negative errno. */
pid_t shell_begin(int fd, const char *type, struct err *err);

/* It has ended: the terminal is in our foreground again. */
void shell_ended(int fd);

#endif
