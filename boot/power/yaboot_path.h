/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_YABOOT_PATH_H
#define BOOT_YABOOT_PATH_H

/*
 * Files as yaboot.conf names them (yaboot.conf(5), "File names"): "[DEVICE:][PARTITION][,]/PATH",
 * with a firmware device ("hd:3,/boot/vmlinux", "/pci@f2/ata/@0:3,/vmlinux",
 * "&device;:3,/vmlinux"), or, as Petitboot has it, a device of Linux ("sda2:/vmlinux",
 * "UUID=...:/vmlinux"). The options device= and partition= stand for what a name does not say.
 *
 * Which disk a firmware device is cannot be known here: it is the configuration's own, or the only
 * one with such a partition ("hd0,3" of volume_named()). Where that leads to no file, the
 * configuration's own filesystem is taken if it has the file.
 */

#include <stdbool.h>

#include "boot/reading.h"

struct yaboot_place {
	const char *device, *partition; /* of the options; NULL where nothing is said */
};

/* As device_path_read(); strings belong to r->list. */
bool yaboot_path_read(struct reading *r, const struct yaboot_place *place, const char *text,
	struct entry_file *file, const char **reason);

#endif
