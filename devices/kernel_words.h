/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_KERNEL_WORDS_H
#define DEVICES_KERNEL_WORDS_H

/*
 * The words of a kernel's command line, told apart as the kernel does it (lib/cmdline.c,
 * next_arg()). Blanks in a value need double quotes around it or around the whole word. Words
 * behind "--" count too: who types them there means them.
 */

#include <stdbool.h>
#include <stddef.h>

#include "devices/machine.h"

#define KERNEL_WORDS_MAX                                                                           \
	(64 << 10) /* bytes of a command line; COMMAND_LINE_SIZE is less everywhere */

/* What the kernel takes for blanks (lib/ctype.c), but for 0xa0, the no-break space of Latin-1: that byte is
 * part of letters in UTF-8, and nobody who reads /proc/cmdline parts words there. */
#define KERNEL_BLANKS " \t\n\v\f\r"

/* The length of the word that begins here, quotes included; whether one of them is open at its end. */
size_t kernel_word_length(const char *at, bool *is_open);

struct kernel_word {
	const char *name;
	char *value;  /* NULL without '=' */
	bool is_open; /* a quote in it that nothing closes */
};

/* Cut off the first word of the text, which is changed and has the word's strings in it. Returns
 * what follows, NULL where there is no word any more. */
char *kernel_words_next(char *text, struct kernel_word *word);

/* The running kernel's, a talloc string of ctx; NULL when it cannot be read. */
char *kernel_words_read(struct machine *m, void *ctx);

/* The value of the last word with this name, a talloc string of ctx; NULL for none. */
char *kernel_words_value(struct machine *m, void *ctx, const char *name);

#endif
