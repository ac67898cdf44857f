// SPDX-License-Identifier: GPL-2.0-or-later
/* From the sections of a unified kernel image, and of its addons, to the parts of an entry. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include "boot/bls/name.h"
#include "boot/bls/uki.h"
#include "devices/cleanup.h"

#define ADDONS_MAX 64

/* An entry on its way; strings go to ctx. */
struct taking {
	const struct uki *uki;
	void *ctx;
	unsigned int profile;
	struct entry *entry;
	bool failed; /* out of memory */
};

static void give_reason(struct taking *t, const char *section, const char *what)
{
	if (t->entry->reason)
		return;
	t->entry->reason = talloc_asprintf(t->ctx, "its section %s %s", section, what);
	t->failed |= !t->entry->reason;
}

/* The section if it can be used; a reason where the file does not have all of it. */
static const struct pe_section *find(struct taking *t, const struct uki *uki, const char *name)
{
	const struct pe_section *s = uki_section(uki, t->profile, name);

	if (s && s->is_cut)
		give_reason(t, name, "reaches beyond the end of the file");
	return s && s->size ? s : NULL;
}

static struct entry_file part(struct taking *t, const struct uki *uki, const struct pe_section *s)
{
	struct entry_file file = {.offset = s->offset, .size = s->size};
	const char *path = uki->reading->file;

	file.path = talloc_asprintf(t->ctx, "%s%s", *path == '/' ? "" : "/", path);
	t->failed |= !file.path;
	return file;
}

enum where { FIRST, LAST };

/* The microcode is to be the very first thing that the kernel finds in its initrd. */
static void add_initrd(
	struct taking *t, const struct uki *uki, const char *section, enum where where)
{
	const struct pe_section *s = find(t, uki, section);
	struct entry *e = t->entry;
	struct entry_file file;
	int rc;

	if (!s)
		return;
	file = part(t, uki, s);
	rc = entry_add_initrd(t->ctx, e, file);
	t->failed |= rc == -ENOMEM;
	if (rc == -E2BIG && !e->reason)
		e->reason = "it has more initrds than stillboot takes";
	if (rc < 0 || where == LAST)
		return;
	memmove(e->initrds + 1, e->initrds, (e->initrd_count - 1) * sizeof(*e->initrds));
	*e->initrds = file;
}

/* Text of many lines becomes one: the kernel takes line breaks for blanks, and so does
 * systemd-stub. */
static char *one_line(char *text)
{
	size_t len = strlen(text), start;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ')
			text[i] = ' ';
	while (len && text[len - 1] == ' ')
		text[--len] = '\0';
	start = strspn(text, " ");
	memmove(text, text + start, len - start + 1);
	return text;
}

static void add_options(struct taking *t, const struct uki *uki)
{
	const struct pe_section *s = find(t, uki, ".cmdline");
	const char *before = t->entry->options ? t->entry->options : "";
	char *text = s ? uki_text(uki, t->ctx, s) : NULL;

	t->failed |= s && !text;
	if (s && s->size > UKI_TEXT_MAX)
		give_reason(t, ".cmdline", "is longer than any command line");
	if (!text || !*one_line(text))
		return;
	t->entry->options = *before ? talloc_asprintf(t->ctx, "%s %s", before, text) : text;
	t->failed |= !t->entry->options;
}

/* Which of several device trees is this machine's cannot be told here: a single one is taken. */
static void take_devicetree(struct taking *t)
{
	const struct pe_section *s = find(t, t->uki, ".dtb"), *automatic = NULL;
	size_t count = 0;

	for (size_t i = 0; i < t->uki->pe.count; i++)
		if (!strcmp(t->uki->pe.sections[i].name, ".dtbauto")) {
			automatic = &t->uki->pe.sections[i];
			count++;
		}
	if (!s && count == 1 && automatic->size)
		s = automatic;
	if (s)
		t->entry->devicetree = part(t, t->uki, s);
}

static bool overlap(const struct pe_section *a, const struct pe_section *b)
{
	return a && b && a != b && a->size && b->size && a->offset < b->offset + b->size &&
	       b->offset < a->offset + a->size;
}

static void check_overlaps(struct taking *t)
{
	static const char *const names[] = {".linux", ".initrd", ".ucode", ".cmdline"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		for (size_t j = 0; j < i; j++)
			if (overlap(uki_section(t->uki, t->profile, names[i]),
				    uki_section(t->uki, t->profile, names[j])))
				give_reason(t, names[i], "lies within another");
}

static void take_image(struct taking *t)
{
	const struct pe_section *linux_section = find(t, t->uki, ".linux");

	if (linux_section)
		t->entry->kernel = part(t, t->uki, linux_section);
	else
		give_reason(t, ".linux", "is empty");
	check_overlaps(t);
	add_initrd(t, t->uki, ".ucode", FIRST);
	add_initrd(t, t->uki, ".initrd", LAST);
	take_devicetree(t);
	if (!t->entry->options || !*t->entry->options)
		add_options(t, t->uki);
}

/* One addon. What is damaged, for another machine, or a whole image by itself is passed over. */
static void take_addon(struct taking *t, const char *path)
{
	const struct reading *r = t->uki->reading;
	_cleanup_talloc_ char *head = talloc_size(NULL, PE_HEAD);
	_cleanup_fd_ int fd = -1;
	struct uki addon = {.bytes = head};
	struct reading reading = *r;
	struct err err;
	ssize_t n;

	if (!head || volume_open(r->volume, path, &fd, &err) < 0)
		return;
	reading.file = path;
	reading.fd = fd;
	n = pread(fd, head, PE_HEAD, 0);
	if (n < 0 || uki_open(&addon, &reading, head, (size_t)n, &err) != -EINVAL ||
		addon.pe.machine != t->uki->pe.machine)
		return;
	add_options(t, &addon);
	add_initrd(t, &addon, ".ucode", FIRST);
	add_initrd(t, &addon, ".initrd", LAST);
}

/* Takes over the pattern, which has no other context. */
static void take_addons(struct taking *t, char *pattern)
{
	const struct volume *v = t->uki->reading->volume;
	char **paths = pattern ? volume_glob(v, pattern, pattern) : NULL;

	t->failed |= !paths;
	for (size_t i = 0; paths && paths[i] && i < ADDONS_MAX; i++)
		take_addon(t, paths[i]);
	talloc_free(pattern);
}

/* Beside the image, under its name with and without the boot counter. */
static void take_own_addons(struct taking *t, const char *file)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	struct bls_name name = bls_name_of(ctx, file, ".efi");
	const char *slash = strrchr(file, '/');
	int directory = slash ? (int)(slash + 1 - file) : 0;

	take_addons(t, talloc_asprintf(NULL, "%s.extra.d/*.addon.efi", file));
	if (name.left >= 0 && name.base)
		take_addons(t, talloc_asprintf(NULL, "%.*s%s.efi.extra.d/*.addon.efi", directory,
				       file, name.base));
}

/* The directory for all images is at the root of the ESP, which may be a directory here. */
static int root_length(const char *file)
{
	for (const char *at = file; (at = strcasestr(at, "EFI/")); at++)
		if (at == file || at[-1] == '/')
			return (int)(at - file);
	return 0;
}

int uki_take(const struct uki *uki, void *ctx, unsigned int profile, struct entry *entry)
{
	struct taking t = {.uki = uki, .ctx = ctx, .profile = profile, .entry = entry};
	const char *file = uki->reading->file;

	if (profile && profile >= uki_profiles(uki)) {
		entry->reason = talloc_asprintf(
			ctx, "its unified kernel image has no profile %u", profile);
		t.failed |= !entry->reason;
	}
	take_image(&t);
	if (uki->reading->volume->fd >= 0) {
		take_addons(&t, talloc_asprintf(NULL, "%.*sloader/addons/*.addon.efi",
					root_length(file), file));
		take_own_addons(&t, file);
	}
	if (!entry->options)
		entry->options = "";
	return t.failed ? -ENOMEM : 0;
}
