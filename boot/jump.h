/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_JUMP_H
#define BOOT_JUMP_H

/*
 * The last part of the way: what must hold before the first unbind, and leaving this kernel.
 */

#include "boot/kexec.h"
#include "devices/quiesce.h"

enum jump_mode {
	JUMP_NOTHING_IN_USE, /* refuse above writable disk filesystems and swap */
	JUMP_FORCE,          /* sync and remount read-only, leave devices in use bound */
	JUMP_FROM_EXITRD,    /* later, from memory: only the machine has to allow it */
};

/* Would a jump now do harm or be impossible? -EPERM with the reason: not in the initial PID
 * namespace (reboot(2) would end the container, not the kernel), no way to restart in an emergency,
 * a root filesystem on the network unless it will be another one then, and, unless forced, a disk filesystem
 * mounted read-write or swap in use, in any mount namespace. Touches nothing. */
int jump_check(struct machine *m, enum jump_mode mode, struct err *err);

enum jump_patience {
	JUMP_NOT_LONGER,
	JUMP_WHILE_WRITING, /* again as long, as long as less is left to be written (proc_meminfo(5)) */
};

/* What writes to disks, done as deadline_run() does; -ETIME when nothing less is left to be written. */
int jump_write(struct machine *m, unsigned int ms, enum jump_patience patience,
	machine_action *action, void *argument, struct err *err);

/* Write out all dirty data, within so many milliseconds: -ETIME if a disk does not take it. Then no kexec
 * may be called. */
int jump_sync(struct machine *m, unsigned int ms, enum jump_patience patience, struct err *err);

/* The same within JUMP_SYNC_MS, while it writes, and with JUMP_FORCE make disk filesystems read-only. Before
 * the first unbind, never after it. -EBUSY when a filesystem stays writable. */
#define JUMP_SYNC_MS 60000
int jump_settle_disks(struct machine *m, enum jump_mode mode, struct err *err);

/* What jump_go() does about a hung step. */
enum jump_on_hang {
	JUMP_HANG_RESTART,
	JUMP_HANG_CRASH, /* where a crash kernel is loaded; else as JUMP_HANG_RESTART */
};

/* Is a crash kernel loaded? */
int jump_has_crash_kernel(struct machine *m);

/*
 * Leave this kernel, with nothing hung: reboot(KEXEC), and if that returns a firmware reboot.
 * Returns only when all of that failed, or on a machine that does not really act: then 0.
 */
int jump_go(struct machine *m, struct err *err);

/*
 * Leave it while a step hangs: neither of the two, since both would wait for ever for the device
 * lock it holds, and no crash kernel would start any more then. The emergency restart (sysrq b)
 * takes no lock; a crash (sysrq c) starts the crash kernel. Returns as jump_go().
 */
int jump_out(struct machine *m, enum jump_on_hang how, struct err *err);

/* Switch the machine off by the kernel's own hand (sysrq o), for where reboot(POWER_OFF) does not come back.
 * It does so after this has returned: 0 when nothing came of it in JUMP_OFF_MS. */
#define JUMP_OFF_MS 30000
int jump_off(struct machine *m, struct err *err);

#endif
