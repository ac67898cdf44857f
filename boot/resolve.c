// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/resolve.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

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
	void *ctx;
	struct entry *entry;
	char *reason; /* the first that was met */
	int rc;
};

static void give_reason(struct resolver *r, char *reason)
{
	if (!reason)
		r->rc = -ENOMEM;
	r->reason = reason;
}

/* what: the file's part in the entry, as a user would call it. */
static void resolve_file(struct resolver *r, const char *what, struct entry_file *file)
{
	const struct volume *source = r->entry->source.volume;
	struct err err;
	int rc;

	if (!file->path)
		return;
	file->volume = file->on ? volume_named(r->volumes, file->on, source) : source;
	if (file->volume && file->volume != source)
		file->device = file->volume->device;
	if (r->reason || r->rc)
		return;
	if (!file->volume) {
		give_reason(r, talloc_asprintf(r->ctx, "%s %s is on %s, which is not there", what,
				       file->path, file->on));
		return;
	}
	rc = volume_has(file->volume, file->path, &err);
	if (rc == -ENOENT)
		give_reason(r, talloc_asprintf(r->ctx, "%s %s is missing on %s", what, file->path,
				       volume_name(file->volume)));
	else if (rc < 0)
		give_reason(r, talloc_asprintf(r->ctx, "%s: %s", what, err.text));
}

int resolve_entry(
	const struct volume_set *volumes, const char *architecture, void *ctx, struct entry *entry)
{
	struct resolver r = {.volumes = volumes, .ctx = ctx, .entry = entry};

	if (entry->architecture && !is_of_this_machine(entry->architecture, architecture))
		give_reason(&r,
			talloc_asprintf(ctx, "it is for the architecture %s", entry->architecture));
	resolve_file(&r, "kernel", &entry->kernel);
	for (size_t i = 0; i < entry->initrd_count; i++)
		resolve_file(&r, "initrd", &entry->initrds[i]);
	resolve_file(&r, "device tree", &entry->devicetree);
	entry->device = entry->kernel.device;
	if (!entry->reason)
		entry->reason = r.reason;
	return r.rc;
}
