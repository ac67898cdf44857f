/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_REMEMBER_H
#define UI_REMEMBER_H

#include "boot/commit.h"
#include "ui/entries.h"

struct remembering {
	const struct discovery *discovery; /* open */
	enum entry_choice choice;          /* ENTRY_CHOICE_ONESHOT or ENTRY_CHOICE_SAVED */
	const char *wanted;                /* the entry; "" makes every loader forget */
};

/* What has to be written so that the entry's own loader remembers the choice: to be carried out when the
 * discovery is closed. *id is the entry's, whatever it was called. */
int remember_prepare(struct session *s, const struct remembering *what, struct commit **commit,
	const char **id, struct err *err);

/* `stillboot list --set-default ENTRY` and `--set-oneshot ENTRY`: have the entry's own loader remember the
 * choice, and look whether it counts. An empty ENTRY makes every loader forget. */
enum exit_code remember_choice(struct session *s, struct entries_view *view);

#endif
