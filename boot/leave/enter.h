/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_ENTER_H
#define BOOT_LEAVE_ENTER_H

/* From the old root into the exitrd, as systemd-shutdown does it, for where there is none. */

#include "devices/machine.h"

/* Make /dev, /proc, /sys and /run appear in the exitrd too: all or nothing. They go with it
 * (exitrd_remove()). An effect. */
int enter_prepare(struct machine *m, struct err *err);

/* Make the exitrd the root, with the old one on its oldroot (one that is the first initramfs stays below
 * it, unseen), and become its program with these arguments and no environment. An effect that does not
 * return when it succeeds on the real machine. */
int enter_go(struct machine *m, const char *const argv[], struct err *err);

#endif
