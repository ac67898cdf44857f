/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_BTRFS_H
#define BOOT_VOLUME_BTRFS_H

/*
 * btrfs: a filesystem on several devices, with several roots. On the kernel's side this is
 * include/uapi/linux/btrfs.h and btrfs_tree.h; libbtrfsutil does the same and is not everywhere.
 */

#include "devices/err.h"

/* Make the device known to the kernel, which reads its superblock. -EAGAIN with a sentence if the
 * filesystem has others that are not known yet. */
int btrfs_scan(const char *device, struct err *err);

/* Paths from the top level, without a slash in front; "" ends the list. */
#define BTRFS_VIEWS_MAX 8
#define BTRFS_PATH_MAX 256
struct btrfs_views {
	char path[BTRFS_VIEWS_MAX][BTRFS_PATH_MAX];
	int default_first; /* the first is the default subvolume */
};

/* The subvolumes to look at beside the top level, which is open as top_fd: the default subvolume, and
 * those directly below the top that are called as distributions call their root and boot subvolumes, or
 * hold a system or boot files and are no snapshots. What cannot be read is passed over. */
void btrfs_find_views(int top_fd, struct btrfs_views *views);

#endif
