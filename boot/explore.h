/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_EXPLORE_H
#define BOOT_EXPLORE_H

/*
 * Exploring: every place of every format on every volume is looked at, and what is there is read into
 * menus. No file is read twice, whichever way leads to it.
 */

#include <stdbool.h>

#include "boot/format.h"

struct explored {
	struct volume_set *volumes; /* files within them are looked into where a menu wants that */
	const char *architecture;   /* in uname(2)'s words */
	bool efi;
	/* The partition that the loader came from ("PARTUUID=..."), NULL if that is not known. It is the first
	 * of its disk to be read: the settings in loader.conf are taken from there. */
	const char *esp;
};

struct explored_menu {
	struct entry_list *list; /* with entries, which know their source */
	const struct format *format;
	const struct volume *volume; /* or the first of its disk */
	const char *file;            /* "" where it is several */
	size_t order;                /* as read */
};

/* A talloc context; the menus are below it, by volume and format, and free of problems. */
struct exploration {
	struct explored_menu *menus;
	size_t menu_count;
	const char **problems; /* sentences */
	size_t problem_count;
};

/* -ENOMEM; everything else is a problem among the others. */
int explore(void *ctx, const struct explored *what, struct exploration **result);

#endif
