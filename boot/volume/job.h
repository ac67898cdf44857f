/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_VOLUME_JOB_H
#define BOOT_VOLUME_JOB_H

/* What a child does with one candidate: probe, mount, look for further roots. */

#include "boot/volume/btrfs.h"
#include "boot/volume/candidates.h"
#include "boot/volume/mount.h"

struct volume_job {
	struct machine *machine;
	const struct volume *volume;
	int read_only_socket;
};

struct volume_finding {
	struct volume_identity identity;
	struct btrfs_views views;
	struct err err;
};

/* A parallel_work: a struct volume_job in, a struct volume_finding out, and the directory of the
 * filesystem if there is one. 0 without one for what is no filesystem. */
int volume_job_do(const void *job, void *finding, int *fd);

/* A result with which the device is passed over without a word: an empty drive, somebody else's, a
 * single file that is mounted. */
int volume_job_found_nothing(int rc);

#endif
