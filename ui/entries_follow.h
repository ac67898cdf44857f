/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_ENTRIES_FOLLOW_H
#define UI_ENTRIES_FOLLOW_H

/*
 * Entries that are followed, for who has a poll loop: a view (entries.h) that is made anew when disks come
 * and go. Where the options name trees, an image or another machine there is nothing to follow: the one
 * view comes, and no more.
 *
 *	entries_follow_begin(&follow, s, &err);
 *	for (;;) {
 *		if (entries_follow_read(&follow, &err) > 0)
 *			show(&follow.view);
 *		entries_follow_poll(&follow, fds);
 *		poll(fds, ENTRIES_FOLLOW_FDS, entries_follow_timeout(&follow));
 *		entries_follow_step(&follow, fds, &err);
 *	}
 *	entries_follow_end(&follow, &err);
 */

#include <stdbool.h>
#include <stdint.h>

#include "boot/watch.h"
#include "ui/entries.h"

#define ENTRIES_FOLLOW_FDS VOLUME_FINDER_FDS

struct entries_follow { /* zeroed; its memory is what the session's was when it began */
	struct entries_view
		view; /* the policy from the beginning; the discovery NULL until it is read */
	struct session *s;
	void *memory;
	struct discover_watch *watch; /* NULL where nothing is followed */
	bool changed;
	uint64_t since_us; /* when something changed that no view shows yet */
};

/* Decide what the policy says, and begin to look. */
int entries_follow_begin(struct entries_follow *f, struct session *s, struct err *err);

/* What to wait for, and how long (-1 for ever). fds without anything are -1. */
void entries_follow_poll(const struct entries_follow *f, struct pollfd fds[ENTRIES_FOLLOW_FDS]);
int entries_follow_timeout(const struct entries_follow *f);
/* After poll(2). */
int entries_follow_step(
	struct entries_follow *f, const struct pollfd fds[ENTRIES_FOLLOW_FDS], struct err *err);

/* 1 if there is another view, which may say the same as the last; 0 if not, or if more may come in a
 * moment. The last view's discovery is freed. */
int entries_follow_read(struct entries_follow *f, struct err *err);

/* Stop looking: the view stays, its disks held open. */
void entries_follow_stop(struct entries_follow *f);
/* The end of it all: no disk is held open any more. -EBUSY as discovery_close(). May begin again. */
int entries_follow_end(struct entries_follow *f, struct err *err);

#endif
