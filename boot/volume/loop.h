/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LOOP_H
#define BOOT_LOOP_H

/* A file as a read-only disk (drivers/block/loop.c). */

#include "devices/err.h"

/* Returns a descriptor of the loop device, with its kernel name ("loop0") in name. Its partitions are
 * there at once. The device goes when that and all that was opened or mounted of it is closed. Negative
 * errno with a sentence. */
#define LOOP_NAME_MAX 32
int loop_open(const char *file, char name[LOOP_NAME_MAX], struct err *err);

/* The same for a regular file that is open for reading, without partitions. */
int loop_over_file(int file, char name[LOOP_NAME_MAX], struct err *err);

/* The same for a block device, without partitions; it is claimed for as long as the loop device is there,
 * and nothing can be written to it through that. -EBUSY if somebody else has claimed it. */
int loop_over_device(const char *device, char name[LOOP_NAME_MAX], struct err *err);

#endif
