// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of a menu's items: grub-core/normal/menu.c, grub_menu_execute_entry. */
#include "boot/grub/menu.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/command.h"
#include "boot/grub/device.h"
#include "boot/grub/source.h"
#include "devices/cleanup.h"

void grub_write(struct grub_run *g, const struct entry_write *write)
{
	struct grub_writes *writes = g->draft ? &g->draft->writes : &g->menu->writes;
	struct entry_write *copy = grub_arena_take(&g->keep, sizeof(*copy));

	if (!copy) {
		grub_no_room(g);
		return;
	}
	*copy = *write;
	copy->next = NULL;
	if (writes->last)
		writes->last->next = copy;
	else
		writes->first = copy;
	writes->last = copy;
}

/* The same writes again, before others: those of a submenu hold for each entry in it. */
static void write_all(struct grub_run *g, const struct grub_writes *writes)
{
	for (const struct entry_write *w = writes->first; w; w = w->next)
		grub_write(g, w);
}

/* The way to an item: a ">" in an id is written twice. */
static char *way_to(void *ctx, const struct grub_menu *menu, const char *id)
{
	char *way = talloc_strdup(ctx, menu->chosen ? menu->chosen : "");

	if (way && menu->chosen)
		way = talloc_strdup_append_buffer(way, ">");
	while (way && *id) {
		size_t len = strcspn(id, ">");

		way = talloc_strndup_append_buffer(way, id, len);
		id += len;
		if (way && *id)
			way = talloc_strdup_append_buffer(way, ">>");
		id += *id == '>';
	}
	return way;
}

/* "grub.cfg:1.0", for what has no id: the file and the place in its menus. */
static char *place_text(void *ctx, const struct grub_menu *menu, const char *file)
{
	unsigned int positions[ENTRY_MENUS_MAX];
	size_t depth = 0;
	char *text = talloc_asprintf(ctx, "%s:", file);

	for (const struct entry_menu *m = menu->menu; m && depth < ENTRY_MENUS_MAX; m = m->above)
		positions[depth++] = m->position;
	while (text && depth)
		text = talloc_asprintf_append_buffer(text, "%u.", positions[--depth]);
	return text ? talloc_asprintf_append_buffer(text, "%u", menu->position) : NULL;
}

static void name_entry(struct grub_run *g, const struct grub_menu *menu,
	const struct grub_item *item, struct entry *e)
{
	_cleanup_talloc_ char *place = item->id ? NULL : place_text(NULL, menu, item->source.file);

	e->id = grub_keep(g, item->id ? item->id : place);
	e->title = item->title ? grub_keep(g, item->title) : e->id;
}

static void set_source(struct grub_run *g, const struct grub_item *item, struct entry *e)
{
	e->format = "grub";
	e->source.line = item->line;
	e->source.file = item->source.file;
	if (item->source.volume != g->reading->volume)
		e->source.volume = item->source.volume;
}

/* Take the entry into the list. What is full stays as it is. */
static void put(struct grub_run *g, struct grub_menu *menu, const struct entry *e)
{
	struct entry *entry;

	if (g->rc || g->keep.full || g->list->count >= ENTRY_LIST_MAX)
		return;
	entry = entry_list_add(g->list);
	if (!entry) {
		g->rc = -ENOMEM;
		return;
	}
	*entry = *e;
	entry->menu = menu->menu;
	entry->position = menu->position;
}

static void run_body(struct grub_run *g, const struct grub_item *item)
{
	struct grub_params params = item->params;

	g->params = &params;
	g->status = GRUB_OK;
	if (item->text)
		grub_run_bytes(g, item->text, strlen(item->text));
	else
		grub_run_list(g, item->block);
	g->booting = g->returning = false;
	g->breaks = 0;
	g->params = NULL;
	talloc_free(params.owned);
}

static void start_draft(struct grub_run *g, struct grub_draft *draft, const struct grub_menu *menu,
	const struct grub_item *item)
{
	_cleanup_talloc_ char *chosen = NULL;
	const char *name = item->id ? item->id : item->title;

	*draft = (struct grub_draft){.entry = {.tries_left = -1, .tries_done = -1}};
	draft->entry.options = "";
	g->draft = draft;
	g->source = item->source;
	if (item->root)
		grub_set(g, "root", item->root);
	chosen = way_to(NULL, menu, name ? name : "");
	if (chosen) {
		grub_set(g, "chosen", chosen);
		grub_scope_export(g->scope, "chosen");
	}
	write_all(g, &menu->writes);
}

bool grub_boots(const struct entry *e)
{
	return e->kernel.path || e->efi.path;
}

/* Does it start from within a file that cannot be looked into? */
static const struct grub_loop *loop_of(const struct grub_run *g, const struct entry *e)
{
	const char *on = e->kernel.path ? e->kernel.on
			 : e->efi.path  ? e->efi.on
					: grub_get_text(g, "root");
	const struct grub_loop *loop = on ? grub_loop(g, on + (*on == '(')) : NULL;

	return loop && !loop->volume ? loop : NULL;
}

static void finish_draft(struct grub_run *g, struct grub_draft *draft)
{
	struct entry *e = &draft->entry;
	const struct grub_loop *loop = loop_of(g, e);

	if (!e->reason && loop) {
		char *reason = talloc_asprintf(
			NULL, "it starts from within the file %s%s", loop->file, loop->reason);

		e->reason = reason ? grub_keep(g, reason) : NULL;
		talloc_free(reason);
	}
	if (!grub_boots(e) && !e->reason)
		e->reason = draft->obstacle ? draft->obstacle : "it names no Linux kernel";
	e->writes = draft->writes.first;
}

/* The menu that an item opens. NULL where it would be too deep, or memory ran out. */
static struct grub_menu *submenu_new(
	struct grub_run *g, const struct grub_menu *above, const struct grub_item *item)
{
	struct grub_menu *menu;
	struct entry_menu *place;

	if (above->depth >= ENTRY_MENUS_MAX)
		return NULL;
	menu = talloc_zero(g, struct grub_menu);
	place = grub_arena_take(&g->keep, sizeof(*place));
	if (!menu || !place) {
		talloc_free(menu);
		return NULL;
	}
	*place = (struct entry_menu){.above = above->menu, .position = above->position};
	place->title = grub_keep(g, item->title ? item->title : "");
	place->id = item->id ? grub_keep(g, item->id) : NULL;
	menu->menu = place;
	menu->depth = above->depth + 1;
	menu->end = &menu->first;
	menu->scope = grub_scope_new(menu, g->scope, GRUB_VIEW_EXPORTED);
	menu->chosen = talloc_strdup(menu, grub_get_text(g, "chosen"));
	if (!menu->scope || !menu->chosen)
		TALLOC_FREE(menu);
	return menu;
}

/* A menu that has a body or a file, or a body that opens a file, run in its own context; then its items.
 * False if there is nothing in it. */
static bool run_submenu(struct grub_run *g, struct grub_menu *above, const struct grub_item *item,
	struct grub_draft *draft)
{
	_cleanup_talloc_ struct grub_menu *menu = submenu_new(g, above, item);
	struct grub_scope *scope = g->scope;
	size_t before = g->list->count;

	if (!menu)
		return false;
	g->scope = menu->scope;
	g->menu = menu;
	if (!draft->config)
		run_body(g, item);
	g->draft = NULL;
	if (draft->config)
		grub_run_config(g, draft->config_volume, draft->config, item->line);
	menu->writes = draft->writes;
	grub_describe(g, menu);
	g->scope = scope;
	g->menu = above;
	return g->list->count > before;
}

static void describe_submenu(
	struct grub_run *g, struct grub_menu *menu, const struct grub_item *item)
{
	struct grub_draft draft;

	start_draft(g, &draft, menu, item);
	if (menu->depth >= ENTRY_MENUS_MAX) {
		/* So deep there is none: its entries stand here. */
		run_body(g, item);
		return;
	}
	if (!run_submenu(g, menu, item, &draft) && (grub_boots(&draft.entry) || draft.obstacle)) {
		/* It boots by itself when it is chosen, or what it does instead is told. */
		name_entry(g, menu, item, &draft.entry);
		set_source(g, item, &draft.entry);
		finish_draft(g, &draft);
		put(g, menu, &draft.entry);
	}
	menu->position++;
}

static void describe_entry(struct grub_run *g, struct grub_menu *menu, const struct grub_item *item)
{
	struct grub_draft draft;

	start_draft(g, &draft, menu, item);
	set_source(g, item, &draft.entry);
	run_body(g, item);
	g->draft = NULL;
	if (draft.config && !grub_boots(&draft.entry) && run_submenu(g, menu, item, &draft)) {
		menu->position++;
		return;
	}
	name_entry(g, menu, item, &draft.entry);
	finish_draft(g, &draft);
	put(g, menu, &draft.entry);
	menu->position++;
}

/* The configuration says what its entry is, and that choosing it is remembered. */
static void describe_ready(struct grub_run *g, struct grub_menu *menu, const struct grub_item *item)
{
	struct grub_draft draft;
	char *words[] = {(char *)"savedefault", NULL};
	struct grub_call call = {words, 1, NULL};
	const struct grub_function *function = grub_function(g, "savedefault");

	if (!item->entry)
		return;
	start_draft(g, &draft, menu, item);
	if (function && (!strcmp(grub_get_text(g, "save_default"), "true") ||
				!strcmp(grub_get_text(g, "blsuki_save_default"), "true")))
		grub_call_function(g, function, &call);
	item->entry->writes = draft.writes.first;
	put(g, menu, item->entry);
	menu->position++;
}

static void (*const kinds[])(
	struct grub_run *g, struct grub_menu *menu, const struct grub_item *item) = {
	[GRUB_ITEM_ENTRY] = describe_entry,
	[GRUB_ITEM_SUBMENU] = describe_submenu,
	[GRUB_ITEM_READY] = describe_ready,
};

/* Loops may have used up everything; that is not the entries' fault. */
static void grant_steps(struct grub_run *g)
{
	if (g->steps + GRUB_STEPS_BODY <= g->step_limit || g->step_grants > g->step_max / 4)
		return;
	g->step_limit = g->steps + GRUB_STEPS_BODY;
	g->step_grants += GRUB_STEPS_BODY;
}

void grub_describe(struct grub_run *g, struct grub_menu *menu)
{
	_cleanup_talloc_ struct grub_scope *scope = grub_scope_new(g, menu->scope, GRUB_VIEW_ALL);
	struct grub_source source = g->source;
	struct grub_scope *outer = g->scope;

	if (!scope) {
		g->rc = -ENOMEM;
		return;
	}
	g->nesting++;
	for (struct grub_item *item = menu->first; item && !g->rc; item = item->next) {
		/* What an entry itself puts down stands behind it. */
		menu->end = &item->next;
		g->scope = scope;
		g->menu = menu;
		grub_scope_clear(scope);
		grant_steps(g);
		kinds[item->kind](g, menu, item);
		g->draft = NULL;
	}
	g->nesting--;
	g->scope = outer;
	g->source = source;
}

void grub_describe_direct(struct grub_run *g, unsigned int line)
{
	struct grub_item item = {.source = g->source};
	const struct entry *e = &g->direct->entry;

	item.title = e->kernel.path ? e->kernel.path : e->efi.path;
	item.line = line;
	set_source(g, &item, &g->direct->entry);
	name_entry(g, g->menu, &item, &g->direct->entry);
	finish_draft(g, g->direct);
	put(g, g->menu, &g->direct->entry);
	g->menu->position++;
}
