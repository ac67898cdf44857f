// SPDX-License-Identifier: GPL-2.0-or-later
/* petitboot_conf_parse() on a petitboot.conf. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <talloc.h>

#include "boot/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry_list *list = entry_list_new(NULL);
	struct reading r = reading_of_bytes(list, "petitboot.conf");
	struct err err;

	if (petitboot_conf_parse(&r, (const char *)data, size, &err) < 0)
		abort();
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (!e->title || !e->id || !e->options || (!e->kernel.path && !e->reason))
			abort();
	}
	if (!entry_list_default(list) != !list->count)
		abort();
	talloc_free(list);
	return 0;
}
