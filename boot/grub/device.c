// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/device.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"

/* "0b1f6a34-93c1-...", "A1B2-C3D4": what search calls a filesystem that is not there. */
static bool is_uuid(const char *name)
{
	static const char hex[] = "0123456789abcdefABCDEF-";

	if ((name[0] == 'f' || name[0] == 'c') && name[1] == 'd' && isdigit((unsigned char)name[2]))
		return false; /* fd0, cd0 */
	return *name && !name[strspn(name, hex)];
}

const struct grub_loop *grub_loop(const struct grub_run *g, const char *device)
{
	size_t len = strcspn(device, ",");

	for (size_t i = 0; len && i < GRUB_LOOPS_MAX; i++) {
		const char *name = g->loopbacks[i].name;

		if (name && !strncmp(name, device, len) && !name[len])
			return &g->loopbacks[i];
	}
	return NULL;
}

const struct volume *grub_volume(struct grub_run *g, const char *device)
{
	const struct volume *near = g->source.volume, *v;
	const struct grub_loop *loop = grub_loop(g, device);
	_cleanup_talloc_ char *uuid = NULL;

	if (loop)
		return strchr(device, ',') ? NULL : loop->volume;

	if (!*device || !strcmp(device, g->own_root))
		return !*device ? near : g->reading->volume;
	v = volume_named(g->reading->volumes, device, near);
	if (v || !is_uuid(device))
		return v;
	uuid = talloc_asprintf(NULL, "UUID=%s", device);
	return uuid ? volume_named(g->reading->volumes, uuid, near) : NULL;
}

/* A path begins with a slash; that of the device itself is empty. */
static char *path_of(struct grub_run *g, const char *name)
{
	char *path = grub_arena_take(&g->scratch, strlen(name) + 2);

	if (path)
		stpcpy(stpcpy(path, *name && *name != '/' ? "/" : ""), name);
	return path;
}

bool grub_place(struct grub_run *g, const char *name, struct grub_place *place)
{
	const char *close = *name == '(' ? strchr(name, ')') : NULL;
	const char *device = close ? name + 1 : grub_get_text(g, "root");
	char *text, *path;

	if (!close && *device == '(')
		device++;
	text = grub_arena_copy(&g->scratch, device, strcspn(device, ")"));
	path = path_of(g, close ? close + 1 : name);
	if (!text || !path) {
		grub_no_room(g);
		return false;
	}
	*place = (struct grub_place){.device = text, .path = path};
	place->volume = grub_volume(g, text);
	return true;
}

static bool finds(const struct grub_run *g, const char *name, const struct volume *v,
	const struct volume *near)
{
	return name && volume_named(g->reading->volumes, name, near) == v;
}

/* A name that volume_named() understands, as seen from the volume near; NULL if there is none. */
static char *name_of(
	struct grub_run *g, void *ctx, const struct volume *v, const struct volume *near)
{
	const char *base = v->device ? strrchr(v->device, '/') : NULL;
	const struct {
		const char *before, *name;
	} names[] = {
		{"UUID=", v->uuid},
		{"LABEL=", v->label},
		{"", base ? base + 1 : NULL},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *name = names[i].name
				     ? talloc_asprintf(ctx, "%s%s", names[i].before, names[i].name)
				     : NULL;

		if (finds(g, name, v, near))
			return name;
		talloc_free(name);
	}
	return NULL;
}

char *grub_device_of(struct grub_run *g, void *ctx, const struct volume *v)
{
	const char *base = v->device ? strrchr(v->device, '/') : NULL;

	if (v == g->reading->volume)
		return talloc_strdup(ctx, g->own_root);
	if (base && finds(g, base + 1, v, g->source.volume))
		return talloc_strdup(ctx, base + 1);
	return name_of(g, ctx, v, g->source.volume);
}

struct entry_file grub_entry_file(struct grub_run *g, const char *name)
{
	struct grub_mark mark = grub_arena_mark(&g->scratch);
	struct entry_file file = {0};
	struct grub_place place;
	char *on = NULL;

	if (!grub_place(g, name, &place))
		return file;
	file.path = grub_keep(g, *place.path ? place.path : "/");
	/* The volume of the file is meant where nothing is said; the device that it is on also has
	 * other names. */
	if (place.volume && place.volume != g->source.volume)
		on = name_of(g, NULL, place.volume, g->source.volume);
	if (on)
		file.on = grub_keep(g, on);
	else if (!place.volume && is_uuid(place.device))
		file.on = grub_keep(g, talloc_asprintf(g, "UUID=%s", place.device));
	else if (place.volume != g->source.volume)
		file.on = grub_keep(g, place.device);
	talloc_free(on);
	grub_arena_back(&g->scratch, mark);
	return file;
}

bool grub_has_file(struct grub_run *g, const struct grub_place *place)
{
	return place->volume && place->volume->fd >= 0 && *place->path && grub_lookup(g, 1) &&
	       volume_has(place->volume, place->path, NULL) == 0;
}
