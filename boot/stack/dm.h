/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_DM_H
#define BOOT_DM_H

/*
 * The little of device-mapper that needs no tool: its ioctls (linux/dm-ioctl.h), which every kernel
 * since 2.6 has alike. What belongs to LVM and LUKS is made by their own tools and libraries.
 */

#include "devices/machine.h"

struct dm_mapping {
	const char *name, *uuid; /* at most 127 and 128 bytes */
	unsigned long long sectors;
	const char *target, *parameters; /* one line of a table, beginning at sector 0 */
};

/* Make a mapping. udev is told to leave its contents alone. No effect by itself. */
int dm_create(struct machine *m, const struct dm_mapping *mapping, struct err *err);

/* Remove a mapping and its node in dev/mapper: an effect of the machine. Waits a little for who looks
 * at it just now (udev does); -EBUSY if somebody stays. */
int dm_remove(struct machine *m, const char *name, struct err *err);

/* The kernel's name ("dm-3") of the mapping whose attribute in sysfs, "name" or "uuid", is this;
 * NULL if there is none. Belongs to ctx. */
char *dm_find(struct machine *m, void *ctx, const char *attribute, const char *value);

/* "name" or "uuid" of a block device ("dm-3"); NULL if it is no mapping. */
char *dm_attribute(struct machine *m, void *ctx, const char *block, const char *attribute);

#endif
