/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_SCOPE_H
#define BOOT_GRUB_SCOPE_H

/*
 * Variables. A scope is a talloc context; what is set in it hides what the scope above has, and is
 * gone with it. A menu entry's body has a scope of its own, so that it changes nothing for others; a
 * submenu is a new context of GRUB's, in which only exported variables of the one above are seen
 * (grub-core/normal/context.c, grub_env_context_open).
 */

#include <stdbool.h>
#include <stddef.h>

#define GRUB_VARIABLES_MAX 1024   /* in one scope; more are not remembered */
#define GRUB_VALUES_MAX (1 << 20) /* bytes of names and values in one scope; likewise */

enum grub_view {
	GRUB_VIEW_ALL,
	GRUB_VIEW_EXPORTED,
};

struct grub_scope {
	const struct grub_scope *above;
	enum grub_view view;             /* of the scope above */
	struct grub_variable *variables; /* sorted by name */
	size_t count, room, bytes;
};

/* NULL when memory ran out. above may be NULL. */
struct grub_scope *grub_scope_new(void *ctx, const struct grub_scope *above, enum grub_view view);
/* Forget all that was set in it. */
void grub_scope_clear(struct grub_scope *scope);

/* Strings are copied; value NULL unsets. -ENOMEM, or -E2BIG where there are too many. */
int grub_scope_set(struct grub_scope *scope, const char *name, const char *value);
/* A variable that is not set becomes an empty one, as in GRUB. */
int grub_scope_export(struct grub_scope *scope, const char *name);

/* NULL if it is not set. The name need not be terminated. */
const char *grub_scope_get(const struct grub_scope *scope, const char *name, size_t len);

#endif
