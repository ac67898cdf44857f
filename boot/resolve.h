/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_RESOLVE_H
#define BOOT_RESOLVE_H

/*
 * From what an entry says to what is there: its files' volumes and devices, and a reason if it
 * cannot be booted on this machine: a filesystem or a file that is missing or is no file, another
 * architecture, an image that is no kernel or none that kexec takes. A reason that the parser gave
 * stays.
 *
 * An entry whose kernel, or whose EFI program where it names no kernel, is a unified kernel image
 * gets the parts of that: of the profile that it names, with the options of the image if it has
 * none. "@2" in front of its options names a profile too. An EFI program that is a plain kernel gets
 * the initrds of its options ("initrd=\initramfs.img"), as the firmware would have it.
 */

#include "boot/entry.h"
#include "boot/volume/volume.h"

/* For one discovery, below ctx: it keeps what it learns about files. architecture is this machine's
 * in uname(2)'s words. Both are borrowed. NULL when memory ran out. */
struct resolver *resolver_new(
	void *ctx, const struct volume_set *volumes, const char *architecture);

/* source.volume is set already; strings go to ctx. The entry's paths are to live as long as the
 * resolver. -ENOMEM. */
int resolve_entry(struct resolver *resolver, void *ctx, struct entry *entry);

#endif
