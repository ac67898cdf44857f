/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLIANCE_MODULES_H
#define APPLIANCE_MODULES_H

/*
 * Kernel modules by libkmod, which is loaded when it is first used: an ordinary start does
 * without. It reads the indexes below lib/modules, modprobe.d, and from the kernel's command line
 * options of modules (nvme.foo=1) and modprobe.blacklist= (kmod_new(), libkmod-config.c).
 */

#include "devices/machine.h"

struct modules;

/* A talloc context below ctx. -ENOENT when libkmod is not there. */
int modules_new(struct machine *m, void *ctx, struct modules **modules, struct err *err);

/* For whom a blacklist counts. */
enum modules_blacklist {
	MODULES_BY_ALIAS, /* for aliases only: who names the module means it, as modprobe(8) */
	MODULES_ALL,
};

/* Load all that this name or alias ("dm_mod", "pci:v00008086d...", "fs-ext4") means, with what
 * they need. Waits until they have started. An effect. 0 also for what is loaded or built in
 * already; 1 with a sentence where nothing has this name; else what went wrong with the first one
 * that did not load. */
int modules_load(struct modules *modules, const char *alias, enum modules_blacklist blacklist,
	struct err *err);

#endif
