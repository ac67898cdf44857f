/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_RUNNING_H
#define BOOT_RUNNING_H

/*
 * Which entries are those of the running kernel: the same command line (but for what loaders add to it,
 * BOOT_IMAGE= and initrd=), and a kernel that is the one of BOOT_IMAGE= or has the version of uname(2).
 */

#include "boot/entry.h"
#include "devices/machine.h"

/* Mark them; a machine that does not say marks none. -ENOMEM. */
int running_mark(struct machine *m, struct entry_list *entries);

/* Is an entry's kernel of this version, by what the entry or its file is called? */
bool running_has_version(const struct entry *e, const char *release);

/* The running kernel's command line without what loaders added, as a talloc string of ctx. */
int running_cmdline(struct machine *m, void *ctx, char **cmdline, struct err *err);

#endif
