/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_PROCESSES_H
#define BOOT_LEAVE_PROCESSES_H

/* The processes of a machine that ends: all but kernel threads, PID 1 and this one. */

#include "devices/machine.h"

#define PROCESSES_TERM_MS 10000 /* to end by themselves, where nobody says otherwise */
#define PROCESSES_KILL_MS                                                                          \
	10000 /* to be gone when killed; only one whose disk does not answer is not */

/* Ask all to end (SIGTERM, SIGCONT for those that are stopped, SIGHUP for those at a terminal), kill those
 * that are there after term_ms, and wait until they are gone. -EBUSY with the name of one that does not
 * go. An effect of the machine. */
int processes_end(struct machine *m, unsigned int term_ms, struct err *err);

/* Who keeps this mount point busy: whose program, directory or open file is there. PID 1 if nobody else
 * does, 0 if nobody is found. */
pid_t processes_holding(struct machine *m, const char *target);

/* "NAME (PID)", belonging to ctx. */
char *processes_name(struct machine *m, void *ctx, pid_t pid);

/* Have PID 1 do nothing any more: it would start again what is ended, and read its program from a disk
 * that is gone. It goes on when this process ends. -EPERM where it cannot be traced. An effect. */
int processes_freeze_init(struct machine *m, struct err *err);
/* And have it go on, where this process has stopped it. */
void processes_thaw_init(struct machine *m);
/* Is it so, by whoever? */
int processes_init_is_frozen(struct machine *m);

#endif
