/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_BARE_H
#define BOOT_BARE_H

/*
 * Kernels without any configuration: bare_parse() makes an entry of a kernel's name and its first
 * bytes. The initrd is guessed from what distributions call it, the version is in the name or in
 * the header of a bzImage, and the command line comes from files of the root filesystem that tools
 * make configurations of.
 */

#include "boot/reading.h"

#define BARE_HEAD                                                                                  \
	(16 << 10) /* bytes that bare_parse() is given; most names of versions are there */

/* Newest first; behind them what is for an emergency: rescue kernels and old ones. */
void bare_sort(struct entry_list *list);

/* What the root filesystem says of itself. */
struct bare_root {
	const char *device; /* as root= wants it; NULL where nothing is said */
	const char *flags;  /* as rootflags= wants them, or NULL */
};

/* The command line for a kernel of r->volume: etc/kernel/cmdline or usr/lib/kernel/cmdline, or what
 * etc/default/grub says; with root= where they lack it. These files and the filesystem are
 * r->volume's, if it is a root filesystem, or those of the one whose etc/fstab mounts r->volume at
 * /boot. "" where there is no such thing. NULL when memory ran out. */
char *bare_options(struct reading *r, void *ctx);
bool bare_has_root(const char *options);

/* The parts of it: a file of kernel-install's, GRUB's settings, fstab(5). NULL when memory ran out,
 * false where the line is missing or names nothing that root= could take. */
char *bare_read_cmdline(void *ctx, const char *bytes, size_t len);
char *bare_read_grub(struct reading *r, void *ctx, const char *bytes, size_t len);
bool bare_read_fstab(
	void *ctx, const char *bytes, size_t len, const char *directory, struct bare_root *root);

#endif
