// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/watch.h"

#include <errno.h>
#include <talloc.h>

#include "devices/cleanup.h"

struct discover_watch {
	struct machine *machine;
	struct volume_finder *finder;
};

int discover_watch_new(struct machine *m, void *ctx, unsigned int flags,
	struct discover_watch **watch, struct err *err)
{
	_cleanup_talloc_ struct discover_watch *w = talloc_zero(ctx, struct discover_watch);
	int rc = w ? 0 : err_errno(err, -ENOMEM, "look for boot entries");

	if (rc == 0)
		rc = volume_finder_new(
			m, w, flags | VOLUME_FINDER_WATCH | DISCOVER_MOUNTED, &w->finder, err);
	if (rc < 0)
		return rc;
	w->machine = m;
	*watch = w;
	w = NULL;
	return 0;
}

void discover_watch_poll(const struct discover_watch *w, struct pollfd fds[VOLUME_FINDER_FDS])
{
	volume_finder_poll(w->finder, fds);
}

int discover_watch_step(
	struct discover_watch *w, const struct pollfd fds[VOLUME_FINDER_FDS], struct err *err)
{
	return volume_finder_step(w->finder, fds, err);
}

int discover_watch_busy(const struct discover_watch *w)
{
	return volume_finder_busy(w->finder);
}

const char **discover_watch_awaits(const struct discover_watch *w, void *ctx)
{
	return volume_finder_awaits(w->finder, ctx);
}

int discover_watch_read(
	const struct discover_watch *w, void *ctx, struct discovery **discovery, struct err *err)
{
	struct volume_set *set;
	int rc = volume_finder_set(w->finder, ctx, &set, err);

	return rc < 0 ? rc : discover_in(w->machine, ctx, set, discovery, err);
}
