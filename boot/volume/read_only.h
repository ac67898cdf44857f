/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_READ_ONLY_H
#define BOOT_READ_ONLY_H

/*
 * Block devices that are read-only for as long as we have them mounted. A filesystem that is
 * mounted read-only may write all the same: ext4 notes in the superblock whatever error it meets
 * (fs/ext4/super.c, ext4_handle_error), and finds errors where a journal was not replayed; ext4
 * and f2fs finish the deletion of orphaned inodes. Each of them asks the block device first.
 *
 * Who makes the devices writable again has to outlive us, however we end: a child, the keeper, which
 * knows the devices that were writable before. It does so when it is told to, or when its parent is
 * dead. The kernel does not choose it when memory is short.
 */

#include "devices/machine.h"

struct read_only;

/* Start a keeper. NULL with errno. If the caller dies, this file (-1 for none) stays open in the keeper until
 * all devices are writable: a lock that goes with it is free then, and not before. */
struct read_only *read_only_new(struct machine *m, void *ctx, int until_writable);

/* The devices become writable, which is waited for, and the keeper ends. They are not to be mounted any
 * more. NULL is none. */
void read_only_free(struct read_only *keeper);

/* The descriptor that a child needs for read_only_set(); -1 for none. */
int read_only_socket(const struct read_only *keeper);

/* Have the keeper make the device (open for reading) read-only, unless it is, and wait for that.
 * -ECANCELED where it is ending or gone: the device stays as it is then, and is not to be mounted. */
int read_only_set(int socket, int device_fd);

#endif
