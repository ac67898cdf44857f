// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/candidates.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/volume/block.h"
#include "boot/volume/block_writers.h"
#include "boot/volume/boot_partitions.h"
#include "boot/stack/paths.h"
#include "boot/volume/mounts.h"
#include "boot/volume/names.h"
#include "devices/cleanup.h"
#include "devices/mounts.h"

/* NULL when there are too many: the rest is passed over. */
static struct volume_candidate *add_candidate(struct volume_candidates *c)
{
	struct volume_candidate *next;

	if (c->count == VOLUMES_MAX) {
		c->too_many = true;
		return NULL;
	}
	next = &c->list[c->count++];
	*next = (struct volume_candidate){.volume = {.fd = -1, .top_fd = -1, .root = "/"}};
	return next;
}

int volume_candidate_name(struct machine *m, void *ctx, struct volume_candidate *candidate)
{
	struct volume *v = &candidate->volume;
	struct block_names names;

	if (!candidate->name)
		return 0;
	names = block_udev_names(m, ctx, candidate->name);
	v->uuid = names.uuid;
	v->label = names.label;
	v->names = volume_names_of(m, ctx, candidate->name);
	return v->names ? 0 : -ENOMEM;
}

static void take_device(struct volume_candidate *c, const struct block_device *device)
{
	c->name = device->name;
	c->volume.device = device->path;
	c->volume.disk = device->disk;
	c->volume.partition = device->partition;
}

static int add_mount(struct volume_candidates *c, const struct mount *mount)
{
	struct volume_candidate *next = add_candidate(c);
	struct block_device device;

	if (!next)
		return 0;
	next->volume.flags = VOLUME_ONE_MOUNT;
	next->volume.target = talloc_strdup(c, mount->target);
	next->volume.root = talloc_strdup(c, mount->root);
	next->volume.type = talloc_strdup(c, mount->type);
	next->key = talloc_asprintf(c, "%u:%u %s %s %s %s", mount->major, mount->minor, mount->root,
		mount->target, mount->type, mount->source);
	if (!next->volume.target || !next->volume.root || !next->volume.type || !next->key)
		return -ENOMEM;
	if (strncmp(mount->source, "/dev/", 5))
		return 0;
	if (block_find(c->machine, c, mount->source, mount->major, mount->minor, &device) < 0)
		return -ENOMEM;
	take_device(next, &device);
	return 0;
}

/* "/boot" first: where it is a filesystem of its own, what the one it stands in has below /boot is
 * what was there before. */
static int add_mounts(struct volume_candidates *c, const struct mount_list *list)
{
	const struct mount **mounts = volume_mounts_choose(c, list);

	if (!mounts)
		return -ENOMEM;
	for (int others = 0; others < 2; others++)
		for (const struct mount **mount = mounts; *mount; mount++) {
			bool is_other = strcmp((*mount)->target, "/boot");

			if (is_other == others && add_mount(c, *mount) < 0)
				return -ENOMEM;
		}
	return 0;
}

static bool is_known(const struct volume_candidates *c, const struct block_device *device)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].volume.device && !strcmp(c->list[i].volume.device, device->path))
			return true;
	return false;
}

static int add_disk(
	struct volume_candidates *c, const struct block_device *device, unsigned int flags)
{
	struct volume_candidate *next = is_known(c, device) ? NULL : add_candidate(c);

	if (!next)
		return 0;
	take_device(next, device);
	next->volume.flags = VOLUME_OUR_MOUNT | flags;
	next->key = talloc_asprintf(c, "%s %llu", device->name, device->sequence);
	return next->key ? 0 : -ENOMEM;
}

/* only: of this disk, NULL for all. */
static int add_disks(struct volume_candidates *c, const char *only, struct err *err)
{
	struct block_device *devices;
	size_t count;
	int rc = block_list(c->machine, c, &devices, &count, err);

	if (rc < 0)
		return rc;
	stack_one_path_each(c->machine, devices, &count);
	if (!only)
		block_drop_borrowed(c->machine, devices, &count);
	if (!only)
		block_drop_written(c->machine, devices, &count);
	for (size_t i = 0; i < count; i++)
		if ((!only || !strcmp(devices[i].disk, only)) && add_disk(c, &devices[i], 0) < 0)
			return err_errno(err, -ENOMEM, "list block devices");
	return 0;
}

static int add_whole_disk(struct volume_candidates *c, const char *name, struct err *err)
{
	char *path = talloc_asprintf(c, "/dev/%s", name);
	struct block_device device;
	int rc = path ? block_find(c->machine, c, path, 0, 0, &device) : -ENOMEM;

	if (rc == 0)
		rc = add_disk(c, &device, 0);
	return rc < 0 ? err_errno(err, rc, "list block devices") : 0;
}

static bool may_be_read(const struct volume_candidates *c, const struct block_device *device)
{
	return faccessat(c->machine->root_fd, device->path + 1, R_OK, AT_EACCESS) == 0;
}

/* What systemd, or nobody, has mounted by now. */
static int add_boot_partitions(
	struct volume_candidates *c, struct volume_hold *hold, const struct mount_list *list)
{
	struct block_device *devices;
	size_t count, kept = 0;
	int rc = boot_partitions_find(c->machine, c, list, &devices, &count);

	for (size_t i = 0; i < count && rc == 0; i++)
		if (!is_known(c, &devices[i]) && may_be_read(c, &devices[i]))
			devices[kept++] = devices[i];
	if (kept)
		block_drop_written(c->machine, devices, &kept);
	if (kept && volume_hold_disks(hold) < 0) {
		c->busy = true;
		return rc;
	}
	for (size_t i = 0; i < kept && rc == 0; i++)
		rc = add_disk(c, &devices[i], VOLUME_BOOT_PARTITION);
	return rc;
}

/* A tree of files without a mountinfo, or one in which nothing of interest is mounted. */
static void add_plain_directory(struct volume_candidates *c)
{
	struct volume_candidate *next = add_candidate(c);

	next->key = "/";
	next->volume.target = "/";
	next->volume.flags = VOLUME_ANY_NAME;
}

static bool root_is_in_memory(const struct mount_list *list)
{
	for (size_t i = list->count; i--;)
		if (!strcmp(list->mounts[i].target, "/"))
			return volume_mounts_in_memory(list->mounts[i].type);
	return false;
}

static int add_all_disks(struct volume_candidates *c, struct volume_hold *hold, struct err *err)
{
	c->busy = volume_hold_disks(hold) < 0;
	return c->busy ? 0 : add_disks(c, NULL, err);
}

static int collect(struct volume_candidates *c, struct volume_hold *hold,
	const struct volume_scope *scope, struct err *err)
{
	struct mount_list *list;
	bool running = !*c->machine->root;
	int rc;

	if (scope->disk)
		return scope->whole ? add_whole_disk(c, scope->disk, err)
				    : add_disks(c, scope->disk, err);
	rc = mounts_read_own(c->machine, c, &list, err);
	if (rc == -ENOENT && !running) {
		add_plain_directory(c);
		return 0;
	}
	if (rc < 0)
		return rc;
	rc = add_mounts(c, list);
	if (rc == 0 && !running && !c->count)
		add_plain_directory(c);
	if (rc == 0 && running && (scope->flags & DISCOVER_ALL_DISKS || root_is_in_memory(list)))
		return add_all_disks(c, hold, err);
	if (rc == 0 && running && !(scope->flags & DISCOVER_MOUNTED))
		rc = add_boot_partitions(c, hold, list);
	return rc < 0 ? err_errno(err, rc, "list the filesystems") : 0;
}

int volume_candidates_find(struct volume_hold *hold, void *ctx, const struct volume_scope *scope,
	struct volume_candidates **candidates, struct err *err)
{
	_cleanup_talloc_ struct volume_candidates *c = talloc_zero(ctx, struct volume_candidates);
	int rc;

	if (!c)
		return err_errno(err, -ENOMEM, "list the filesystems");
	c->machine = hold->machine;
	rc = collect(c, hold, scope, err);
	if (rc < 0)
		return rc;
	*candidates = c;
	c = NULL;
	return 0;
}
