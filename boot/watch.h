/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_WATCH_H
#define BOOT_WATCH_H

/*
 * Discovery that goes on: for a menu, and for whoever looks on. The caller has the poll loop:
 *
 *	discover_watch_poll(watch, fds);
 *	poll(fds, VOLUME_FINDER_FDS, -1);
 *	if (discover_watch_step(watch, fds, &err) > 0)
 *		discover_watch_read(watch, ctx, &discovery, &err);
 *
 * Every discovery is read anew from the volumes that are there, which takes milliseconds, and stays
 * as it is until it is freed; it holds its volumes open. Free the old one when there is a new one, or a
 * disk that was pulled stays in use.
 */

#include <poll.h>

#include "boot/discover.h"
#include "boot/volume/finder.h"

struct discover_watch;

/* flags are enum discover_flags; DISCOVER_MOUNTED is always meant. A talloc context below ctx. Nothing is found yet. */
int discover_watch_new(struct machine *m, void *ctx, unsigned int flags,
	struct discover_watch **watch, struct err *err);

void discover_watch_poll(const struct discover_watch *watch, struct pollfd fds[VOLUME_FINDER_FDS]);

/* 1 if a new discovery may be another than the last, else 0; negative as volume_finder_step(). */
int discover_watch_step(
	struct discover_watch *watch, const struct pollfd fds[VOLUME_FINDER_FDS], struct err *err);

/* Are there devices that may still answer in time? */
int discover_watch_busy(const struct discover_watch *watch);

/* Which they are, as volume_finder_awaits() says. */
const char **discover_watch_awaits(const struct discover_watch *watch, void *ctx);

int discover_watch_read(const struct discover_watch *watch, void *ctx, struct discovery **discovery,
	struct err *err);

#endif
