/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_APPLIANCE_PARTS_H
#define UI_APPLIANCE_PARTS_H

/* What the files of the appliance share (appliance.h). */

#include <sys/types.h>

#include "devices/machine.h"

struct appliance {
	struct machine machine;
	const char **consoles; /* when the front began: NULL-terminated, or NULL */
	const char *printk;    /* as it was at first, NULL if unknown */
	int has_shell;         /* there is one, and it is allowed */
	pid_t drivers, front;  /* 0 for none */
	int drivers_begins;
};

/* appliance_birth.c. Make of the initramfs a system to work in. An error is about what nothing
 * goes without. */
int appliance_be_born(struct appliance *a, struct err *err);
/* After a front that died: consoles and the kernel's messages as they were before it. */
void appliance_mend(struct appliance *a);
/* Say why, give time to read it, and restart by the firmware. */
_Noreturn void appliance_restart(struct appliance *a, const char *why);

/* appliance_children.c. Each is a process of its own; the front leads a session, and so a process
 * group. For the first drivers a while is waited: terminals may be among what they drive. */
void appliance_begin_drivers(struct appliance *a);
void appliance_begin_front(struct appliance *a);
/* On the first console; 0 where there is none. */
pid_t appliance_begin_shell(struct appliance *a);

#endif
