// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which entry is booted when nobody chooses, and after how long. The prompt takes the command lines
 * of ONTIMEOUT and DEFAULT, a menu program a label only, and then MENU DEFAULT (doc/menu.txt,
 * com32/menu/readconfig.c, parse_configs).
 */
#include "boot/syslinux/syslinux.h"

#include <limits.h>
#include <string.h>
#include <talloc.h>

#define HOPS_MAX 64 /* from one place of the menus to the next; more are a circle */

/* An item, or else a menu without a default of its own; neither for none. */
struct place {
	size_t item;
	const struct syslinux_menu *menu;
};

static const struct place nowhere = {SYSLINUX_NOWHERE, NULL};

static size_t find_label(
	const struct syslinux *p, const struct syslinux_config *config, struct syslinux_text label)
{
	for (size_t i = 0; label.len && i < p->item_count; i++)
		if (p->items[i].menu->config == config && syslinux_same(p->items[i].label, label))
			return i;
	return SYSLINUX_NOWHERE;
}

static const struct syslinux_menu *find_menu(
	const struct syslinux *p, const struct syslinux_config *config, struct syslinux_text tag)
{
	if (syslinux_is(tag, ".top"))
		return config->top;
	for (const struct syslinux_menu *m = p->menus; m; m = m->previous)
		if (m->config == config && syslinux_same(m->tag, tag))
			return m;
	return NULL;
}

/* A label, a label with more arguments, or a kernel with its arguments. */
static size_t find_command(
	struct syslinux *p, struct syslinux_config *config, const struct syslinux_command *command)
{
	struct syslinux_text rest = command->text, word = syslinux_take_word(&rest);
	size_t item = find_label(p, config, command->text);

	if (item != SYSLINUX_NOWHERE || !word.len)
		return item;
	item = find_label(p, config, word);
	if (config->has_ui || p->is_uboot)
		return item;
	p->config = config;
	p->menu = config->top;
	if (item != SYSLINUX_NOWHERE)
		return p->items[item].leads == SYSLINUX_TO_ENTRY
			       ? syslinux_record_variant(p, item, command->text, rest)
			       : item;
	return config->is_explicit ? item : syslinux_record_command(p, command);
}

/* Does a timeout ever end in ONTIMEOUT's command? U-Boot takes it for another DEFAULT. */
static bool ends_in_timeout(const struct syslinux *p, const struct syslinux_config *config)
{
	return p->is_uboot || config->timeout || config->total_timeout;
}

static struct place choose(struct syslinux *p, struct syslinux_config *config)
{
	/* What SYSLINUX did without a DEFAULT until version 3.85, and Petitboot does. */
	static const struct syslinux_text linux_label = {"linux", 5};
	struct place place = nowhere;

	if (ends_in_timeout(p, config))
		place.item = find_command(p, config, &config->timeout_command);
	if (place.item == SYSLINUX_NOWHERE)
		place.item = find_command(p, config, &config->default_command);
	if (place.item == SYSLINUX_NOWHERE) {
		place.menu = config->start;
		place.item = config->start->default_item;
	}
	if (place.item == SYSLINUX_NOWHERE && !config->has_ui && !config->default_command.text.len)
		place.item = find_label(p, config, linux_label);
	return place;
}

/* In seconds; 0 where a prompt shows only on request, -1 where it waits forever. */
static int timeout_of(const struct syslinux *p, const struct syslinux_config *config)
{
	unsigned long tenths = config->timeout ? config->timeout : config->total_timeout;

	if (config->total_timeout && config->total_timeout < tenths)
		tenths = config->total_timeout;
	if (!tenths && !p->is_uboot && !config->has_ui && !config->has_prompt &&
		config->default_command.text.len)
		return 0;
	if (!tenths || tenths > INT_MAX)
		return -1;
	return (int)((tenths + 9) / 10);
}

static struct place enter(struct syslinux *p, const struct syslinux_menu *menu)
{
	struct syslinux_config *config = menu->config;

	if (menu != config->top || !config->above)
		return (struct place){menu->default_item, menu};
	if (p->timeout <= 0)
		p->timeout = timeout_of(p, config);
	return choose(p, config);
}

/* From an item to what it leads to. */
static struct place step(struct syslinux *p, size_t from)
{
	const struct syslinux_item item = p->items[from];
	const struct syslinux_menu *menu = item.to;

	if (item.leads == SYSLINUX_TO_LABEL)
		return (struct place){find_label(p, item.menu->config, item.to_name), NULL};
	if (item.leads == SYSLINUX_TO_TAG)
		menu = find_menu(p, item.menu->config, item.to_name);
	return menu ? enter(p, menu) : nowhere;
}

/* "1>0": the positions on the way. */
static char *way(struct syslinux *p, const struct entry_menu *menu, unsigned int position)
{
	char *text = talloc_asprintf(p->ctx, "%u", position);

	for (; text && menu; menu = menu->above)
		text = talloc_asprintf(p->ctx, "%u>%s", menu->position, text);
	return text;
}

void syslinux_choose_default(struct syslinux *p)
{
	struct entry_list *list = p->reading->list;
	struct place place;
	const char *text = NULL;

	p->timeout = timeout_of(p, p->config);
	place = choose(p, p->config);
	for (unsigned int hops = 0; place.item != SYSLINUX_NOWHERE && hops < HOPS_MAX; hops++) {
		if (p->items[place.item].leads == SYSLINUX_TO_ENTRY)
			break;
		place = step(p, place.item);
	}
	list->timeout = p->timeout;
	if (place.item != SYSLINUX_NOWHERE && p->items[place.item].leads == SYSLINUX_TO_ENTRY) {
		const struct entry *e = &list->entries[p->items[place.item].entry];

		text = way(p, e->menu, e->position);
	} else if (place.menu && place.menu->shown) {
		text = way(p, place.menu->shown->above, place.menu->shown->position);
	}
	list->default_pattern = talloc_steal(list, text);
}
