/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_LINE_EDIT_H
#define MENU_LINE_EDIT_H

/* One line of text that is being typed: keys in, text and cursor out. */

#include "ui/menu/grid.h"
#include "ui/menu/key.h"

#define LINE_EDIT_MAX 4096 /* bytes: more than a kernel's command line takes */

struct line_edit;

/* With this text, the cursor at its end. NULL when memory ran out. */
struct line_edit *line_edit_new(void *ctx, const char *text);
const char *line_edit_text(const struct line_edit *e);
void line_edit_set(struct line_edit *e, const char *text);

/* 1 if the key means something to a line, else 0. Keys are those of readline's and of everybody's forms. */
int line_edit_key(struct line_edit *e, const struct key_event *event);

/* In a field of this width, with the cursor when it has the focus. A secret is drawn as stars. */
enum line_edit_look { LINE_EDIT_FOCUS = 1 << 0, LINE_EDIT_SECRET = 1 << 1 };
void line_edit_draw(struct line_edit *e, struct grid *g, const int at[3], unsigned int look);

/* Overwrite what was typed. */
void line_edit_wipe(struct line_edit *e);

#endif
