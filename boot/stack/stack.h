/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_STACK_H
#define BOOT_STACK_H

/*
 * Storage stacks: block devices that carry no filesystem but are members of something that makes
 * further block devices: LVM, md RAID, LUKS. What is complete is opened by the tools that belong to
 * it, read-only, and taken down again; the rest is recognised and named with the reason.
 *
 * Who finds block devices probes them, passes what libblkid said of each to stack_assemble(), looks
 * again for block devices when that says so, and repeats this until nothing is new (a volume group
 * on LUKS on RAID takes three rounds). Only where the block devices are ours to look at (volume.h),
 * and only with devices that nobody has claimed.
 *
 * Nothing is written to a member, and nothing is opened that would write by itself or only makes
 * sense with its daemon: of LVM plain linear and striped volumes (no thin, cache, snapshot, mirror or
 * RAID volume, no volume that is being moved, no group of another system); of md no array that is
 * being reshaped or has a journal; no firmware (fake) RAID. LUKS is opened on request only
 * (unlock.h).
 *
 * A dry run opens stacks too: it has to find what the real run would find, and all of it is closed at
 * the end.
 *
 * Tools and libraries are used where they are installed: lvm, mdadm, libcryptsetup.so.12. What needs
 * one that is not there says so.
 */

#include <stddef.h>

#include "devices/machine.h"

/* What a probe found. All strings are libblkid's values and hostile; borrowed for the call. */
struct stack_member {
	const char *device; /* "/dev/sda2" */
	const char *type;   /* TYPE: "LVM2_member", "linux_raid_member", "crypto_LUKS", ... */
	const char *uuid;   /* UUID, NULL if there is none: of md that of the array */
	const char *label;  /* LABEL, likewise */
};

enum stack_state {
	STACK_OPEN,    /* it is a block device now */
	STACK_LOCKED,  /* LUKS: waits for `stillboot unlock` */
	STACK_WAITING, /* members are missing */
	STACK_LEFT,    /* recognised and left alone, or it failed: the reason says why */
	STACK_STUCK,   /* a member that did not answer a tool, which may hold it for ever */
};

/* One thing that was recognised: a logical volume, an array, an encrypted volume; a group or a single
 * member where it did not come to that. */
struct stack_part {
	enum stack_state state;
	const char *kind;   /* in words: "LVM volume", "RAID array", "encrypted volume" */
	const char *name;   /* "vg/root", "host:0", or the device */
	const char *uuid;   /* "" if it has none */
	const char *device; /* its member, the first of several: "/dev/sda2" */
	const char *opened; /* its block device, "/dev/dm-0"; NULL unless it is open */
	const char *reason; /* a sentence, NULL for what is simply open */
};

/* Who asks a tool something, as tool_ask() does (tool.h). */
typedef int stack_asker(
	struct machine *m, void *ctx, const char *const argv[], char **output, struct err *err);

struct stack {
	struct stack_part *parts; /* what was opened stands in the order of opening */
	size_t count;
	stack_asker *ask; /* tool_ask(); tests answer themselves */
	struct stack_private *private;
};

enum stack_flags {
	/* Start arrays also that lack members which their superblock counts on: for the last round,
	 * when no more disks are waited for. */
	STACK_DEGRADED = 1 << 0,
};

/* Is this type of libblkid's one that belongs to stack_assemble()? */
int stack_is_member(const char *type);

/* An empty stack below ctx; NULL when memory ran out. Freeing it does not take anything down. */
struct stack *stack_new(void *ctx);

/* Open what of these can be. members are all that are known by now, those of earlier rounds included,
 * also where we have opened what they belong to (a group of volumes may gain a member later); a disk
 * that went is left out. What was dealt with is not tried again unless its members have changed.
 * Returns 1 if new block devices may have appeared, else 0; negative only when memory ran out. What
 * cannot be opened is a part with a reason, never an error. A tool that does not answer costs TOOL_MS
 * (tool.h), once. */
int stack_assemble(struct machine *m, struct stack *stack, const struct stack_member *members,
	size_t count, unsigned int flags, struct err *err);

/* Is it an encrypted volume that waits to be opened, now? It may have been opened since it was found, or be
 * gone. */
int stack_is_locked(struct machine *m, const struct stack_part *part);

/* Take down what stack_assemble() opened, in reverse order, and nothing else; the volumes on it are
 * to be closed before. Goes on after a failure; -EBUSY or what the tool said of the first that did
 * not go. */
int stack_release(struct machine *m, struct stack *stack, struct err *err);

#endif
