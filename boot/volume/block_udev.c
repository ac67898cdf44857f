// SPDX-License-Identifier: GPL-2.0-or-later
/* What udev's links in dev/disk say: needs no rights, and no disk is read. */
#include "boot/volume/block.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"

/* udev writes what is unusual in a name as \xHH. In place. */
static void unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		unsigned int byte;

		if (in[0] == '\\' && in[1] == 'x' && in[2] && in[3] &&
			sscanf(in + 2, "%2x", &byte) == 1) {
			*out++ = (char)byte;
			in += 3;
		} else {
			*out++ = *in;
		}
	}
	*out = '\0';
}

/* Is this link's target, "../../sda1", the device with this name in sysfs, which has '!' for a slash? */
static bool leads_to(const char *target, const char *name)
{
	while (!strncmp(target, "../", 3))
		target += 3;
	for (; *target; target++, name++)
		if (*name != (*target == '/' ? '!' : *target))
			return false;
	return !*name;
}

char *block_link_to(struct machine *m, void *ctx, const char *directory, const char *name)
{
	int fd = machine_openat(m, directory, O_RDONLY | O_DIRECTORY);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char target[PATH_MAX];
		ssize_t len = readlinkat(fd, entry->d_name, target, sizeof(target) - 1);
		char *found;

		if (len < 0)
			continue;
		target[len] = '\0';
		if (!leads_to(target, name))
			continue;
		found = talloc_strdup(ctx, entry->d_name);
		if (found)
			unescape(found);
		return found;
	}
	return NULL;
}

struct block_names block_udev_names(struct machine *m, void *ctx, const char *name)
{
	return (struct block_names){
		.uuid = block_link_to(m, ctx, "dev/disk/by-uuid", name),
		.label = block_link_to(m, ctx, "dev/disk/by-label", name),
	};
}
