/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_WATCHDOG_H
#define BOOT_LEAVE_WATCHDOG_H

/* Hardware watchdogs that a process tells again and again that it lives. */

#include "devices/machine.h"

/* The one that PID 1 keeps from restarting the machine (systemd's RuntimeWatchdogSec=), as "/dev/watchdog0",
 * belonging to ctx; NULL if there is none. It bites when PID 1 is stopped: one that is stopped cannot take
 * it back. Those of other processes are taken back when these end. */
char *watchdog_of_init(struct machine *m, void *ctx);

#endif
