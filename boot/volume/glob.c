// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding files in a volume by a pattern. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/volume/volume.h"
#include "devices/cleanup.h"

/* What was found, and one without a path behind it. */
struct names {
	struct volume_match *names;
	size_t count;
	int missed; /* -errno of the first directory that could not be read */
};

static bool names_init(struct names *list, void *ctx)
{
	list->names = talloc_zero_array(ctx, struct volume_match, 1);
	list->count = 0;
	list->missed = 0;
	return list->names;
}

/* Takes over the path; false if memory ran out for it or for the list. */
static bool names_add(struct names *list, struct volume_match match)
{
	size_t room = talloc_array_length(list->names);
	struct volume_match *more = list->names;

	if (list->count + 1 >= room)
		more = talloc_realloc(
			talloc_parent(list->names), more, struct volume_match, 2 * room + 1);
	if (!more || !match.path) {
		list->names = more ? more : list->names;
		return false;
	}
	list->names = more;
	talloc_steal(more, match.path);
	more[list->count++] = match;
	more[list->count] = (struct volume_match){.path = NULL};
	return true;
}

static int compare_names(const void *a, const void *b)
{
	const struct volume_match *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* Filesystems whose directories name the inodes that stat(2) names, and of whose files a read is short at
 * their end alone (statfs(2), f_type). Those of a FAT are made up as they are needed (fs/fat/dir.c,
 * __fat_readdir), those of an overlay may be of what is below it. */
static bool names_inodes(int directory)
{
	static const unsigned long types[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
		F2FS_SUPER_MAGIC, TMPFS_MAGIC};
	struct statfs st;

	if (fstatfs(directory, &st) < 0)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if ((unsigned long)st.f_type == types[i])
			return true;
	return false;
}

static int close_held(struct volume_directory *held)
{
	close(held->fd);
	return 0;
}

/* A directory that stays open as long as the list lives; NULL if it cannot. */
static const struct volume_directory *hold(struct names *list, int directory)
{
	struct volume_directory *held = talloc_zero(list->names, struct volume_directory);
	struct stat st;

	if (!held || fstat(directory, &st) < 0)
		return NULL;
	held->device = st.st_dev;
	held->fd = fcntl(directory, F_DUPFD_CLOEXEC, 0);
	if (held->fd < 0)
		return NULL;
	talloc_set_destructor(held, close_held);
	return held;
}

/* A match with this path. */
static struct volume_match match_of(const char *directory, char *path)
{
	return (struct volume_match){.path = path, .name = strlen(directory) + !!*directory};
}

static char *join(void *ctx, const char *directory, const char *name)
{
	size_t len = strlen(directory), size = strlen(name) + 1;
	char *path = talloc_array(ctx, char, len + !!len + size);

	if (!path)
		return NULL;
	memcpy(path, directory, len);
	if (len)
		path[len++] = '/';
	memcpy(path + len, name, size);
	return path;
}

/* Who looks for files to read them means "*.conf" in upper and lower case too: the disk may be a FAT. */
enum purpose { TO_READ, TO_NAME };

/* fnmatch(3), at a fraction of its cost for what patterns mostly are: "*.conf". */
static bool matches(const char *pattern, const char *name, enum purpose purpose)
{
	size_t len = strlen(name), suffix = strlen(pattern) - 1;

	if (*pattern != '*' || strpbrk(pattern + 1, "*?[\\"))
		return !fnmatch(pattern, name, FNM_PERIOD);
	if (*name == '.' || len < suffix)
		return false;
	return purpose == TO_READ ? !strcasecmp(name + len - suffix, pattern + 1)
				  : !memcmp(name + len - suffix, pattern + 1, suffix);
}

/* What is not there, or not in this filesystem, is not missed. */
static int is_missed(int rc)
{
	return rc != -ENOENT && rc != -ENOTDIR && rc != -EXDEV && rc != -ELOOP &&
	       rc != -ENAMETOOLONG;
}

/* errno tells the end from an error. */
static struct dirent *next_entry(DIR *dir)
{
	errno = 0;
	return readdir(dir);
}

/* Add what in the directory matches one component. */
static bool add_matches(const struct volume *v, const char *directory, const char *component,
	enum purpose purpose, struct names *found)
{
	int fd = volume_open_any(v, directory, O_RDONLY | O_DIRECTORY);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const bool has_inodes = dir && purpose == TO_READ && names_inodes(fd);
	const struct volume_directory *held = NULL;
	struct dirent *entry;
	size_t n = 0;

	if (fd < 0 && is_missed(fd) && !found->missed)
		found->missed = fd;

	for (; dir && n < VOLUME_NAMES_MAX && (entry = next_entry(dir)); n++) {
		struct volume_match match;

		if (!matches(component, entry->d_name, purpose))
			continue;
		match = match_of(directory, join(found->names, directory, entry->d_name));
		if (entry->d_type == DT_REG && !held && purpose == TO_READ)
			held = hold(found, fd);
		match.directory = entry->d_type == DT_REG ? held : NULL;
		match.inode = has_inodes ? entry->d_ino : 0;
		if (!names_add(found, match))
			return false;
	}
	if (dir && n < VOLUME_NAMES_MAX && errno && !found->missed)
		found->missed = -errno;
	return true;
}

/* The same without reading the directory; whether it is there shows when it is opened. */
static bool add_literal(const char *directory, const char *component, struct names *found)
{
	return names_add(found, match_of(directory, join(found->names, directory, component)));
}

static struct volume_match *list(
	const struct volume *v, void *ctx, const char *pattern, enum purpose purpose, int *missed)
{
	_cleanup_talloc_ char *components = talloc_strdup(ctx, pattern);
	struct names found, next;
	char *component, *rest;

	if (!components || !names_init(&found, ctx) ||
		!names_add(&found, (struct volume_match){.path = talloc_strdup(ctx, "")}))
		return NULL;
	for (component = strtok_r(components, "/", &rest); component;
		component = strtok_r(NULL, "/", &rest)) {
		bool wild = strpbrk(component, "*?[");

		if (!names_init(&next, ctx))
			return NULL;
		next.missed = found.missed;
		for (size_t i = 0; i < found.count; i++)
			if (!(wild ? add_matches(v, found.names[i].path, component,
					     *rest ? TO_NAME : purpose, &next)
				   : add_literal(found.names[i].path, component, &next)))
				return NULL;
		talloc_free(found.names);
		found = next;
		if (wild)
			qsort(found.names, found.count, sizeof(*found.names), compare_names);
	}
	*missed = found.missed;
	return found.names;
}

struct volume_match *volume_list(
	const struct volume *v, void *ctx, const char *pattern, int *missed)
{
	return list(v, ctx, pattern, TO_READ, missed);
}

char **volume_glob(const struct volume *v, void *ctx, const char *pattern)
{
	int missed;
	struct volume_match *matches = list(v, ctx, pattern, TO_NAME, &missed);
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
