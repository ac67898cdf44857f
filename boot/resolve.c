// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/resolve.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/image/inspect.h"
#include "boot/bls/uki.h"
#include "devices/cleanup.h"

/* UEFI Specification 2.10, 3.5.1.1 "Removable Media Boot Behavior", and uname(2)'s words. */
static const struct {
	const char *machine, *efi;
} architectures[] = {
	{"x86_64", "x64"},
	{"i?86", "ia32"},
	{"aarch64", "aa64"},
	{"arm*", "arm"},
	{"riscv64", "riscv64"},
	{"riscv32", "riscv32"},
	{"loongarch64", "loongarch64"},
	{"ia64", "ia64"},
};

static bool is_of_this_machine(const char *entry, const char *machine)
{
	for (size_t i = 0; i < sizeof(architectures) / sizeof(*architectures); i++)
		if (!fnmatch(architectures[i].machine, machine, 0))
			return !strcasecmp(entry, architectures[i].efi);
	return !strcasecmp(entry, machine);
}

struct resolver {
	const struct volume_set *volumes;
	const char *architecture;
	struct inspector *inspector;
};

/* One entry on its way. */
struct resolving {
	struct resolver *resolver;
	void *ctx;
	struct entry *entry;
	const char *reason; /* the first that was met */
	int rc;
};

struct resolver *resolver_new(void *ctx, const struct volume_set *volumes, const char *architecture)
{
	struct resolver *r = talloc_zero(ctx, struct resolver);

	if (!r)
		return NULL;
	r->volumes = volumes;
	r->architecture = architecture;
	r->inspector = inspector_new(r, architecture);
	if (!r->inspector)
		TALLOC_FREE(r);
	return r;
}

static void give_reason(struct resolving *r, char *reason)
{
	if (!reason)
		r->rc = -ENOMEM;
	r->reason = reason;
}

/* On which volume is it? what: the file's part in the entry, as a user would call it. */
static void resolve_volume(struct resolving *r, const char *what, struct entry_file *file)
{
	const struct volume *source = r->entry->source.volume;

	file->volume = file->on ? volume_named(r->resolver->volumes, file->on, source) : source;
	if (file->volume && file->volume != source)
		file->device = file->volume->device;
	if (!file->volume && !r->reason)
		give_reason(r, talloc_asprintf(r->ctx, "%s %s is on %s, which is not there", what,
				       file->path, file->on));
}

/* What is known of it; NULL where there is nothing to look at, or no need since there is a reason.
 */
static const struct inspected *look(
	struct resolving *r, const char *what, struct entry_file *file, enum inspect_what how)
{
	const struct inspected *found;

	if (!file->path)
		return NULL;
	resolve_volume(r, what, file);
	if (r->reason || r->rc || !file->volume)
		return NULL;
	found = inspect(r->resolver->inspector, file, how);
	if (!found)
		r->rc = -ENOMEM;
	else if (found->rc == -ENOENT)
		give_reason(r, talloc_asprintf(r->ctx, "%s %s is missing on %s", what, file->path,
				       volume_name(file->volume)));
	else if (found->rc < 0)
		give_reason(r, talloc_asprintf(r->ctx, "%s: %s", what, found->text));
	else if (found->text)
		give_reason(r, talloc_strdup(r->ctx, found->text));
	return found;
}

/* "@2" as the first word of what an image is given chooses its profile (systemd-stub(7)). */
static void take_profile(struct entry *e)
{
	const char *number = e->options + 1, *end = number;
	unsigned int profile = 0;

	if (*e->options != '@')
		return;
	for (; *end >= '0' && *end <= '9' && profile < UKI_PROFILES_MAX; end++)
		profile = profile * 10 + (unsigned int)(*end - '0');
	if (end == number || (*end && *end != ' '))
		return;
	e->profile = profile;
	e->options = end + strspn(end, " ");
}

/* A kernel that is started as an EFI program reads its initrds itself, from beside it: paths are those
 * of its own filesystem (Documentation/admin-guide/efi-stub.rst, "initrd="). */
static void take_initrds(struct resolving *r)
{
	struct entry *e = r->entry;
	const char *word = e->options;

	for (size_t len; *word && !e->reason; word += len + strspn(word + len, " ")) {
		struct entry_file file = {.on = e->kernel.on};
		char *path;
		int rc;

		len = strcspn(word, " ");
		if (len <= 7 || strncmp(word, "initrd=", 7))
			continue;
		file.path = path = talloc_asprintf(r->ctx, "%s%.*s",
			strchr("/\\", word[7]) ? "" : "/", (int)len - 7, word + 7);
		for (char *c = path; c && *c; c++)
			if (*c == '\\')
				*c = '/';
		rc = path ? entry_add_initrd(r->ctx, e, file) : -ENOMEM;
		if (rc == -E2BIG)
			e->reason = "it has more initrds than stillboot takes";
		else if (rc < 0)
			r->rc = rc;
	}
}

/* Put the parts of the image in the place of it. */
static void take_image(struct resolving *r, const struct entry_file *file)
{
	_cleanup_talloc_ char *head = talloc_size(NULL, PE_HEAD);
	struct reading reading = {.volumes = r->resolver->volumes,
		.volume = file->volume,
		.file = file->path,
		.architecture = r->resolver->architecture};
	_cleanup_fd_ int fd = -1;
	struct uki uki;
	struct err err;
	ssize_t n = -1;

	if (head && volume_open(file->volume, file->path, &fd, &err) == 0)
		n = pread(fd, head, PE_HEAD, 0);
	reading.fd = fd;
	if (n < 0 || uki_open(&uki, &reading, head, (size_t)n, &err) < 0)
		give_reason(r, talloc_strdup(r->ctx, n < 0 ? "it cannot be read" : err.text));
	else
		r->rc = uki_take(&uki, r->ctx, r->entry->profile, r->entry);
	r->entry->kernel.on = file->on;
	for (size_t i = 0; i < r->entry->initrd_count; i++)
		if (r->entry->initrds[i].size)
			r->entry->initrds[i].on = file->on;
	if (r->entry->devicetree.size)
		r->entry->devicetree.on = file->on;
}

/* An EFI program is booted if it is a kernel. */
static void resolve_kernel(struct resolving *r)
{
	struct entry *e = r->entry;
	bool is_efi = !e->kernel.path && e->efi.path;
	struct entry_file *file = is_efi ? &e->efi : &e->kernel;
	const struct inspected *found = look(
		r, is_efi ? "EFI program" : "kernel", file, INSPECT_KERNEL);

	if (!found || found->rc < 0 || found->text)
		return;
	if (is_efi)
		e->kernel = e->efi;
	if (found->kind != IMAGE_UNIFIED) {
		if (is_efi && !e->initrd_count)
			take_initrds(r);
		return;
	}
	if (e->kernel.size) {
		r->reason = "it is a unified kernel image within another";
		return;
	}
	e->efi = e->kernel;
	take_profile(e);
	take_image(r, &e->efi);
	found = look(r, "kernel", &e->kernel, INSPECT_KERNEL);
	if (found && found->kind == IMAGE_UNIFIED)
		r->reason = "it is a unified kernel image within another";
}

int resolve_entry(struct resolver *resolver, void *ctx, struct entry *entry)
{
	struct resolving r = {.resolver = resolver, .ctx = ctx, .entry = entry};

	if (entry->architecture && !is_of_this_machine(entry->architecture, resolver->architecture))
		give_reason(&r,
			talloc_asprintf(ctx, "it is for the architecture %s", entry->architecture));
	if (entry->reason)
		r.reason = entry->reason;
	resolve_kernel(&r);
	for (size_t i = 0; i < entry->initrd_count; i++)
		look(&r, "initrd", &entry->initrds[i], INSPECT_FILE);
	look(&r, "device tree", &entry->devicetree, INSPECT_FILE);
	entry->device = entry->kernel.device;
	if (!entry->reason)
		entry->reason = r.reason;
	return r.rc;
}
