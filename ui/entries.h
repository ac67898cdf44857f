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

/* Do the options that say where to look go together? Says what does not. */
int entries_places_usable(const struct options *options);

/* Find them, and tell on standard error what could not be read. */
int entries_look(struct session *s, struct entries_view *view, struct err *err);

/* Go on, and show them again whenever they have changed, until a signal ends it, or nobody reads any
 * more. What was told of problems is not told again. ms is the time since the beginning. */
typedef void entries_show(struct session *s, const struct entries_view *view, long ms);
enum exit_code entries_watch(struct session *s, entries_show *show);

/* The steps of entries_look() for who makes discoveries: the policy; a discovery below ctx; and in each
 * discovery what the policy makes of it, and its problems but those that an earlier one (or NULL) had. */
int entries_decide(struct session *s, struct still_plan *p, struct err *err);
int entries_find(struct session *s, void *ctx, struct discovery **d, struct err *err);
int entries_judge(struct entries_view *view, const struct discovery *before, struct err *err);

/* A line each, submenus as a tree; with OPT_VERBOSE among the options more, and hidden ones too. */
void entries_print(const struct entry_list *list, option_set options);
/* Who said what about the default. */
void entries_explain(const struct discovery *d);
/* Everything about one. */
void entry_print(const struct entry *e, const struct discovery *d);

/* entries_json.c. */
json_t *entry_json(const struct entry *e);
json_t *entries_choices_json(const struct discovery *d);
/* All that `list --json` tells. */
json_t *entries_json(const struct entries_view *view);

#endif
