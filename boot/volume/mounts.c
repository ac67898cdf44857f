// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/mounts.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

int volume_mounts_in_memory(const char *type)
{
	return !strcmp(type, "rootfs") || !strcmp(type, "tmpfs") || !strcmp(type, "ramfs");
}

/* Where boot files lie even on filesystems that are not on a disk of their own (ZFS, overlays). */
static int is_boot_target(const char *target)
{
	static const char *const targets[] = {"/", "/boot", "/efi", "/boot/efi"};

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (!strcmp(target, targets[i]))
			return 1;
	return 0;
}

static int is_interesting(const struct mount *mount)
{
	if (is_boot_target(mount->target))
		return !volume_mounts_in_memory(mount->type) && strcmp(mount->type, "autofs");
	/* Snap packages are squashfs mounts by the dozen. */
	return mount_is_on_disk(mount) && strcmp(mount->type, "squashfs");
}

/* Mounts are members of one array: where they stand there is their age. */
static int by_age(const void *a, const void *b)
{
	const struct mount *x = *(const struct mount *const *)a;
	const struct mount *y = *(const struct mount *const *)b;

	return (x > y) - (x < y);
}

static int by_target(const void *a, const void *b)
{
	const struct mount *x = *(const struct mount *const *)a;
	const struct mount *y = *(const struct mount *const *)b;
	int order = strcmp(x->target, y->target);

	return order ? order : by_age(a, b);
}

static int compare_superblocks(const struct mount *x, const struct mount *y)
{
	int order;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	if (x->major)
		return (x->minor > y->minor) - (x->minor < y->minor);
	order = strcmp(x->source, y->source);
	return order ? order : strcmp(x->type, y->type);
}

/* The end of a path before a slash, and that before everything else: what is below a directory
 * follows it at once. */
static int rank(char c)
{
	return c == '/' ? 1 : c ? (unsigned char)c + 1 : 0;
}

static int compare_paths(const char *a, const char *b)
{
	for (; *a && *a == *b; b++)
		a++;
	return rank(*a) - rank(*b);
}

static int by_part(const void *a, const void *b)
{
	const struct mount *x = *(const struct mount *const *)a;
	const struct mount *y = *(const struct mount *const *)b;
	int order = compare_superblocks(x, y);

	order = order ? order : compare_paths(x->root, y->root);
	return order ? order : by_age(a, b);
}

/* Does a show all of the filesystem that b shows? */
static int shows_all_of(const struct mount *a, const struct mount *b)
{
	size_t len = strlen(a->root);

	if (compare_superblocks(a, b) || strncmp(a->root, b->root, len))
		return 0;
	return !strcmp(a->root, "/") || b->root[len] == '/' || !b->root[len];
}

static size_t drop_covered(const struct mount **mounts, size_t count)
{
	size_t kept = 0;

	qsort(mounts, count, sizeof(*mounts), by_target);
	for (size_t i = 0; i < count; i++)
		if ((i + 1 == count || strcmp(mounts[i]->target, mounts[i + 1]->target)) &&
			is_interesting(mounts[i]))
			mounts[kept++] = mounts[i];
	return kept;
}

static size_t drop_parts(const struct mount **mounts, size_t count)
{
	size_t kept = 0;

	qsort(mounts, count, sizeof(*mounts), by_part);
	for (size_t i = 0; i < count; i++)
		if (!kept || !shows_all_of(mounts[kept - 1], mounts[i]))
			mounts[kept++] = mounts[i];
	return kept;
}

const struct mount **volume_mounts_choose(void *ctx, const struct mount_list *list)
{
	const struct mount **mounts = talloc_zero_array(ctx, const struct mount *, list->count + 1);
	size_t count;

	if (!mounts)
		return NULL;
	for (size_t i = 0; i < list->count; i++)
		mounts[i] = &list->mounts[i];
	count = drop_parts(mounts, drop_covered(mounts, list->count));
	qsort(mounts, count, sizeof(*mounts), by_age);
	mounts[count] = NULL;
	return mounts;
}
