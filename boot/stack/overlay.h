/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_OVERLAY_H
#define BOOT_OVERLAY_H

/*
 * A device that may be written to without being changed: what is written goes to memory and is
 * forgotten at the end. For md, which writes the superblock of an array's bitmap when the array starts
 * and stops, even read-only (drivers/md/md-bitmap.c, md_bitmap_load(), md_bitmap_flush(): both call
 * md_bitmap_update_sb()).
 *
 * It is a snapshot of device-mapper without a memory of its own beyond this boot (target "snapshot",
 * "N") whose exceptions lie in a file in memory below a loop device, which goes with it.
 */

#include "devices/machine.h"

#define OVERLAY_PREFIX "stillboot-overlay-"

/* At most so many bytes can be written to one; then reading from it fails. */
#define OVERLAY_BYTES (64 << 20)

/* Put one over a device ("/dev/sda2"); *overlay is its node ("/dev/dm-3"), belonging to ctx. An effect of
 * the machine; in a dry run *overlay is the device itself. */
int overlay_make(struct machine *m, void *ctx, const char *device, char **overlay, struct err *err);

/* Is this block device ("dm-3") one of ours? Its mapping's name, belonging to ctx; else NULL. */
char *overlay_name(struct machine *m, void *ctx, const char *block);

/* Remove those on which nothing stands: who made them was killed before. */
void overlay_remove_strays(struct machine *m);

#endif
