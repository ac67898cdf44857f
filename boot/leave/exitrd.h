/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_EXITRD_H
#define BOOT_LEAVE_EXITRD_H

/*
 * The exitrd: the small system in memory in which a machine ends. systemd-shutdown hands PID 1 to
 * /run/initramfs/shutdown when everything is unmounted that can be (systemd's INITRD_INTERFACE); we use
 * the same tree without systemd. It needs nothing from a disk:
 *
 *   shutdown                 this program, as it runs now (proc/self/exe)
 *   lib..., etc/ld.so.cache  its loader and libraries, at their own paths
 *   stillboot/kernel, initrd what is to be booted, the initrd with its room for the handoff
 *   stillboot/cmdline        its command line, byte by byte
 *   stillboot/decision       the policy's decision, final: it is judged by what the machine is like then
 *   stillboot/target.json    the rest (exitrd_target.h)
 *   oldroot dev proc sys run tmp   where systemd-shutdown, or we, put the rest of the world
 *
 * It lies in a tmpfs of its own, because Debian mounts /run noexec, and systemd ignores a shutdown
 * program that cannot be executed without saying so. The tmpfs is filled before it is anywhere: what
 * stands on run/initramfs is whole, and its program has run.
 */

#include "boot/pin.h"

#define EXITRD_DIRECTORY "run/initramfs"
#define EXITRD_PROGRAM "shutdown"
/* Below the tree's root. */
#define EXITRD_KERNEL "stillboot/kernel"
#define EXITRD_INITRD "stillboot/initrd"
#define EXITRD_CMDLINE "stillboot/cmdline"
#define EXITRD_DECISION "stillboot/decision"
#define EXITRD_TARGET "stillboot/target.json"
#define EXITRD_OLD_ROOT "oldroot"

struct exitrd {
	const struct pinned *pinned; /* kernel, initrd with the handoff's room, command line */
	const char *title;           /* of the entry, for messages and the handoff */
	const void *decision;        /* as decision_write() gives it */
	size_t decision_len;
	int reboot_is_kexec; /* the verb "reboot" jumps too */
};

/* Build the tree, and put it on run/initramfs as the very last step, in the place of an earlier one of
 * ours. -EEXIST with a sentence when run/initramfs is somebody else's, -ENOMEM or -ENOSPC when memory is
 * short, -ENOEXEC when its program does not run there: then everything is as it was. An effect of the
 * machine. */
int exitrd_build(struct machine *m, const struct exitrd *what, struct err *err);

/* Take ours away; 0 also if there is none. */
int exitrd_remove(struct machine *m, struct err *err);

/* Foreign is one with a shutdown program or a shell (as dracut and mkosi have them), or dracut's mark
 * that it will unpack one there. */
enum exitrd_owner { EXITRD_NONE, EXITRD_OURS, EXITRD_FOREIGN };
enum exitrd_owner exitrd_owner(struct machine *m);

#endif
