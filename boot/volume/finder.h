/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_FINDER_H
#define BOOT_VOLUME_FINDER_H

/*
 * Finding volumes while the caller does something else: a state machine in the caller's poll loop.
 * Each block device and each mount is looked at by a child of its own, VOLUME_JOBS_MAX at once; a
 * volume is there as soon as its child has ended. A device that has not answered after
 * VOLUME_DEADLINE_MS becomes a problem, and a volume all the same if it answers later. With
 * VOLUME_FINDER_WATCH devices that appear and disappear are followed.
 *
 *	while (volume_finder_busy(finder)) {
 *		struct pollfd fds[VOLUME_FINDER_FDS];
 *
 *		volume_finder_poll(finder, fds);
 *		poll(fds, VOLUME_FINDER_FDS, -1);
 *		changed = volume_finder_step(finder, fds, &err);
 *	}
 *
 * Sets are copies: they and the volumes in them stay as they are for as long as the caller keeps them,
 * and keep a device in use that is forgotten meanwhile. Take a new one when the finder says that
 * something has changed. A finder and its sets may be freed in any order.
 */

#include <poll.h>

#include "boot/volume/volume.h"
#include "boot/volume/candidates.h"
#include "boot/volume/hold.h"

#define VOLUME_JOBS_MAX 128
#define VOLUME_FINDER_FDS 2

enum volume_finder_flags {
	VOLUME_FINDER_WATCH = 1 << 16, /* beside enum discover_flags */
};

struct volume_finder;

/* Start looking. A talloc context below ctx. An error means that the machine cannot be read at all
 * (no memory, sysfs missing). Raises the soft limit of open files: every volume is one. */
int volume_finder_new(struct machine *m, void *ctx, unsigned int flags,
	struct volume_finder **finder, struct err *err);

/* The same where scope says (its strings are copied), with what the volumes rest on already; the finder becomes a
 * further user of hold. */
int volume_finder_new_in(struct volume_hold *hold, void *ctx, const struct volume_scope *scope,
	struct volume_finder **finder, struct err *err);

/* What to wait for, without a timeout: the finder's deadlines are among it. Both may be copied into a
 * longer array. fd is -1 where there is nothing. */
void volume_finder_poll(const struct volume_finder *finder, struct pollfd fds[VOLUME_FINDER_FDS]);

/* Do what there is to do; fds are those of volume_finder_poll() after poll(2). Does not wait for any
 * device. 1 if the set is another than before, else 0; negative only when memory ran out. */
int volume_finder_step(
	struct volume_finder *finder, const struct pollfd fds[VOLUME_FINDER_FDS], struct err *err);

/* Is a device being looked at that may still answer in time? */
int volume_finder_busy(const struct volume_finder *finder);

/* Which they are ("/dev/sda2"; what is mounted by its mount point): NULL-terminated, belonging to ctx, the
 * names too. NULL when memory ran out. */
const char **volume_finder_awaits(const struct volume_finder *finder, void *ctx);

/* Wait until it is not. */
int volume_finder_wait(struct volume_finder *finder, struct err *err);

/* What was found so far, as a new talloc context below ctx. */
int volume_finder_set(
	const struct volume_finder *finder, void *ctx, struct volume_set **set, struct err *err);

#endif
