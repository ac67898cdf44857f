/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_SEEN_H
#define BOOT_SEEN_H

/* Which files were read already: a set of device and inode numbers, in time that does not grow with it. */

#include <stdbool.h>
#include <sys/stat.h>

struct seen;

/* An empty set below ctx; NULL when memory ran out. */
struct seen *seen_new(void *ctx);

/* Put a file into the set. Was it not there before? Also where memory ran out: reading a file twice is
 * better than not at all. */
bool seen_add(struct seen *seen, const struct stat *st);

#endif
