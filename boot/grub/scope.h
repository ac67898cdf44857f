/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_SCOPE_H
#define BOOT_GRUB_SCOPE_H

/*
 * Variables. A scope is a talloc context; what is set in it hides what the scope above has, and is
 * gone with it. A variable that was never set anywhere is unknown rather than empty: the
 * environment block or the firmware may have set it.
 */

#include <stdbool.h>
#include <stddef.h>

#define GRUB_VARIABLES_MAX 1024 /* in one scope; more are not remembered */

struct grub_scope {
	const struct grub_scope *above;
	struct grub_variable *variables; /* sorted by name */
	size_t count;
};

/* NULL when memory ran out. above may be NULL. */
struct grub_scope *grub_scope_new(void *ctx, const struct grub_scope *above);

/* False when memory ran out. Strings are copied. */
bool grub_scope_set(struct grub_scope *scope, const char *name, const char *value);

/* NULL if unknown. The name need not be terminated. */
const char *grub_scope_get(const struct grub_scope *scope, const char *name, size_t len);

#endif
