// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/bare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/format.h"
#include "boot/power/labels.h"
#include "boot/power/line.h"
#include "boot/version.h"
#include "devices/cleanup.h"

/* A kernel's file, taken apart: "boot/", "vmlinuz-6.1.0.old", "6.1.0", and that it is old. */
struct kernel {
	struct reading *r;
	void *ctx;
	const char *directory; /* with a slash, or empty */
	const char *name;
	char *suffix; /* what distinguishes it, without endings; perhaps empty */
	const char *version;
	bool is_old;
};

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), end_len = strlen(end);

	return len >= end_len && !strcmp(s + len - end_len, end);
}

static bool cut_end(char *s, const char *end)
{
	if (!ends_with(s, end))
		return false;
	s[strlen(s) - strlen(end)] = '\0';
	return true;
}

/* What lies beside kernels and is none. */
static bool is_companion(const char *name)
{
	static const char *const ends[] = {".sig", ".hmac", ".asc", ".gpg", ".md5", ".sha256",
		".sha512", ".txt", ".debug", ".map", ".config"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (ends_with(name, ends[i]))
			return true;
	return false;
}

static bool has(const struct kernel *k, const char *name)
{
	_cleanup_talloc_ char *path = talloc_asprintf(k->ctx, "%s%s", k->directory, name);

	return path && k->r->volume->fd >= 0 && volume_has(k->r->volume, path, NULL) == 0;
}

/* The same kernel not compressed, or for a debugger: where there is a vmlinuz, that is the one. */
static bool is_second_form(const struct kernel *k)
{
	_cleanup_talloc_ char *other = NULL;

	if (strncmp(k->name, "vmlinux", 7) || !*k->suffix)
		return false;
	other = talloc_asprintf(k->ctx, "vmlinuz-%s", k->suffix);
	return other && has(k, other);
}

static const char *after_prefix(const char *name)
{
	static const char *const prefixes[] = {
		"vmlinuz", "vmlinux", "bzImage", "zImage", "Image", "kernel", "linux"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return name + strlen(prefixes[i]);
	return name;
}

/* "6.1.0" in "6.1.0", "generic-6.1.0" and "genkernel-x86_64-6.1.0". */
static const char *version_in(const char *suffix)
{
	for (const char *at = suffix; *at; at++)
		if (*at >= '0' && *at <= '9' && (at == suffix || at[-1] == '-'))
			return at;
	return NULL;
}

/* Documentation/arch/x86/boot.rst, "kernel_version". */
static const char *version_in_header(struct kernel *k, const char *bytes, size_t len)
{
	const unsigned char *head = (const unsigned char *)bytes;
	char text[64] = {0};
	size_t n = 0, offset;

	if (len < 0x210 || memcmp(bytes + 0x202, "HdrS", 4))
		return NULL;
	offset = 0x200 + (size_t)(head[0x20e] | head[0x20f] << 8);
	if (offset == 0x200 || reading_part(k->r, bytes, len, offset, text, sizeof(text) - 1) < 0)
		return NULL;
	while (text[n] > ' ' && text[n] < 0x7f)
		n++;
	return n ? talloc_strndup(k->r->list, text, n) : NULL;
}

static bool take_apart(struct kernel *k, const char *bytes, size_t len)
{
	static const char *const endings[] = {".efi", ".gz", ".xz", ".zst", ".img"};
	const char *slash = strrchr(k->r->file, '/'), *after;

	k->name = slash ? slash + 1 : k->r->file;
	k->directory = talloc_strndup(k->ctx, k->r->file, (size_t)(k->name - k->r->file));
	after = after_prefix(k->name);
	k->suffix = talloc_strdup(k->r->list, after + (*after == '-'));
	if (!k->directory || !k->suffix)
		return false;
	k->is_old = cut_end(k->suffix, ".old");
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		cut_end(k->suffix, endings[i]);
	k->version = version_in(k->suffix);
	if (!k->version)
		k->version = version_in_header(k, bytes, len);
	return true;
}

static bool add_initrd(struct kernel *k, struct entry *e, const char *name)
{
	char *path = talloc_asprintf(k->r->list, "/%s%s", k->directory, name);

	return path && entry_add_initrd(k->r->list, e, (struct entry_file){.path = path}) == 0;
}

/* The names that initramfs-tools, dracut, mkinitcpio, genkernel, mkinitfs and mkinitrd give, and
 * those of installation media. The first that is there. */
static bool guess_initrd(struct kernel *k, struct entry *e)
{
	static const char *const before[] = {"initrd.img-", "initramfs-", "initrd-"};
	static const char *const behind[] = {"", ".img", ".gz"};
	static const char *const plain[] = {"initrd.img", "initrd", "initramfs.img", "initramfs",
		"initrd.gz", "initrd.lz", "initrd.xz", "initrd.zst", "initramfs.gz"};
	const char *old = k->is_old ? ".old" : "";
	size_t others = sizeof(plain) / sizeof(*plain);

	for (size_t i = 0; *k->suffix && i < 9; i++) {
		char *name = talloc_asprintf(
			k->ctx, "%s%s%s%s", before[i / 3], k->suffix, behind[i % 3], old);

		if (!name || has(k, name))
			return name && add_initrd(k, e, name);
	}
	for (size_t i = 0; i < others; i++) {
		char *name = talloc_asprintf(k->ctx, "%s%s", plain[i], old);

		if (!name || has(k, name))
			return name && add_initrd(k, e, name);
	}
	return true;
}

static bool add_initrds(struct kernel *k, struct entry *e)
{
	/* Arch Linux, where they are files of their own; microcode must come first. */
	static const char *const microcode[] = {"intel-ucode.img", "amd-ucode.img"};

	for (size_t i = 0; i < sizeof(microcode) / sizeof(*microcode); i++)
		if (has(k, microcode[i]) && !add_initrd(k, e, microcode[i]))
			return false;
	return guess_initrd(k, e);
}

/* A live system finds itself. */
static const char *live_options(const struct kernel *k)
{
	if (!strcmp(k->directory, "casper/"))
		return "boot=casper";
	return strcmp(k->directory, "live/") ? NULL : "boot=live";
}

static bool fill_in(struct kernel *k, struct entry *e)
{
	const char *live = live_options(k), *what = k->version, *options;

	if (version_in(k->suffix))
		what = k->suffix;
	e->id = talloc_strdup(k->r->list, k->name);
	e->title = talloc_asprintf(
		k->r->list, "Linux %s%s", what ? what : k->name, k->is_old && what ? " (old)" : "");
	e->version = k->version;
	e->kernel.path = talloc_asprintf(k->r->list, "/%s", k->r->file);
	e->source.file = talloc_strdup(k->r->list, k->r->file);
	options = live ? live : bare_options(k->r, k->ctx);
	return e->id && e->title && e->kernel.path && e->source.file && options &&
	       labels_set_options(k->r->list, e, options) && add_initrds(k, e);
}

int bare_parse(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	_cleanup_talloc_ void *ctx = talloc_new(r->list);
	struct kernel k = {.r = r, .ctx = ctx};
	struct entry e = {.tries_left = -1, .tries_done = -1}, *entry;

	if (!ctx || !take_apart(&k, bytes, len))
		return err_errno(err, -ENOMEM, "%s", r->file);
	if (is_companion(k.name) || is_second_form(&k))
		return 0;
	if (!fill_in(&k, &e))
		return err_errno(err, -ENOMEM, "%s", r->file);
	if (!r->list->count && !bare_has_root(e.options))
		reading_problem(r, NULL, 0,
			"no root filesystem is known for this kernel: its command line has no "
			"root=");
	entry = entry_list_add(r->list);
	if (!entry)
		return err_errno(
			err, r->list->count < ENTRY_LIST_MAX ? -ENOMEM : -E2BIG, "%s", r->file);
	*entry = e;
	return 0;
}

static bool is_for_emergency(const struct entry *e)
{
	return strstr(e->id, "rescue") || ends_with(e->id, ".old");
}

static int compare(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	int order = is_for_emergency(a) - is_for_emergency(b);

	if (!order)
		order = version_compare(b->version, a->version);
	return order ? order : strcmp(a->kernel.path, b->kernel.path);
}

void bare_sort(struct entry_list *list)
{
	if (list->count)
		qsort(list->entries, list->count, sizeof(*list->entries), compare);
	for (size_t i = 0; i < list->count; i++)
		list->entries[i].position = (unsigned int)i;
}
