/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_BLSCFG_H
#define BOOT_GRUB_BLSCFG_H

/*
 * What the command uki needs beside blscfg.c: where unified kernel images are, and what is in one.
 */

#include "boot/grub/run.h"

/* The ESP, as far as it can be told from the configuration: the volume with EFI/Linux on the disk of
 * the configuration, or else the first one. Where there is none, the configuration's own. */
const struct volume *grub_uki_volume(struct grub_run *g);

/* Append an entry for an image, with its first profile: GRUB knows no others. What cannot be read is
 * told. -ENOMEM. */
int grub_uki_read(
	struct grub_run *g, const struct volume *v, const char *path, struct entry_list *list);

#endif
