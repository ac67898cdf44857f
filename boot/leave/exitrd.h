/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_EXITRD_H
#define BOOT_LEAVE_EXITRD_H

#include "boot/pin.h"

#define EXITRD_DIRECTORY "run/initramfs"

struct exitrd {
	const struct pinned *pinned; /* kernel, initrd with the handoff's room, command line */
	const char *title;           /* of the entry, for messages and the handoff */
	const void *decision;        /* policy's decision as decision_write() gives it */
	size_t decision_len;
	int reboot_is_kexec; /* `enable --reboot=kexec`: verb "reboot" jumps too */
};

int exitrd_build(struct machine *m, const struct exitrd *what, struct err *err);
int exitrd_remove(struct machine *m, struct err *err);

enum exitrd_owner { EXITRD_NONE, EXITRD_OURS, EXITRD_FOREIGN };
enum exitrd_owner exitrd_owner(struct machine *m);

#endif
