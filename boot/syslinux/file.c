// SPDX-License-Identifier: GPL-2.0-or-later
/* Strings that the list keeps, and where files lie. */
#include "boot/syslinux/syslinux.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* What talloc needs for a string beside its bytes. */
#define STRING_OVERHEAD 96

/* One directory of a configuration may stand in every path of every entry: the sum is limited. */
static char *take_room(struct syslinux *p, size_t len)
{
	char *room;

	if (p->rc || p->kept + len + STRING_OVERHEAD > SYSLINUX_KEPT_MAX) {
		p->is_full = true;
		return NULL;
	}
	p->kept += len + STRING_OVERHEAD;
	room = talloc_size(p->reading->list, len + 1);
	if (!room)
		p->rc = -ENOMEM;
	return room;
}

const char *syslinux_keep(struct syslinux *p, struct syslinux_text text)
{
	char *kept = take_room(p, text.len);

	if (!kept)
		return "";
	if (text.len)
		memcpy(kept, text.text, text.len);
	kept[text.len] = '\0';
	return kept;
}

const char *syslinux_keep_title(struct syslinux *p, struct syslinux_text text)
{
	char *title = take_room(p, text.len), *to = title;

	if (!title)
		return "";
	for (size_t i = 0; i < text.len; i++)
		if (text.text[i] != '^')
			*to++ = text.text[i];
	*to = '\0';
	return title;
}

const char *syslinux_keep_joined(
	struct syslinux *p, const char *a, const char *b, const char *between)
{
	char *kept = take_room(p, strlen(a) + strlen(between) + strlen(b));

	if (!kept)
		return "";
	stpcpy(stpcpy(stpcpy(kept, a), between), b);
	return kept;
}

/* Take out what "." and ".." and empty names take back. The result never is longer. */
static void normalise(char *path)
{
	const char *from = path;
	char *to = path;

	while (*from) {
		size_t len = strcspn(from, "/");

		if (len == 2 && !strncmp(from, "..", 2)) {
			while (to > path && *--to != '/')
				;
		} else if (len && !(len == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len + (from[len] == '/');
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

/* PXELINUX takes what begins with "::" from the root of the server. */
const char *syslinux_path(struct syslinux *p, struct syslinux_text name)
{
	bool is_rooted = name.len > 1 && !strncmp(name.text, "::", 2);
	bool is_absolute = name.len && (*name.text == '/' || *name.text == '\\');
	const char *directory = p->config->directory;
	char *path;

	if (is_rooted || (is_absolute && !p->config->is_pxe))
		directory = "";
	if (is_rooted)
		name = (struct syslinux_text){name.text + 2, name.len - 2};
	/* The slash in front makes room for normalise(), which begins with one. */
	path = take_room(p, 1 + strlen(directory) + 1 + name.len);
	if (!path)
		return "/";
	path[0] = '/';
	*stpncpy(stpcpy(stpcpy(path + 1, directory), "/"), name.len ? name.text : "",
		name.len) = '\0';
	for (char *c = path; *c; c++)
		if (*c == '\\')
			*c = '/';
	normalise(path);
	return path;
}

bool syslinux_is_remote(struct syslinux_text name)
{
	for (size_t i = 1; i + 1 < name.len; i++)
		if (name.text[i] == ':' &&
			(name.text[i + 1] == ':' || (i + 2 < name.len && name.text[i + 1] == '/' &&
							    name.text[i + 2] == '/')))
			return true;
	return false;
}

bool syslinux_is_there(struct syslinux *p, struct syslinux_text name)
{
	struct reading *r = p->reading;
	struct err err;

	return r->volume->fd >= 0 && volume_has(r->volume, syslinux_path(p, name), &err) == 0;
}

/* The directory of the configuration; for pxelinux.cfg/NAME the one above, where pxelinux.0 is. */
const char *syslinux_directory(struct syslinux *p, const char *path, bool *is_pxe)
{
	static const char pxe[] = "/pxelinux.cfg";
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	char *directory = talloc_asprintf(p->ctx, "/%.*s", (int)len, path);

	if (!directory) {
		p->rc = -ENOMEM;
		return "";
	}
	normalise(directory);
	len = strlen(directory);
	*is_pxe = len >= strlen(pxe) && !strcasecmp(directory + len - strlen(pxe), pxe);
	if (*is_pxe)
		directory[len - strlen(pxe)] = '\0';
	return !strcmp(directory, "/") ? "" : directory;
}
