// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume_candidates.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/block.h"
#include "boot/stack_find.h"
#include "boot/stack_paths.h"
#include "boot/volume_mounts.h"
#include "devices/cleanup.h"
#include "devices/mounts.h"

/* NULL when there are too many: the rest is passed over. */
static struct volume *add_candidate(struct volume_candidates *c)
{
	struct volume_candidate *next;

	if (c->count == VOLUMES_MAX) {
		c->too_many = true;
		return NULL;
	}
	next = &c->list[c->count++];
	*next = (struct volume_candidate){
		.machine = c->machine,
		.volume = {.fd = -1, .root = "/"},
	};
	return &next->volume;
}

static void name_volume(
	struct volume_candidates *c, struct volume *v, const struct block_device *device)
{
	struct block_names names = block_udev_names(c->machine, c->strings, device->name);

	v->device = device->path;
	v->disk = device->disk;
	v->partition = device->partition;
	v->uuid = names.uuid;
	v->label = names.label;
}

static int add_mount(struct volume_candidates *c, const struct mount *mount)
{
	struct volume *v = add_candidate(c);
	struct block_device device;

	if (!v)
		return 0;
	v->flags = VOLUME_ONE_MOUNT;
	v->target = talloc_strdup(c->strings, mount->target);
	v->root = talloc_strdup(c->strings, mount->root);
	v->type = talloc_strdup(c->strings, mount->type);
	if (!v->target || !v->root || !v->type)
		return -ENOMEM;
	if (strncmp(mount->source, "/dev/", 5))
		return 0;
	if (block_find(c->machine, c->strings, mount->source, mount->major, mount->minor, &device) <
		0)
		return -ENOMEM;
	name_volume(c, v, &device);
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

static int add_disks(struct volume_candidates *c, struct err *err)
{
	struct block_device *devices;
	size_t count;
	int rc;

	c->stack = stack_new(c->strings);
	rc = c->stack ? stack_find(c->machine, c->stack, err) : -ENOMEM;
	if (rc == 0)
		rc = block_list(c->machine, c->strings, &devices, &count, err);
	if (rc < 0)
		return rc;
	stack_one_path_each(c->machine, devices, &count);
	for (size_t i = 0; i < count; i++) {
		struct volume *v = is_known(c, &devices[i]) ? NULL : add_candidate(c);

		if (v) {
			name_volume(c, v, &devices[i]);
			v->flags = VOLUME_OUR_MOUNT;
		}
	}
	return 0;
}

/* A tree of files without a mountinfo, or one in which nothing of interest is mounted. */
static void add_plain_directory(struct volume_candidates *c)
{
	struct volume *v = add_candidate(c);

	v->target = "/";
	v->flags = VOLUME_ANY_NAME;
}

static bool root_is_in_memory(const struct mount_list *list)
{
	for (size_t i = list->count; i--;)
		if (!strcmp(list->mounts[i].target, "/"))
			return volume_mounts_in_memory(list->mounts[i].type);
	return false;
}

static int collect(struct volume_candidates *c, unsigned int flags, struct err *err)
{
	struct mount_list *list;
	bool running = !*c->machine->root;
	int rc = mounts_read_own(c->machine, c, &list, err);

	if (rc == -ENOENT && !running) {
		add_plain_directory(c);
		return 0;
	}
	if (rc < 0)
		return rc;
	rc = add_mounts(c, list);
	if (rc == 0 && !running && !c->count)
		add_plain_directory(c);
	if (rc == 0 && running && (flags & DISCOVER_ALL_DISKS || root_is_in_memory(list)))
		return add_disks(c, err);
	return rc < 0 ? err_errno(err, rc, "list the filesystems") : 0;
}

int volume_candidates_find(struct machine *m, void *ctx, void *strings, unsigned int flags,
	struct volume_candidates **candidates, struct err *err)
{
	_cleanup_talloc_ struct volume_candidates *c = talloc_zero(ctx, struct volume_candidates);
	int rc;

	if (!c)
		return err_errno(err, -ENOMEM, "list the filesystems");
	c->machine = m;
	c->strings = strings;
	rc = collect(c, flags, err);
	if (rc < 0)
		return rc;
	*candidates = c;
	c = NULL;
	return 0;
}
