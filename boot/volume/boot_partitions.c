// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/boot_partitions.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include "boot/stack/dm.h"
#include "devices/cleanup.h"

/* UAPI.2, "Defined Partition Type UUIDs". */
#define ESP "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define XBOOTLDR "bc13c2ff-59e6-4262-a352-b275fd6f7172"

/* A block device and all those below it. */
struct below {
	struct machine *m;
	char **names; /* talloc array below the struct */
	size_t count;
	bool failed;
};

int boot_partitions_are_of(const char *type)
{
	return !strcasecmp(type, ESP) || !strcasecmp(type, XBOOTLDR);
}

static bool has(const struct below *b, const char *name)
{
	for (size_t i = 0; i < b->count; i++)
		if (!strcmp(b->names[i], name))
			return true;
	return false;
}

static void add(struct below *b, const char *name)
{
	char **more;

	if (has(b, name))
		return;
	more = talloc_realloc(b, b->names, char *, b->count + 1);
	b->failed |= !more;
	if (!more)
		return;
	b->names = more;
	more[b->count] = talloc_strdup(more, name);
	if (more[b->count])
		b->count++;
	else
		b->failed = true;
}

static void add_list(struct below *b, char **names)
{
	for (; names && *names; names++)
		add(b, *names);
}

static char **slaves_of(struct machine *m, void *ctx, const char *name)
{
	char path[320];

	snprintf(path, sizeof(path), "sys/class/block/%.255s/slaves", name);
	return machine_list_names(m, ctx, path);
}

/* The disk of a partition, the members of a mapping or an array; then what is below those. */
static void descend(struct below *b)
{
	for (size_t i = 0; i < b->count; i++) {
		_cleanup_talloc_ void *ctx = talloc_new(NULL);
		char *path = talloc_asprintf(ctx, "/dev/%s", b->names[i]);
		struct block_device d;

		b->failed |= !path || block_find(b->m, ctx, path, 0, 0, &d) < 0;
		if (b->failed)
			return;
		add(b, d.disk);
		add_list(b, slaves_of(b->m, ctx, b->names[i]));
	}
}

static bool is_in(char **names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/* All devices of the btrfs that has this one: a mount names one of them. */
static void add_btrfs(struct below *b, const char *name)
{
	_cleanup_talloc_ char **uuids = machine_list_names(b->m, NULL, "sys/fs/btrfs");

	for (char **uuid = uuids; uuid && *uuid; uuid++) {
		_cleanup_talloc_ char **devices = NULL;
		char path[320];

		snprintf(path, sizeof(path), "sys/fs/btrfs/%.255s/devices", *uuid);
		devices = machine_list_names(b->m, NULL, path);
		if (is_in(devices, name))
			add_list(b, devices);
	}
}

static const struct mount *mounted_at(const struct mount_list *list, const char *target)
{
	for (size_t i = list->count; i--;)
		if (!strcmp(list->mounts[i].target, target))
			return &list->mounts[i];
	return NULL;
}

/* Where the root is an overlay, the disk's filesystem stands beside it: below /sysroot with ostree and
 * composefs, or it is only /usr that lies on a disk (systemd's volatile root). */
static const struct mount *root_on_disk(const struct mount_list *list)
{
	static const char *const targets[] = {"/", "/sysroot", "/usr"};

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		const struct mount *mount = mounted_at(list, targets[i]);

		if (mount && mount_is_on_disk(mount) && !strncmp(mount->source, "/dev/", 5))
			return mount;
	}
	return NULL;
}

static void find_disks(struct below *b, const struct mount *root)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	struct block_device d;

	b->failed |= !ctx || block_find(b->m, ctx, root->source, root->major, root->minor, &d) < 0;
	if (b->failed)
		return;
	add(b, d.name);
	if (!strcmp(root->type, "btrfs"))
		add_btrfs(b, d.name);
	descend(b);
}

/* kpartx and multipath-tools make partitions as mappings whose UUIDs begin with "part1-". */
static bool is_mapped_partition(const struct below *b, const char *name)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	const char *uuid = dm_attribute(b->m, ctx, name, "uuid");
	char **slaves;

	if (!uuid || strncmp(uuid, "part", 4))
		return false;
	slaves = slaves_of(b->m, ctx, name);
	return slaves && *slaves && has(b, *slaves);
}

static bool is_wanted(const struct below *b, const struct block_device *d)
{
	_cleanup_talloc_ char *type = NULL;

	if (d->partition ? !has(b, d->disk) : !is_mapped_partition(b, d->name))
		return false;
	type = block_udev_property(b->m, NULL, d->name, "ID_PART_ENTRY_TYPE");
	return !type || boot_partitions_are_of(type);
}

int boot_partitions_find(struct machine *m, void *ctx, const struct mount_list *mounts,
	struct block_device **devices, size_t *count)
{
	const struct mount *root = root_on_disk(mounts);
	_cleanup_talloc_ struct below *b = talloc_zero(NULL, struct below);
	struct err ignored;
	size_t kept = 0;

	*count = 0;
	if (!b)
		return -ENOMEM;
	b->m = m;
	if (!root || block_list(m, ctx, devices, count, &ignored) < 0)
		return 0;
	find_disks(b, root);
	for (size_t i = 0; i < *count; i++)
		if (is_wanted(b, &(*devices)[i]))
			(*devices)[kept++] = (*devices)[i];
	*count = kept;
	return b->failed ? -ENOMEM : 0;
}
