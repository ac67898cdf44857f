/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_LIST_H
#define MENU_LIST_H

/* Lists: a cursor, scrolling, folding, a filter, and details beside or below; for every screen that has rows. */

#include "ui/menu/view.h"

/* Find out anew which rows are seen; the cursor stays on what it stood on. To be called before what is below. */
void list_update(struct menu *menu, struct view *view);
void list_draw(struct menu *menu, struct console *console, struct grid *grid, struct area area);
/* 1 if the key means something to every list. */
int list_key(struct menu *menu, struct console *console, const struct key_event *event);
/* The row under the cursor: its index for the screen's functions, or -1. */
long list_selected(const struct view *view);
/* Details follow a cursor that rests, so that moving it sends a slow line few bytes; whatever else changes the list
 * shows those of the cursor's row at once. True when the time has come, and they are another row's than before. */
bool list_clock(const struct menu *menu, struct view *view);
/* Milliseconds until then, -1 for never. */
long long list_wait_ms(const struct menu *menu, const struct view *view);
/* Put the cursor on the row with this key, unfolding what hides it. */
void list_go_to(struct menu *menu, struct view *view, const char *key);
/* Set (or NULL: drop) the filter. */
void list_filter(struct menu *menu, struct view *view, const char *filter);

#define LIST_DEPTH_MAX 32
#define LIST_CHOICES 9 /* rows that a digit chooses */

/* Is what stands below the row folded away? */
bool list_is_folded(const struct view *view, const struct row *row);
/* How many rows before shown[from] have a number. */
int list_numbers_before(const struct menu *menu, const struct view *view, size_t from);

/* Bindings that every list has, for the help. */
extern const struct binding list_bindings[];

#endif
