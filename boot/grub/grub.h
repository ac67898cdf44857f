/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_GRUB_H
#define BOOT_GRUB_GRUB_H

/* A run of GRUB's script language, for boot/format.h's grub_parse() and for tests. */

#include "boot/grub/run.h"

/* A run for this reading, with the variables that GRUB sets by itself. NULL when memory ran out. */
struct grub_run *grub_run_new(void *ctx, struct reading *r);

/* Run a configuration and the bodies of its entries, and give the list what came of it. */
int grub_run_all(struct grub_run *g, const char *bytes, size_t len, struct err *err);

#endif
