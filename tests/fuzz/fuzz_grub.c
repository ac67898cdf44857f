// SPDX-License-Identifier: GPL-2.0-or-later
/* grub_parse() and the choice of the default from what it gives. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry_list *list = entry_list_new(NULL);
	struct reading r = reading_of_bytes(list, "grub.cfg");
	struct err err;

	if (!list)
		return 0;
	if (grub_parse(&r, (const char *)data, size, &err) == 0) {
		for (size_t i = 0; i < list->count; i++) {
			const struct entry *e = &list->entries[i];

			if (!e->title || !e->id || !e->options || !e->source.file)
				abort();
			if (!e->kernel.path && !e->reason)
				abort();
			if (e->kernel.path && *e->kernel.path != '/')
				abort();
		}
		if (!entry_list_default(list) != !list->count)
			abort();
		entry_list_make_unique(list);
	}
	talloc_free(list);
	return 0;
}
