// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/wildcard.h"

#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/device.h"
#include "devices/cleanup.h"

#define LOOKUPS_GLOB 20

static bool has_wildcard(const char *text, const char *end)
{
	for (; text < end; text++) {
		if (*text == '*' || *text == '?')
			return true;
		text += *text == '\\' && text + 1 < end;
	}
	return false;
}

static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		text += text[0] == '\\' && text[1];
		*to++ = *text;
	}
	*to = '\0';
}

/* fnmatch() knows brackets, GRUB does not. */
static char *pattern_of(void *ctx, const char *path)
{
	char *pattern = talloc_array(ctx, char, 2 * strlen(path) + 1), *to = pattern;

	for (; pattern && *path; path++) {
		if (*path == '[')
			*to++ = '\\';
		*to++ = *path;
	}
	if (pattern)
		*to = '\0';
	return pattern;
}

/* Files on one volume. before: what stands before the path, "(hd0,1)" or nothing. */
static bool add_files(struct grub_run *g, const struct volume *v, const char *before,
	const char *path, struct grub_words *words)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	char *pattern = ctx ? pattern_of(ctx, path) : NULL;
	char **names = NULL;
	size_t count = words->argc;

	if (pattern && v && v->fd >= 0 && grub_lookup(g, LOOKUPS_GLOB))
		names = volume_glob(v, ctx, pattern + strspn(pattern, "/"));
	for (; names && *names; names++) {
		char *name = talloc_asprintf(ctx, "%s/%s", before, *names);

		if (!name || !grub_words_add(words, name))
			return false;
	}
	return words->argc > count;
}

static bool is_there(const struct volume *v, const char *path)
{
	_cleanup_fd_ int fd = v->fd < 0 ? -1 : volume_open_any(v, path, O_PATH);

	return fd >= 0;
}

/* Each volume by the name that finds it, if the rest is there. */
static bool add_devices(struct grub_run *g, const char *rest, struct grub_words *words)
{
	const struct volume_set *set = g->reading->volumes;
	bool found = false;

	for (size_t i = 0; i < set->count && grub_lookup(g, 1); i++) {
		_cleanup_talloc_ char *name = grub_device_of(g, NULL, &set->volumes[i]);
		_cleanup_talloc_ char *device = name ? talloc_asprintf(NULL, "(%s)", name) : NULL;
		_cleanup_talloc_ char *word = NULL;

		if (!device)
			continue;
		if (has_wildcard(rest, rest + strlen(rest))) {
			found |= add_files(g, &set->volumes[i], device, rest, words);
			continue;
		}
		word = talloc_asprintf(NULL, "%s%s", device, rest);
		if (word && (!*rest || is_there(&set->volumes[i], rest)))
			found |= grub_words_add(words, word);
	}
	return found;
}

bool grub_wildcard(struct grub_run *g, char *word, struct grub_words *words)
{
	char *close = *word == '(' ? strchr(word, ')') : NULL;
	char *path = close ? close + 1 : word;
	bool found = false;

	if (close && has_wildcard(word, close)) {
		found = add_devices(g, path, words);
	} else if (*path == '/' && has_wildcard(path, path + strlen(path))) {
		char kept = *path;
		_cleanup_talloc_ char *before = NULL;
		struct grub_place place;

		*path = '\0';
		before = talloc_strdup(NULL, word);
		*path = kept;
		if (before && grub_place(g, before, &place))
			found = add_files(g, place.volume, before, path, words);
	}
	if (!found)
		unescape(word);
	return found;
}
