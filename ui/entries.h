/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_ENTRIES_H
#define UI_ENTRIES_H

/*
 * The boot entries as commands see them: found where the options say, with what the policy makes of
 * them; and how they are shown.
 */

#include <jansson.h>

#include "boot/discover.h"
#include "ui/command.h"

struct entries_view {
	struct discovery *discovery;
	struct still_plan policy;
};

/* Find them, and tell on standard error what could not be read. */
int entries_look(struct session *s, struct entries_view *view, struct err *err);

/* A line each, submenus as a tree; with OPT_VERBOSE among the options more, and hidden ones too. */
void entries_print(const struct entry_list *list, unsigned int options);
/* Who said what about the default. */
void entries_explain(const struct discovery *d);
/* Everything about one. */
void entry_print(const struct entry *e, const struct discovery *d);

/* entries_json.c. */
json_t *entry_json(const struct entry *e);
json_t *entries_choices_json(const struct discovery *d);

#endif
