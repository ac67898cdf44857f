// SPDX-License-Identifier: GPL-2.0-or-later
/* What udev's links in dev/disk and its database say: needs no rights, and no disk is read. */
#include "boot/volume/block.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"

#define DATABASE_MAX (64 << 10) /* bytes of one device's file */

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

/* Lines "E:NAME=VALUE" in a file of the device's number (sd_device's read_db_internal_filename(), and
 * libudev's since there is one). */
char *block_udev_property(struct machine *m, void *ctx, const char *name, const char *property)
{
	_cleanup_talloc_ void *scratch = talloc_new(NULL);
	char path[320], *number, *text, *rest = NULL;
	size_t len = strlen(property);

	snprintf(path, sizeof(path), "sys/class/block/%.255s/dev", name);
	if (machine_read_file(m, scratch, path, 64, &number, NULL) < 0)
		return NULL;
	snprintf(path, sizeof(path), "run/udev/data/b%.32s", number);
	if (machine_read_file(m, scratch, path, DATABASE_MAX, &text, NULL) < 0)
		return NULL;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strncmp(line, "E:", 2) && !strncmp(line + 2, property, len) &&
			line[2 + len] == '=')
			return talloc_strdup(ctx, line + 2 + len + 1);
	return NULL;
}
