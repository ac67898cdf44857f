// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/entry.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"

struct entry_list *entry_list_new(void *ctx)
{
	struct entry_list *list = talloc_zero(ctx, struct entry_list);

	if (!list)
		return NULL;
	list->default_choice = ENTRY_CHOICE_FORMAT;
	list->timeout = -1;
	return list;
}

static bool make_room(struct entry_list *list, size_t count)
{
	size_t room = list->entries ? talloc_array_length(list->entries) : 0;
	struct entry *entries;

	if (count <= room)
		return true;
	room = count < 16 ? 16 : 2 * count; /* moving a large array costs */
	entries = talloc_realloc(list, list->entries, struct entry, room);
	if (!entries)
		return false;
	list->entries = entries;
	return true;
}

struct entry *entry_list_add(struct entry_list *list)
{
	struct entry *entry;

	if (list->count >= ENTRY_LIST_MAX || !make_room(list, list->count + 1))
		return NULL;
	entry = &list->entries[list->count++];
	*entry = (struct entry){.tries_left = -1, .tries_done = -1};
	return entry;
}

int entry_add_initrd(void *ctx, struct entry *entry, struct entry_file file)
{
	struct entry_file *more;

	if (entry->initrd_count >= ENTRY_INITRDS_MAX)
		return -E2BIG;
	more = talloc_realloc(ctx, entry->initrds, struct entry_file, entry->initrd_count + 1);
	if (!more)
		return -ENOMEM;
	entry->initrds = more;
	more[entry->initrd_count++] = file;
	return 0;
}

int entry_list_append(struct entry_list *list, struct entry_list *other)
{
	if (list->count + other->count > ENTRY_LIST_MAX)
		return -E2BIG;
	if (!list->count) { /* without a copy: a thousand entries are more than a megabyte */
		talloc_free(list->entries);
		list->entries = talloc_steal(list, other->entries);
		other->entries = NULL;
	} else if (!make_room(list, list->count + other->count)) {
		return -ENOMEM;
	} else if (other->count) {
		memcpy(list->entries + list->count, other->entries,
			other->count * sizeof(*other->entries));
	}
	list->count += other->count;
	for (size_t i = 0; i < other->problem_count; i++)
		entry_add_problem(list, &list->problems, &list->problem_count, other->problems[i]);
	other->count = other->problem_count = 0;
	TALLOC_FREE(other->entries);
	talloc_steal(list, other);
	return 0;
}

int entry_add_problem(void *ctx, const char ***problems, size_t *count, const char *text)
{
	const char **more = talloc_realloc(ctx, *problems, const char *, *count + 1);

	if (!more)
		return -ENOMEM;
	*problems = more;
	more[*count] = talloc_strdup(more, text);
	if (!more[*count])
		return -ENOMEM;
	++*count;
	return 0;
}

/* An id and its entry, so that sorting finds what is the same without forgetting the order. */
struct known_id {
	const char *id;
	size_t index;
};

static int compare_known(const void *a, const void *b)
{
	const struct known_id *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

static int compare_id(const void *id, const void *known)
{
	return strcmp(id, ((const struct known_id *)known)->id);
}

int entry_list_make_unique(struct entry_list *list)
{
	_cleanup_talloc_ struct known_id *known = talloc_array(NULL, struct known_id, list->count);
	unsigned int number = 2;

	if (!known)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++)
		known[i] = (struct known_id){list->entries[i].id, i};
	if (list->count)
		qsort(known, list->count, sizeof(*known), compare_known);
	for (size_t i = 1; i < list->count; i++) {
		const char *id = known[i].id;
		char *fresh;

		if (strcmp(id, known[i - 1].id)) {
			number = 2;
			continue;
		}
		do {
			fresh = talloc_asprintf(list, "%s#%u", id, number++);
			if (!fresh)
				return -ENOMEM;
		} while (bsearch(fresh, known, list->count, sizeof(*known), compare_id));
		list->entries[known[i].index].id = fresh;
	}
	return 0;
}
