/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_MOUNTS_H
#define BOOT_VOLUME_MOUNTS_H

/*
 * Which mounts are worth a look. Those of disks, and what boot files are kept below even if it is on
 * no disk of its own; of several at the same place the last, which covers the others; and of several
 * that show the same part of a filesystem, or a part of what another shows, the one that shows most,
 * the first if they show the same. Hosts of many containers have tens of thousands of mounts: the
 * time grows as that of sorting them.
 */

#include "devices/mounts.h"

/* In the order of the list, NULL-terminated, a talloc array of ctx that points into the list. NULL
 * when memory ran out. */
const struct mount **volume_mounts_choose(void *ctx, const struct mount_list *list);

/* Is this the type of a filesystem in memory, of which nothing can be installed? */
int volume_mounts_in_memory(const char *type);

#endif
