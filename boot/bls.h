/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_BLS_H
#define BOOT_BLS_H

/*
 * Boot Loader Specification (UAPI.1), what goes beyond one type 1 file. bls_parse() itself is in
 * boot/format.h: one file, one entry; its id is the file name without ".conf" and without the boot
 * counter ("+LEFT-DONE"), which goes into tries_left and tries_done. An entry that names no Linux
 * kernel gets a reason.
 *
 * loader.conf (systemd's loader.conf(5)): its "default" becomes the list's default_pattern. "@saved"
 * says nothing: it stands for an EFI variable.
 */

#include "boot/entry.h"

/* Put the entries in the order of the specification ("Sorting") and number their positions. */
void bls_sort(struct entry_list *list);

#endif
