/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_HANDOFF_PARTS_H
#define BOOT_HANDOFF_PARTS_H

/* What the files of the handoff (handoff.h) share. */

#include <stddef.h>

#include "devices/err.h"

/* Check the heading and the body that it tells of: -EBADMSG with what is wrong. *body points into bytes. */
int handoff_heading(const char *bytes, size_t len, unsigned int *version, const char **body,
	size_t *body_len, struct err *err);

/* Text as base64 of a zlib stream, a talloc string of ctx; NULL when memory ran out. */
char *handoff_deflate(void *ctx, const char *text);

/* And back, at most limit bytes: a few may unpack to terabytes. -EBADMSG for what is no such thing or has a
 * NUL in it, -EFBIG, -ENOMEM. */
int handoff_inflate(void *ctx, const char *base64, size_t limit, char **text);

#endif
