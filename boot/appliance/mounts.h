/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef APPLIANCE_MOUNTS_H
#define APPLIANCE_MOUNTS_H

/*
 * What a first process has to mount before anything else works: the kernel has given it its
 * initramfs and nothing more
 * (Documentation/driver-api/early-userspace/early_userspace_support.rst).
 */

#include "devices/machine.h"

/* proc, sysfs, devtmpfs and a tmpfs on run; then, where the machine has them, devpts, efivarfs,
 * pstore. What is mounted already stays. An error is about one without which there is no point in
 * going on. */
int appliance_mount(struct machine *m, struct err *err);

#endif
