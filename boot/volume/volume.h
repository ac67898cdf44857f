/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_H
#define BOOT_VOLUME_H

/*
 * A volume is a filesystem that may hold boot entries: a directory that is open, and what it is
 * called. Nothing is ever written to one.
 *
 * On an installed system the volumes are the filesystems that are mounted, and, where we may mount
 * them, its own ESP and XBOOTLDR that are not (boot_partitions.h); a server's other disks
 * hold its guests' volumes and are not ours to mount. Where the root filesystem lies in memory (an
 * initramfs: nothing is installed here), or with DISCOVER_ALL_DISKS, they are also those on block
 * devices that nobody has claimed or has open for writing (block_writers.h). What is mounted already
 * is looked at through a read-only clone of the mount, or simply opened where we may not clone. The
 * rest is mounted detached: read-only, nosuid, nodev, noexec, without journal replay, in nobody's
 * mount namespace and at no mount point.
 *
 * A machine below another root than the running one's has only files: its mountinfo says which
 * directories are filesystems; without one, or where it names none that could hold entries, the
 * root directory is the only volume.
 */

#include <stddef.h>
#include <sys/stat.h>

#include "devices/machine.h"

enum discover_flags {
	DISCOVER_ALL_DISKS = 1 << 0,
	/* Boot partitions only where they are mounted: for who keeps volumes for long. While we have one
	 * mounted, nobody else can mount it to write on it. */
	DISCOVER_MOUNTED = 1 << 1,
};

enum volume_flags {
	VOLUME_OUR_MOUNT = 1 << 0, /* we mounted it: its device is to be free again at the end */
	VOLUME_ONE_MOUNT = 1 << 1, /* paths do not lead on into what is mounted within it */
	VOLUME_ANY_NAME = 1 << 2,  /* a plain directory: whatever name is looked for is this one */
	VOLUME_HAS_TOP = 1 << 3,   /* top_fd is open */
	VOLUME_SLEEPS = 1 << 4,    /* a hibernated system may have it open: never to be written */
	VOLUME_BOOT_PARTITION =
		1 << 5, /* one only if it is an ESP or XBOOTLDR and we may look at it */
	/* It lies on LVM, RAID or LUKS that we opened: read-only, and closed again before anything is
	 * written. */
	VOLUME_OUR_STACK = 1 << 6,
	/* It lies within a file of another volume: its device is gone, or is somebody else's, when anything
	 * could be written. */
	VOLUME_IN_FILE = 1 << 7,
};

/* How long one device may take to be probed and mounted. A disk that spins up or a SCSI command
 * that is tried again needs seconds; what needs more is not there. */
#define VOLUME_DEADLINE_MS 10000
/* How long volumes_close() waits for devices: a detached mount goes within milliseconds. */
#define VOLUME_RELEASE_MS 3000
#define VOLUMES_MAX 512

/* One btrfs filesystem of ours is several volumes: its default subvolume, those at its top that hold
 * a system or its /boot, and its top level. */
struct volume {
	int fd;             /* O_PATH directory */
	int top_fd;         /* the top level of the filesystem, where the volume is only a part */
	const char *device; /* "/dev/nvme0n1p2", NULL for a plain directory */
	const char *target; /* where it is mounted, NULL for our own mounts */
	/* NULL where unknown: */
	const char *uuid, *label, *type;
	const char *root; /* the part of the filesystem that it shows: "/", or "/@" and the like */
	const char *disk; /* the disk that the device is a partition of: "nvme0n1" */
	unsigned int partition;   /* 1-based; 0 if it is none */
	const char *const *names; /* what else it is called (names.h), NULL-terminated or NULL */
	unsigned int flags;
};

/* What was to be looked at and could not be, or that a user should know of. */
struct volume_problem {
	const char *device; /* or the mount point */
	const char *text;
	/* The kernel's name ("sda1", "cciss!c0d0") of one that did not answer: a process of ours still holds
	 * it, count it as in use. Else NULL. */
	const char *stuck;
	/* A filesystem that the kernel has no driver for, such as Windows': a problem only if an entry means
	 * this volume, which is not among the others. Else NULL. */
	const struct volume *unread;
	int locked; /* no failure: it is encrypted, and waits for `stillboot unlock` */
};

struct volume_set {
	struct volume *volumes; /* as mounted; then our own mounts, by device name */
	size_t count;
	struct volume_problem *problems;
	size_t problem_count;
	struct volume_hold *hold; /* hold.h */
	struct volume_inside *inside;
};

/* An empty set below ctx; freeing it closes the volumes. NULL when memory ran out. */
struct volume_set *volume_set_new(void *ctx);

/* Make *to a volume of its own: strings are copied to ctx, files duplicated. Negative errno, and
 * nothing is open, if that fails. */
int volume_copy(void *ctx, const struct volume *from, struct volume *to);

/* Close what is open. */
void volume_let_go(struct volume *v);

/* A new problem at the end of the list; the texts are copied. NULL when memory ran out. */
struct volume_problem *volume_set_problem(
	struct volume_set *set, const char *device, const char *text);

/* Find them all. Waits until every device has answered or its deadline is over (finder.h
 * finds them while the caller does something else). The set is a talloc context below ctx; freeing it
 * closes the volumes. An error means that the machine cannot be read at all (no memory, sysfs
 * missing). */
int volumes_find(
	struct machine *m, void *ctx, unsigned int flags, struct volume_set **set, struct err *err);

/* A set of directory trees, each taken for a filesystem, for configurations without a machine. A tree
 * is "DIR", or with names that configurations may call it by "NAME[,NAME...]:DIR" (also "=DIR"), where a
 * NAME is "UUID=X", "LABEL=X", one of names.h, or a device ("sda2", "/dev/sda2"). A single tree without
 * names answers to every name. Negative errno and a sentence for a directory that cannot be opened, and
 * for a NAME of another kind. */
int volumes_of_trees(void *ctx, const char *const *trees, size_t count, struct volume_set **set,
	struct err *err);

/* The filesystems in a disk image: on its partitions, or on the whole of it. It is only read, through a
 * loop device, which needs root and the kernel's loop driver; that and all else is released with the
 * set. Stacks in it are not opened. An error also where the image has no filesystem. */
int volumes_of_image(
	struct machine *m, void *ctx, const char *file, struct volume_set **set, struct err *err);

/* The filesystem in a file of one of the volumes, whole, as GRUB's loopback has it: the ISO image of a
 * CD on a disk. It is a volume like others, mounted as they are, but not one of set->volumes: names find
 * it once it was asked for. It is kept for as long as the set. At most VOLUMES_INSIDE_MAX files are
 * looked into, which needs root and the kernel's loop driver, and none in directory trees (-ENOTSUP).
 * Negative errno and a sentence. */
#define VOLUMES_INSIDE_MAX 32
int volume_inside(struct volume_set *set, const struct volume *v, const char *path,
	const struct volume **found, struct err *err);

/* Those that there are so far: a talloc list, whose sets are NULL where there is no filesystem. */
struct volume_inside {
	struct volume_inside *next;
	dev_t device; /* which file it is */
	ino_t file;
	struct volume_set *set; /* of one volume */
	int rc;                 /* why there is none */
	struct err err;
};

/* Close all volumes and wait until the devices that we had mounted can be opened exclusively, so
 * that a driver may be unbound; take down what was assembled for them. -EBUSY with the name of the
 * one that could not, after VOLUME_RELEASE_MS. The set stays, empty of open files: its strings may
 * still be used. A finder that gave it is to be freed before. */
int volumes_close(struct volume_set *set, struct err *err);

/* The volume that a configuration on the volume near calls "UUID=...", "LABEL=..." or "FILE=..."
 * (the first to have this file), one of volume.names ("PARTUUID=...", "lvm/vg-root", "md/0",
 * "cryptouuid/..."), a GRUB device ("hd0,gpt2": by the number of the partition, on the disk of
 * near, or else the only one with that number; "hd0": likewise without partitions; "cd0": on near
 * if that is a CD, or else the only one), or a device ("sda2", "/dev/sda2", "vg-root",
 * "/dev/mapper/vg-root", udev's by-uuid and by-label).
 * Names of hexadecimal UUIDs compare without regard to case. NULL if there is none. near itself
 * is preferred where several have the name. */
const struct volume *volume_named(
	const struct volume_set *set, const char *name, const struct volume *near);

/* The path from the volume's own root. GRUB names files from the top of the filesystem ("/@/boot/vmlinuz");
 * where the volume is only a part of it ("/@"), that is taken off. */
const char *volume_path(const struct volume *v, const char *path);

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

/* The same for who is going to open them: "*.conf" finds upper and lower case, and a match without a path
 * ends the array. *missed is the negative errno of the first directory that is there and could not be read,
 * 0 for none. */
struct volume_match {
	char *path;
	size_t name; /* where its last component begins */
	const struct volume_directory
		*directory; /* where readdir(3) said that it is a regular file,
						     NULL where that is not known */
	ino_t inode;        /* as readdir(3) said it; 0 where the filesystem makes it up */
};
/* A directory with such files, open as long as the array lives. */
struct volume_directory {
	int fd;
	dev_t device;
};
struct volume_match *volume_list(
	const struct volume *v, void *ctx, const char *pattern, int *missed);

/* Open one of those for reading, as volume_open() does, but at half the cost where it is known to be a
 * file; *st is what fstat(2) says. Where its inode is known nobody is asked: then of *st only st_dev and
 * st_ino are set, st_size is -1, and a read that is short has met the end of the file. */
int volume_open_match(const struct volume *v, const struct volume_match *match, int *fd,
	struct stat *st, struct err *err);

/* Read all of a file that is open and st.st_size bytes long, as volume_read() does. */
int volume_read_open(const struct volume *v, void *ctx, const char *path, int fd,
	const struct stat *st, size_t limit, char **bytes, size_t *len, struct err *err);

/* In words, for errors: the device, or else the mount point or "the root directory". */
const char *volume_name(const struct volume *v);

#endif
