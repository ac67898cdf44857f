// SPDX-License-Identifier: GPL-2.0-or-later
/* Finding an entry by what a configuration or a user calls it. */
#include "boot/entry.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PATTERN_MAX 1024 /* bytes; a longer one names nothing */

/* A way through the menus, taken apart. */
struct way {
	char text[PATTERN_MAX]; /* the steps, each terminated */
	const char *steps[ENTRY_MENUS_MAX + 1];
	size_t count;
};

/* One ">" parts two steps, ">>" is a ">" within one (grub-core/normal/menu.c, menuentry_eq). */
static bool way_parse(struct way *way, const char *pattern)
{
	char *to = way->text;

	if (!*pattern || strlen(pattern) >= sizeof(way->text))
		return false;
	way->count = 0;
	way->steps[way->count++] = to;
	for (const char *from = pattern; *from; from++) {
		if (from[0] == '>' && from[1] != '>') {
			if (way->count > ENTRY_MENUS_MAX)
				return false;
			*to++ = '\0';
			way->steps[way->count++] = to;
			continue;
		}
		from += from[0] == '>';
		*to++ = *from;
	}
	*to = '\0';
	return true;
}

static bool step_matches(const char *step, unsigned int position, const char *title, const char *id)
{
	if (*step && step[strspn(step, "0123456789")] == '\0')
		return strtoul(step, NULL, 10) == position;
	return (title && !strcmp(title, step)) || (id && !strcmp(id, step));
}

/* A way that is shorter than the entry's ends at a submenu above it; what is longer goes on where
 * there is nothing more to choose. Both count, as in GRUB. */
static bool way_leads_to(const struct way *way, const struct entry *entry)
{
	const struct entry_menu *menus[ENTRY_MENUS_MAX];
	size_t depth = 0, step = 0;

	for (const struct entry_menu *m = entry->menu; m && depth < ENTRY_MENUS_MAX; m = m->above)
		menus[depth++] = m;
	for (; depth && step < way->count; step++) {
		const struct entry_menu *m = menus[--depth];

		if (!step_matches(way->steps[step], m->position, m->title, m->id))
			return false;
	}
	return step == way->count ||
	       step_matches(way->steps[step], entry->position, entry->title, entry->id);
}

static struct entry *follow(const struct entry_list *list, const struct way *way)
{
	for (size_t i = 0; i < list->count; i++)
		if (way_leads_to(way, &list->entries[i]))
			return &list->entries[i];
	return NULL;
}

static struct entry *find_way(const struct entry_list *list, const char *pattern)
{
	struct way way;

	return way_parse(&way, pattern) ? follow(list, &way) : NULL;
}

/* A way that is right up to a submenu, in which nothing has the name: GRUB is in that submenu then, and
 * takes its first entry. */
static struct entry *find_way_as_far(const struct entry_list *list, const char *pattern)
{
	struct entry *found = NULL;
	struct way way;

	if (way_parse(&way, pattern))
		while (!found && way.count-- > 1)
			found = follow(list, &way);
	return found;
}

static bool id_matches(const char *id, const char *pattern)
{
	char name[NAME_MAX + sizeof(".conf")];

	if (!fnmatch(pattern, id, FNM_CASEFOLD))
		return true;
	if (strlen(id) > NAME_MAX)
		return false;
	stpcpy(stpcpy(name, id), ".conf");
	return !fnmatch(pattern, name, FNM_CASEFOLD);
}

/* Characters of the pattern times those of all ids: what fnmatch(3) may need for a hostile pattern, a
 * few nanoseconds each. Patterns of 60 and 4096 ids of 60 are a fourth of this. */
#define GLOB_WORK_MAX (64 << 20)

enum which { TOP_MENU_ONLY, TOP_MENU_NOT_BAD, ALL_MENUS };

static struct entry *find_glob(const struct entry_list *list, const char *pattern, enum which which)
{
	size_t len = strlen(pattern), work = 0;

	if (!len || len >= PATTERN_MAX)
		return NULL;
	for (size_t i = 0; i < list->count; i++) {
		struct entry *e = &list->entries[i];

		work += len * (strlen(e->id) + strlen(".conf")) * 2;
		if (work > GLOB_WORK_MAX)
			return NULL;
		if (which == TOP_MENU_NOT_BAD && e->tries_left == 0)
			continue;
		if ((which == ALL_MENUS || !e->menu) && id_matches(e->id, pattern))
			return e;
	}
	return NULL;
}

struct entry *entry_list_named(const struct entry_list *list, const char *pattern)
{
	struct entry *found = find_way(list, pattern);

	if (!found)
		found = find_glob(list, pattern, TOP_MENU_ONLY);
	return found ? found : find_way_as_far(list, pattern);
}

struct entry *entry_list_named_default(const struct entry_list *list)
{
	struct entry *found = NULL;

	if (list->preferred_pattern)
		found = find_glob(list, list->preferred_pattern, TOP_MENU_NOT_BAD);
	if (!found && list->default_pattern)
		found = entry_list_named(list, list->default_pattern);
	return found;
}

struct entry *entry_list_default(const struct entry_list *list)
{
	struct entry *found = entry_list_named_default(list);

	for (int own = 0; own <= 1; own++)
		for (size_t i = 0; !found && i < list->count; i++)
			if (!list->entries[i].reason && entry_is_own(&list->entries[i]) == own)
				found = &list->entries[i];
	return !found && list->count ? &list->entries[0] : found;
}

struct entry *entry_list_find_id(const struct entry_list *list, const char *pattern)
{
	return find_glob(list, pattern, ALL_MENUS);
}

struct entry *entry_list_find(const struct entry_list *list, const char *name)
{
	struct entry *found;

	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->entries[i].id, name))
			return &list->entries[i];
	found = find_way(list, name);
	if (found)
		return found;
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->entries[i].title, name))
			return &list->entries[i];
	return find_glob(list, name, ALL_MENUS);
}
