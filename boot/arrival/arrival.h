/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_ARRIVAL_ARRIVAL_H
#define BOOT_ARRIVAL_ARRIVAL_H

/*
 * What this boot itself knows of its beginning.
 *
 * systemd says when it began and when users were let in (systemd-user-sessions.service, which every getty,
 * display manager and sshd stand behind). Without it run/utmp has when a getty first asked for a name
 * (utmp(5), LOGIN_PROCESS), where there is one. What nobody knows stays 0.
 */

#include "devices/machine.h"

struct arrival {
	uint64_t kernel_us; /* it began: CLOCK_REALTIME, microseconds since 1970 */
	/* Since then: */
	uint64_t userspace_us, login_us;
};

/* Asks systemctl, but of a machine that is not this one, whose clock is that of proc/stat. */
void arrival_read(struct machine *m, struct arrival *a);

/* What `systemctl show` printed of itself, or of the unit: values count that are there. Hostile bytes. */
void arrival_parse(const char *text, struct arrival *a);

#endif
