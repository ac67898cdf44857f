/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_SOURCES_H
#define UI_SOURCES_H

/*
 * The files of what is to be booted, open on their way into memory: an entry's, or those that the options
 * name.
 */

#include "boot/entry.h"
#include "boot/pin.h"
#include "ui/command.h"

struct sources {
	struct pin_source kernel; /* fd -1 as long as there is none */
	struct pin_source initrds[ENTRY_INITRDS_MAX];
	size_t initrd_count;
};

#define SOURCES_NONE ((struct sources){.kernel = {.fd = -1}})

/* What was opened is the caller's also after an error: sources_close(). Names are borrowed from options, or
 * belong to the session's memory. */
int sources_open_kernel(const struct options *o, struct sources *src, struct err *err);
int sources_open_initrds(const struct options *o, struct sources *src, struct err *err);
/* Add one more initrd: path is its name too. */
int sources_add_initrd(const char *path, struct sources *src, struct err *err);
int sources_open_entry_kernel(
	struct session *s, const struct entry *e, struct sources *src, struct err *err);
int sources_open_entry_initrds(
	struct session *s, const struct entry *e, struct sources *src, struct err *err);
void sources_close(struct sources *src);

#endif
