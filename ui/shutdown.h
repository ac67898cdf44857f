/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_SHUTDOWN_H
#define UI_SHUTDOWN_H

/*
 * This program as the end of a system: /shutdown VERB in an exitrd, which systemd-shutdown executes as PID 1
 * with the old root on /oldroot (systemd's INITRD_INTERFACE), and leave_now() as another process.
 *
 * The first process only watches: it reaps, keeps the hardware watchdog from biting, and gets
 * the machine out when its worker fails, dies or takes too long: by a restart, or off or halted where that
 * was asked for. It never exits. The worker unmounts, takes
 * block devices apart and leaves: by the kernel that is in the exitrd (kexec, and reboot where that was
 * asked for), else as the verb says. A restart that belongs to the firmware (firmware.h) goes there.
 *
 * From the environment, as systemd passes it: WATCHDOG_USEC and WATCHDOG_DEVICE, MINIMUM_UPTIME_USEC,
 * SYSTEMD_LUO_SERIALIZE_FD (which only a warning honours: what services gave into keeping for the next
 * kernel is lost). Of the options only --timeout= matters.
 */

#include "devices/machine.h"

/* Is the root directory that of an exitrd? */
int shutdown_is_meant(void);

/* Does not come back as PID 1. */
int shutdown_main(int argc, char **argv);

/* Make the machine's console ours, if there is one. */
void shutdown_take_console(struct machine *m);

/* Have what is logged go to the console without waiting for it. Who is not in a hurry lets it wait
 * (log_wait()), but not for ever: a console may be stopped. */
#define SHUTDOWN_CONSOLE_MS 5000
void shutdown_log_to_console(struct machine *m);

#endif
