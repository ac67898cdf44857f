/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_PAST_H
#define MENU_PAST_H

/* What something was before it was changed, to go back to and forth again. Bounded: the oldest goes. */

#include <stddef.h>

#define PAST_MOMENTS_MAX 100
#define PAST_BYTES_MAX 65536

struct past;

struct moment {
	const char *text;
	size_t at; /* where the cursor stands */
};

struct past *past_new(void *ctx);
/* Keep what was, after it was changed. Of changes that follow each other in one run (any number but 0), only
 * what was before the first is kept. */
void past_keep(struct past *p, struct moment before, unsigned int run);
/* The run ends: the cursor was moved. */
void past_break(struct past *p);

/* From now to what was before, and back. 1 if there is such a thing: *then belongs to p until the next
 * call. */
enum past_way { PAST_UNDO, PAST_REDO };
int past_go(struct past *p, enum past_way way, struct moment now, struct moment *then);

#endif
