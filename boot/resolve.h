/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_RESOLVE_H
#define BOOT_RESOLVE_H

/*
 * From what an entry says to what is there: its files' volumes and devices, and a reason if it
 * cannot be booted on this machine: a filesystem or a file that is missing or is no file, another
 * architecture. A reason that the parser gave stays.
 */

#include "boot/entry.h"
#include "boot/volume.h"

/* architecture is this machine's in uname(2)'s words. source.volume is set already; strings go to
 * ctx. -ENOMEM. */
int resolve_entry(
	const struct volume_set *volumes, const char *architecture, void *ctx, struct entry *entry);

#endif
