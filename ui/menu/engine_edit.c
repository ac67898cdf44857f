// SPDX-License-Identifier: GPL-2.0-or-later
/* An entry as somebody has written it. Files that are as they were keep what the form does not show: a
 * section of a unified kernel image, an initrd on another filesystem. */
#include "ui/menu/engine_parts.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

struct edit {
	const struct entry *original; /* NULL for an entry made from nothing */
	const struct volume *volume;
	int is_moved;      /* to another device */
	unsigned int used; /* initrds of the original, as bits */
};

/* Paths of the running system: its root and all that is mounted in it. */
static const struct volume *running_system(struct engine *e, void *ctx)
{
	struct volume *v = talloc_zero(ctx, struct volume);

	if (v)
		*v = (struct volume){.fd = e->s->machine.root_fd,
			.top_fd = -1,
			.target = "the running system",
			.root = "/"};
	return v;
}

/* A plain directory (--dir) has no device. */
static int is_called(const struct volume *v, const char *device)
{
	if (v && !v->device && !*device)
		return 1;
	return v && !strcmp(volume_name(v), device);
}

static const struct volume *find_volume(
	struct engine *e, void *ctx, const char *device, const struct entry *original)
{
	const struct volume_set *set = e->follow.view.discovery->volumes;
	const struct volume *near = original ? original->source.volume : set->volumes;

	if (original && is_called(original->kernel.volume, device))
		return original->kernel.volume;
	if (!*device)
		return running_system(e, ctx);
	for (size_t i = 0; i < set->count; i++)
		if (is_called(&set->volumes[i], device))
			return &set->volumes[i];
	return near && set->count ? volume_named(set, device, near) : NULL;
}

static int is_same(const struct edit *edit, const struct entry_file *f, const char *path)
{
	return !edit->is_moved && f->path && !strcmp(f->path, path);
}

static struct entry_file file(
	const struct edit *edit, const struct entry_file *was, const char *path)
{
	if (was && is_same(edit, was, path))
		return *was;
	return (struct entry_file){.path = path, .volume = edit->volume};
}

static struct entry_file initrd(struct edit *edit, const char *path)
{
	const struct entry *o = edit->original;

	for (size_t i = 0; o && i < o->initrd_count; i++) {
		if (edit->used & 1u << i || !is_same(edit, &o->initrds[i], path))
			continue;
		edit->used |= 1u << i;
		return o->initrds[i];
	}
	return file(edit, NULL, path);
}

static int add_files(
	struct engine *e, void *ctx, const json_t *json, struct edit *edit, struct entry *made)
{
	const char *linux_path = engine_text(json, "linux"),
		   *devicetree = engine_text(json, "devicetree");
	const char **initrds = engine_texts(e, json, "initrd");
	int rc = initrds ? 0 : -ENOMEM;

	made->kernel = file(edit, edit->original ? &edit->original->kernel : NULL, linux_path);
	made->devicetree = (struct entry_file){.path = NULL};
	if (devicetree && *devicetree)
		made->devicetree = file(
			edit, edit->original ? &edit->original->devicetree : NULL, devicetree);
	made->initrds = NULL;
	made->initrd_count = 0;
	for (; rc == 0 && *initrds; initrds++)
		rc = entry_add_initrd(ctx, made, initrd(edit, *initrds));
	return rc;
}

/* Told now, before the disks are closed for it. */
static int check(const struct entry_file *f, struct err *err)
{
	if (!f->path)
		return 0;
	if (!f->volume)
		return err_set(err, -ENODEV, _("the filesystem of %s is not there"), f->path);
	return volume_has(f->volume, f->path, err);
}

static int check_files(const struct entry *entry, struct err *err)
{
	int rc = check(&entry->kernel, err);

	for (size_t i = 0; i < entry->initrd_count && rc == 0; i++)
		rc = check(&entry->initrds[i], err);
	return rc;
}

int engine_edit(struct engine *e, void *ctx, const json_t *json, const struct entry *original,
	struct entry **made, struct err *err)
{
	const char *device = engine_text(json, "device"), *path = engine_text(json, "linux");
	const char *options = engine_text(json, "options");
	struct entry *entry = talloc_zero(ctx, struct entry);
	struct edit edit = {.original = original};
	int rc;

	if (!entry)
		return err_errno(err, -ENOMEM, "read what was edited");
	if (!path || !*path)
		return err_set(err, -EINVAL, _("name a kernel"));
	edit.volume = find_volume(e, ctx, device ? device : "", original);
	if (!edit.volume)
		return err_set(err, -ENODEV, _("there is no filesystem on %s"), device);
	edit.is_moved = original && edit.volume != original->kernel.volume;
	if (original)
		*entry = *original;
	else
		*entry = (struct entry){.id = path, .title = path};
	rc = add_files(e, ctx, json, &edit, entry);
	if (rc < 0)
		return err_errno(err, rc, "read what was edited");
	entry->options = options ? options : "";
	entry->changed_by = entry->reason = NULL;
	*made = entry;
	return check_files(entry, err);
}
