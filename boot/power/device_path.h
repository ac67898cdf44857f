/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_DEVICE_PATH_H
#define BOOT_DEVICE_PATH_H

/*
 * Files as Petitboot's formats name them: "[DEVICE:]PATH", where DEVICE is "sda2", "/dev/sda2",
 * "UUID=..." or "LABEL=..." (also with a small prefix, or "uuid:..."), and the path starts at the
 * root of that filesystem, with or without a slash. Without a device it is the filesystem of the
 * configuration. URLs are recognised: "file://" is a path, others are on the network.
 */

#include <stdbool.h>

#include "boot/entry.h"
#include "boot/power/line.h"

/* Fill in file->path and file->on with strings of ctx. What is on the network leaves the path NULL
 * and becomes the *reason, if that is NULL yet. False when memory ran out. */
bool device_path_read(
	void *ctx, struct line_text text, struct entry_file *file, const char **reason);

/* The same for one more initrd of the entry; too many are a reason, too. */
bool device_path_add_initrd(void *ctx, struct line_text text, struct entry *entry);

#endif
