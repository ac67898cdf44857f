// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/job.h"

#include <errno.h>
#include <string.h>

#include "boot/volume/boot_partitions.h"

/* What is on other partitions, or is no filesystem, is as if it were not there. */
static void leave_others_alone(const struct volume *v, struct volume_identity *identity)
{
	if (v->flags & VOLUME_BOOT_PARTITION &&
		(identity->content != VOLUME_FILESYSTEM ||
			!boot_partitions_are_of(identity->partition_type)))
		*identity = (struct volume_identity){.content = VOLUME_EMPTY};
}

int volume_job_do(const void *input, void *output, int *fd)
{
	const struct volume_job *job = input;
	const struct volume *v = job->volume;
	struct volume_finding *f = output;
	int rc = 0;

	/* A mounted filesystem that udev named need not be read for its name; a machine that is
	 * only files has no device to read. */
	if (v->flags & VOLUME_OUR_MOUNT || (v->device && !v->uuid && !*job->machine->root))
		rc = volume_probe(v->device, &f->identity, &f->err);
	if (!(v->flags & VOLUME_OUR_MOUNT))
		return volume_view(job->machine, v->target, fd, &f->err);
	leave_others_alone(v, &f->identity);
	if (rc < 0 || f->identity.content != VOLUME_FILESYSTEM)
		return rc;
	rc = volume_mount(v->device, f->identity.type, job->read_only_socket, fd, &f->err);
	if (rc == 0 && !strcmp(f->identity.type, "btrfs"))
		btrfs_find_views(*fd, &f->views);
	return rc;
}

int volume_job_found_nothing(int rc)
{
	return rc == -ENOMEDIUM || rc == -ENXIO || rc == -EBUSY || rc == -ENOTDIR;
}
