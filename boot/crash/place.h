/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_CRASH_PLACE_H
#define BOOT_CRASH_PLACE_H

/*
 * Where a dump goes: a folder, "/var/crash", or one of another machine, "ssh:USER@HOST:/FOLDER" (USER@ may
 * be left out; a HOST with colons stands in brackets).
 */

#include "devices/err.h"

struct crash_place {
	const char *host;   /* "USER@HOST" as ssh takes it; NULL: here */
	const char *folder; /* absolute */
	const char *key;    /* of ssh, NULL for its own choice; by the caller */
};

/* Strings belong to ctx. -EINVAL with what would be right; -ENOMEM. */
int crash_place_parse(void *ctx, const char *text, struct crash_place *place, struct err *err);

/* A word for a shell, in single quotes, as a talloc string of ctx; NULL when memory ran out. */
char *crash_place_quote(void *ctx, const char *word);

#endif
