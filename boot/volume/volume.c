// SPDX-License-Identifier: GPL-2.0-or-later
/* What a volume is called. */
#include "boot/volume/volume.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "boot/volume/names.h"

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

/* As udev names its links: a byte that is not plain is "\x20". */
static bool has_link_label(const struct volume *v, const char *name)
{
	const char *label = v->label;

	for (; label && *label && *name; label++, name++) {
		char hex[3] = {0};
		int used = 0;

		if (sscanf(name, "\\x%2[0-9a-f]%n", hex, &used) == 1 && used == 4)
			name += 3;
		if ((used == 4 ? (char)strtoul(hex, NULL, 16) : *name) != *label)
			return false;
	}
	return label && !*label && !*name;
}

/* "sda2", "md0"; what the device mapper named goes with and without its folder. */
static bool has_device(const struct volume *v, const char *name)
{
	const char *own = v->device ? v->device : "";

	if (!strncmp(own, "/dev/", 5))
		own += 5;
	if (!strncmp(own, "mapper/", 7) && strncmp(name, "mapper/", 7))
		own += 7;
	return *own && !strcmp(own, name);
}

/* The first prefix decides; whatever has none is a device. */
static const struct {
	const char *prefix;
	bool (*matches)(const struct volume *v, const char *name);
} namings[] = {
	{"UUID=", has_uuid},
	{"LABEL=", has_label},
	{"FILE=", has_file},
	{"/dev/disk/by-uuid/", has_uuid},
	{"/dev/disk/by-label/", has_link_label},
	{"/dev/", has_device},
	{"", has_device},
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

static const struct volume *by_other_name(
	const struct volume_set *set, const char *name, const struct volume *near)
{
	if (volume_names_have(near->names, name))
		return near;
	for (size_t i = 0; i < set->count; i++)
		if (volume_names_have(set->volumes[i].names, name))
			return &set->volumes[i];
	return NULL;
}

static bool is_cd(const struct volume *v)
{
	return v->type && !strcmp(v->type, "iso9660");
}

/* GRUB numbers drives as the firmware does; of several we cannot tell which one is meant. */
static const struct volume *by_cd(const struct volume_set *set, const struct volume *near)
{
	const struct volume *found = NULL;

	if (is_cd(near))
		return near;
	for (size_t i = 0; i < set->count; i++) {
		if (is_cd(&set->volumes[i]) && found)
			return NULL;
		if (is_cd(&set->volumes[i]))
			found = &set->volumes[i];
	}
	return found;
}

static const struct volume *named(
	const struct volume_set *set, const char *name, const struct volume *near)
{
	long partition = partition_of(name);
	const struct volume *found;

	if (near->flags & VOLUME_ANY_NAME)
		return near;
	if (partition >= 0)
		return by_partition(set, partition, near);
	found = by_other_name(set, name, near);
	if (found)
		return found;
	if (!strncmp(name, "cd", 2) && isdigit((unsigned char)name[2]))
		return by_cd(set, near);
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
	return NULL;
}

const struct volume *volume_named(
	const struct volume_set *set, const char *name, const struct volume *near)
{
	const struct volume *found = named(set, name, near);

	for (const struct volume_inside *i = set->inside; i && !found; i = i->next)
		if (i->set)
			found = named(i->set, name, near);
	return found;
}
