// SPDX-License-Identifier: GPL-2.0-or-later
/* Submenus, and other configurations that are submenus here. */
#include "boot/syslinux/syslinux.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

size_t syslinux_add_item(struct syslinux *p, struct syslinux_item item)
{
	size_t room = p->items ? talloc_array_length(p->items) : 0;

	if (p->rc || p->item_count == SYSLINUX_ITEMS_MAX) {
		p->is_full = true;
		return SYSLINUX_NOWHERE;
	}
	if (p->item_count == room) {
		struct syslinux_item *more = talloc_realloc(
			p->ctx, p->items, struct syslinux_item, room ? 2 * room : 16);

		if (!more) {
			p->rc = -ENOMEM;
			return SYSLINUX_NOWHERE;
		}
		p->items = more;
	}
	p->items[p->item_count] = item;
	return p->item_count++;
}

static unsigned int depth_of(const struct syslinux_menu *menu)
{
	unsigned int depth = 0;

	for (; menu->above; menu = menu->above)
		depth++;
	return depth;
}

/* NULL if it would be too deep or one too many. */
static struct syslinux_menu *new_menu(struct syslinux *p, struct syslinux_text label)
{
	struct syslinux_menu *menu;

	if (p->menu_count == SYSLINUX_MENUS_MAX || depth_of(p->menu) == ENTRY_MENUS_MAX || p->rc)
		return NULL;
	menu = talloc_zero(p->ctx, struct syslinux_menu);
	if (menu)
		menu->shown = talloc_zero(p->reading->list, struct entry_menu);
	if (!menu || !menu->shown) {
		p->rc = -ENOMEM;
		return NULL;
	}
	menu->item = syslinux_add_item(p, (struct syslinux_item){
						  .menu = p->menu,
						  .label = label,
						  .leads = SYSLINUX_TO_MENU,
						  .to = menu,
					  });
	if (menu->item == SYSLINUX_NOWHERE)
		return NULL;
	menu->above = p->menu;
	menu->previous = p->menus;
	menu->config = p->config;
	menu->default_item = SYSLINUX_NOWHERE;
	menu->shown->above = p->menu->shown;
	menu->shown->position = p->menu->next_position++;
	menu->shown->title = "";
	p->menus = menu;
	p->menu_count++;
	return menu;
}

void syslinux_menu_begin(struct syslinux *p, struct syslinux_text tag)
{
	struct syslinux_menu *menu;

	syslinux_record(p);
	menu = p->unopened ? NULL : new_menu(p, (struct syslinux_text){0});
	if (menu) {
		menu->tag = tag;
		p->menu = menu;
	} else if (!p->unopened++) {
		reading_problem(p->reading, p->file, p->line,
			"the submenu is too deep or one too many; what is in it is shown outside");
	}
}

void syslinux_menu_end(struct syslinux *p)
{
	syslinux_record(p);
	if (p->unopened)
		p->unopened--;
	else if (p->menu != p->config->top)
		p->menu = p->menu->above;
}

/* MENU LABEL comes before MENU TITLE, and that before the tag. */
void syslinux_name_menus(struct syslinux *p)
{
	for (struct syslinux_menu *m = p->menus; m; m = m->previous) {
		if (!m->shown)
			continue;
		m->shown->title = syslinux_keep_title(p, m->label.len   ? m->label
							 : m->title.len ? m->title
									: m->tag);
		if (m->tag.len)
			m->shown->id = syslinux_keep(p, m->tag);
	}
}

struct syslinux_config *syslinux_config_begin(
	struct syslinux *p, struct syslinux_menu *top, const char *directory)
{
	struct syslinux_config *config = talloc_zero(p->ctx, struct syslinux_config);

	if (!config) {
		p->rc = -ENOMEM;
		return NULL;
	}
	config->above = p->config;
	config->top = config->start = top;
	config->directory = directory;
	config->is_pxe = p->config && p->config->is_pxe;
	top->config = config;
	p->config = config;
	p->menu = top;
	return config;
}

/* Is it the first time that this reading meets the file as a configuration? */
static bool is_new(struct syslinux *p, const char *path)
{
	struct reading *r = p->reading;
	const char **more;

	for (size_t i = 0; i < p->config_count; i++)
		if (!strcmp(p->configs[i], path))
			return false;
	if (p->config_count == SYSLINUX_CONFIGS_MAX)
		return false;
	more = talloc_realloc(p->ctx, p->configs, const char *, p->config_count + 1);
	if (!more) {
		p->rc = -ENOMEM;
		return false;
	}
	p->configs = more;
	more[p->config_count++] = path;
	return !r->is_new || r->is_new(r, r->volume, path);
}

/* The first of the files that is new: "~" is the main configuration, which always is known. */
static bool take_new(struct syslinux *p, struct syslinux_text *files, struct syslinux_text *file)
{
	while ((*file = syslinux_take_word(files)).len)
		if (!syslinux_is(*file, "~") &&
			(syslinux_is_remote(*file) || is_new(p, syslinux_path(p, *file))))
			return true;
	return false;
}

static void read_files(struct syslinux *p, struct syslinux_text file, struct syslinux_text rest)
{
	struct err err;

	do
		if (!syslinux_include(p, file, &err) && !p->rc)
			reading_problem(p->reading, p->file, p->line, "%s", err.text);
	while (take_new(p, &rest, &file));
}

void syslinux_config_end(struct syslinux *p)
{
	struct syslinux_text files = p->config->menu_files, file;

	syslinux_record(p);
	p->menu = p->config->top;
	if (take_new(p, &files, &file))
		read_files(p, file, files);
	syslinux_record(p);
}

/* The same file, whatever directory paths begin at: it is read before that changes ("CONFIG",
 * doc/syslinux.txt). */
static struct syslinux_text rooted(struct syslinux *p, struct syslinux_text file)
{
	const char *name = syslinux_keep_joined(p, "::", syslinux_path(p, file), "");

	return (struct syslinux_text){name, strlen(name)};
}

const char *syslinux_config_read(struct syslinux *p, const struct syslinux_label *label,
	struct syslinux_text files, struct syslinux_text directory, size_t *item)
{
	struct syslinux_config *above = p->config;
	struct syslinux_menu *here = p->menu, *menu;
	unsigned int unopened = p->unopened;
	struct syslinux_text file;

	if (!take_new(p, &files, &file))
		return NULL;
	if (syslinux_is_remote(file))
		return syslinux_keep_joined(p, syslinux_keep(p, file), "lies on the network", " ");
	if (!syslinux_is_there(p, file))
		return syslinux_keep_joined(p, syslinux_path(p, file), "is missing", " ");
	menu = new_menu(p, label->name);
	if (!menu)
		return "its menu is too deep or one too many";
	*item = menu->item;
	menu->label = label->shown.len ? label->shown : label->name;
	p->unopened = 0;
	file = rooted(p, file);
	if (syslinux_config_begin(
		    p, menu, directory.len ? syslinux_path(p, directory) : above->directory)) {
		p->config->has_ui = label->kind && strcmp(label->kind->keyword, "config");
		read_files(p, file, files);
		syslinux_config_end(p);
	}
	p->config = above;
	p->menu = here;
	p->unopened = unopened;
	return NULL;
}
