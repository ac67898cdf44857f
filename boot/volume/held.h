/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_HELD_H
#define BOOT_VOLUME_HELD_H

/*
 * Which block devices are only in use because we look for boot entries: what we have mounted, what we
 * have made of disks (boot/stack), and all that lies below these. For who wants to know meanwhile who
 * else uses them (struct machine, held).
 */

#include "boot/volume/volume.h"

/* Their names in sysfs ("sda2", "dm-0"), NULL-terminated, below ctx; NULL when memory ran out. From
 * sysfs only. */
const char **volumes_held(struct machine *m, void *ctx, const struct volume_set *set);

/* These block devices ("sda2", "dm-0"; NULL-terminated) and all that lies below them, likewise. */
const char **volumes_below(struct machine *m, void *ctx, const char *const *names);

#endif
