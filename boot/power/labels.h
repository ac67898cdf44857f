/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LABELS_H
#define BOOT_LABELS_H

/*
 * Menus whose entries are known by a label, which is their title and id, as in petitboot.conf,
 * kboot.conf and yaboot.conf.
 */

#include <stdbool.h>

#include "boot/reading.h"

/* Append an entry of this label, which begins at this line; it is titled and has its position. NULL
 * when memory ran out or the list is full. */
struct entry *labels_add(struct reading *r, const char *label, unsigned int line);

/* No kernel takes a longer command line (COMMAND_LINE_SIZE of its architectures). */
#define LABELS_OPTIONS_MAX 4096

/* Give the entry a copy of this command line. One that is too long becomes a reason, so that
 * options which hold for all entries cannot fill the memory. False when memory ran out. */
bool labels_set_options(struct entry_list *list, struct entry *e, const char *options);

/* Tell the user that what begins at this line is left out, since the list is full. */
void labels_full(struct reading *r, unsigned int line);

/* All are read, those from number first on are the file's: entries without a kernel get a reason,
 * those without options an empty command line. */
void labels_finish(struct entry_list *list, size_t first);

/* The default is the entry number index, which the configuration calls by this name: the list's
 * default_pattern becomes that name, or the position where the name would lead elsewhere. A name
 * that no entry has (index beyond the list) is kept. -ENOMEM. */
int labels_set_default(struct entry_list *list, size_t index, const char *name);

/* The first entry from number first on that has this title, upper and lower case being alike;
 * list->count if there is none. */
size_t labels_find(const struct entry_list *list, size_t first, const char *title);

#endif
