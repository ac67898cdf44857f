// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/entries_follow.h"

#include <talloc.h>

#include "devices/clock.h"

/* Disks that come together answer one after the other. While others are still being looked at, what has
 * come is shown so long after the first of it. */
#define SETTLE_MS 500

static bool is_elsewhere(const struct session *s)
{
	return s->options.dir_count || s->options.image;
}

static void note_change(struct entries_follow *f)
{
	if (!f->changed)
		f->since_us = clock_now_us();
	f->changed = true;
}

int entries_follow_begin(struct entries_follow *f, struct session *s, struct err *err)
{
	unsigned int flags = s->options.given & OPT_ALL_DISKS ? DISCOVER_ALL_DISKS : 0;
	int rc;

	*f = (struct entries_follow){.s = s, .memory = s->memory};
	note_change(f);
	rc = entries_decide(s, &f->view.policy, err);
	if (rc < 0 || is_elsewhere(s))
		return rc;
	return discover_watch_new(&s->machine, f->memory, flags, &f->watch, err);
}

void entries_follow_poll(const struct entries_follow *f, struct pollfd fds[ENTRIES_FOLLOW_FDS])
{
	for (size_t i = 0; i < ENTRIES_FOLLOW_FDS; i++)
		fds[i] = (struct pollfd){.fd = -1};
	if (f->watch)
		discover_watch_poll(f->watch, fds);
}

int entries_follow_timeout(const struct entries_follow *f)
{
	const uint64_t now = clock_now_us(), then = f->since_us + SETTLE_MS * 1000;

	if (!f->changed)
		return -1;
	return then > now ? (int)((then - now) / 1000) + 1 : 0;
}

int entries_follow_step(
	struct entries_follow *f, const struct pollfd fds[ENTRIES_FOLLOW_FDS], struct err *err)
{
	int rc = f->watch ? discover_watch_step(f->watch, fds, err) : 0;

	if (rc > 0)
		note_change(f);
	return rc < 0 ? rc : 0;
}

static int make_discovery(struct entries_follow *f, struct discovery **d, struct err *err)
{
	return f->watch ? discover_watch_read(f->watch, f->memory, d, err)
			: entries_find(f->s, f->memory, d, err);
}

/* Is more to come in a moment? */
static bool may_wait(const struct entries_follow *f)
{
	return f->watch && discover_watch_busy(f->watch) && entries_follow_timeout(f) > 0;
}

int entries_follow_read(struct entries_follow *f, struct err *err)
{
	struct discovery *before = f->view.discovery;
	int rc;

	if (!f->changed || may_wait(f))
		return 0;
	f->changed = false;
	rc = make_discovery(f, &f->view.discovery, err);
	if (rc < 0) {
		f->view.discovery = before;
		return rc;
	}
	rc = entries_judge(&f->view, before, err);
	talloc_free(before); /* or a disk that was pulled stays in use */
	return rc < 0 ? rc : 1;
}

void entries_follow_stop(struct entries_follow *f)
{
	TALLOC_FREE(f->watch);
	f->changed = false;
}

int entries_follow_end(struct entries_follow *f, struct err *err)
{
	int rc = 0;

	entries_follow_stop(f);
	if (f->view.discovery)
		rc = discovery_close(f->view.discovery, err);
	TALLOC_FREE(f->view.discovery);
	return rc;
}
