// SPDX-License-Identifier: GPL-2.0-or-later
/* Boot Loader Specification type 2: an entry for each profile of a unified kernel image. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#include "boot/bls/name.h"
#include "boot/format.h"
#include "boot/bls/os_release.h"
#include "boot/bls/uki.h"
#include "devices/cleanup.h"

/* One file; strings go to ctx, a child of the list. */
struct image_file {
	struct reading *reading;
	void *ctx;
	const char *id;
	struct bls_name name;
};

/* What systemd's bootspec_pick_name_version_sort_key() prefers, precise before vague. */
static const char *const titles[] = {"PRETTY_NAME", "IMAGE_ID", "NAME", "ID", NULL};
static const char *const versions[] = {"IMAGE_VERSION", "VERSION", "VERSION_ID", "BUILD_ID", NULL};
static const char *const sort_keys[] = {"IMAGE_ID", "ID", NULL};

static int add(struct image_file *f, const struct entry *made, struct err *err)
{
	struct entry *e = entry_list_add(f->reading->list);

	if (!e)
		return err_errno(err, -E2BIG, "%s", f->reading->file);
	*e = *made;
	return 0;
}

static int begin(struct image_file *f, struct entry *e)
{
	*e = (struct entry){.id = f->id, .format = "bls2", .options = NULL};
	e->source.file = talloc_strdup(f->ctx, f->reading->file);
	return !e->source.file ? -ENOMEM : bls_name_count(f->reading, f->ctx, &f->name, e);
}

/* No unified image: if it is a kernel by itself, discovery will find out. */
static int add_other(struct image_file *f, int rc, struct err *err)
{
	struct entry e;

	if (begin(f, &e) < 0)
		return err_errno(err, -ENOMEM, "%s", f->reading->file);
	e.title = e.id;
	e.options = "";
	e.efi.path = talloc_asprintf(f->ctx, "/%s", f->reading->file);
	if (rc != -EINVAL)
		e.reason = talloc_strdup(f->ctx, err->text);
	if (!e.efi.path || (rc != -EINVAL && !e.reason))
		return err_errno(err, -ENOMEM, "%s", f->reading->file);
	return add(f, &e, err);
}

/* Title, version and sort key, from the system's os-release and the kernel's name. */
static bool describe(struct image_file *f, const struct uki *uki, struct entry *e)
{
	_cleanup_talloc_ char *release = uki_text(
		uki, NULL, uki_section(uki, e->profile, ".osrel"));
	const struct pe_section *uname = uki_section(uki, e->profile, ".uname");

	if (!release)
		return false;
	e->title = os_release_first(f->ctx, release, titles);
	e->version = os_release_first(f->ctx, release, versions);
	e->sort_key = os_release_first(f->ctx, release, sort_keys);
	if (!e->version && uname) {
		char *text = uki_text(uki, f->ctx, uname);

		if (!text)
			return false;
		text[strcspn(text, " \t\r\n")] = '\0';
		e->version = *text ? text : NULL;
	}
	if (!e->title)
		e->title = f->id;
	return true;
}

/* "ID@NAME" or "ID@2" and "Title (Profile)": systemd-boot's words. The first profile has the
 * file's. */
static bool name_profile(struct image_file *f, const struct uki *uki, struct entry *e)
{
	const struct pe_section *s = uki_section(uki, e->profile, ".profile");
	_cleanup_talloc_ char *text = uki_text(uki, NULL, s);
	_cleanup_talloc_ char *id = text ? os_release_get(NULL, text, "ID") : NULL;
	_cleanup_talloc_ char *title = text ? os_release_get(NULL, text, "TITLE") : NULL;

	if (!text)
		return false;
	if (e->profile && id)
		e->id = talloc_asprintf(f->ctx, "%s@%s", f->id, id);
	else if (e->profile)
		e->id = talloc_asprintf(f->ctx, "%s@%u", f->id, e->profile);
	if (title || (e->profile && id))
		e->title = talloc_asprintf(f->ctx, "%s (%s)", e->title, title ? title : id);
	else if (e->profile)
		e->title = talloc_asprintf(f->ctx, "%s (Profile #%u)", e->title, e->profile + 1);
	return e->id && e->title;
}

/* UEFI Specification 2.10, 3.5.1.1. A 64-bit kernel may well have a stub for 32-bit firmware. */
static const char *architecture_of(const struct uki *uki)
{
	const char *machine = pe_machine(&uki->pe), *ours = uki->reading->architecture;

	if (!machine || !strcmp(machine, ours) ||
		(!strcmp(machine, "i386") && !strcmp(ours, "x86_64")))
		return NULL;
	if (!strcmp(machine, "x86_64"))
		return "x64";
	return !strcmp(machine, "aarch64") ? "aa64" : machine;
}

static int add_profile(
	struct image_file *f, const struct uki *uki, unsigned int profile, struct err *err)
{
	struct entry e;

	if (begin(f, &e) < 0)
		return err_errno(err, -ENOMEM, "%s", f->reading->file);
	e.profile = profile;
	e.architecture = architecture_of(uki);
	if (!describe(f, uki, &e) || !name_profile(f, uki, &e) ||
		uki_take(uki, f->ctx, profile, &e) < 0)
		return err_errno(err, -ENOMEM, "%s", f->reading->file);
	return add(f, &e, err);
}

static bool is_addon(const char *file)
{
	static const char suffix[] = ".addon.efi";
	size_t len = strlen(file);

	return len >= sizeof(suffix) && !strcasecmp(file + len - (sizeof(suffix) - 1), suffix);
}

int uki_parse(struct reading *r, const char *bytes, size_t len, struct err *err)
{
	struct image_file f = {.reading = r, .ctx = talloc_new(r->list)};
	_cleanup_talloc_ void *ctx = f.ctx;
	size_t before = r->list->count;
	unsigned int profile = 0;
	struct uki uki;
	int rc;

	if (f.ctx)
		f.name = bls_name_of(f.ctx, r->file, ".efi");
	f.id = f.name.base ? talloc_asprintf(f.ctx, "%s.efi", f.name.base) : NULL;
	if (!f.id)
		return err_errno(err, -ENOMEM, "%s", r->file);
	rc = uki_open(&uki, r, bytes, len, err);
	if (rc < 0 && is_addon(r->file))
		return 0;
	if (rc < 0)
		rc = add_other(&f, rc, err);
	else
		do
			rc = add_profile(&f, &uki, profile++, err);
		while (rc == 0 && profile < uki_profiles(&uki));
	if (rc < 0)
		r->list->count = before;
	else
		ctx = NULL;
	return rc;
}
