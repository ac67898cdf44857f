// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/menu_order.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"

static bool is_of_loader(const struct explored_menu *menu, const char *loader)
{
	static const struct {
		const char *loader, *format;
	} known[] = {{"systemd-boot", "bls1"}, {"GRUB", "grub"}};

	for (size_t i = 0; loader && i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(loader, known[i].loader, strlen(known[i].loader)))
			return !strcmp(menu->format->name, known[i].format);
	return false;
}

/* Of a menu on several filesystems that which is named first. */
static size_t rank_of(const struct explored_menu *menu, const struct settings *s)
{
	size_t first = settings_rank(s, menu->volume);
	const struct volume *last = menu->volume;

	for (size_t i = 0; i < menu->list->count; i++) {
		const struct volume *v = menu->list->entries[i].source.volume;
		size_t rank;

		if (v == last)
			continue;
		rank = settings_rank(s, v);
		first = rank < first ? rank : first;
		last = v;
	}
	return first;
}

/* What is moved to the front keeps its order. */
static void move(struct explored_menu *menus, size_t from, size_t to)
{
	const struct explored_menu menu = menus[from];

	memmove(menus + to + 1, menus + to, (from - to) * sizeof(*menus));
	menus[to] = menu;
}

static bool is_own(const struct explored_menu *menu)
{
	for (size_t i = 0; i < menu->list->count; i++)
		if (!entry_is_own(&menu->list->entries[i]))
			return false;
	return true;
}

static bool on_one_disk(const struct volume *a, const struct volume *b)
{
	return a == b || (a->disk && b->disk && !strcmp(a->disk, b->disk));
}

/* What the user made goes behind what is installed on the disk. */
static void put_own_behind(struct exploration *e)
{
	for (size_t i = e->menu_count; i-- > 0;) {
		const struct explored_menu own = e->menus[i];
		size_t last = i;

		if (!is_own(&own))
			continue;
		while (last + 1 < e->menu_count &&
			on_one_disk(own.volume, e->menus[last + 1].volume) &&
			!is_own(&e->menus[last + 1]))
			last++;
		memmove(e->menus + i, e->menus + i + 1, (last - i) * sizeof(own));
		e->menus[last] = own;
	}
}

void menu_order_by_loader(struct exploration *e, const char *loader)
{
	size_t done = 0;

	put_own_behind(e);
	for (size_t i = 0; loader && i < e->menu_count; i++)
		if (is_of_loader(&e->menus[i], loader))
			move(e->menus, i, done++);
}

int menu_order_by_settings(struct exploration *e, const struct settings *s)
{
	_cleanup_talloc_ size_t *ranks = talloc_array(NULL, size_t, e->menu_count);
	size_t done = 0;

	if (!s->values[SETTING_ORDER])
		return 0;
	if (!ranks)
		return -ENOMEM;
	for (size_t i = 0; i < e->menu_count; i++)
		ranks[i] = rank_of(&e->menus[i], s);
	for (size_t rank = 0; done < e->menu_count; rank++)
		for (size_t i = done; i < e->menu_count; i++)
			if (ranks[i] == rank) {
				move(e->menus, i, done);
				memmove(ranks + done + 1, ranks + done,
					(i - done) * sizeof(*ranks));
				ranks[done++] = rank;
			}
	return 0;
}

const struct entry *menu_first_entry(const struct exploration *e)
{
	for (size_t i = 0; i < e->menu_count; i++)
		for (size_t j = 0; j < e->menus[i].list->count; j++)
			if (!entry_is_own(&e->menus[i].list->entries[j]))
				return &e->menus[i].list->entries[j];
	return NULL;
}
