/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_BLOCK_WRITERS_H
#define BOOT_BLOCK_WRITERS_H

/*
 * Devices that a process writes to without having claimed them, as virtual machines and databases do with
 * theirs. To mount one would not only show half of what is being written: while it is read-only for us
 * (read_only.h) their writes fail (block/fops.c, blkdev_write_iter()).
 */

#include "boot/volume/block.h"

/* Take out of the list what a process has open for writing, itself or the disk that it is a partition of.
 * Processes that we may not look at, and those of other PID namespaces, are not seen. */
void block_drop_written(struct machine *m, struct block_device *devices, size_t *count);

#endif
