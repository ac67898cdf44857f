/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_PARALLEL_H
#define BOOT_PARALLEL_H

/*
 * Jobs that may never return, because the disk that they look at does not answer: each is done in
 * a child of its own, all at once, and those that have not ended at the deadline are left behind.
 * A job passes back a block of bytes and, if it opened something, one file descriptor.
 */

#include <stddef.h>
#include <sys/types.h>

struct parallel_job {
	const void *input; /* borrowed; seen by the child as it was at the fork */
	void *output;      /* the caller's, of the size given to parallel_run() */

	/* Afterwards: what the work returned, -ETIME if it did not end (its process is then still
	 * there, and holds what it was looking at until it ends by itself),
	 * -ECHILD if it died: only then is output not written. */
	int rc;
	int fd; /* the caller's from then on; -1 if none, and where rc is not 0 */
	/* For parallel.c */
	pid_t pid;
	int pid_fd, socket;
};

/* Carried out in the child. Returns 0 or a negative errno; may set *fd, which is -1. */
typedef int parallel_work(const void *input, void *output, int *fd);

/* deadline_ms counts for all of them together. Only a failure of a single job is possible, and
 * that stands in it. output_size is at most PARALLEL_OUTPUT_MAX. */
#define PARALLEL_OUTPUT_MAX 4096
void parallel_run(struct parallel_job *jobs, size_t count, parallel_work *work, size_t output_size,
	unsigned int deadline_ms);

#endif
