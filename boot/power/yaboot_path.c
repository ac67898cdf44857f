// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/power/yaboot_path.h"

#include <string.h>
#include <strings.h>
#include <talloc.h>

#include "boot/power/device_path.h"
#include "boot/power/line.h"
#include "devices/cleanup.h"

/* A name taken apart. */
struct parts {
	struct line_text device;    /* empty: the one that yaboot was started from */
	struct line_text partition; /* digits, or empty */
	struct line_text path;
};

static struct line_text text_of(const char *s)
{
	return s ? (struct line_text){s, strlen(s)} : (struct line_text){"", 0};
}

static struct line_text take_digits(struct line_text *text)
{
	struct line_text digits = {text->at, 0};

	for (; text->len && *text->at >= '0' && *text->at <= '9'; text->at++, text->len--)
		digits.len++;
	return digits;
}

/* Names that the firmware gives to disks (yaboot.conf(5)), with a number behind some. "hd" is none
 * of Linux's: that would be "hda". */
static bool is_firmware_alias(struct line_text name)
{
	static const char *const aliases[] = {
		"", "&device;", "hd", "cd", "cdrom", "disk", "zip", "ultra", "scsi", "ide"};

	while (name.len && name.at[name.len - 1] >= '0' && name.at[name.len - 1] <= '9')
		name.len--;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		if (line_is(name, aliases[i]))
			return true;
	return false;
}

static bool is_firmware_device(struct line_text name)
{
	if (name.len && *name.at == '/')
		return name.len < 5 || memcmp(name.at, "/dev/", 5);
	return is_firmware_alias(name);
}

/* "3,/path", "3/path", ",/path", "/path", "3". Without a comma digits may also be a file's name. */
static void take_partition(struct parts *parts, struct line_text rest)
{
	struct line_text digits = take_digits(&rest);

	if (rest.len && *rest.at == ',') {
		rest.at++;
		rest.len--;
	} else if (!rest.len || *rest.at != '/') {
		return;
	}
	parts->partition = digits;
	parts->path = rest;
}

/* What the name itself does not say. A number behind device= counts least. */
static void take_options(struct parts *parts, const struct yaboot_place *place)
{
	struct line_text rest = text_of(place->device);

	parts->device = rest;
	if (line_take_until(&rest, ':', &parts->device) && !parts->partition.len &&
		!place->partition)
		parts->partition = take_digits(&rest);
	if (!parts->partition.len)
		parts->partition = text_of(place->partition);
}

static struct parts take_apart(const struct yaboot_place *place, struct line_text text)
{
	struct parts parts = {.path = text};

	if (!line_take_until(&parts.path, ':', &parts.device)) {
		take_partition(&parts, text);
		take_options(&parts, place);
		return parts;
	}
	take_partition(&parts, parts.path);
	if (!parts.partition.len && is_firmware_device(parts.device))
		parts.partition = text_of(place->partition);
	return parts;
}

/* "sda" or "sda1", and "2": "sda2"; "nvme0n1", and "2": "nvme0n1p2". */
static char *linux_device(void *ctx, const struct parts *parts)
{
	static const char *const numbered[] = {"nvme", "mmcblk", "md", "loop", "nbd"};
	struct line_text device = parts->device;
	const char *name, *between = "";

	if (!parts->partition.len || memchr(device.at, '=', device.len))
		return line_copy(ctx, device);
	name = device.len > 5 && !memcmp(device.at, "/dev/", 5) ? device.at + 5 : device.at;
	while (device.len && device.at[device.len - 1] >= '0' && device.at[device.len - 1] <= '9')
		device.len--;
	for (size_t i = 0; i < sizeof(numbered) / sizeof(*numbered); i++)
		if (strncmp(name, numbered[i], strlen(numbered[i])) == 0 &&
			device.at[device.len - 1] != 'p') {
			device = parts->device;
			between = "p";
		}
	return talloc_asprintf(ctx, "%.*s%s%.*s", (int)device.len, device.at, between,
		(int)parts->partition.len, parts->partition.at);
}

/* Is it not where the name says, but beside the configuration? */
static bool is_beside(const struct reading *r, const struct entry_file *file)
{
	const struct volume *v;

	if (r->volume->fd < 0)
		return false;
	v = volume_named(r->volumes, file->on, r->volume);
	return !(v && volume_has(v, file->path, NULL) == 0) &&
	       volume_has(r->volume, file->path, NULL) == 0;
}

static bool read_firmware_path(
	const struct reading *r, const struct parts *parts, struct entry_file *file)
{
	struct line_text path = parts->path;
	char *text = talloc_asprintf(r->list, "%s%.*s",
		path.len && (*path.at == '/' || *path.at == '\\') ? "" : "/", (int)path.len,
		path.at);

	if (!text)
		return false;
	for (char *at = strchr(text, '\\'); at; at = strchr(at, '\\'))
		*at = '/';
	*file = (struct entry_file){.path = text};
	if (!parts->partition.len)
		return true;
	file->on = talloc_asprintf(
		r->list, "hd0,%.*s", (int)parts->partition.len, parts->partition.at);
	if (!file->on)
		return false;
	if (is_beside(r, file))
		file->on = NULL;
	return true;
}

static bool read_linux_path(const struct reading *r, const struct parts *parts,
	struct entry_file *file, const char **reason)
{
	_cleanup_talloc_ char *device = linux_device(NULL, parts);
	_cleanup_talloc_ char *text = device ? talloc_asprintf(NULL, "%s:%.*s", device,
						       (int)parts->path.len, parts->path.at)
					     : NULL;

	return text && device_path_read(r->list, text_of(text), file, reason);
}

bool yaboot_path_read(struct reading *r, const struct yaboot_place *place, const char *text,
	struct entry_file *file, const char **reason)
{
	struct line_text name = line_trim(text_of(text));
	struct parts parts;

	if (strstr(text, "://"))
		return device_path_read(r->list, name, file, reason);
	parts = take_apart(place, name);
	if (is_firmware_device(parts.device))
		return read_firmware_path(r, &parts, file);
	return read_linux_path(r, &parts, file, reason);
}
