/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_STACK_UNLOCK_H
#define BOOT_STACK_UNLOCK_H

/*
 * Opening an encrypted volume, LUKS1 or LUKS2, by libcryptsetup, which is loaded now and not before.
 * The mapping is read-only, is called "stillboot-UUID", and stays when the process ends; the record
 * (record.h) has it until it is closed. Nothing is written to the device: not even the second
 * copy of a LUKS2 header that is damaged, which the library would mend otherwise.
 */

#include <stddef.h>

#include "devices/machine.h"

#define STACK_UNLOCK_PREFIX "stillboot-"
#define STACK_KEY_MAX (8 << 20) /* bytes: what cryptsetup takes as a key file */

struct stack_locked;

/* Read the device's header ("/dev/sda2"). -ENOENT if the library is not there, -EINVAL if there is no
 * LUKS header or none that can be read, -ENODEV for a machine that is a tree of files, -EEXIST if we have
 * it open already, -ENOTSUP while it is being re-encrypted. On success *locked belongs to ctx; freeing it
 * closes the device. */
int stack_locked_read(struct machine *m, void *ctx, const char *device,
	struct stack_locked **locked, struct err *err);

/* The UUID of an encrypted volume. */
const char *stack_locked_uuid(const struct stack_locked *locked);

/* Open it: an effect of the machine. -EPERM if no key slot takes this passphrase (or contents of a key
 * file). The bytes are the caller's to wipe. *opened is the new device ("/dev/dm-0"), belonging to ctx;
 * of a dry run NULL. */
int stack_unlock(struct stack_locked *locked, void *ctx, const char *key, size_t len, char **opened,
	struct err *err);

#endif
