/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_PARALLEL_H
#define BOOT_PARALLEL_H

/*
 * Jobs that may never return, because the disk that they look at does not answer: each is done in
 * a child of its own, and who started it waits for as many as it likes in its own poll loop. A job
 * passes back a block of bytes and, if it opened something, one file descriptor.
 */

#include <stddef.h>
#include <sys/types.h>

struct parallel_job {
	pid_t pid;
	int pid_fd; /* can be read from once the child has ended; -1 if there is none */
	int socket;
};

/* Carried out in the child. Returns 0 or a negative errno; may set *fd, which is -1. */
typedef int parallel_work(const void *input, void *output, int *fd);

/* What the child gets: input is seen as it was at the fork; of the open files it has only those of keep, and
 * nothing as standard ones, so that nothing else is held for as long as it hangs. */
struct parallel_input {
	const void *input;
	size_t output_size; /* at most PARALLEL_OUTPUT_MAX */
	int keep[2];        /* -1 for none */
};
#define PARALLEL_OUTPUT_MAX 4096

/* An error means that no job was started; job->pid_fd is -1 then. */
int parallel_start(
	struct parallel_job *job, parallel_work *work, const struct parallel_input *input);

/* The child has ended (pid_fd says so). Returns what its work did, or -ECHILD if it died, for which
 * output is not written. *fd is the caller's from then on; -1 if there is none, and where the result
 * is not 0. */
int parallel_end(struct parallel_job *job, void *output, size_t output_size, int *fd);

/* Wait for it no longer. The child goes on, and holds what it is looking at until it ends by itself:
 * it may have changed a device that only it puts right again, so nothing ends it. */
void parallel_abandon(struct parallel_job *job);

#endif
