/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PASSPHRASE_H
#define UI_PASSPHRASE_H

/*
 * A passphrase on its way from a person or a file to the one who needs it: in memory that is never
 * swapped out and is wiped at the end, and on no terminal, command line or log. A process that was given
 * one leaves no core dump from then on: what a library makes of it (keys) is in its memory too.
 */

#include <stddef.h>

#include "devices/err.h"

struct passphrase {
	char *bytes; /* not text: a key file may have any */
	size_t len, room;
};

#define PASSPHRASE_MAX 512 /* bytes of one that is typed, as in cryptsetup */

/* Ask for it on the terminal that standard input is: it is not shown. -EINTR if it is left with
 * Ctrl-C or Ctrl-D. */
int passphrase_ask(const char *prompt, struct passphrase *p, struct err *err);

/* The first line of standard input, without its end. */
int passphrase_read_line(struct passphrase *p, struct err *err);

/* All of a file, newlines too, at most limit bytes; "-" is standard input. */
int passphrase_read_file(const char *path, size_t limit, struct passphrase *p, struct err *err);

/* Wipe and free it; an empty one is left alone. */
void passphrase_free(struct passphrase *p);

#endif
