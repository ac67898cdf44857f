/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_ENVIRONMENT_H
#define BOOT_GRUB_ENVIRONMENT_H

/*
 * GRUB's environment block, the file grubenv (grub-core/lib/envblk.c): the line
 * "# GRUB Environment Block", then lines NAME=VALUE in which a backslash takes the meaning from the
 * byte behind it (a newline, a backslash), then `#` up to the end. It usually has 1024 bytes, and a
 * boot loader that writes it can only replace bytes: its size never changes.
 */

#include <stdbool.h>
#include <stddef.h>

#include "devices/err.h"

#define GRUB_ENVIRONMENT_MAX (64 << 10) /* bytes of a block that is read */

/* Where to go on reading; zeroed at first. */
struct grub_environment {
	const char *bytes;
	size_t len, at;
};

/* Is this a block? Then *environment can be read. */
bool grub_environment_open(struct grub_environment *environment, const char *bytes, size_t len);

/* The next name and value as talloc strings of ctx. False at the end, at what is no line of a block,
 * or when memory ran out. Lines of comment are passed over. */
bool grub_environment_next(
	struct grub_environment *environment, void *ctx, char **name, char **value);

/* Set the variable, or remove it where value is NULL, in the block's bytes. -EINVAL if it is none or
 * the name cannot stand in it, -ENOSPC where there is no room for it; then nothing was changed.
 * Whatever else stands in the block stays as it is; a variable that is there keeps its place. */
int grub_environment_set(
	char *bytes, size_t len, const char *name, const char *value, struct err *err);

#endif
