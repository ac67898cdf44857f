// SPDX-License-Identifier: GPL-2.0-or-later
/* The boot entries: below the filesystem that they are written on, and in their submenus. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/list.h"

/* A line of the screen: a filesystem, a submenu, or an entry. */
struct entry_row {
	const struct model_entry *entry; /* NULL for what is above entries */
	const char *text, *note, *key;
	int volume; /* of a filesystem: which of the model's */
	int depth;
	bool is_open; /* a submenu that has the default entry in it is not folded */
};

struct builder {
	struct menu *menu;
	struct entry_row *rows;
	size_t count, submenus;
	int volume;
	const char *volume_key; /* not its number: that is another one's when a disk comes before it */
	const char *path;
	size_t open[LIST_DEPTH_MAX]; /* the row of the submenu at each depth */
};

/* Of a title with its submenus: "Advanced options\n" has one. */
static int depth_of(const char *path)
{
	int depth = 0;

	for (; *path; path++)
		depth += *path == '\n';
	return depth < LIST_DEPTH_MAX - 2 ? depth : LIST_DEPTH_MAX - 2;
}

static struct entry_row *add(struct builder *b, struct entry_row row)
{
	struct entry_row *more = b->rows;

	if (b->count % 64 == 0) {
		more = talloc_realloc(b->menu, b->rows, struct entry_row, b->count + 64);
		if (!more)
			return NULL;
		b->rows = more;
	}
	b->rows[b->count] = row;
	return &b->rows[b->count++];
}

static const char *volume_name(const json_t *volume)
{
	const char *device = model_string(volume, "device");
	const char *mounted = model_string(volume, "mounted");

	return device ? device : mounted ? mounted : _("files");
}

static const char *volume_title(void *ctx, const json_t *volume)
{
	const char *label = model_string(volume, "label"), *name = volume_name(volume);

	return label && *label ? talloc_asprintf(ctx, "%s  %s", label, name)
			       : talloc_strdup(ctx, name);
}

static void add_volume(struct builder *b, int index)
{
	const json_t *volume = json_array_get(b->menu->model->volumes, (size_t)index);
	struct entry_row *row = add(b, (struct entry_row){.volume = index});
	const char *type = model_string(volume, "type");

	b->volume = index;
	b->path = "";
	b->submenus = 0;
	b->volume_key = talloc_asprintf(b->rows, "volume:%s", volume_name(volume));
	if (!row)
		return;
	row->text = volume_title(b->rows, volume);
	/* Volumes may be told anew before entries are. */
	row->note = type && *type ? talloc_strdup(b->rows, type) : NULL;
	row->key = b->volume_key;
	row->is_open = true;
}

/* The part of both paths that is the same, in submenus. */
static int common_depth(const char *a, const char *b)
{
	int depth = 0;

	for (; *a && *a == *b; a++, b++)
		depth += *a == '\n';
	return depth;
}

static void add_submenus(struct builder *b, const char *path)
{
	int from = common_depth(b->path, path), to = depth_of(path);
	const char *title = path;

	for (int depth = 0; depth < to; depth++) {
		size_t len = strcspn(title, "\n");

		if (depth >= from) {
			struct entry_row *row = add(b, (struct entry_row){.depth = depth + 1});

			if (!row)
				return;
			b->open[depth] = b->count - 1;
			row->text = talloc_strndup(b->rows, title, len);
			row->key = talloc_asprintf(
				b->rows, "%s:%zu:%s", b->volume_key, b->submenus++, row->text);
		}
		title += len + 1;
	}
	b->path = path;
}

static void add_entry(struct builder *b, const struct model_entry *e)
{
	if (e->volume != b->volume)
		add_volume(b, e->volume);
	if (strcmp(e->path, b->path))
		add_submenus(b, e->path);
	for (int depth = 0; (e->is_default || e->is_running) && depth < depth_of(e->path); depth++)
		b->rows[b->open[depth]].is_open |= e->is_default;
	add(b, (struct entry_row){
		       .entry = e, .text = e->title, .key = e->id, .depth = depth_of(e->path) + 1});
}

static void build(struct menu *menu)
{
	struct builder b = {.menu = menu, .volume = -2, .path = ""};

	talloc_free(menu->entry_rows);
	for (size_t i = 0; i < menu->model->entries.count; i++)
		if (!menu->model->entries.list[i].is_hidden || menu->shows_hidden)
			add_entry(&b, &menu->model->entries.list[i]);
	menu->entry_rows = b.rows;
	menu->entry_row_count = b.count;
	menu->entry_generation = menu->model->entries.generation;
}

static size_t count(const struct menu *menu)
{
	/* Made of what the model has, whenever somebody looks. */
	if (menu->entry_generation != menu->model->entries.generation)
		build((struct menu *)menu);
	return menu->entry_row_count;
}

static bool is_parent(const struct menu *menu, size_t i)
{
	return !menu->entry_rows[i].entry;
}

static const char *note_of(const struct entry_row *r)
{
	const struct model_entry *e = r->entry;

	if (!e)
		return r->note;
	if (e->reason)
		return e->reason;
	return e->is_running ? _("running now") : NULL;
}

static void row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	const struct entry_row *r = &menu->entry_rows[i];
	const struct model_entry *e = r->entry;

	(void)ctx;
	row->key = r->key;
	row->text = r->text ? r->text : "";
	row->note = note_of(r);
	row->depth = r->depth;
	row->is_parent = is_parent(menu, i);
	row->is_folded = !r->is_open;
	row->style = !e ? GRID_HEADING : e->reason ? GRID_DIM : GRID_PLAIN;
	if (e && e->is_default) {
		row->mark = '*';
		row->style = e->reason ? GRID_DIM : GRID_STRONG;
	}
	row->is_choice = e && !e->reason;
}

/* "12.3 MB". */
static const char *size_text(void *ctx, const json_t *bytes)
{
	double size = (double)json_integer_value(bytes);

	if (!json_is_integer(bytes))
		return _("missing");
	if (size < 1e3)
		return talloc_asprintf(ctx, "%.0f B", size);
	if (size < 1e6)
		return talloc_asprintf(ctx, "%.0f kB", size / 1e3);
	return talloc_asprintf(ctx, "%.1f MB", size / 1e6);
}

static void add_files(struct page *page, const json_t *files)
{
	static const struct {
		const char *what, *label;
	} labels[] = {
		{"linux", N_("Kernel")},
		{"initrd", N_("Initrd")},
		{"devicetree", N_("Device tree")},
		{"efi", N_("EFI program")},
	};
	const json_t *file;
	size_t i;

	json_array_foreach (files, i, file) {
		const char *what = model_string(file, "what"), *label = what;
		const char *path = model_string(file, "path"), *on = model_string(file, "device");

		for (size_t k = 0; what && k < sizeof(labels) / sizeof(*labels); k++)
			if (!strcmp(what, labels[k].what))
				label = _(labels[k].label);
		if (label && path)
			page_field(page, label,
				talloc_asprintf(page, "%s%s%s  %s", on ? on : "", on ? ":" : "",
					path, size_text(page, json_object_get(file, "bytes"))));
	}
}

static const char *source_text(void *ctx, const json_t *source)
{
	const char *device = model_string(source, "device"), *file = model_string(source, "file");

	return file ? talloc_asprintf(ctx, "%s%s%s%s:%lld", device ? device : "", device ? ":" : "",
			      *file == '/' ? "" : "/", file, model_number(source, "line", 0))
		    : NULL;
}

static void detail_entry(const struct model_entry *e, struct page *page)
{
	json_t *json = json_loads(e->json, 0, NULL);

	page_add(page, GRID_HEADING, e->title);
	if (e->reason)
		page_addf(page, GRID_BAD, _("Cannot be booted: %s"), e->reason);
	page_field(page, _("Arguments"), model_string(json, "options"));
	page_field(page, _("Changed by"), model_string(json, "changed_by"));
	add_files(page, json_object_get(json, "files"));
	page_field(page, _("Version"), model_string(json, "version"));
	if (model_number(json, "tries_left", -1) >= 0)
		page_field(page, _("Tries left"),
			talloc_asprintf(page, "%lld", model_number(json, "tries_left", 0)));
	page_field(page, _("Written in"), source_text(page, json_object_get(json, "source")));
	page_field(page, "ID", e->id);
	/* What few entries have stands last: above it nothing moves, which a slow line would have to be sent. */
	if (e->is_default)
		page_add(page, GRID_GOOD, _("This is booted by default."));
	if (e->is_running)
		page_add(page, GRID_GOOD, _("This is what runs now."));
	json_decref(json);
}

static void detail_volume(const struct menu *menu, const struct entry_row *r, struct page *page)
{
	const json_t *volume = r->depth ? NULL
					: json_array_get(menu->model->volumes, (size_t)r->volume);

	page_add(page, GRID_HEADING, r->text);
	page_field(page, _("Device"), model_string(volume, "device"));
	page_field(page, _("Filesystem"), model_string(volume, "type"));
	page_field(page, _("Label"), model_string(volume, "label"));
	page_field(page, "UUID", model_string(volume, "uuid"));
	page_field(page, _("Mounted at"), model_string(volume, "mounted"));
}

static void detail(const struct menu *menu, size_t i, struct page *page)
{
	const struct entry_row *r = &menu->entry_rows[i];

	if (r->entry)
		detail_entry(r->entry, page);
	else
		detail_volume(menu, r, page);
}

const struct model_entry *entries_at(const struct menu *menu, size_t i)
{
	return i < count(menu) ? menu->entry_rows[i].entry : NULL;
}

const struct model_entry *entries_selected(struct menu *menu, struct console *c)
{
	struct view *v = c->views[0];
	long i;

	list_update(menu, v);
	i = list_selected(v);
	return i < 0 ? NULL : menu->entry_rows[i].entry;
}

void entries_go_to_default(struct menu *menu, struct console *c)
{
	int i = model_default(menu->model);

	if (i >= 0)
		list_go_to(menu, c->views[0], menu->model->entries.list[i].id);
}

static void act_boot(struct menu *menu, struct console *c)
{
	static const struct key_event right = {.key = KEY_CURSOR_RIGHT},
				      left = {.key = KEY_CURSOR_LEFT};
	const struct model_entry *e = entries_selected(menu, c);
	size_t before = menu_view(c)->shown_count;

	if (e) {
		menu_boot(menu, c->number, e, NULL);
		return;
	}
	list_key(menu, c, &right);
	if (menu_view(c)->shown_count == before)
		list_key(menu, c, &left);
}

static void act_set_default(struct menu *menu, struct console *c)
{
	const struct model_entry *e = entries_selected(menu, c);

	if (e)
		menu_request(
			menu, json_pack("{ss ss sb}", "ask", "default", "id", e->id, "once", 0));
}

static void act_set_once(struct menu *menu, struct console *c)
{
	const struct model_entry *e = entries_selected(menu, c);

	if (e)
		menu_request(
			menu, json_pack("{ss ss sb}", "ask", "default", "id", e->id, "once", 1));
}

static void act_unlock(struct menu *menu, struct console *c)
{
	menu_open(menu, c, &screen_unlock, NULL);
}

static const struct binding bindings[] = {
	{{KEY_RETURN, 0, 0, 0}, N_("Enter"), N_("boot"), N_("Boot the entry; fold or unfold."),
		act_boot, 0},
	{{'e', KEY_FN + 4, 0, 0}, "e", N_("edit"), N_("Edit the entry before it is booted."),
		edit_selected, BINDING_GUARDED},
	{{'n', 0, 0, 0}, "n", NULL, N_("Make an entry from nothing."), edit_new, BINDING_GUARDED},
	{{'d', 0, 0, 0}, "d", N_("default"), N_("Make it the default entry, for good."),
		act_set_default, BINDING_GUARDED},
	{{'o', 0, 0, 0}, "o", NULL, N_("Make it the default for the next boot only."), act_set_once,
		BINDING_GUARDED},
	{{'u', 0, 0, 0}, "u", NULL, N_("Unlock an encrypted volume."), act_unlock, 0},
	{.act = NULL},
};

const struct screen screen_entries = {
	.name = N_("Boot entries"),
	.empty = N_("No entry was found yet."),
	.bindings = bindings,
	.count = count,
	.row = row,
	.detail = detail,
};
