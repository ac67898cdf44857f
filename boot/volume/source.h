/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_SOURCE_H
#define BOOT_VOLUME_SOURCE_H

/* One block device or mount of a finder, from when it is seen until it is gone. */

#include <stdint.h>

#include "boot/volume/parallel.h"
#include "boot/volume/hold.h"
#include "boot/volume/job.h"

enum source_state {
	SOURCE_QUEUED,
	SOURCE_RUNNING,
	SOURCE_LATE, /* the deadline is over, the child is not */
	SOURCE_DONE,
};

struct source {
	enum source_state state;
	struct volume_candidate candidate;
	struct parallel_job job;
	int64_t deadline_ms; /* of the monotonic clock, while it runs */

	/* When it is done: */
	int rc;
	struct volume_finding *finding;
	struct volume *volumes;
	size_t count;
};

/* A talloc context below ctx, with copies of all that the candidate has. Freeing it closes its volumes and
 * abandons its child. NULL when memory ran out. */
struct source *source_new(void *ctx, const struct volume_candidate *candidate);

/* Start its child, or be done with the error. */
void source_start(struct source *s, struct volume_hold *hold, int64_t deadline_ms);

/* The child has ended. -ENOMEM. */
int source_end(struct source *s);

/* Is there something of it to be seen in a set? */
int source_shows(const struct source *s);

/* Are these two devices of one filesystem? */
int source_is_one(const struct source *a, const struct source *b);

/* Put its volumes into the set, unless they are there already; -errno. They are called after the device
 * of first, which is another of the same filesystem or the same source. */
int source_show_volumes(const struct source *s, const struct source *first, struct volume_set *set);

/* Put what is wrong with it into the set, which has all volumes by now; -ENOMEM. */
int source_show_problem(const struct source *s, struct volume_set *set);

#endif
