/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_BLS_NAME_H
#define BOOT_BLS_NAME_H

/*
 * The names of type 1 and type 2 files (UAPI.1, "Boot counting"): NAME.conf, NAME+LEFT.conf,
 * NAME+LEFT-DONE.conf, likewise with .efi.
 */

#include "boot/reading.h"

struct bls_name {
	const char *base;  /* without directory, counter and suffix; never empty, NULL if memory ran
			      out */
	int left, done;    /* -1 where nothing is counted; at most INT_MAX */
	const char *count; /* the file's name after one more try, NULL if none is counted or left.
			      Counters keep their width: +10-1 becomes +09-2 */
};

/* Take the name of the file (a path) apart; strings go to ctx. */
struct bls_name bls_name_of(void *ctx, const char *file, const char *suffix);

/* Put the counters and what is to be written when it is booted into the entry: the file gets its
 * next name. The variable LoaderBootCountPath, by which systemd-bless-boot learns that name ("The Boot
 * Loader Interface"), is volatile, and no such can be set once the firmware's boot services have ended
 * (UEFI 2.10, 8.2.3): after a kexec somebody else has to bless the boot. -ENOMEM. */
int bls_name_count(
	const struct reading *r, void *ctx, const struct bls_name *name, struct entry *entry);

#endif
