/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_NAMES_H
#define BOOT_VOLUME_NAMES_H

/*
 * What a block device is called beside its filesystem's UUID and label, as GRUB and kernel command
 * lines write it:
 *
 *	PARTUUID=1234abcd-01	the entry in the partition table
 *	lvm/vg-root		a logical volume, with a hyphen within a name written twice, as
 *				device-mapper and GRUB do (grub-core/disk/lvm.c)
 *	lvmid/VGUUID/LVUUID	the same by LVM's UUIDs
 *	md/0, md/home		an array by its number or name
 *	mduuid/32HEX		the same by UUID (grub-core/disk/mdraid1x_linux.c)
 *	cryptouuid/32HEX	what is opened of an encrypted volume (grub-core/disk/cryptodisk.c)
 */

#include "devices/machine.h"

/* The names of this device, NULL-terminated, a talloc array of ctx: from sysfs and udev's links. name is the
 * kernel's ("dm-0"). NULL when memory ran out. */
const char *const *volume_names_of(struct machine *m, void *ctx, const char *name);

/* names (NULL for none) and one more; NULL when memory ran out. */
const char *const *volume_names_with(void *ctx, const char *const *names, const char *more);
const char *const *volume_names_copy(void *ctx, const char *const *names);

/* Do they say that it lies on LVM, RAID or LUKS? There GRUB writes nothing (grub-reboot(8), NOTE). names may
 * be NULL. */
int volume_names_on_stack(const char *const *names);

/* Is it one of these? UUIDs compare without regard to case and hyphens. names may be NULL. */
int volume_names_have(const char *const *names, const char *name);

#endif
