/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_HISTORY_H
#define MENU_HISTORY_H

/* Texts that were typed earlier, each once, the newest first. */

#include <stddef.h>

#define HISTORY_MAX 50

struct history;

struct history *history_new(void *ctx);
/* A copy of it, as the newest. Nothing is no text. */
void history_add(struct history *h, const char *text);
/* The newest is 0; NULL where there is none. */
const char *history_at(const struct history *h, size_t i);

#endif
