/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_FIRMWARE_H
#define BOOT_LEAVE_FIRMWARE_H

/* Restarts that belong to the firmware, whatever kernel is loaded. */

#include "devices/machine.h"

/* Why the next start has to be the firmware's: somebody asked for its setup, an update of it is waiting
 * (UEFI 2.10, 8.5.4, OsIndications), or it is to boot something else once (BootNext). NULL if nothing
 * is. Where there is EFI but its variables are not to be seen, they are mounted first: an effect. */
const char *firmware_is_wanted(struct machine *m);

/* Restart through the firmware, with the argument of `reboot ARGUMENT`, which systemd keeps in
 * run/systemd/reboot-param. Returns only when it fails, or on a machine that does not act: then 0. */
int firmware_restart(struct machine *m, struct err *err);

/* The same within so many milliseconds, which drivers' shutdown() may take; the emergency restart
 * (jump_out()) where it does not come to that. Says what fails, and returns likewise. */
void firmware_restart_within(struct machine *m, unsigned int ms);

/* Switch the machine off within so many milliseconds; by the kernel's own hand (jump_off()) where it does not come
 * to that, and where it is on even then the emergency restart: a machine is never left standing. Says what
 * fails, and returns likewise. */
void firmware_off_within(struct machine *m, unsigned int ms);

#endif
