// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/power/device_path.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

/* How a device is called, and how entry_file.on calls it. */
static const struct {
	const char *word, *prefix;
} namings[] = {
	{"uuid", "UUID="},
	{"label", "LABEL="},
};
#define NAMINGS (sizeof(namings) / sizeof(*namings))

/* What is longer can be no path or name. */
static int up_to(int max, size_t len)
{
	return len < (size_t)max ? (int)len : max;
}

/* "http://host/path": text becomes "host/path". */
static bool take_scheme(struct line_text *text, struct line_text *scheme)
{
	struct line_text rest = *text;

	if (!line_take_until(&rest, ':', scheme) || rest.len < 2 || memcmp(rest.at, "//", 2))
		return false;
	*text = (struct line_text){rest.at + 2, rest.len - 2};
	return true;
}

/* What stands behind "uuid:" up to the next colon, or up to the path. */
static struct line_text take_value(struct line_text *text)
{
	struct line_text value = {text->at, 0}, before;

	if (line_take_until(text, ':', &before))
		return before;
	while (value.len < text->len && text->at[value.len] != '/')
		value.len++;
	text->at += value.len;
	text->len -= value.len;
	return value;
}

/* The device before the path. *on stays NULL where there is none. */
static bool take_device(void *ctx, struct line_text *text, const char **on)
{
	struct line_text device, word, value;
	const char *prefix = "";

	if (!line_take_until(text, ':', &device) || !device.len)
		return true;
	value = device;
	for (size_t i = 0; i < NAMINGS; i++) {
		struct line_text rest = device;

		if (line_is(device, namings[i].word))
			value = take_value(text);
		else if (line_take_until(&rest, '=', &word) && line_is(word, namings[i].word))
			value = rest;
		else
			continue;
		prefix = namings[i].prefix;
	}
	*on = talloc_asprintf(ctx, "%s%.*s", prefix, up_to(NAME_MAX, value.len), value.at);
	return *on;
}

static bool is_remote(void *ctx, struct line_text *text, const char **reason)
{
	struct line_text whole = *text, scheme, host;

	if (!take_scheme(text, &scheme))
		return false;
	if (line_is(scheme, "file")) {
		line_take_until(text, '/', &host);
		return false;
	}
	if (!*reason)
		*reason = talloc_asprintf(ctx, "%.*s is on the network, not on a disk",
			up_to(PATH_MAX, whole.len), whole.at);
	return true;
}

bool device_path_read(
	void *ctx, struct line_text text, struct entry_file *file, const char **reason)
{
	const char *on = NULL, *path;

	text = line_trim(text);
	if (is_remote(ctx, &text, reason))
		return *reason;
	if (!take_device(ctx, &text, &on))
		return false;
	path = talloc_asprintf(ctx, "%s%.*s", text.len && *text.at == '/' ? "" : "/",
		up_to(PATH_MAX, text.len), text.at);
	if (!path)
		return false;
	file->path = path;
	file->on = on;
	return true;
}

bool device_path_add_initrd(void *ctx, struct line_text text, struct entry *entry)
{
	struct entry_file file = {.path = NULL};
	int rc;

	if (!device_path_read(ctx, text, &file, &entry->reason))
		return false;
	rc = file.path ? entry_add_initrd(ctx, entry, file) : 0;
	if (rc == -E2BIG)
		entry->reason = "it has more initrds than stillboot takes";
	return rc != -ENOMEM;
}
