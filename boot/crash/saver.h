/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_CRASH_SAVER_H
#define BOOT_CRASH_SAVER_H

/*
 * Who saves the dump in the crash kernel, and from which initrd. Where a distribution's own tools are
 * installed their step stays theirs: kdump-tools (Debian, Ubuntu) has systemd start a unit in the real
 * system, kdump-utils (Fedora, RHEL) makes an initrd in which dracut does it. Else it is
 * stillboot-crash-save.service.
 */

#include "devices/machine.h"

struct crash_saver {
	const char *name;   /* "kdump-tools", "kdump-utils", "stillboot"; NULL: nobody would */
	const char *unit;   /* what systemd is to start; NULL where the initrd does it */
	const char *initrd; /* a smaller initrd made for it, from the root, without a slash; NULL */
};

/* Look for the kernel of this version; NULL where that is not known. Strings belong to ctx. -ENOMEM. */
int crash_saver_find(struct machine *m, void *ctx, const char *version, struct crash_saver *saver,
	struct err *err);

#endif
