// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding files in a volume by a pattern. */
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/volume.h"
#include "devices/cleanup.h"

/* What was found, and one without a path behind it. */
struct names {
	struct volume_match *names;
	size_t count;
};

static bool names_init(struct names *list, void *ctx)
{
	list->names = talloc_zero_array(ctx, struct volume_match, 1);
	list->count = 0;
	return list->names;
}

/* Takes over the path; false if memory ran out for it or for the list. */
static bool names_add(struct names *list, char *path, enum volume_kind kind)
{
	size_t room = talloc_array_length(list->names);
	struct volume_match *more = list->names;

	if (list->count + 1 >= room)
		more = talloc_realloc(
			talloc_parent(list->names), more, struct volume_match, 2 * room + 1);
	if (!more || !path) {
		list->names = more ? more : list->names;
		return false;
	}
	list->names = more;
	more[list->count++] = (struct volume_match){talloc_steal(more, path), kind};
	more[list->count] = (struct volume_match){NULL, VOLUME_KIND_UNKNOWN};
	return true;
}

static int compare_names(const void *a, const void *b)
{
	const struct volume_match *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* Add what in the directory matches one component. */
static bool add_matches(
	const struct volume *v, const char *directory, const char *component, struct names *found)
{
	int fd = volume_open_any(v, directory, O_RDONLY | O_DIRECTORY);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	for (size_t n = 0; dir && n < VOLUME_NAMES_MAX && (entry = readdir(dir)); n++) {
		char *path;

		if (fnmatch(component, entry->d_name, FNM_PERIOD))
			continue;
		path = talloc_asprintf(
			found->names, "%s%s%s", directory, *directory ? "/" : "", entry->d_name);
		if (!names_add(found, path,
			    entry->d_type == DT_REG ? VOLUME_KIND_FILE : VOLUME_KIND_UNKNOWN))
			return false;
	}
	return true;
}

/* The same without reading the directory; whether it is there shows when it is opened. */
static bool add_literal(const char *directory, const char *component, struct names *found)
{
	return names_add(found,
		talloc_asprintf(
			found->names, "%s%s%s", directory, *directory ? "/" : "", component),
		VOLUME_KIND_UNKNOWN);
}

struct volume_match *volume_list(const struct volume *v, void *ctx, const char *pattern)
{
	_cleanup_talloc_ char *components = talloc_strdup(ctx, pattern);
	struct names found, next;
	char *component, *rest;

	if (!components || !names_init(&found, ctx) ||
		!names_add(&found, talloc_strdup(ctx, ""), VOLUME_KIND_UNKNOWN))
		return NULL;
	for (component = strtok_r(components, "/", &rest); component;
		component = strtok_r(NULL, "/", &rest)) {
		bool wild = strpbrk(component, "*?[");

		if (!names_init(&next, ctx))
			return NULL;
		for (size_t i = 0; i < found.count; i++)
			if (!(wild ? add_matches(v, found.names[i].path, component, &next)
				   : add_literal(found.names[i].path, component, &next)))
				return NULL;
		talloc_free(found.names);
		found = next;
		if (wild)
			qsort(found.names, found.count, sizeof(*found.names), compare_names);
	}
	return found.names;
}

char **volume_glob(const struct volume *v, void *ctx, const char *pattern)
{
	struct volume_match *matches = volume_list(v, ctx, pattern);
	size_t count = 0;
	char **paths;

	while (matches && matches[count].path)
		count++;
	paths = matches ? talloc_array(ctx, char *, count + 1) : NULL;
	if (!paths)
		return NULL;
	for (size_t i = 0; i <= count; i++)
		paths[i] = talloc_steal(paths, matches[i].path);
	talloc_free(matches);
	return paths;
}
