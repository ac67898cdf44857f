/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_MOUNT_H
#define BOOT_VOLUME_MOUNT_H

/*
 * The system calls that look at one device. Any of them may hang with a disk that does not answer;
 * volume_find.c calls them in children only.
 */

#include "devices/machine.h"

struct volume_identity {
	char uuid[64], label[256], type[32]; /* "" where there is none */
};

/* What libblkid says of the device (safeprobe: what is ambiguous is nothing). -ENODATA if there is
 * no filesystem on it. */
int volume_probe(const char *device, struct volume_identity *identity, struct err *err);

/* Mount the filesystem detached and read-only, without replaying its journal; *fd is the
 * directory, and the mount goes with the last file that is open in it. Nothing is written, and
 * the device is set read-only for the moment of mounting because ext4 would otherwise finish the
 * deletion of orphaned inodes even then (fs/ext4/orphan.c). -EBUSY if somebody has claimed it. */
int volume_mount(const char *device, const char *type, int *fd, struct err *err);

/* A read-only view of what is mounted at target (an absolute path in the machine): a clone of that
 * mount alone on the running machine, if we may; else the directory. */
int volume_view(struct machine *m, const char *target, int *fd, struct err *err);

#endif
