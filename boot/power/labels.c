// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/power/labels.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

struct entry *labels_add(struct reading *r, const char *label, unsigned int line)
{
	struct entry *e = entry_list_add(r->list);

	if (!e)
		return NULL;
	e->id = e->title = label;
	e->position = (unsigned int)r->list->count - 1;
	e->source.line = line;
	e->source.file = talloc_strdup(r->list, r->file);
	return e->source.file ? e : NULL;
}

bool labels_set_options(struct entry_list *list, struct entry *e, const char *options)
{
	bool fits = strlen(options) <= LABELS_OPTIONS_MAX;

	if (!fits && !e->reason)
		e->reason = "its command line is longer than any kernel takes";
	e->options = talloc_strdup(list, fits ? options : "");
	return e->options;
}

void labels_full(struct reading *r, unsigned int line)
{
	reading_problem(r, NULL, line, "there are more than %d entries: the rest is left out",
		ENTRY_LIST_MAX);
}

void labels_finish(struct entry_list *list, size_t first)
{
	for (size_t i = first; i < list->count; i++) {
		struct entry *e = &list->entries[i];

		if (!e->kernel.path && !e->reason)
			e->reason = "it names no kernel";
		if (!e->options)
			e->options = "";
	}
}

int labels_set_default(struct entry_list *list, size_t index, const char *name)
{
	list->default_pattern = talloc_strdup(list, name);
	if (list->default_pattern && index < list->count &&
		entry_list_default(list) != &list->entries[index])
		list->default_pattern = talloc_asprintf(list, "%zu", index);
	return list->default_pattern ? 0 : -ENOMEM;
}

size_t labels_find(const struct entry_list *list, size_t first, const char *title)
{
	size_t i = first;

	while (i < list->count && strcasecmp(list->entries[i].title, title))
		i++;
	return i;
}
