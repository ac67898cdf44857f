/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_EDITOR_H
#define MENU_EDITOR_H

/*
 * An entry that is being edited: fields of text, and the device that their paths are of. Keys in, an EDIT
 * (engine.h) out. There is always one empty line for one more initrd; lines that are empty are none.
 */

#include "ui/menu/line_edit.h"
#include "ui/menu/model.h"
#include "ui/menu/past.h"

#define EDITOR_INITRDS 16 /* as many as an entry can have (boot/entry.h) */

enum editor_field {
	EDITOR_DEVICE,
	EDITOR_LINUX,
	EDITOR_INITRD, /* and the others behind it */
	EDITOR_DEVICETREE = EDITOR_INITRD + EDITOR_INITRDS,
	EDITOR_OPTIONS,
	EDITOR_FIELDS,
};

struct editor {         /* a talloc context */
	const char *id; /* NULL for an entry that is made from nothing */
	const char *title;
	const char *device;
	struct line_edit *lines[EDITOR_FIELDS]; /* NULL for the device */
	int field;                              /* where the cursor is */
	json_t *original;                       /* EDITs: what it was at first, */
	json_t *safe;                           /* and what would be lost by nobody */
	struct past *past;
	int top;                      /* of the screen: the first row that is seen, */
	int first_row[EDITOR_FIELDS]; /* and where fields began when it was drawn; -1 for hidden */
};

/* Of an entry, or of nothing: then with the first volume. history: of arguments. NULL when memory ran out. */
struct editor *editor_new(void *ctx, const struct model *model, const struct model_entry *entry,
	const struct history *history);

/* What it is now; the caller's. */
json_t *editor_edit(const struct editor *e);
/* Would something be lost? */
bool editor_is_changed(const struct editor *e);
/* What it is now would be lost by nobody. */
void editor_set_safe(struct editor *e);

bool editor_is_seen(const struct editor *e, int field);
bool editor_is_initrd(int field);
void editor_go(struct editor *e, int field);
/* To the next (1) or the last (-1) field that is seen; 0 if that was the end. */
int editor_step(struct editor *e, int by);

/* A key for the field under the cursor. 1 if it means something there. */
int editor_key(struct editor *e, const struct model *model, const struct key_event *event);
void editor_go_through_past(struct editor *e, enum past_way way);
void editor_reset(struct editor *e);

/* editor_draw.c: the form. */
void editor_draw(struct editor *e, const struct model *model, struct grid *g, const int at[4]);
/* In a screen of this width: the column that fields begin at, and how wide they are. */
int editor_left(void);
int editor_width(int width);

/* A volume's name, as an EDIT has it. */
const char *editor_volume_name(const json_t *volume);

#endif
