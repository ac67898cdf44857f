// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/stack/paths.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "devices/log.h"

#define WWID_MAX 512

/* A path, and how good it is. */
struct path {
	size_t index; /* in the list */
	unsigned int partition, rank;
	const char *wwid, *size;
};

/* An attribute of the disk; the first of two places that has it. */
static char *attribute(struct machine *m, void *ctx, const char *block, const char *attr)
{
	static const char *const places[] = {"device/", ""};
	char path[PATH_MAX], *value;

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "sys/class/block/%.255s/%s%s", block, places[i], attr);
		if (machine_read_file(m, ctx, path, WWID_MAX, &value, NULL) == 0)
			return value;
	}
	return NULL;
}

static int is_on_usb(struct machine *m, const char *disk)
{
	char path[320], target[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "sys/class/block/%.255s", disk);
	len = readlinkat(m->root_fd, path, target, sizeof(target) - 1);
	target[len < 0 ? 0 : len] = '\0';
	return strstr(target, "/usb") != NULL;
}

static unsigned int rank_of(struct machine *m, const char *disk)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	const char *state = attribute(m, ctx, disk, "state");
	const char *access = attribute(m, ctx, disk, "access_state");
	unsigned int rank = !state || !strcmp(state, "running") || !strcmp(state, "live") ? 4 : 0;

	if (!access || !strcmp(access, "active/optimized"))
		return rank + 2;
	return rank + !strcmp(access, "active/non-optimized");
}

/* Without a worldwide name nothing is known to be another path. */
static int describe(struct machine *m, void *ctx, const struct block_device *d, struct path *p)
{
	p->wwid = attribute(m, ctx, d->disk, "wwid");
	if (!p->wwid || !*p->wwid || is_on_usb(m, d->disk))
		return 0;
	p->size = attribute(m, ctx, d->name, "size");
	p->partition = d->partition;
	p->rank = rank_of(m, d->disk);
	return p->size != NULL;
}

static int compare_disks(const struct path *x, const struct path *y)
{
	int order = strcmp(x->wwid, y->wwid);

	if (!order)
		order = (x->partition > y->partition) - (x->partition < y->partition);
	return order ? order : strcmp(x->size, y->size);
}

/* The best path to a disk stands first. */
static int compare(const void *a, const void *b)
{
	const struct path *x = a, *y = b;
	int order = compare_disks(x, y);

	if (!order)
		order = (x->rank < y->rank) - (x->rank > y->rank);
	return order ? order : (x->index > y->index) - (x->index < y->index);
}

void stack_one_path_each(struct machine *m, struct block_device *devices, size_t *count)
{
	_cleanup_talloc_ struct path *paths = talloc_zero_array(NULL, struct path, *count);
	size_t known = 0, kept = 0;

	for (size_t i = 0; paths && i < *count; i++) {
		paths[known].index = i;
		known += (size_t)describe(m, paths, &devices[i], &paths[known]);
	}
	if (known < 2)
		return;
	qsort(paths, known, sizeof(*paths), compare);
	for (size_t i = 1; i < known; i++) {
		struct block_device *other = &devices[paths[i].index];

		if (compare_disks(&paths[i - 1], &paths[i]))
			continue;
		log_debug("%s is another path to a disk", other->path);
		other->name = NULL;
	}
	for (size_t i = 0; i < *count; i++)
		if (devices[i].name)
			devices[kept++] = devices[i];
	*count = kept;
}
