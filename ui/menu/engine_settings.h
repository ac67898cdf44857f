/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_ENGINE_SETTINGS_H
#define MENU_ENGINE_SETTINGS_H

/*
 * What the engine is asked for about settings and entries of the user's own (engine.h: "settings", "set",
 * "keep"); also what `stillboot settings` and `stillboot keep` do. What changes something is prepared while
 * the discovery is open, and given as a commit: the caller closes the discovery, runs the commit, and looks
 * again. It belongs to the discovery, and is all or nothing.
 */

#include <jansson.h>

#include "boot/commit.h"
#include "boot/discover.h"
#include "ui/command.h"

/* The rows of "settings". The value of the password is its hash. */
int engine_settings(const struct discovery *d, json_t **rows, struct err *err);

/* {NAME: VALUE}: null forgets one. An entry is named as in `stillboot list`; a password that is no hash
 * of crypt(3) becomes one. -EINVAL, -ENOENT for an entry that is not there, and what settings_write() says. */
int engine_set(struct session *s, struct discovery *d, const json_t *values, struct commit **commit,
	struct err *err);

/* Keep an EDIT as an entry, with its files on one filesystem (-EXDEV), and what own_entry_write() says. */
struct engine_kept {
	struct commit *commit;
	const char *id, *where; /* of the entry to be, which belong to the discovery: its file */
};
int engine_keep(struct discovery *d, const char *title, const json_t *edit,
	struct engine_kept *kept, struct err *err);

/* Remove one that was kept, by its id. -ENOENT, -EPERM. */
int engine_drop(struct discovery *d, const char *id, struct commit **commit, struct err *err);

/* An entry as an EDIT: what "keep" takes and a form shows. -ENOTSUP for one that has no kernel of its own
 * that such a form can name (a unified kernel image). */
int engine_edit_of(const struct entry *e, json_t **edit, struct err *err);

#endif
