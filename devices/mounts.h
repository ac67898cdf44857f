/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_MOUNTS_H
#define DEVICES_MOUNTS_H

/*
 * What is mounted, from the mountinfo of procfs (proc(5), /proc/pid/mountinfo), and what is swapped
 * to. Strings are decoded (the kernel writes a space as \040) and belong to the list.
 */

#include "devices/machine.h"

struct mount {
	unsigned int major, minor; /* of the superblock; major 0 for one without a block device,
				       which includes btrfs */
	const char *root;          /* which part of the filesystem is mounted, "/" for all */
	const char *target;        /* mount point */
	const char *type;          /* "ext4" */
	const char *source;        /* "/dev/nvme0n1p1", "tmpfs" */
	const char *options;       /* of the superblock: "rw,vers=4.2,addr=192.0.2.1" */
	int writable;              /* the superblock, not only this mount, is read-write */
};

struct mount_list {
	struct mount *mounts; /* in the order in which they were mounted */
	size_t count;
};

/* Parse the text of a mountinfo file; lines that are none are passed over. The new list belongs to
 * ctx; NULL when memory ran out. */
struct mount_list *mounts_parse(void *ctx, const char *text);

/* Of this process's namespace. */
int mounts_read_own(struct machine *m, void *ctx, struct mount_list **list, struct err *err);
/* Of every mount namespace and root directory that some process has, one after the other: a mountinfo
 * shows only what can be reached from its process's root. */
int mounts_read_all(struct machine *m, void *ctx, struct mount_list **list, struct err *err);

/* Does this filesystem lie on a disk (and not only in memory or on the network)? */
int mount_is_on_disk(const struct mount *mount);

/* The first filesystem of the list that lies on a disk and can be written, NULL if there is none. */
const struct mount *mounts_writable_disk(const struct mount_list *list);

/* The paths of swap areas ("/dev/sda2", "/swapfile"), NULL-terminated, belonging to ctx. */
int swaps_read(struct machine *m, void *ctx, char ***paths, struct err *err);

#endif
