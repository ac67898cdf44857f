/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLIANCE_CONSOLES_H
#define APPLIANCE_CONSOLES_H

/*
 * Where somebody may sit in front of a machine that is its own: the terminals that the kernel
 * prints on (sys/class/tty/console/active; Documentation/ABI/testing/sysfs-tty), and the first
 * virtual terminal where there is a screen that shows it.
 */

#include "devices/machine.h"

#define APPLIANCE_CONSOLES_MAX 8

/* Their names ("tty0", "ttyS0"), a NULL-terminated talloc array of ctx, each once; empty for a
 * machine without any. NULL when memory ran out. */
const char **appliance_consoles(struct machine *m, void *ctx);

/* A line of which who used it has died: nobody has it open any more, and it works as a terminal
 * does at first. Its speed stays. */
void appliance_console_reset(struct machine *m, const char *name);

#endif
