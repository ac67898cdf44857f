/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_LINE_EDIT_H
#define MENU_LINE_EDIT_H

/* One line of text that is being typed: keys in, text and cursor out. */

#include "ui/menu/grid.h"
#include "ui/menu/history.h"
#include "ui/menu/key.h"

#define LINE_EDIT_MAX 4096 /* bytes: more than a kernel's command line takes */

struct line_edit;

/* With this text, the cursor at its end; what is too long is cut at a character's end. NULL when memory ran
 * out. */
struct line_edit *line_edit_new(void *ctx, const char *text);
const char *line_edit_text(const struct line_edit *e);
void line_edit_set(struct line_edit *e, const char *text);

/* The cursor, in bytes. */
size_t line_edit_at(const struct line_edit *e);
void line_edit_place(struct line_edit *e, size_t at);

/* Changes can be taken back from now on (^_, ^Z) and made again (M-z). Not for secrets: they would stay. A
 * form that takes back its own changes leaves this out. */
void line_edit_remember(struct line_edit *e);
/* Up and Down (^P, ^N) bring what was typed earlier instead. history lives longer than e. */
void line_edit_offer(struct line_edit *e, const struct history *history);
/* Is it something typed earlier that is shown? */
int line_edit_is_recalled(const struct line_edit *e);

/* 1 if the key means something to a line, else 0. Keys are those of readline's and of everybody's forms. */
int line_edit_key(struct line_edit *e, const struct key_event *event);
/* Keys of the same number that follow each other are one change to take back (past.h); 0 for one that is a
 * change alone. */
unsigned int line_edit_run(const struct key_event *event);

/* In a field of this width, with the cursor when it has the focus. A secret is drawn as stars. */
enum line_edit_look { LINE_EDIT_FOCUS = 1 << 0, LINE_EDIT_SECRET = 1 << 1 };
void line_edit_draw(struct line_edit *e, struct grid *g, const int at[3], unsigned int look);

/* Overwrite what was typed. */
void line_edit_wipe(struct line_edit *e);

#endif
