/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_CHOICE_H
#define BOOT_CHOICE_H

/*
 * Which entry is the default. One rule for all formats: everybody who has a say makes a proposal, and
 * the order of enum entry_choice decides: a choice for one boot, the user's saved choice, the policy,
 * the configuration's own default, the newest version. Within one of these the menu that is listed
 * first wins; but what was set in stillboot's own menu is the first of the saved choices.
 *
 * A proposal counts where its entry is there and can be booted; for what was not named outright also
 * only where no rule hides it. An entry whose boots were counted down to nothing counts when nothing
 * else does, the newest version neither, unless it is named for one boot. If nothing counts, the first proposal that names an entry
 * has it, so that one sees what cannot be booted.
 */

#include <stdbool.h>

#include "boot/entry.h"

#define CHOICE_NONE ((size_t)-1)

struct choice_proposal {
	enum entry_choice choice;
	const char *name;  /* as it was said; NULL: nothing was said, it is the first of its menu */
	const char *where; /* who said it: "EFI variable LoaderEntryDefault", "policy.lua:3" */
	size_t index;      /* of the entry, CHOICE_NONE if there is none of that name */
	bool newest;       /* it names no entry but means the newest version, whichever that is */
};

struct choices {
	struct choice_proposal *list; /* talloc array below the struct */
	size_t count;
	size_t chosen; /* of the proposals, CHOICE_NONE if there are no entries */
};

struct choices *choices_new(void *ctx);

/* Strings are copied. -ENOMEM. */
int choices_add(struct choices *c, enum entry_choice choice, const char *name, const char *where,
	size_t index);

/* The user's own, before all other saved choices: a name, or NULL for the newest version. -ENOMEM. */
int choices_put_first(struct choices *c, const char *name, const char *where, size_t index);

/* Decide, and mark the entry as the default and no other. May be called again when there are more
 * proposals or when entries changed. -ENOMEM. */
int choices_decide(struct choices *c, struct entry_list *entries);

/* A choice for one boot that the entry with this index passes by: it names another one, which need not be
 * there or be one that kexec can boot. NULL if there is none, or if the entry is what one of them names. */
const struct choice_proposal *choices_passed_by(const struct choices *c, size_t index);

/* The entry with the newest version that can be booted and is not hidden, those without tries left
 * last; CHOICE_NONE. */
size_t choice_newest(const struct entry_list *entries);

/* "one-shot choice", "saved choice"... */
const char *choice_word(enum entry_choice choice);

#endif
