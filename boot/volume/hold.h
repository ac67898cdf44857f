/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_HOLD_H
#define BOOT_VOLUME_HOLD_H

/*
 * What volumes rest on beside their own files, shared by a finder and the sets that it gave: devices
 * that are read-only for now, stacks that were assembled, a disk image. The last user lets go of it,
 * in this order.
 */

#include "boot/volume/read_only.h"
#include "boot/stack/stack.h"
#include "devices/machine.h"

struct volume_hold {
	unsigned int users;
	struct machine *machine;
	struct read_only *read_only;
	struct stack *stack;
	int image_fd; /* of the loop device, -1 if none */
};

/* With one user, which is the caller. NULL when memory ran out. */
struct volume_hold *volume_hold_new(struct machine *m);
struct volume_hold *volume_hold_use(struct volume_hold *hold);

/* Start what makes devices read-only, unless it was. */
int volume_hold_read_only(struct volume_hold *hold, struct err *err);

/* A user is done and has closed its volumes. An error is that of the last one: something that was
 * assembled could not be taken down. NULL is nothing. */
int volume_hold_drop(struct volume_hold *hold, struct err *err);

#endif
