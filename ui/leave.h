/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_LEAVE_H
#define UI_LEAVE_H

#include "ui/command.h"

/*
 * End this system without a service manager (busybox, sysvinit, OpenRC, or whatever is PID 1) and jump:
 * what is to be booted is loaded, and in the exitrd that stands on run/initramfs. PID 1 is stopped, all
 * processes are ended, disks are unmounted or made read-only, and this process becomes the exitrd's
 * program (shutdown.h). Does not come back then; a failure up to the first process that is ended leaves
 * the machine as it was when this process ends (the exitrd is the caller's to take away), one after it
 * restarts through the firmware. settle is called between the two, when nobody can say no any more and the
 * disk can still be written. Says what it does; EXIT_DONE only of a machine that does not really act.
 */
typedef void leave_settle(void *argument);
enum exit_code leave_now(struct session *s, leave_settle *settle, void *argument);

#endif
