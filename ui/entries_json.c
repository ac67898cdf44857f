// SPDX-License-Identifier: GPL-2.0-or-later
#include <talloc.h>

#include "devices/cleanup.h"
#include "ui/entries.h"
#include "ui/json.h"

static void add_file(json_t *files, const char *what, const struct entry_file *f)
{
	json_t *json;

	if (!f->path)
		return;
	json = json_pack("{ss so so}", "what", what, "path", json_text(f->path), "device",
		json_text(f->volume ? volume_name(f->volume) : f->on));
	if (f->size) {
		json_object_set_new(json, "offset", json_integer((json_int_t)f->offset));
		json_object_set_new(json, "size", json_integer((json_int_t)f->size));
	}
	json_array_append_new(files, json);
}

static json_t *files_json(const struct entry *e)
{
	json_t *files = json_array();

	add_file(files, "linux", &e->kernel);
	for (size_t i = 0; i < e->initrd_count; i++)
		add_file(files, "initrd", &e->initrds[i]);
	add_file(files, "devicetree", &e->devicetree);
	add_file(files, "efi", &e->efi);
	return files;
}

/* The titles of the submenus above it, the outermost first. */
static json_t *menu_json(const struct entry_menu *menu)
{
	json_t *titles = json_array();

	for (; menu; menu = menu->above)
		json_array_insert_new(titles, 0, json_text(menu->title));
	return titles;
}

static json_t *initrds_json(const struct entry *e)
{
	json_t *paths = json_array();

	for (size_t i = 0; i < e->initrd_count; i++)
		json_array_append_new(paths, json_text(e->initrds[i].path));
	return paths;
}

static json_t *tries_json(int tries)
{
	return tries < 0 ? json_null() : json_integer(tries);
}

json_t *entry_json(const struct entry *e)
{
	json_t *json = json_object();

	json_object_set_new(json, "id", json_text(e->id));
	json_object_set_new(json, "title", json_text(e->title));
	json_object_set_new(json, "menu", menu_json(e->menu));
	json_object_set_new(json, "version", json_text(e->version));
	json_object_set_new(json, "machine_id", json_text(e->machine_id));
	json_object_set_new(json, "sort_key", json_text(e->sort_key));
	json_object_set_new(json, "architecture", json_text(e->architecture));
	json_object_set_new(json, "linux", json_text(e->kernel.path));
	if (e->device)
		json_object_set_new(json, "device", json_text(e->device));
	json_object_set_new(json, "initrd", initrds_json(e));
	json_object_set_new(json, "devicetree", json_text(e->devicetree.path));
	json_object_set_new(json, "devicetree_overlays", json_text(e->devicetree_overlays));
	json_object_set_new(json, "efi", json_text(e->efi.path));
	json_object_set_new(json, "options", json_text(e->options));
	json_object_set_new(json, "files", files_json(e));
	json_object_set_new(json, "format", json_text(e->format));
	json_object_set_new(json, "source",
		json_pack("{so so si}", "device", json_text(e->source.device), "file",
			json_text(e->source.file), "line", (int)e->source.line));
	json_object_set_new(json, "tries_left", tries_json(e->tries_left));
	json_object_set_new(json, "tries_done", tries_json(e->tries_done));
	json_object_set_new(json, "default", json_boolean(e->is_default));
	json_object_set_new(json, "running", json_boolean(e->is_running));
	json_object_set_new(json, "bootable", json_boolean(!e->reason));
	json_object_set_new(json, "reason", json_text(e->reason));
	json_object_set_new(json, "changed_by", json_text(e->changed_by));
	json_object_set_new(json, "hidden_by", json_text(e->hidden_by));
	return json;
}

json_t *entries_choices_json(const struct discovery *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->choices->count; i++) {
		const struct choice_proposal *p = &d->choices->list[i];
		const struct entry *e = p->index < d->entries->count
						? &d->entries->entries[p->index]
						: NULL;

		json_array_append_new(list,
			json_pack("{ss so so so sb}", "choice", choice_word(p->choice), "said",
				json_text(p->name), "where", json_text(p->where), "entry",
				json_text(e ? e->id : NULL), "chosen", i == d->choices->chosen));
	}
	return list;
}

static json_t *volumes_json(const struct volume_set *set)
{
	json_t *list = json_array();

	for (size_t i = 0; i < set->count; i++) {
		const struct volume *v = &set->volumes[i];
		json_t *names = json_array();

		for (size_t n = 0; v->names && v->names[n]; n++)
			json_array_append_new(names, json_text(v->names[n]));
		json_array_append_new(
			list, json_pack("{so so so so so so so sb}", "device", json_text(v->device),
				      "mounted", json_text(v->target), "type", json_text(v->type),
				      "uuid", json_text(v->uuid), "label", json_text(v->label),
				      "root", json_text(v->root), "names", names, "sleeps",
				      (v->flags & VOLUME_SLEEPS) != 0));
	}
	return list;
}

json_t *entries_json(const struct entries_view *view)
{
	const struct discovery *d = view->discovery;
	json_t *entries = json_array(), *problems = json_array();

	for (size_t i = 0; i < d->entries->count; i++)
		json_array_append_new(entries, entry_json(&d->entries->entries[i]));
	for (size_t i = 0; i < d->problem_count; i++)
		json_array_append_new(problems, json_text(d->problems[i]));
	return json_with_error(
		json_pack("{so so so so}", "entries", entries, "choices", entries_choices_json(d),
			"problems", problems, "volumes", volumes_json(d->volumes)),
		view->policy.policy_error);
}
