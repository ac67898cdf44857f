// SPDX-License-Identifier: GPL-2.0-or-later
/* What is on a block device. */
#include <blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "boot/stack/stack.h"
#include "boot/volume/mount.h"
#include "devices/cleanup.h"

static void cleanup_probe(blkid_probe *probe)
{
	blkid_free_probe(*probe); /* takes NULL */
}

static void take_value(blkid_probe probe, const char *name, char *value, size_t size)
{
	const char *found;

	if (blkid_probe_lookup_value(probe, name, &found, NULL) < 0)
		return;
	strncpy(value, found, size - 1);
	value[size - 1] = '\0';
}

static enum volume_content content_of(const char *usage, const char *type)
{
	if (stack_is_member(type) || !strcmp(usage, "raid") || !strcmp(usage, "crypto"))
		return VOLUME_MEMBER;
	if (!strcmp(usage, "filesystem"))
		return VOLUME_FILESYSTEM;
	/* libblkid/src/superblocks/swap.c: swap space in which the kernel or a tool of old (suspend2,
	 * uswsusp) has left a system. */
	if (!strcmp(type, "swsuspend"))
		return VOLUME_HIBERNATED;
	return VOLUME_EMPTY;
}

int volume_probe(const char *device, struct volume_identity *identity, struct err *err)
{
	_cleanup_fd_ int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	__attribute__((cleanup(cleanup_probe))) blkid_probe probe = blkid_new_probe();
	struct volume_identity found = {.content = VOLUME_EMPTY};
	char usage[16] = "";
	int rc;

	if (fd < 0)
		return err_errno(err, -errno, "open %s", device);
	if (!probe || blkid_probe_set_device(probe, fd, 0, 0) < 0)
		return err_errno(err, errno ? -errno : -ENOMEM, "probe %s", device);
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe,
		BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE);
	blkid_probe_enable_partitions(probe, 1);
	blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS);
	errno = 0;
	rc = blkid_do_safeprobe(probe);
	if (rc == -2)
		return err_set(err, -ENOTUNIQ,
			"%s has signatures of several filesystems; wipefs %s shows them", device,
			device);
	if (rc < 0)
		return err_errno(err, errno ? -errno : -EIO, "probe %s", device);
	take_value(probe, "USAGE", usage, sizeof(usage));
	take_value(probe, "UUID", found.uuid, sizeof(found.uuid));
	take_value(probe, "LABEL", found.label, sizeof(found.label));
	take_value(probe, "TYPE", found.type, sizeof(found.type));
	take_value(probe, "PART_ENTRY_UUID", found.partition_uuid, sizeof(found.partition_uuid));
	take_value(probe, "PART_ENTRY_TYPE", found.partition_type, sizeof(found.partition_type));
	found.content = content_of(usage, found.type);
	*identity = found;
	return 0;
}
