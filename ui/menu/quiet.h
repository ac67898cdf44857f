/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_QUIET_H
#define MENU_QUIET_H

/*
 * The kernel prints its messages on its consoles, whatever stands there. While screens stand on one of them,
 * only emergencies are printed (console_loglevel 1, Documentation/admin-guide/sysctl/kernel.rst, "printk");
 * the log has them all.
 */

#include "devices/machine.h"

struct quiet {
	int before; /* the level that it had; 0 while nothing was changed */
};

/* Is this terminal one of the kernel's consoles, by /proc/consoles? */
int quiet_is_console(struct machine *m, void *ctx, int fd);

/* Errors are not worth more than a line in the log: the screen can be drawn again. */
void quiet_begin(struct quiet *quiet, struct machine *m, void *ctx);
void quiet_end(struct quiet *quiet, struct machine *m);

#endif
