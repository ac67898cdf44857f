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
};

/* Would a jump now do harm or be impossible? -EPERM with the reason: not in the initial PID
 * namespace (reboot(2) would end the container, not the kernel), no way to restart in an emergency,
 * a root filesystem on the network, and, unless forced, a disk filesystem mounted read-write or swap
 * in use, in any mount namespace. Touches nothing. */
int jump_check(struct machine *m, enum jump_mode mode, struct err *err);

/* Write out all dirty data, and with JUMP_FORCE make disk filesystems read-only. Before the first
 * unbind, never after it: it blocks on a dead disk. -EBUSY when a filesystem stays writable. */
int jump_settle_disks(struct machine *m, enum jump_mode mode, struct err *err);

/*
 * Leave this kernel. With no hung step: reboot(KEXEC), and if that returns a firmware reboot. With
 * a hung one neither, since both would wait for the device lock it holds for ever: the emergency
 * restart (sysrq b). Returns only when all of them failed, or on a machine that does not really
 * act: then 0.
 */
int jump_go(struct machine *m, size_t hung, struct err *err);

#endif
