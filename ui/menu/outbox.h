/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_OUTBOX_H
#define MENU_OUTBOX_H

/* Bytes that wait until a terminal or a pipe takes them; nobody else waits. */

#include <stddef.h>

#include "devices/err.h"

struct outbox {
	int fd;      /* borrowed */
	char *bytes; /* talloc; from sent to count they are to go out */
	size_t sent, count;
};

/* Add bytes; they are lost when memory has run out, or when more than max would wait (0 for no limit). The
 * memory is below ctx. */
void outbox_add(struct outbox *box, void *ctx, const char *bytes, size_t len, size_t max);
int outbox_pending(const struct outbox *box);
/* Send what is taken now. The file is non-blocking, or this was called after POLLOUT. */
int outbox_flush(struct outbox *box, struct err *err);
void outbox_forget(struct outbox *box);

#endif
