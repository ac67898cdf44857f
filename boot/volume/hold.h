/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_HOLD_H
#define BOOT_VOLUME_HOLD_H

/*
 * What volumes rest on beside their own files, shared by a finder and the sets that it gave: devices
 * that are read-only for now, stacks that were assembled, a disk image, the right to look at disks. The
 * last user lets go of it, in this order.
 */

#include "boot/volume/read_only.h"
#include "boot/stack/stack.h"
#include "boot/volume/volume.h"
#include "devices/machine.h"

/* A lock (flock(2)): one stillboot at a time looks at disks that nobody has mounted. What it has opened is
 * claimed, and another would take it for somebody's, and pass it over. */
#define VOLUME_HOLD_LOCK "run/stillboot/disks"
/* How long another one is waited for, in all: its disk may not answer, and the rest takes a moment. */
#define VOLUME_HOLD_MS (VOLUME_DEADLINE_MS + 5000)

struct volume_hold {
	unsigned int users;
	struct machine *machine;
	struct read_only *read_only;
	struct stack *stack;
	int image_fd;    /* of the loop device, -1 if none */
	int lock_fd;     /* VOLUME_HOLD_LOCK, -1 if it was not opened */
	int patience_ms; /* what is left of VOLUME_HOLD_MS */
};

/* With one user, which is the caller. NULL when memory ran out. */
struct volume_hold *volume_hold_new(struct machine *m);
struct volume_hold *volume_hold_use(struct volume_hold *hold);

/* Start what makes devices read-only, unless it was. */
int volume_hold_read_only(struct volume_hold *hold, struct err *err);

/* Before disks are looked at: take the lock, unless the hold has it. -EBUSY if another process keeps it
 * for longer than there is patience. A machine that has no place for a lock goes on without. */
int volume_hold_disks(struct volume_hold *hold);

/* A user is done and has closed its volumes. An error is that of the last one: something that was
 * assembled could not be taken down. NULL is nothing. */
int volume_hold_drop(struct volume_hold *hold, struct err *err);

#endif
