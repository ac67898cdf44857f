// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line that a system would give its kernels. */
#include "boot/bare.h"

#include <string.h>
#include <talloc.h>

#include "boot/power/line.h"
#include "devices/cleanup.h"

#define FILE_MAX (64 << 10) /* bytes of one of these files */

static char *join(char *text, const char *more, size_t len)
{
	if (!text || !len)
		return text;
	if (*text)
		text = talloc_strdup_append_buffer(text, " ");
	return text ? talloc_strndup_append_buffer(text, more, len) : NULL;
}

/* kernel-install(8): lines are joined; comments are systemd's since version 256. */
char *bare_read_cmdline(void *ctx, const char *bytes, size_t len)
{
	struct line_reader reader = {.rest = {bytes, len}};
	char *options = talloc_strdup(ctx, "");
	struct line_text line;

	while (options && line_next(&reader, &line)) {
		line = line_trim(line);
		options = join(options, line.at, line.len);
	}
	return options;
}

/* A value that means the same without a shell: one word, or one quoted string. */
static bool is_plain(struct line_text value, struct line_text *text)
{
	static const char special[] = "$`\\\"";
	struct line_text rest;
	bool quoted;

	value = line_trim(value);
	quoted = value.len && (*value.at == '"' || *value.at == '\'');
	rest = (struct line_text){value.at + quoted, value.len - quoted};
	if (!quoted)
		*text = line_take_word(&rest);
	else if (!line_take_until(&rest, *value.at, text))
		return false;
	rest = line_trim(rest);
	if (rest.len && *rest.at != '#')
		return false;
	for (size_t i = 0; i < text->len; i++)
		if ((!quoted || *value.at == '"') && strchr(special, text->at[i]))
			return false;
	return quoted || !text->len || !memchr(text->at, '\'', text->len);
}

/* In grub-mkconfig's order (util/grub.d/10_linux.in). */
char *bare_read_grub(struct reading *r, void *ctx, const char *bytes, size_t len)
{
	static const char *const names[] = {"GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"};
	struct line_text values[2] = {{NULL, 0}, {NULL, 0}}, line, name, value;
	struct line_reader reader = {.rest = {bytes, len}};
	char *options = talloc_strdup(ctx, "");

	while (line_next(&reader, &line)) {
		if (!line_take_until(&line, '=', &name))
			continue;
		for (size_t i = 0; i < 2; i++) {
			if (name.len != strlen(names[i]) || memcmp(name.at, names[i], name.len))
				continue;
			if (is_plain(line, &value))
				values[i] = value;
			else
				reading_problem(r, "etc/default/grub", reader.number,
					"%s is left out: only a shell can read it", names[i]);
		}
	}
	for (size_t i = 0; i < 2; i++)
		options = join(options, values[i].at, values[i].len);
	return options;
}

/* "rw,subvol=@": the option that the kernel needs to find the root of a btrfs. */
static const char *root_flags(void *ctx, struct line_text options)
{
	struct line_text option;

	while (options.len) {
		if (!line_take_until(&options, ',', &option)) {
			option = options;
			options.len = 0;
		}
		if (option.len > 7 && !memcmp(option.at, "subvol", 6))
			return line_copy(ctx, option);
	}
	return NULL;
}

bool bare_read_fstab(
	void *ctx, const char *bytes, size_t len, const char *directory, struct bare_root *root)
{
	static const char *const names[] = {"UUID=", "LABEL=", "PARTUUID=", "PARTLABEL=", "/dev/"};
	struct line_reader reader = {.rest = {bytes, len}};
	struct line_text line;

	while (line_next(&reader, &line)) {
		struct line_text spec = line_take_word(&line);

		if (!line_is(line_take_word(&line), directory))
			continue;
		line_take_word(&line);
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (spec.len > strlen(names[i]) &&
				!memcmp(spec.at, names[i], strlen(names[i])))
				root->device = line_copy(ctx, spec);
		root->flags = root_flags(ctx, line_take_word(&line));
		return root->device;
	}
	return false;
}

static bool has(const struct volume *v, const char *path)
{
	return v->fd >= 0 && volume_has(v, path, NULL) == 0;
}

static bool is_root(const struct volume *v)
{
	return has(v, "etc/fstab") || has(v, "etc/os-release") || has(v, "sbin/init");
}

static bool read_fstab(struct reading *r, void *ctx, const struct volume *v, const char *directory,
	struct bare_root *root)
{
	_cleanup_talloc_ char *bytes = NULL;
	size_t len;

	return reading_file(r, ctx, v, "etc/fstab", FILE_MAX, &bytes, &len, NULL) == 0 &&
	       bare_read_fstab(ctx, bytes, len, directory, root);
}

/* The root filesystem that the kernel is of. */
static const struct volume *find_root(struct reading *r, void *ctx)
{
	if (is_root(r->volume))
		return r->volume;
	for (size_t i = 0; i < r->volumes->count; i++) {
		const struct volume *v = &r->volumes->volumes[i];
		struct bare_root boot = {.device = NULL};

		if (is_root(v) && read_fstab(r, ctx, v, "/boot", &boot) &&
			volume_named(r->volumes, boot.device, v) == r->volume)
			return v;
	}
	return NULL;
}

static char *read_options(struct reading *r, void *ctx, const struct volume *v)
{
	static const char *const files[] = {"etc/kernel/cmdline", "usr/lib/kernel/cmdline"};
	_cleanup_talloc_ char *bytes = NULL;
	size_t len;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (reading_file(r, ctx, v, files[i], FILE_MAX, &bytes, &len, NULL) == 0)
			return bare_read_cmdline(ctx, bytes, len);
	if (reading_file(r, ctx, v, "etc/default/grub", FILE_MAX, &bytes, &len, NULL) == 0)
		return bare_read_grub(r, ctx, bytes, len);
	return talloc_strdup(ctx, "");
}

/* Is there a word that begins so, or is all of it? */
static bool has_word(const char *options, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = strstr(options, word); at; at = strstr(at + 1, word))
		if ((at == options || at[-1] == ' ') &&
			(word[len - 1] == '=' || !at[len] || at[len] == ' '))
			return true;
	return false;
}

bool bare_has_root(const char *options)
{
	return has_word(options, "root=") || has_word(options, "boot=");
}

/* The filesystem itself knows best what it is called; fstab, how it is mounted. */
static struct bare_root describe_root(struct reading *r, void *ctx, const struct volume *v)
{
	struct bare_root root = {.device = NULL};

	read_fstab(r, ctx, v, "/", &root);
	if (v->uuid)
		root.device = talloc_asprintf(ctx, "UUID=%s", v->uuid);
	if (!root.flags && strlen(v->root) > 1)
		root.flags = talloc_asprintf(ctx, "subvol=%s", v->root + 1);
	return root;
}

char *bare_options(struct reading *r, void *ctx)
{
	const struct volume *v = find_root(r, ctx);
	char *options = v ? read_options(r, ctx, v) : talloc_strdup(ctx, "");
	struct bare_root root;
	char *text;

	if (!v || !options || has_word(options, "root="))
		return options;
	root = describe_root(r, ctx, v);
	if (!root.device)
		return options;
	text = talloc_asprintf(ctx, "root=%s", root.device);
	if (text && !has_word(options, "ro") && !has_word(options, "rw"))
		text = talloc_strdup_append_buffer(text, " ro");
	if (text && root.flags && !has_word(options, "rootflags="))
		text = talloc_asprintf_append_buffer(text, " rootflags=%s", root.flags);
	return join(text, options, strlen(options));
}
