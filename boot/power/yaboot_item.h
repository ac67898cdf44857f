/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_YABOOT_ITEM_H
#define BOOT_YABOOT_ITEM_H

/*
 * The items of yaboot.conf (yaboot.conf(5), "FILE FORMAT", and second/cfg.c, cfg_get_token()):
 * flags "read-only" and variables "root=/dev/sda2", any number on a line, "#" for comments. A value
 * with blanks is in double quotes, where \" \\ \n and a backslash before the line's end mean
 * something; outside of quotes a backslash takes any meaning from what follows.
 *
 * What yaboot gives up on is read as well as can be, and as Petitboot does: a string ends with its
 * line, ' quotes like ", a "=" within a value is part of it, and so are words behind it that are no
 * options.
 */

#include <stdbool.h>

#include "boot/power/line.h"

enum yaboot_kind { YABOOT_FLAG, YABOOT_VARIABLE };

struct yaboot_lexer {
	struct line_text rest;
	unsigned int line;
	/* Is this word, behind a value, another item? */
	bool (*is_item)(struct line_text name, enum yaboot_kind kind);
	char *scratch; /* talloc; the value is put together here */
	size_t used;
};

struct yaboot_item {
	struct line_text name; /* as written; empty for what cannot be an item */
	const char *value;     /* good until the next call; NULL for a flag */
	unsigned int line;
};

/* A lexer whose memory belongs to ctx. */
struct yaboot_lexer yaboot_lexer_of(void *ctx, struct line_text text,
	bool (*is_item)(struct line_text name, enum yaboot_kind kind));

/* 1 for the next item, 0 at the end, -ENOMEM. */
int yaboot_item_next(struct yaboot_lexer *lexer, struct yaboot_item *item);

#endif
