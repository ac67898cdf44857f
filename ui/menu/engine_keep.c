// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries of the user's own, from what a form has. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/bls/own.h"
#include "ui/json.h"
#include "ui/menu/engine_settings.h"
#include "ui/translate.h"

/* Paths of the running system: on the volume whose mount point is above them, the deepest. */
static const struct volume *volume_above(const struct volume_set *set, const char *path)
{
	const struct volume *found = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct volume *v = &set->volumes[i];
		size_t len = v->target ? strlen(v->target) : 0;

		len -= len == 1; /* "/" */
		if (v->target && !strncmp(path, v->target, len) && path[len] == '/' &&
			(!found || len >= longest)) {
			found = v;
			longest = len;
		}
	}
	return found;
}

/* One btrfs may be several volumes: that which has the kernel. */
static const struct volume *find_volume(
	const struct volume_set *set, const char *device, const char *kernel)
{
	const struct volume *found = NULL;

	if (!*device)
		return volume_above(set, kernel);
	for (size_t i = 0; i < set->count; i++) {
		const struct volume *v = &set->volumes[i];

		if (strcmp(volume_name(v), device))
			continue;
		if (volume_has(v, kernel, NULL) == 0)
			return v;
		found = found ? found : v;
	}
	return found;
}

/* Where paths are those of the running system, without the mount point, and NULL for what lies elsewhere. */
static const char *path_on(
	const struct discovery *d, const struct volume *v, const char *device, const char *path)
{
	if (!path || *path != '/')
		return NULL;
	if (*device)
		return volume_path(v, path);
	if (volume_above(d->volumes, path) != v)
		return NULL;
	return strcmp(v->target, "/") ? path + strlen(v->target) : path;
}

static char *trimmed(void *ctx, const char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t", text[len - 1]))
		len--;
	return talloc_strndup(ctx, text, len);
}

static int elsewhere(const char *path, const struct volume *v, struct err *err)
{
	return err_set(err, -EXDEV,
		_("%s is not on %s, which has the kernel: an entry of one's own has its files on "
		  "one "
		  "filesystem"),
		path ? path : _("a file"), volume_name(v));
}

static int take_initrds(struct discovery *d, const json_t *edit, const char *device,
	struct own_entry *own, struct err *err)
{
	const json_t *list = json_object_get(edit, "initrd");
	const char **paths = talloc_array(d, const char *, json_array_size(list));

	if (!paths)
		return err_errno(err, -ENOMEM, "keep '%s'", own->title);
	own->initrds = paths;
	for (; own->initrd_count < json_array_size(list); own->initrd_count++) {
		const char *path = json_string_value(json_array_get(list, own->initrd_count));

		paths[own->initrd_count] = path_on(d, own->volume, device, path);
		if (!paths[own->initrd_count])
			return elsewhere(path, own->volume, err);
	}
	return 0;
}

/* What an EDIT says, in own's words. */
static int take_edit(
	struct discovery *d, const json_t *edit, struct own_entry *own, struct err *err)
{
	const char *device = json_string_value(json_object_get(edit, "device")),
		   *kernel = json_string_value(json_object_get(edit, "linux")),
		   *tree = json_string_value(json_object_get(edit, "devicetree")),
		   *options = json_string_value(json_object_get(edit, "options"));

	device = device ? device : "";
	if (!kernel || *kernel != '/')
		return err_set(err, -EINVAL, _("an entry needs a kernel: a path from the root"));
	own->volume = find_volume(d->volumes, device, kernel);
	if (!own->volume && *device)
		return err_set(err, -ENODEV, _("no filesystem was found on %s"), device);
	if (!own->volume)
		return err_set(err, -ENODEV, _("no filesystem was found that has %s"), kernel);
	own->kernel = path_on(d, own->volume, device, kernel);
	own->options = trimmed(d, options ? options : "");
	if (!own->options)
		return err_errno(err, -ENOMEM, "keep '%s'", own->title);
	if (tree && *tree) {
		own->devicetree = path_on(d, own->volume, device, tree);
		if (!own->devicetree)
			return elsewhere(tree, own->volume, err);
	}
	return take_initrds(d, edit, device, own, err);
}

int engine_keep(struct discovery *d, const char *title, const json_t *edit,
	struct engine_kept *kept, struct err *err)
{
	struct own_entry own = {.title = trimmed(d, title)};
	struct entry_write *write;
	int rc;

	if (!own.title)
		return err_errno(err, -ENOMEM, "keep '%s'", title);
	if (!*own.title)
		return err_set(err, -EINVAL, _("an entry needs a title"));
	rc = take_edit(d, edit, &own, err);
	if (rc == 0)
		rc = own_entry_write(d, &own, &write, &kept->id, err);
	if (rc < 0)
		return rc;
	kept->where = talloc_asprintf(d, "%s on %s", write->path, volume_name(own.volume));
	return kept->where ? commit_prepare(d, write, &kept->commit, err)
			   : err_errno(err, -ENOMEM, "keep '%s'", title);
}

int engine_drop(struct discovery *d, const char *id, struct commit **commit, struct err *err)
{
	const struct entry *e = entry_list_find(d->entries, id);
	struct entry_write *write;
	int rc;

	if (!e)
		return err_set(err, -ENOENT,
			_("there is no entry '%s'; `stillboot list` shows what there is"), id);
	rc = own_entry_remove(d, e, &write, err);
	return rc < 0 ? rc : commit_prepare(d, write, commit, err);
}

static int one_volume(const struct entry_file *f, const struct volume *v, struct err *err)
{
	return !f->path || f->volume == v ? 0 : elsewhere(f->path, v, err);
}

int engine_edit_of(const struct entry *e, json_t **edit, struct err *err)
{
	const struct volume *v = e->kernel.volume;
	json_t *initrds;
	int rc = 0;

	if (!e->kernel.path || e->kernel.size || e->efi.path || !v)
		return err_set(err, -ENOTSUP,
			_("entry '%s' cannot be kept in another form: it is no kernel in a file of "
			  "its own that is there"),
			e->id);
	for (size_t i = 0; i < e->initrd_count && rc == 0; i++)
		rc = one_volume(&e->initrds[i], v, err);
	if (rc == 0)
		rc = one_volume(&e->devicetree, v, err);
	if (rc < 0)
		return rc;
	initrds = json_array();
	for (size_t i = 0; i < e->initrd_count; i++)
		json_array_append_new(initrds, json_text(e->initrds[i].path));
	*edit = json_pack("{so so so so so}", "device", json_text(volume_name(v)), "linux",
		json_text(e->kernel.path), "initrd", initrds, "devicetree",
		json_text(e->devicetree.path), "options", json_text(e->options));
	return *edit ? 0 : err_errno(err, -ENOMEM, "keep '%s'", e->id);
}
