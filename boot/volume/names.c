// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/volume/names.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>

#include "boot/volume/block.h"
#include "devices/cleanup.h"

#define ATTRIBUTE_MAX 4096

const char *const *volume_names_with(void *ctx, const char *const *names, const char *more)
{
	size_t count = 0;
	const char **list;

	while (names && names[count])
		count++;
	list = talloc_array(ctx, const char *, count + 2);
	for (size_t i = 0; list && i < count; i++)
		list[i] = names[i];
	if (!list || !more)
		return NULL;
	list[count] = talloc_strdup(list, more);
	list[count + 1] = NULL;
	return list[count] ? list : NULL;
}

const char *const *volume_names_copy(void *ctx, const char *const *names)
{
	size_t count = 0;
	const char **list;

	while (names[count])
		count++;
	list = talloc_zero_array(ctx, const char *, count + 1);
	for (size_t i = 0; list && i < count; i++) {
		list[i] = talloc_strdup(list, names[i]);
		if (!list[i])
			return NULL;
	}
	return list;
}

/* An attribute without its newline. */
static char *attribute(struct machine *m, void *ctx, const char *name, const char *attr)
{
	_cleanup_talloc_ char *path = talloc_asprintf(NULL, "sys/class/block/%s/%s", name, attr);
	char *value = NULL;

	if (!path || machine_read_file(m, ctx, path, ATTRIBUTE_MAX, &value, NULL) < 0)
		return NULL;
	value[strcspn(value, "\n")] = '\0';
	return *value ? value : NULL;
}

struct names {
	void *ctx;
	const char *const *list;
	bool failed;
};

__attribute__((format(printf, 2, 3))) static void add(struct names *n, const char *format, ...)
{
	va_list args;
	char *name;

	va_start(args, format);
	name = talloc_vasprintf(n->ctx, format, args);
	va_end(args);
	n->list = volume_names_with(n->ctx, n->list, name);
	n->failed |= !n->list;
	talloc_free(name);
}

/* "LVM-" and two UUIDs of 32 characters, or "CRYPT-LUKS2-", 32 digits and "-name" (the uuid files of
 * device-mapper; lvm2's lib/activate, cryptsetup's lib/libdevmapper.c). */
static void add_mapped(struct names *n, const char *name, const char *uuid)
{
	const char *hyphen;

	if (!strncmp(uuid, "LVM-", 4) && strlen(uuid) >= 4 + 32 + 32) {
		add(n, "lvm/%s", name);
		add(n, "lvmid/%.32s/%.32s", uuid + 4, uuid + 4 + 32);
	}
	hyphen = strncmp(uuid, "CRYPT-", 6) ? NULL : strchr(uuid + 6, '-');
	if (hyphen && strcspn(hyphen + 1, "-") == 32)
		add(n, "cryptouuid/%.32s", hyphen + 1);
}

static void add_array(struct machine *m, struct names *n, const char *name)
{
	char *array = block_link_to(m, n->ctx, "dev/md", name);

	if (!strncmp(name, "md", 2) && isdigit((unsigned char)name[2]))
		add(n, "md/%s", name + 2);
	if (array)
		add(n, "md/%s", array);
}

const char *const *volume_names_of(struct machine *m, void *ctx, const char *name)
{
	struct names n = {.ctx = ctx, .list = talloc_zero_array(ctx, const char *, 1)};
	char *mapped = attribute(m, ctx, name, "dm/name");
	char *uuid = mapped ? attribute(m, ctx, name, "dm/uuid") : NULL;
	char *partition = block_link_to(m, ctx, "dev/disk/by-partuuid", name);

	if (partition)
		add(&n, "PARTUUID=%s", partition);
	if (uuid)
		add_mapped(&n, mapped, uuid);
	if (!strncmp(name, "md", 2))
		add_array(m, &n, name);
	return n.failed ? NULL : n.list;
}

int volume_names_on_stack(const char *const *names)
{
	static const char *const kinds[] = {"lvm/", "md/", "cryptouuid/"};

	for (; names && *names; names++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (!strncmp(*names, kinds[i], strlen(kinds[i])))
				return 1;
	return 0;
}

static bool is_uuid(const char *name)
{
	static const char *const kinds[] = {"PARTUUID=", "mduuid/", "cryptouuid/"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strncmp(name, kinds[i], strlen(kinds[i])))
			return true;
	return false;
}

/* LVM's UUIDs have both cases, and hyphens that say nothing. */
static bool same(const char *a, const char *b)
{
	bool uuid = is_uuid(a), free_of_hyphens = uuid || !strncmp(a, "lvmid/", 6);

	for (;; a++, b++) {
		while (free_of_hyphens && *a == '-')
			a++;
		while (free_of_hyphens && *b == '-')
			b++;
		if (uuid ? tolower((unsigned char)*a) != tolower((unsigned char)*b) : *a != *b)
			return false;
		if (!*a)
			return true;
	}
}

int volume_names_have(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (same(*names, name))
			return 1;
	return 0;
}
