/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_FORMAT_H
#define BOOT_FORMAT_H

/*
 * The formats of boot configurations: one line of a table each, and the file with its parser. A
 * new format touches nothing else.
 */

#include <stddef.h>

#include "boot/entry.h"

#define FORMAT_PLACES_MAX 8

struct format {
	const char *name;
	struct {
		const char *pattern;  /* volume_glob(); NULL ends the list */
		const char *settings; /* a file that goes with it, or NULL */
	} places[FORMAT_PLACES_MAX];
	size_t limit; /* bytes of one file; larger ones are not read */
	entry_parser *parse;
	entry_parser *parse_settings;
	/* Of a format whose files of one place are one menu: put that in order. NULL where each
	 * file is a menu by itself. */
	void (*sort)(struct entry_list *list);
};

/* In the order in which their menus are listed; ended by a format without a name. */
extern const struct format formats[];

#endif
