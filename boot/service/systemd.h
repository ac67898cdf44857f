/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_SERVICE_SYSTEMD_H
#define BOOT_SERVICE_SYSTEMD_H

/*
 * The service manager, as far as a restart depends on it. All but systemd_leaving() is read from
 * files below the machine's root, so a captured machine answers as the real one did.
 */

#include "devices/machine.h"

#define SYSTEMD_SERVICE "stillboot.service"
/* From here on `systemctl reboot` goes by kexec where a kernel is loaded (systemd's NEWS, 255;
 * src/systemctl/systemctl-start-special.c). */
#define SYSTEMD_REBOOT_IS_KEXEC 255
/* And before that a restart of the userspace alone, where a system is mounted there (systemd's NEWS, 255). */
#define SYSTEMD_NEXT_ROOT "run/nextroot"

/* Is it PID 1 (sd_booted(3))? */
int systemd_runs(struct machine *m);

/* Its version, by the name of its library; 0 if that is not found. */
unsigned int systemd_version(struct machine *m);

/* Is `systemctl reboot` one of the userspace alone, because of what is mounted on run/nextroot? */
int systemd_reboot_is_soft(struct machine *m);

/* Is stillboot.service started at boot? */
int systemd_service_is_enabled(struct machine *m);

/* Does a program keep the machine from shutting down (systemd-inhibit(1), mode block)? Then 1, and
 * a sentence in why that says who and why. */
int systemd_is_inhibited(struct machine *m, struct err *why);

/* Where the machine is going. */
enum systemd_leaving {
	SYSTEMD_STAYS, /* or restarts the userspace, which is another system's afterwards */
	SYSTEMD_TO_KEXEC,
	SYSTEMD_TO_REBOOT,
	SYSTEMD_TO_OFF, /* powered off or halted */
};

/* By the jobs under way; the names of the targets are those of systemd.special(7). Asks systemctl;
 * of a machine that is not this one the answer is SYSTEMD_STAYS. */
int systemd_leaving(struct machine *m, enum systemd_leaving *where, struct err *err);
/* What `systemctl list-jobs --plain --no-legend` printed. */
enum systemd_leaving systemd_jobs_parse(const char *text);

#endif
