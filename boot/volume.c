// SPDX-License-Identifier: GPL-2.0-or-later
/* What a volume is called, and letting go of volumes. */
#include "boot/volume.h"
#include "boot/stack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

const char *volume_name(const struct volume *v)
{
	if (v->device)
		return v->device;
	return v->target && strcmp(v->target, "/") ? v->target : "the root directory";
}

static bool has_uuid(const struct volume *v, const char *uuid)
{
	return v->uuid && !strcasecmp(v->uuid, uuid);
}

static bool has_label(const struct volume *v, const char *label)
{
	return v->label && !strcmp(v->label, label);
}

static bool has_file(const struct volume *v, const char *path)
{
	return v->fd >= 0 && volume_has(v, path, NULL) == 0;
}

static const struct {
	const char *prefix;
	bool (*matches)(const struct volume *v, const char *name);
} namings[] = {
	{"UUID=", has_uuid},
	{"LABEL=", has_label},
	{"FILE=", has_file},
};

/* The number of the partition in "hd0,gpt2", "hd0,msdos2" or "hd0,2"; 0 for "hd0". -1 if this is
 * not a disk: what GRUB numbers, we can only recognise by its partitions. */
static long partition_of(const char *name)
{
	const char *comma = strchr(name, ',');
	const char *number = comma;

	if (strncmp(name, "hd", 2) || name[2] < '0' || name[2] > '9')
		return -1;
	if (!comma)
		return 0;
	while (*number && (*number < '0' || *number > '9'))
		number++;
	return *number ? strtol(number, NULL, 10) : -1;
}

static bool same_disk(const struct volume *a, const struct volume *b)
{
	return a->disk && b->disk && !strcmp(a->disk, b->disk);
}

static const struct volume *by_partition(
	const struct volume_set *set, long partition, const struct volume *near)
{
	const struct volume *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct volume *v = &set->volumes[i];

		if (!v->disk || v->partition != partition)
			continue;
		if (same_disk(v, near))
			return v;
		found = v;
		count++;
	}
	return count == 1 ? found : NULL;
}

const struct volume *volume_named(
	const struct volume_set *set, const char *name, const struct volume *near)
{
	long partition;

	if (near->flags & VOLUME_ANY_NAME)
		return near;
	for (size_t i = 0; i < sizeof(namings) / sizeof(*namings); i++) {
		size_t len = strlen(namings[i].prefix);

		if (strncmp(name, namings[i].prefix, len))
			continue;
		if (namings[i].matches(near, name + len))
			return near;
		for (size_t j = 0; j < set->count; j++)
			if (namings[i].matches(&set->volumes[j], name + len))
				return &set->volumes[j];
		return NULL;
	}
	partition = partition_of(name);
	return partition < 0 ? NULL : by_partition(set, partition, near);
}

static int wait_until_free(const char *device, int *patience_ms)
{
	static const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};

	for (;;) {
		int fd = open(device, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);

		if (fd >= 0) {
			close(fd);
			return 0;
		}
		if (errno != EBUSY)
			return 0; /* it is gone: nobody holds it */
		if (*patience_ms <= 0)
			return -EBUSY;
		nanosleep(&moment, NULL);
		*patience_ms -= 10;
	}
}

static void close_files(struct volume_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->volumes[i].fd >= 0)
			close(set->volumes[i].fd);
		set->volumes[i].fd = -1;
	}
}

static int destroy(struct volume_set *set)
{
	close_files(set);
	return 0;
}

struct volume_set *volume_set_new(void *ctx)
{
	struct volume_set *set = talloc_zero(ctx, struct volume_set);

	if (set)
		talloc_set_destructor(set, destroy);
	return set;
}

int volumes_close(struct volume_set *set, struct err *err)
{
	int patience_ms = VOLUME_RELEASE_MS;

	close_files(set);
	for (size_t i = 0; i < set->count; i++) {
		struct volume *v = &set->volumes[i];

		if (v->flags & VOLUME_OUR_MOUNT && wait_until_free(v->device, &patience_ms) < 0)
			return err_set(err, -EBUSY, "%s is still held %d ms after it was closed",
				v->device, VOLUME_RELEASE_MS);
		v->flags &= ~(unsigned int)VOLUME_OUR_MOUNT;
	}
	if (set->stack)
		return stack_release(set->machine, set->stack, err);
	return 0;
}
