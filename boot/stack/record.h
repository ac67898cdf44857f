/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_STACK_RECORD_H
#define BOOT_STACK_RECORD_H

/*
 * What of the kernel's block devices is ours to close: a line each in run/stillboot/stack, in the order
 * of opening. It outlives the process: a volume that `stillboot unlock` opened stays open, and so does
 * what it stands on; and what a process that was killed left behind is closed by the next that jumps.
 *
 * A line stands there before the thing does, and only says where to look: before anything is closed sysfs
 * must agree that it is the same, by the UUID of the mapping, or by the overlays below the array.
 */

#include <stddef.h>

#include "devices/machine.h"

#define STACK_RECORD_FILE "run/stillboot/stack"
#define STACK_ITEMS_MAX 1024

enum stack_item_kind { STACK_ITEM_VOLUME, STACK_ITEM_ARRAY, STACK_ITEM_CRYPT };

struct stack_item {
	enum stack_item_kind kind;
	const char *name; /* of the logical volume, the array ("md127"), the encrypted mapping */
	const char *uuid; /* of a logical volume that of its mapping ("LVM-..."); else its own */
};

struct stack_items {
	struct stack_item *items; /* talloc array, its strings its children */
	size_t count;
};

/* Read a record; lines that make no sense are passed over. NULL when memory ran out. */
struct stack_items *stack_record_parse(void *ctx, char *text);
struct stack_items *stack_record_read(struct machine *m, void *ctx);

/* Put an item behind the others, or take it out: effects of the machine. */
int stack_record_add(struct machine *m, const struct stack_item *item, struct err *err);
int stack_record_remove(struct machine *m, const struct stack_item *item, struct err *err);

/* Is this block device ("dm-3", "md127") one of them? */
int stack_items_have(struct machine *m, const struct stack_items *items, const char *block);

/* Close one, and take it out. 0 also if it is gone already, or not what it was. -EBUSY if it is in use:
 * mounted, or part of something else. */
int stack_item_close(struct machine *m, const struct stack_item *item, struct err *err);

/* Close all that is recorded, the last one first. Returns 1 if there was something, 0 if not, and the
 * first failure, after having tried all. */
int stack_record_close_all(struct machine *m, struct err *err);

/* Close one encrypted volume, called by its device ("/dev/sda2"), its own ("/dev/dm-0") or "UUID=...",
 * and then the volumes and arrays of the record that nobody needs any more. Returns 1, or 0 if it is not
 * open. */
int stack_record_close(struct machine *m, const char *name, struct err *err);

#endif
