/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_WORD_DIFF_H
#define MENU_WORD_DIFF_H

/*
 * What has changed in a kernel's command line, in words. Words are parted as the kernel parts them
 * (lib/cmdline.c, next_arg): at blanks that do not stand between double quotes.
 */

#include <stddef.h>

enum word_state { WORD_SAME, WORD_ADDED, WORD_REMOVED };

struct word {
	enum word_state state;
	const char *text; /* within the new line, for what was removed within the old one */
	size_t len;
};

/* All words of both, in order; what was removed before what came instead. A talloc array, which is not
 * NULL without words; NULL when memory ran out. */
struct word *word_diff(void *ctx, const char *old, const char *new, size_t *count);

#endif
