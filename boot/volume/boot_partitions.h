/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_BOOT_PARTITIONS_H
#define BOOT_BOOT_PARTITIONS_H

/*
 * The partitions that are kept for boot loaders: the EFI system partition and the extended boot loader
 * partition (XBOOTLDR) of the Discoverable Partitions Specification (UAPI.2). An installed system has them
 * on the disks of its root filesystem, and does not always mount them: systemd does when somebody looks
 * into /efi or /boot (systemd-gpt-auto-generator(8)), others never.
 */

#include "boot/volume/block.h"
#include "devices/mounts.h"

/* Is this type, as libblkid writes it (PART_ENTRY_TYPE), one of the two in a GPT? */
int boot_partitions_are_of(const char *type);

/* Those that may be such partitions on the disks that the root filesystem lies on, through whatever
 * lies between (LVM, LUKS, RAID, multipath, the devices of a btrfs), by name: what nobody has claimed and
 * udev does not know to be something else. Where udev knows nothing, the type is to be probed. Also those
 * that are mounted. Nothing where the root filesystem lies on no disk, or sysfs is not there. Strings and
 * the list belong to ctx; -ENOMEM. */
int boot_partitions_find(struct machine *m, void *ctx, const struct mount_list *mounts,
	struct block_device **devices, size_t *count);

#endif
