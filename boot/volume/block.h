/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_BLOCK_H
#define BOOT_BLOCK_H

/*
 * The machine's block devices as sysfs has them. Strings belong to the context given.
 */

#include <stddef.h>

#include "devices/machine.h"

#define BLOCK_DEVICES_MAX 4096

struct block_device {
	const char *name;       /* "nvme0n1p2" */
	const char *path;       /* "/dev/nvme0n1p2" */
	const char *disk;       /* "nvme0n1", its own name if it is no partition */
	unsigned int partition; /* 1-based; 0 if it is none */
	/* Of the disk; another one for what is plugged in later under the same name. 0 before Linux
	 * 5.15 (Documentation/ABI/stable/sysfs-block, diskseq). */
	unsigned long long sequence;
};

/* All that may carry a filesystem nobody has claimed, by name: not those without a size, without a
 * device node (NVMe's paths below a multipath device), in memory (ram, zram), floppies, loop
 * devices without a file of their own, suspended or held by another device (RAID, LVM, crypto), and not disks
 * that have partitions. An error if sysfs has no list. */
int block_list(struct machine *m, void *ctx, struct block_device **devices, size_t *count,
	struct err *err);

/* Leave out loop devices that go with their last user (autoclear): somebody has one for as long as he
 * looks into a file, and that may be us. */
void block_drop_borrowed(struct machine *m, struct block_device *devices, size_t *count);

/* The device that a path ("/dev/mapper/vg-root", also as a link) or a number (unless major is 0)
 * means. The name is a guess from the path where sysfs does not know it. -ENOMEM. */
int block_find(struct machine *m, void *ctx, const char *path, unsigned int major,
	unsigned int minor, struct block_device *device);

/* The kernel's name of a node in /dev, whose path may begin there: "cciss!c0d0" of "/dev/cciss/c0d0". No link
 * is followed. NULL when memory ran out. */
char *block_name_of(void *ctx, const char *path);

/* Is there still a device of this name, whoever has claimed it? */
int block_is_there(struct machine *m, const char *name);

/* Is it held by another device (RAID, LVM, crypto)? */
int block_has_holder(struct machine *m, const char *name);

/* What udev's links say of the device: NULL each where there is no link. */
struct block_names {
	const char *uuid, *label;
};
/* The name of the link in this directory ("dev/disk/by-partuuid") that leads to the device, NULL if
 * there is none. */
char *block_link_to(struct machine *m, void *ctx, const char *directory, const char *name);
struct block_names block_udev_names(struct machine *m, void *ctx, const char *name);

/* What udev's database says of the device ("ID_PART_ENTRY_TYPE"), belonging to ctx; NULL for nothing. */
char *block_udev_property(struct machine *m, void *ctx, const char *name, const char *property);

#endif
