/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_MOUNT_H
#define BOOT_VOLUME_MOUNT_H

/*
 * The system calls that look at one device. Any of them may hang with a disk that does not answer;
 * they are called in children only.
 */

#include "devices/machine.h"

enum volume_content {
	VOLUME_EMPTY, /* nothing of interest */
	VOLUME_FILESYSTEM,
	VOLUME_MEMBER,     /* a part of a storage stack (boot/stack/stack.h) */
	VOLUME_HIBERNATED, /* swap space with a suspended system in it */
};

/* What libblkid says; "" where there is none. */
struct volume_identity {
	enum volume_content content;
	char uuid[64], label[256], type[32];
	char partition_uuid[64], partition_type[64];
};

/* Probe the device (safeprobe: what is ambiguous is an error, -ENOTUNIQ). 0 with VOLUME_EMPTY if
 * there is nothing. */
int volume_probe(const char *device, struct volume_identity *identity, struct err *err);

/* Mount the filesystem detached and read-only, without replaying its journal; *fd is the
 * directory, and the mount goes with the last file that is open in it. Nothing is written. The device
 * becomes read-only (read_only.h), for which read_only_socket is needed. Of btrfs the top level is
 * mounted. -EBUSY if somebody has claimed the device; -EAGAIN if other devices of the filesystem are
 * missing; -ENOPKG if the kernel has no driver for the type. */
int volume_mount(
	const char *device, const char *type, int read_only_socket, int *fd, struct err *err);

/* A read-only view of what is mounted at target (an absolute path in the machine): a clone of that
 * mount alone on the running machine, if we may; else the directory. */
int volume_view(struct machine *m, const char *target, int *fd, struct err *err);

#endif
