// SPDX-License-Identifier: GPL-2.0-or-later
/* Directory trees as volumes. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "boot/volume/volume.h"
#include "boot/volume/names.h"
#include "devices/cleanup.h"

/* "sda2" is the second partition of sda, "nvme0n1p2" of nvme0n1 (block/partitions/core.c,
 * add_partition). */
static int take_device(void *ctx, struct volume *v, const char *name)
{
	const char *base = strncmp(name, "/dev/", 5) ? name : name + 5;
	size_t digits = strlen(base);

	while (digits && isdigit((unsigned char)base[digits - 1]))
		digits--;
	v->partition = (unsigned int)strtoul(base + digits, NULL, 10);
	if (digits > 1 && base[digits] && base[digits - 1] == 'p' &&
		isdigit((unsigned char)base[digits - 2]))
		digits--;
	v->device = talloc_asprintf(ctx, "/dev/%s", base);
	v->disk = talloc_strndup(ctx, base, digits);
	return v->device && v->disk ? 0 : -ENOMEM;
}

/* Who names a filesystem by something that we do not know would wait for it in vain. */
static int take_name(void *ctx, struct volume *v, const char *name, struct err *err)
{
	static const char *const others[] = {
		"PARTUUID=", "lvm/", "lvmid/", "md/", "mduuid/", "cryptouuid/"};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strncmp(name, others[i], strlen(others[i]))) {
			v->names = volume_names_with(ctx, v->names, name);
			return v->names ? 0 : err_errno(err, -ENOMEM, "name a directory");
		}
	if (!strncmp(name, "UUID=", 5))
		v->uuid = name + 5;
	else if (!strncmp(name, "LABEL=", 6))
		v->label = name + 6;
	else if (strchr(name, '='))
		return err_set(err, -EINVAL,
			"%s names no filesystem: it may be UUID=, LABEL= or PARTUUID=, a device as "
			"sda2, or lvm/, md/ and the like as GRUB has them",
			name);
	else if (take_device(ctx, v, name) < 0)
		return err_errno(err, -ENOMEM, "name a directory");
	return 0;
}

/* Where the directory begins in "NAME,NAME:DIR" or "UUID=X=DIR"; the tree itself without names. */
static const char *directory_in(const char *tree)
{
	const char *colon = strchr(tree, ':'), *equals = strrchr(tree, '=');
	struct stat st;

	if (stat(tree, &st) == 0)
		return tree;
	return colon ? colon + 1 : equals ? equals + 1 : tree;
}

static int open_tree_of(void *ctx, const char *tree, struct volume *v, struct err *err)
{
	const char *directory = directory_in(tree);
	char *names = NULL, *rest = NULL;
	int rc = 0;

	*v = (struct volume){.fd = -1, .root = "/", .target = talloc_strdup(ctx, directory)};
	if (directory > tree)
		names = talloc_strndup(ctx, tree, (size_t)(directory - tree) - 1);
	for (char *n = names ? strtok_r(names, ",", &rest) : NULL; n && rc == 0;
		n = strtok_r(NULL, ",", &rest))
		rc = take_name(ctx, v, n, err);
	if (rc < 0)
		return rc;
	if (!v->target || (directory > tree && !names))
		return err_errno(err, -ENOMEM, "open %s", directory);
	if (!v->device)
		v->device = names; /* strtok_r() has cut it behind the first */
	v->fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return v->fd < 0 ? err_errno(err, -errno, "open %s", directory) : 0;
}

int volumes_of_trees(
	void *ctx, const char *const *trees, size_t count, struct volume_set **set, struct err *err)
{
	_cleanup_talloc_ struct volume_set *found = volume_set_new(ctx);
	int rc = 0;

	if (found)
		found->volumes = talloc_array(found, struct volume, count);
	if (!found || !found->volumes)
		return err_errno(err, -ENOMEM, "open the directories");
	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = open_tree_of(found, trees[i], &found->volumes[i], err);
		found->count += rc == 0;
	}
	if (rc < 0)
		return rc;
	if (count == 1 && !found->volumes->uuid && !found->volumes->label && !found->volumes->disk)
		found->volumes->flags |= VOLUME_ANY_NAME;
	*set = found;
	found = NULL;
	return 0;
}
