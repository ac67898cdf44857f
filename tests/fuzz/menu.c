// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fuzz/menu.h"

#include <stdlib.h>
#include <talloc.h>

void menu_check(const struct entry_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (!e->title || !e->id || !e->options || !e->source.file)
			abort();
		if (!e->kernel.path && !e->efi.path && !e->reason)
			abort();
		if (e->kernel.path && *e->kernel.path != '/')
			abort();
		for (const struct entry_menu *m = e->menu; m; m = m->above)
			if (!m->title)
				abort();
	}
	if (!entry_list_default(list) != !list->count)
		abort();
}

int menu_fuzz(entry_parser *parse, const char *file, const uint8_t *data, size_t size)
{
	struct entry_list *list = entry_list_new(NULL);
	struct reading r = reading_of_bytes(list, file);
	struct err err;

	if (parse(&r, (const char *)data, size, &err) < 0)
		abort();
	menu_check(list);
	talloc_free(list);
	return 0;
}
