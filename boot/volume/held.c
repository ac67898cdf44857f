// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/held.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "boot/stack/unlock.h"
#include "boot/volume/hold.h"
#include "devices/cleanup.h"
#include "devices/pci.h"

/* A volume on LVM on LUKS on RAID over overlays on a partition. */
#define DEPTH_MAX 16

struct held {
	struct machine *m;
	void *ctx;
	const char **names;
	size_t count;
	int failed; /* memory ran out */
};

static int has(const struct held *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++)
		if (!strcmp(h->names[i], name))
			return 1;
	return 0;
}

static void put(struct held *h, const char *name)
{
	const char **more = talloc_realloc(h->ctx, h->names, const char *, h->count + 2);

	h->failed |= !more;
	if (!more)
		return;
	h->names = more;
	more[h->count] = talloc_strdup(more, name);
	h->failed |= !more[h->count];
	h->count += !h->failed;
	more[h->count] = NULL;
}

/* The disk that this is a partition of, belonging to ctx; NULL if it is none. */
static const char *disk_of(struct machine *m, void *ctx, const char *name)
{
	char path[320], *device, *end;
	struct stat st;

	snprintf(path, sizeof(path), "sys/class/block/%.255s/partition", name);
	if (fstatat(m->root_fd, path, &st, 0) < 0)
		return NULL;
	*strrchr(path, '/') = '\0';
	device = pci_device_path(m, ctx, path);
	end = device ? strrchr(device, '/') : NULL;
	if (!end)
		return NULL;
	*end = '\0';
	end = strrchr(device, '/');
	return end ? end + 1 : NULL;
}

/* It, and what it stands on. */
static void add(struct held *h, const char *name, int depth)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	char path[320], **below;
	const char *disk;

	if (!tmp || depth == DEPTH_MAX || has(h, name))
		return;
	put(h, name);
	snprintf(path, sizeof(path), "sys/class/block/%.255s/slaves", name);
	for (below = machine_list_names(h->m, tmp, path); below && *below; below++)
		add(h, *below, depth + 1);
	disk = disk_of(h->m, tmp, name);
	if (disk)
		add(h, disk, depth + 1);
}

/* "/dev/cciss/c0d0" is "cciss!c0d0" in sysfs. */
static void add_device(struct held *h, const char *device)
{
	char name[256];

	if (!device || strncmp(device, "/dev/", 5))
		return;
	snprintf(name, sizeof(name), "%s", device + 5);
	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '!';
	add(h, name, 0);
}

/* What was unlocked, and overlays below an array that is being made. */
static void add_mappings(struct held *h)
{
	_cleanup_talloc_ char **names = machine_list_names(h->m, NULL, "sys/class/block");

	for (char **name = names; name && *name; name++) {
		_cleanup_talloc_ char *mapping = NULL;
		char path[320];

		snprintf(path, sizeof(path), "sys/class/block/%.255s/dm/name", *name);
		if (!strncmp(*name, "dm-", 3) &&
			machine_read_file(h->m, NULL, path, 256, &mapping, NULL) == 0 &&
			!strncmp(mapping, STACK_UNLOCK_PREFIX, strlen(STACK_UNLOCK_PREFIX)))
			add(h, *name, 0);
	}
}

const char **volumes_held(struct machine *m, void *ctx, const struct volume_set *set)
{
	struct held h = {.m = m, .ctx = ctx};
	const struct stack *stack = set->hold ? set->hold->stack : NULL;

	h.names = talloc_zero_array(ctx, const char *, 1);
	h.failed = !h.names;
	for (size_t i = 0; i < set->count && !h.failed; i++)
		if (set->volumes[i].flags & VOLUME_OUR_MOUNT)
			add_device(&h, set->volumes[i].device);
	for (size_t i = 0; stack && i < stack->count && !h.failed; i++)
		if (stack->parts[i].state == STACK_OPEN)
			add_device(&h, stack->parts[i].opened);
	if (!h.failed)
		add_mappings(&h);
	if (h.failed)
		TALLOC_FREE(h.names);
	return h.names;
}

const char **volumes_below(struct machine *m, void *ctx, const char *const *names)
{
	struct held h = {.m = m, .ctx = ctx, .names = talloc_zero_array(ctx, const char *, 1)};

	h.failed = !h.names;
	for (; *names && !h.failed; names++)
		add(&h, *names, 0);
	if (h.failed)
		TALLOC_FREE(h.names);
	return h.names;
}
