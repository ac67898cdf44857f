/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_MACHINE_H
#define DEVICES_MACHINE_H

/*
 * The machine as a parameter. Reading is openat() below root_fd, so that any directory can be the
 * machine ("sys/bus/pci/...", "proc/swaps", never with a leading slash). Changing goes through a
 * table of effects in three versions: the real one (machine_linux), one that prints what would be
 * done and answers as if it had been (machine_dryrun), and a scripted one in the tests.
 *
 * A struct machine is made by the caller (main or a test), lives as long as the program runs and
 * is passed down; nothing looks one up.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "devices/err.h"
#include "devices/log.h"

struct machine;

/* A filesystem on which a file is to be changed: mounted somewhere, or else on a device that is mounted
 * for the moment, out of everybody's sight. What is mounted within it is another filesystem and never
 * written to. */
struct machine_place {
	const char *target; /* where it is mounted, from the root; NULL if it is not */
	const char *device; /* for messages, and to be mounted where target is NULL */
	const char *type;   /* as mount(2) calls it */
	const char *inside; /* the part of the filesystem that paths are relative to: "/", "/@" */
	/* stat(2) of the directory at target as it was when it was read; another one there by now is
	 * -ESTALE. 0 if not known. */
	dev_t target_device;
	ino_t target_inode;
};

/* Bytes of PCI Express configuration space (PCIe Base Specification, 7.2 "PCI Express
 * Configuration Mechanisms"); conventional functions have the first 256. */
#define CONFIG_SPACE_SIZE 4096

enum machine_reboot {
	MACHINE_REBOOT_KEXEC,    /* reboot(LINUX_REBOOT_CMD_KEXEC): into the loaded kernel */
	MACHINE_REBOOT_FIRMWARE, /* reboot(LINUX_REBOOT_CMD_RESTART) */
	MACHINE_REBOOT_OFF,      /* reboot(LINUX_REBOOT_CMD_POWER_OFF) */
	MACHINE_REBOOT_HALT,     /* reboot(LINUX_REBOOT_CMD_HALT) */
};

/* Returns 0 or a negative errno, and a sentence in err. */
typedef int machine_action(void *argument, struct err *err);

/* Every effect returns 0 or a negative errno, and a sentence in err. Paths are relative to the
 * root. An effect may block for as long as the kernel lets it. Where it says so, 1 with a sentence:
 * there was nothing to do. */
struct machine_effects {
	int parallel; /* 1: may be called from forked workers at the same time */
	int pretends; /* 1: a dry run, which only prints */
	/* One write(2) of value to an attribute of sysfs or procfs. */
	int (*write_attr)(struct machine *m, const char *path, const char *value, struct err *err);
	/* Read up to size bytes of the slot's configuration space from offset 0; returns the
	 * number of bytes read. An effect although it only reads: a machine that does not really
	 * act has to answer as if it had. */
	ssize_t (*read_config)(
		struct machine *m, const char *slot, void *buf, size_t size, struct err *err);
	/* Raw write of one register of 1, 2 or 4 bytes at an offset that is a multiple of its width;
	 * refused by a locked-down kernel with EPERM. */
	int (*write_config)(struct machine *m, const char *slot, unsigned int offset,
		unsigned int width, uint32_t value, struct err *err);
	/* Write a file of stillboot's own, whole or not at all, readable by root alone; makes its
	 * directories. */
	int (*save_file)(
		struct machine *m, const char *path, const void *data, size_t len, struct err *err);
	int (*remove_file)(struct machine *m, const char *path, struct err *err);
	/* Put these bytes over the first ones of a file that is there and as long at least; it keeps
	 * its length. On the disk when this returns. */
	int (*overwrite)(struct machine *m, const struct machine_place *place, const char *path,
		const void *data, size_t len, struct err *err);
	/* Give a file another name in its directory; -EEXIST if that is taken. On the disk when this
	 * returns. */
	int (*rename)(struct machine *m, const struct machine_place *place, const char *path,
		const char *name, struct err *err);
	/* Write a small file whole, in the place of one that may be there, and make the directories that
	 * it needs; or remove it where data is NULL. What was there stays until the new one is complete.
	 * For root alone to read. On the disk when this returns. */
	int (*replace)(struct machine *m, const struct machine_place *place, const char *path,
		const void *data, size_t len, struct err *err);
	/* Write a variable's file in efivarfs in one write; len 0 deletes it. */
	int (*write_efi_variable)(
		struct machine *m, const char *path, const void *data, size_t len, struct err *err);
	/* kexec_file_load(2); initrd_fd is -1 for none, flags are KEXEC_FILE_*. */
	int (*kexec_file_load)(struct machine *m, int kernel_fd, int initrd_fd, const char *cmdline,
		unsigned long flags, struct err *err);
	/* Run a program and wait; argv[0] is searched in PATH. It reads nothing and has no signals
	 * blocked. -EIO if it fails, with the first line that it said; what it says is not shown
	 * otherwise. */
	int (*run)(struct machine *m, const char *const argv[], struct err *err);
	int (*sync)(struct machine *m, struct err *err);
	/* Take a module out by the kernel's name for it (delete_module(2) that does not wait for who
	 * uses it: that is -EAGAIN); 1 if it is not loaded. */
	int (*unload_module)(struct machine *m, const char *name, struct err *err);
	/* Take a network interface down; 1 if it is down already or not there. */
	int (*link_down)(struct machine *m, const char *ifname, struct err *err);
	/* Let so many milliseconds pass. */
	int (*settle)(struct machine *m, unsigned int ms, struct err *err);
	/* Do what has no effect of its own: a library's call, a program with a deadline. what is its
	 * sentence for a dry run, which takes it for done: "open sda2 as stillboot-UUID". */
	int (*perform)(struct machine *m, const char *what, machine_action *action, void *argument,
		struct err *err);
	/* A line into the kernel's log: kept, and shown on consoles from LOG_WARN on. */
	void (*klog)(struct machine *m, enum log_level level, const char *line);
	/* Make every disk filesystem read-only, whatever is open on it and in whatever mount
	 * namespace; -EBUSY with the name of one that stays writable. */
	int (*remount_ro)(struct machine *m, struct err *err);
	/* Does not return when it succeeds on the real machine. */
	int (*reboot)(struct machine *m, enum machine_reboot how, struct err *err);
};

struct machine {
	int root_fd;      /* O_PATH directory */
	const char *root; /* the same as a path without trailing slash, "" for the running machine;
			     for libraries that take paths */
	/* What paths below sys/ are looked up from, of who may outlive the root: switch_root moves sysfs away
	 * from it. 0 for none: then they are below root_fd as all others. */
	int sysfs_fd;
	const struct machine_effects *effects;
	void *state; /* belongs to the effects */
	/* Block devices ("sda2") that we ourselves have mounted or made something of, to look for boot
	 * entries: that is nobody's use of them. NULL-terminated and borrowed; NULL for none. */
	const char *const *held;
};

/* Open the machine below root ("/" or NULL for the running one) with the real effects. The root
 * string is borrowed. machine_close() closes the root only. */
int machine_open(struct machine *m, const char *root, struct err *err);
void machine_close(struct machine *m);

/* Replace the effects by the printing ones; prints to the log sink. The state is allocated from
 * talloc context ctx and lives as long as that. */
int machine_make_dryrun(struct machine *m, void *ctx, struct err *err);

extern const struct machine_effects machine_linux_effects;

/* machine_file.c: the real effects on files of other filesystems, for machine_linux.c. */
int machine_overwrite(struct machine *m, const struct machine_place *place, const char *path,
	const void *data, size_t len, struct err *err);
int machine_rename(struct machine *m, const struct machine_place *place, const char *path,
	const char *name, struct err *err);
int machine_replace(struct machine *m, const struct machine_place *place, const char *path,
	const void *data, size_t len, struct err *err);
int machine_write_efi_variable(
	struct machine *m, const char *path, const void *data, size_t len, struct err *err);

/* openat(2) below the root. In a captured tree no link leads out of it, absolute ones neither. */
int machine_openat(struct machine *m, const char *path, int flags);

/* Read a whole small file (an attribute, a procfs table) below the root into a talloc string of
 * ctx, NUL-terminated, trailing newline removed. limit is the largest size accepted in bytes;
 * more is -EFBIG. On an error nothing is written to *text. */
int machine_read_file(
	struct machine *m, void *ctx, const char *path, size_t limit, char **text, struct err *err);

/* The last component of the symbolic link's target ("driver" links and the like) as a talloc
 * string of ctx, or NULL if there is no such link. */
char *machine_link_name(struct machine *m, void *ctx, const char *path);

/* The names in a directory below the root, in no order and without those that begin with a dot:
 * NULL-terminated, one talloc context below ctx. NULL if the directory cannot be read. */
char **machine_list_names(struct machine *m, void *ctx, const char *path);

#endif
