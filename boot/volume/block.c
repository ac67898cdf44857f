// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/block.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "devices/cleanup.h"

#define ATTRIBUTE_MAX 4096 /* bytes: sysfs gives no more than a page */
#define LIST "sys/class/block"

static char *attribute(struct machine *m, void *ctx, const char *name, const char *attr)
{
	_cleanup_talloc_ char *path = talloc_asprintf(ctx, LIST "/%s/%s", name, attr);
	char *value = NULL;

	if (!path || machine_read_file(m, ctx, path, ATTRIBUTE_MAX, &value, NULL) < 0)
		return NULL;
	return value;
}

static unsigned long long number(struct machine *m, const char *name, const char *attr)
{
	_cleanup_talloc_ char *value = attribute(m, NULL, name, attr);

	return value ? strtoull(value, NULL, 10) : 0;
}

static bool has_attribute(struct machine *m, const char *name, const char *attr)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), LIST "/%s/%s", name, attr);
	return fstatat(m->root_fd, path, &st, 0) == 0;
}

/* Does the predicate hold for an entry of this directory? */
static bool any_below(
	struct machine *m, const char *path, bool (*predicate)(int dir_fd, const char *name))
{
	int fd = machine_openat(m, path, O_RDONLY | O_DIRECTORY);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (*entry->d_name != '.' && predicate(fd, entry->d_name))
			return true;
	return false;
}

static bool is_anything(int dir_fd, const char *name)
{
	(void)dir_fd;
	(void)name;
	return true;
}

static bool is_partition(int dir_fd, const char *name)
{
	char path[NAME_MAX + sizeof("/partition")];
	struct stat st;

	snprintf(path, sizeof(path), "%s/partition", name);
	return fstatat(dir_fd, path, &st, 0) == 0;
}

/* Block majors of Documentation/admin-guide/devices.txt. */
static bool is_of_no_interest(unsigned long major, const char *name)
{
	enum { RAM = 1, FLOPPY = 2 };

	return major == RAM || major == FLOPPY || !strncmp(name, "zram", 4);
}

/* A loop device over another device shows what that holds: mount.c makes such. */
static bool has_file(struct machine *m, const char *loop)
{
	_cleanup_talloc_ char *file = attribute(m, NULL, loop, "loop/backing_file");

	return file && strncmp(file, "/dev/", 5);
}

int block_has_holder(struct machine *m, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), LIST "/%s/holders", name);
	return any_below(m, path, is_anything);
}

static bool may_have_filesystem(struct machine *m, const char *name)
{
	char path[PATH_MAX];
	unsigned long long major = number(m, name, "dev");

	if (!number(m, name, "size") || !has_attribute(m, name, "dev") ||
		is_of_no_interest(major, name))
		return false;
	if (!strncmp(name, "loop", 4) && !has_attribute(m, name, "partition") && !has_file(m, name))
		return false;
	if (number(m, name, "dm/suspended") || number(m, name, "hidden"))
		return false;
	if (block_has_holder(m, name))
		return false;
	snprintf(path, sizeof(path), LIST "/%s", name);
	return !any_below(m, path, is_partition);
}

/* ".../block/nvme0n1/nvme0n1p2": the directory above a partition's is its disk's. */
static const char *disk_of(struct machine *m, void *ctx, const char *name)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t len;
	char *slash;

	snprintf(path, sizeof(path), LIST "/%s", name);
	len = readlinkat(m->root_fd, path, target, sizeof(target) - 1);
	if (len < 0)
		return name;
	target[len] = '\0';
	slash = strrchr(target, '/');
	if (!slash)
		return name;
	*slash = '\0';
	slash = strrchr(target, '/');
	return talloc_strdup(ctx, slash ? slash + 1 : target);
}

/* Names in sysfs have '!' where the path has '/' ("cciss!c0d0"). */
static char *path_of(void *ctx, const char *name)
{
	char *path = talloc_asprintf(ctx, "/dev/%s", name);

	for (char *p = path; p && *p; p++)
		if (*p == '!')
			*p = '/';
	return path;
}

char *block_name_of(void *ctx, const char *path)
{
	char *name = talloc_strdup(ctx, path + (strncmp(path, "/dev/", 5) ? 0 : 5));

	for (char *p = name; p && *p; p++)
		if (*p == '/')
			*p = '!';
	return name;
}

static int describe(struct machine *m, void *ctx, const char *name, const char *path,
	struct block_device *device)
{
	struct block_device d = {
		.name = talloc_strdup(ctx, name),
		.path = path ? talloc_strdup(ctx, path) : path_of(ctx, name),
		.partition = (unsigned int)number(m, name, "partition"),
	};

	if (!d.name || !d.path)
		return -ENOMEM;
	d.disk = d.partition ? disk_of(m, ctx, d.name) : d.name;
	if (!d.disk)
		return -ENOMEM;
	d.sequence = number(m, name, d.partition ? "../diskseq" : "diskseq");
	*device = d;
	return 0;
}

static int compare_devices(const void *a, const void *b)
{
	const struct block_device *x = a, *y = b;

	return strverscmp(x->name, y->name);
}

int block_list(
	struct machine *m, void *ctx, struct block_device **devices, size_t *count, struct err *err)
{
	int fd = machine_openat(m, LIST, O_RDONLY | O_DIRECTORY);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct block_device *list = talloc_array(ctx, struct block_device, BLOCK_DEVICES_MAX);
	struct dirent *entry;
	size_t n = 0;

	if (!dir || !list)
		return err_errno(err, dir ? -ENOMEM : -errno, "list block devices in %s", LIST);
	while (n < BLOCK_DEVICES_MAX && (entry = readdir(dir))) {
		if (*entry->d_name == '.' || !may_have_filesystem(m, entry->d_name))
			continue;
		if (describe(m, list, entry->d_name, NULL, &list[n]) < 0)
			return err_errno(err, -ENOMEM, "list block devices");
		n++;
	}
	qsort(list, n, sizeof(*list), compare_devices);
	*devices = list;
	*count = n;
	return 0;
}

int block_is_there(struct machine *m, const char *name)
{
	return has_attribute(m, name, "dev");
}

int block_find(struct machine *m, void *ctx, const char *path, unsigned int major,
	unsigned int minor, struct block_device *device)
{
	_cleanup_talloc_ void *scratch = talloc_new(ctx);
	const char *slash = strrchr(path, '/');
	char *name = NULL;

	if (!scratch)
		return -ENOMEM;
	if (major)
		name = machine_link_name(
			m, scratch, talloc_asprintf(scratch, "sys/dev/block/%u:%u", major, minor));
	if (!name)
		name = machine_link_name(m, scratch, path + (*path == '/'));
	if (!name) {
		name = block_name_of(scratch, path);
		if (name && !block_is_there(m, name))
			name = talloc_strdup(scratch, slash ? slash + 1 : path);
	}
	if (!name)
		return -ENOMEM;
	/* "/dev/root" is what old kernels call the root device when no initramfs did. */
	return describe(m, ctx, name, strcmp(path, "/dev/root") ? path : NULL, device);
}

void block_drop_borrowed(struct machine *m, struct block_device *devices, size_t *count)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++)
		if (strncmp(devices[i].disk, "loop", 4) ||
			!number(m, devices[i].disk, "loop/autoclear"))
			devices[kept++] = devices[i];
	*count = kept;
}
