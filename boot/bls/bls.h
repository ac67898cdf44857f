/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_BLS_H
#define BOOT_BLS_H

/*
 * Boot Loader Specification (UAPI.1), what goes beyond one type 1 file. bls_parse() itself is in
 * boot/format.h: one file, one entry; its id is the file name without ".conf" and without the boot
 * counter (boot/bls/name.h). What the keys "efi" and "uki" name becomes the entry's EFI program;
 * discovery looks whether it is a kernel, or a unified kernel image. "extra" is passed over.
 *
 * loader.conf (systemd's loader.conf(5)): its "default" becomes the list's default_pattern, also the
 * literal "@saved": that stands for the EFI variable LoaderEntryLastBooted, which whoever reads EFI
 * variables puts in its place; no entry has that name. "preferred" becomes the preferred_pattern.
 * "timeout" is in seconds, 0 for a menu that is hidden or disabled; "menu-force", a menu that stays,
 * leaves it unknown. Of several files of one menu the first that speaks of something counts.
 */

#include "boot/entry.h"
#include "boot/reading.h"

/* bls_parse() for who expands GRUB's variables: "$kernelopts", "$tuned_params", "$tuned_initrd" and
 * the like stay in title, options and paths as they are written, and give no reason. A path that
 * begins with one has no slash in front of it, and there is an initrd for each word even if it is a
 * variable. */
entry_parser bls_parse_raw;

/* Put the entries in the order of the specification ("Sorting") and number their positions. */
void bls_sort(struct entry_list *list);

#endif
