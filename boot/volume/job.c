// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/job.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "boot/volume/boot_partitions.h"
#include "devices/cleanup.h"

#define MODULES_MAX (1 << 20)
#define MODULES_MS 3000 /* for those that are being loaded; a part of VOLUME_DEADLINE_MS */

/* What is on other partitions, or is no filesystem, is as if it were not there. */
static void leave_others_alone(const struct volume *v, struct volume_identity *identity)
{
	if (v->flags & VOLUME_BOOT_PARTITION &&
		(identity->content != VOLUME_FILESYSTEM ||
			!boot_partitions_are_of(identity->partition_type)))
		*identity = (struct volume_identity){.content = VOLUME_EMPTY};
}

static bool is_loading(struct machine *m)
{
	_cleanup_talloc_ char *modules = NULL;

	return machine_read_file(m, NULL, "proc/modules", MODULES_MAX, &modules, NULL) == 0 &&
	       strstr(modules, " Loading ");
}

/* The kernel has a driver loaded, and what that asks for by name: f2fs a checksum (-ENOENT without it),
 * vfat a character set (-EINVAL). Where devices are mounted at once, several ask for the same, and
 * busybox's modprobe takes a module for loaded as soon as another process begins to: it stands in
 * /proc/modules then. So what is said to be missing is asked for once more. */
static int mount_volume(const struct volume_job *job, struct volume_finding *f, int *fd)
{
	static const struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};
	const char *device = job->volume->device, *type = f->identity.type;
	int rc = volume_mount(device, type, job->read_only_socket, fd, &f->err);

	if (rc != -ENOENT && rc != -ENOPKG && rc != -EINVAL)
		return rc;
	for (int ms = 0; ms < MODULES_MS && is_loading(job->machine); ms += 20)
		nanosleep(&moment, NULL);
	return volume_mount(device, type, job->read_only_socket, fd, &f->err);
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
	rc = mount_volume(job, f, fd);
	if (rc == 0 && !strcmp(f->identity.type, "btrfs"))
		btrfs_find_views(*fd, &f->views);
	return rc;
}

int volume_job_found_nothing(int rc)
{
	return rc == -ENOMEDIUM || rc == -ENXIO || rc == -EBUSY || rc == -ENOTDIR;
}
