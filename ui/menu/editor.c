// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/editor.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static int destroy(struct editor *e)
{
	json_decref(e->original);
	json_decref(e->safe);
	return 0;
}

const char *editor_volume_name(const json_t *volume)
{
	const char *device = model_string(volume, "device"), *mounted;

	mounted = model_string(volume, "mounted");
	return device ? device : mounted ? mounted : "";
}

/* The first file of that kind, NULL. */
static const json_t *file_of(const json_t *entry, const char *kind)
{
	const json_t *file;
	size_t i;

	json_array_foreach (json_object_get(entry, "files"), i, file) {
		const char *what = model_string(file, "what");

		if (what && !strcmp(what, kind))
			return file;
	}
	return NULL;
}

static json_t *text_or_empty(const char *text)
{
	return json_string(text ? text : "");
}

static json_t *initrds_of(const json_t *entry)
{
	json_t *paths = json_array();
	const json_t *file;
	size_t i;

	json_array_foreach (json_object_get(entry, "files"), i, file) {
		const char *what = model_string(file, "what"), *path = model_string(file, "path");

		if (what && path && *path && !strcmp(what, "initrd") &&
			json_array_size(paths) < EDITOR_INITRDS)
			json_array_append_new(paths, json_string(path));
	}
	return paths;
}

/* What an entry is, as an EDIT. A unified kernel image is its own kernel. */
static json_t *edit_of(const json_t *entry)
{
	const json_t *kernel = file_of(entry, "linux");
	const char *device;

	kernel = kernel ? kernel : file_of(entry, "efi");
	device = model_string(kernel, "device");
	if (!device)
		device = model_string(json_object_get(entry, "source"), "device");
	return json_pack("{so so so so so}", "device", text_or_empty(device), "linux",
		text_or_empty(model_string(kernel, "path")), "initrd", initrds_of(entry),
		"devicetree", text_or_empty(model_string(file_of(entry, "devicetree"), "path")),
		"options", text_or_empty(model_string(entry, "options")));
}

static json_t *edit_of_nothing(const struct model *model)
{
	return json_pack("{ss ss so ss ss}", "device",
		editor_volume_name(json_array_get(model->volumes, 0)), "linux", "", "initrd",
		json_array(), "devicetree", "", "options", "");
}

bool editor_is_initrd(int field)
{
	return field >= EDITOR_INITRD && field < EDITOR_DEVICETREE;
}

static bool is_empty(const struct editor *e, int field)
{
	return !*line_edit_text(e->lines[field]);
}

/* The lines of initrds that are in use, and one more. */
static int initrd_lines(const struct editor *e)
{
	int count = EDITOR_INITRDS;

	while (count && is_empty(e, EDITOR_INITRD + count - 1))
		count--;
	return count < EDITOR_INITRDS ? count + 1 : count;
}

bool editor_is_seen(const struct editor *e, int field)
{
	return !editor_is_initrd(field) || field - EDITOR_INITRD < initrd_lines(e) ||
	       field == e->field;
}

static void set_text(struct editor *e, int field, const json_t *text)
{
	line_edit_set(e->lines[field], json_string_value(text) ? json_string_value(text) : "");
}

static void set(struct editor *e, const json_t *edit)
{
	const json_t *initrds = json_object_get(edit, "initrd");
	const char *device = model_string(edit, "device");

	talloc_free((void *)e->device);
	e->device = talloc_strdup(e, device ? device : "");
	set_text(e, EDITOR_LINUX, json_object_get(edit, "linux"));
	for (int i = 0; i < EDITOR_INITRDS; i++)
		set_text(e, EDITOR_INITRD + i, json_array_get(initrds, (size_t)i));
	set_text(e, EDITOR_DEVICETREE, json_object_get(edit, "devicetree"));
	set_text(e, EDITOR_OPTIONS, json_object_get(edit, "options"));
}

static int make_lines(struct editor *e)
{
	for (int i = EDITOR_DEVICE + 1; i < EDITOR_FIELDS; i++) {
		e->lines[i] = line_edit_new(e, "");
		if (!e->lines[i])
			return 0;
	}
	return 1;
}

struct editor *editor_new(void *ctx, const struct model *model, const struct model_entry *entry,
	const struct history *history)
{
	struct editor *e = talloc_zero(ctx, struct editor);
	json_t *json = entry ? json_loads(entry->json, 0, NULL) : NULL;
	json_t *edit = entry ? edit_of(json) : edit_of_nothing(model);

	json_decref(json);
	if (!e || !edit || !make_lines(e)) {
		json_decref(edit);
		talloc_free(e);
		return NULL;
	}
	talloc_set_destructor(e, destroy);
	e->id = entry ? talloc_strdup(e, entry->id) : NULL;
	e->title = talloc_strdup(e, entry ? entry->title : "");
	e->past = past_new(e);
	e->field = entry ? EDITOR_OPTIONS : EDITOR_LINUX;
	if (history)
		line_edit_offer(e->lines[EDITOR_OPTIONS], history);
	set(e, edit);
	/* What is too long for a line is cut: then that is a change, and seen as one. */
	e->original = edit;
	e->safe = json_incref(edit);
	return e;
}

json_t *editor_edit(const struct editor *e)
{
	json_t *initrds = json_array();

	for (int i = 0; i < EDITOR_INITRDS; i++)
		if (!is_empty(e, EDITOR_INITRD + i))
			json_array_append_new(
				initrds, json_string(line_edit_text(e->lines[EDITOR_INITRD + i])));
	return json_pack("{ss ss so ss ss}", "device", e->device, "linux",
		line_edit_text(e->lines[EDITOR_LINUX]), "initrd", initrds, "devicetree",
		line_edit_text(e->lines[EDITOR_DEVICETREE]), "options",
		line_edit_text(e->lines[EDITOR_OPTIONS]));
}

bool editor_is_changed(const struct editor *e)
{
	json_t *now = editor_edit(e);
	bool is_changed = !json_equal(now, e->safe);

	json_decref(now);
	return is_changed;
}

void editor_set_safe(struct editor *e)
{
	json_decref(e->safe);
	e->safe = editor_edit(e);
}

/* Lines of initrds that were emptied go behind the others. */
static void close_gaps(struct editor *e)
{
	struct line_edit *used[EDITOR_INITRDS], *empty[EDITOR_INITRDS];
	size_t used_count = 0, empty_count = 0;

	for (int i = 0; i < EDITOR_INITRDS; i++)
		if (is_empty(e, EDITOR_INITRD + i))
			empty[empty_count++] = e->lines[EDITOR_INITRD + i];
		else
			used[used_count++] = e->lines[EDITOR_INITRD + i];
	memcpy(e->lines + EDITOR_INITRD, used, used_count * sizeof(*used));
	memcpy(e->lines + EDITOR_INITRD + used_count, empty, empty_count * sizeof(*empty));
}

void editor_go(struct editor *e, int field)
{
	if (field != e->field && editor_is_initrd(e->field) && is_empty(e, e->field)) {
		/* It goes, and those behind it come nearer. */
		if (editor_is_initrd(field) && field > e->field)
			field--;
		close_gaps(e);
	}
	e->field = field;
	past_break(e->past);
}

int editor_step(struct editor *e, int by)
{
	int field = e->field + by;

	while (field >= 0 && field < EDITOR_FIELDS && !editor_is_seen(e, field))
		field += by;
	if (field < 0 || field >= EDITOR_FIELDS)
		return 0;
	editor_go(e, field);
	return 1;
}

/* The volumes, and behind them the running system: the place of a name, -1 for one that is gone. */
static long device_place(const struct model *model, const char *name)
{
	size_t count = json_array_size(model->volumes);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(editor_volume_name(json_array_get(model->volumes, i)), name))
			return (long)i;
	return *name ? -1 : (long)count;
}

static int choose_device(struct editor *e, const struct model *model, const struct key_event *event)
{
	long count = (long)json_array_size(model->volumes) + 1, at = device_place(model, e->device);
	const char *name;

	if (event->key == KEY_CURSOR_RIGHT || event->key == ' ')
		at = (at + 1) % count;
	else if (event->key == KEY_CURSOR_LEFT)
		at = (at <= 0 ? count : at) - 1;
	else
		return 0;
	name = editor_volume_name(json_array_get(model->volumes, (size_t)at));
	talloc_free((void *)e->device);
	e->device = talloc_strdup(e, name);
	return 1;
}

/* Where the cursor is, as a number for the past. */
static struct moment moment_of(const struct editor *e, const char *text)
{
	const struct line_edit *line = e->lines[e->field];

	return (struct moment){
		text, (size_t)e->field * LINE_EDIT_MAX + (line ? line_edit_at(line) : 0)};
}

static unsigned int run_of(const struct editor *e, const struct key_event *event)
{
	unsigned int run = line_edit_run(event);

	return run ? run + 4 * (unsigned int)e->field : 0;
}

int editor_key(struct editor *e, const struct model *model, const struct key_event *event)
{
	json_t *before = editor_edit(e), *after;
	char *text = json_dumps(before, JSON_COMPACT);
	struct moment was = moment_of(e, text);
	int means = e->field == EDITOR_DEVICE ? choose_device(e, model, event)
					      : line_edit_key(e->lines[e->field], event);

	after = editor_edit(e);
	if (text && !json_equal(before, after))
		past_keep(e->past, was, run_of(e, event));
	else
		past_break(e->past);
	json_decref(before);
	json_decref(after);
	free(text);
	return means;
}

void editor_go_through_past(struct editor *e, enum past_way way)
{
	json_t *edit = editor_edit(e);
	char *text = json_dumps(edit, JSON_COMPACT);
	struct moment then;

	json_decref(edit);
	if (text && past_go(e->past, way, moment_of(e, text), &then)) {
		edit = json_loads(then.text, 0, NULL);
		set(e, edit);
		json_decref(edit);
		e->field = (int)(then.at / LINE_EDIT_MAX);
		if (e->lines[e->field])
			line_edit_place(e->lines[e->field], then.at % LINE_EDIT_MAX);
	}
	free(text);
}

void editor_reset(struct editor *e)
{
	json_t *edit = editor_edit(e);
	char *text = json_dumps(edit, JSON_COMPACT);

	if (text && !json_equal(edit, e->original)) {
		past_keep(e->past, moment_of(e, text), 0);
		set(e, e->original);
		if (!editor_is_seen(e, e->field))
			e->field = EDITOR_INITRD;
	}
	json_decref(edit);
	free(text);
}
