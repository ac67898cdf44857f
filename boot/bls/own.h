/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_BLS_OWN_H
#define BOOT_BLS_OWN_H

/*
 * Entries of the user's own, made in stillboot's menu: type 1 files of the Boot Loader Specification
 * (UAPI.1) called loader/entries/stillboot-NAME.conf, on the filesystem that has their kernel, below boot/
 * if the kernel is. So other loaders that read these have them, too. Their sort-key puts them behind
 * entries that have one; in stillboot they are never the default by themselves (entry_list_default()).
 */

#include "boot/entry.h"

#define OWN_PREFIX "stillboot-"

struct own_entry {
	const char *title;
	const struct volume *volume; /* that has all its files, open */
	/* Paths on the volume. */
	const char *kernel;
	const char *const *initrds;
	size_t initrd_count;
	const char *devicetree; /* NULL for none */
	const char *options;
};

/* What is to be written for it, a talloc child of ctx: a file whose name comes from the title, with a number
 * if there is one of that name. *id, which belongs to *write, is the id that it will have. -EINVAL for what
 * cannot be written in this format, the error of volume_has() for a file that is not there, -EEXIST where
 * too many have this name. */
int own_entry_write(void *ctx, const struct own_entry *own, struct entry_write **write,
	const char **id, struct err *err);

/* Remove it. -EPERM if it is not the user's own. */
int own_entry_remove(void *ctx, const struct entry *e, struct entry_write **write, struct err *err);

#endif
