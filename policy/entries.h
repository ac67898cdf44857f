/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_ENTRIES_H
#define POLICY_ENTRIES_H

/*
 * What a decision says of boot entries: which are hidden, what their command lines become, and which is
 * the default.
 */

#include "boot/choice.h"
#include "policy/decision.h"

/* Change the entries accordingly: options, changed_by, hidden_by; propose the policy's default among the
 * choices, and decide (is_default). *missed, if not NULL, is the default that the policy names and no entry
 * is, else NULL. -ENOMEM. */
int entries_apply(const struct decision *d, struct entry_list *list, struct choices *choices,
	const char **missed, struct err *err);

/* A command line with what rules of devices and of the machine add and take out; *changed_by are these
 * rules ("quirks.lua:12, quirks.lua:40"). Both belong to ctx; if nothing changed they are options itself
 * and NULL. -ENOMEM. */
int entries_change_options(const struct decision *d, void *ctx, const char *options,
	const char **changed, const char **changed_by);

#endif
