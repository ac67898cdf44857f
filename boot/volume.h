/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_H
#define BOOT_VOLUME_H

/*
 * A volume is a filesystem that may hold boot entries: a directory that is open, and what it is
 * called. Nothing is ever written to one.
 *
 * On an installed system the volumes are the filesystems that are mounted; a server's other disks
 * hold its guests' volumes and are not ours to mount. Where the root filesystem lies in memory (an
 * initramfs: nothing is installed here), or with DISCOVER_ALL_DISKS, they are also those on block
 * devices that nobody has claimed. What is mounted already is looked at through a read-only clone
 * of the mount, or simply opened where we may not clone. The rest is mounted detached: read-only,
 * nosuid, nodev, noexec, without journal replay, in nobody's mount namespace and at no mount
 * point.
 *
 * A machine below another root than the running one's has only files: its mountinfo says which
 * directories are filesystems; without one, or where it names none that could hold entries, the
 * root directory is the only volume.
 */

#include <stddef.h>

#include "devices/machine.h"

enum discover_flags {
	DISCOVER_ALL_DISKS = 1 << 0,
};

enum volume_flags {
	VOLUME_OUR_MOUNT = 1 << 0, /* we mounted it: its device is to be free again at the end */
	VOLUME_ONE_MOUNT = 1 << 1, /* paths do not lead on into what is mounted within it */
	VOLUME_ANY_NAME = 1 << 2,  /* a plain directory: whatever name is looked for is this one */
};

/* How long all devices together may take to be probed and mounted. A disk that spins up or a
 * SCSI command that is tried again needs seconds; what needs more is not there. */
#define VOLUME_DEADLINE_MS 10000
/* How long volumes_close() waits for devices: a detached mount goes within milliseconds. */
#define VOLUME_RELEASE_MS 3000
#define VOLUMES_MAX 512

struct volume {
	int fd;             /* O_PATH directory */
	const char *device; /* "/dev/nvme0n1p2", NULL for a plain directory */
	const char *target; /* where it is mounted, NULL for our own mounts */
	/* NULL where unknown: */
	const char *uuid, *label, *type;
	const char *root; /* the part of the filesystem that it shows: "/", or "/@" and the like */
	const char *disk; /* the disk that the device is a partition of: "nvme0n1" */
	unsigned int partition; /* 1-based; 0 if it is none */
	unsigned int flags;
};

/* What was to be looked at and could not be. */
struct volume_problem {
	const char *device; /* or the mount point */
	const char *text;
	int stuck; /* it did not answer: a process of ours still holds it, count it as in use */
};

struct volume_set {
	struct volume *volumes; /* as mounted; then our own mounts, by device name */
	size_t count;
	struct volume_problem *problems;
	size_t problem_count;
	struct machine *machine; /* whose stacks were opened, or NULL */
	struct stack *stack;     /* what was opened below the volumes (stack.h), or NULL */
};

/* An empty set below ctx; freeing it closes the volumes. NULL when memory ran out. */
struct volume_set *volume_set_new(void *ctx);

/* Find them all. The set is a talloc context below ctx; freeing it closes the volumes. An error
 * means that the machine cannot be read at all (no memory, sysfs missing). */
int volumes_find(
	struct machine *m, void *ctx, unsigned int flags, struct volume_set **set, struct err *err);

/* A set of directory trees, each taken for a filesystem, for configurations without a machine. A tree
 * is "DIR", or with names that configurations may call it by "NAME[,NAME...]:DIR" (also "=DIR"), where a
 * NAME is "UUID=X", "LABEL=X", or a device ("sda2", "/dev/sda2"). A single tree without names answers
 * to every name. Negative errno and a sentence for a directory that cannot be opened. */
int volumes_of_trees(void *ctx, const char *const *trees, size_t count, struct volume_set **set,
	struct err *err);

/* Close all volumes and wait until the devices that we had mounted can be opened exclusively, so
 * that a driver may be unbound. -EBUSY with the name of the one that could not, after
 * VOLUME_RELEASE_MS. The set stays, empty of open files: its strings may still be used. */
int volumes_close(struct volume_set *set, struct err *err);

/* The volume that a configuration on the volume near calls "UUID=...", "LABEL=..." or "FILE=..."
 * (the first to have this file), or a GRUB device ("hd0,gpt2": by the number of the partition,
 * on the disk of near, or else the only one with that number; "hd0": likewise without partitions).
 * Names of hexadecimal UUIDs compare without regard to case. NULL if there is none. near itself
 * is preferred where several have the name. */
const struct volume *volume_named(
	const struct volume_set *set, const char *name, const struct volume *near);

/* Open a regular file in the volume for reading. path starts at the root of the filesystem, with
 * or without a slash; symbolic links, absolute ones too, and ".." stay within the volume. Nothing
 * but a regular file is ever opened: a device would be touched by it, a FIFO would block. -EINVAL
 * for those; their sentence says what it is. */
int volume_open(const struct volume *v, const char *path, int *fd, struct err *err);

/* The same for anything, with these flags of open(2); returns the descriptor or a negative errno.
 * Not for files that may be devices or FIFOs unless flags have O_PATH or O_DIRECTORY. */
int volume_open_any(const struct volume *v, const char *path, int flags);

/* Is there a regular file? 0, or the error that volume_open() would give, without opening it. */
int volume_has(const struct volume *v, const char *path, struct err *err);

/* Read a whole file into a talloc buffer of ctx; -EFBIG if it is larger than limit. A NUL behind
 * the last byte is not counted in *len. */
int volume_read(const struct volume *v, void *ctx, const char *path, size_t limit, char **bytes,
	size_t *len, struct err *err);

/* The paths (without leading slash) of what matches the pattern, whose components may have
 * wildcards (fnmatch(3)); sorted, NULL-terminated, allocated from ctx. What has no wildcard need
 * not be there. Directories with more than VOLUME_NAMES_MAX names are read that far. NULL only
 * when memory ran out. */
#define VOLUME_NAMES_MAX 8192
char **volume_glob(const struct volume *v, void *ctx, const char *pattern);

/* In words, for errors: the device, or else the mount point or "the root directory". */
const char *volume_name(const struct volume *v);

#endif
