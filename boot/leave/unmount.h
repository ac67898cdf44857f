/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_UNMOUNT_H
#define BOOT_LEAVE_UNMOUNT_H

/*
 * Giving filesystems up, at the end of a system. What cannot be unmounted is made read-only, which leaves
 * it as clean; what cannot even be made that is named. Each call has a deadline: a filesystem of which the
 * disk does not answer stays, and nothing waits for it any longer.
 */

#include "devices/mounts.h"

#define UNMOUNT_MS 60000 /* for one filesystem, which may have much to write out */

/* What stays mounted. Strings belong to the list. */
struct unmount_left {
	const char *target, *source;
	unsigned int major, minor; /* as in struct mount */
	int is_on_disk;
	int is_writable; /* still; or nobody knows */
	int is_stuck;    /* its disk does not answer: the call did not come back */
	const char *why; /* the last error */
	pid_t holder;    /* as processes_holding() says */
};

struct unmount_result { /* a talloc context */
	struct unmount_left *left;
	size_t count;
};

/* Unmount all that is mounted on this directory and below it, or, where below is NULL, every disk: the
 * innermost first, again and again as long as it becomes less; then make read-only what is on a disk and
 * stays. Swap is switched off before. The result belongs to ctx; -ENOMEM, or when it cannot be read what
 * is mounted. */
int unmount_all(struct machine *m, const char *below, void *ctx, struct unmount_result **result,
	struct err *err);

/* The first on a disk that does not answer; NULL if there is none. */
const struct unmount_left *unmount_stuck(const struct unmount_result *result);

/* Write all dirty data out, within UNMOUNT_MS. An effect. */
int unmount_sync(struct machine *m, struct err *err);

/* The block devices that these lie on, and all below them ("sda2", "sda"): as struct machine's held wants
 * it. Belongs to ctx; NULL when memory ran out. */
const char **unmount_devices(struct machine *m, void *ctx, const struct unmount_result *result);

/* Have no name for it any more, whoever still uses it. An effect. */
int unmount_detach(struct machine *m, const char *target, struct err *err);

#endif
