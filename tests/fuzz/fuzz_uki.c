// SPDX-License-Identifier: GPL-2.0-or-later
/* pe_parse() and uki_parse(): every part of every entry lies within the file. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <talloc.h>

#include "boot/format.h"
#include "boot/bls/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct entry_file *file, size_t size)
{
	if (file->path && (file->offset > size || file->size > size - file->offset))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry_list *list = entry_list_new(NULL);
	struct reading r = reading_of_bytes(list, "EFI/Linux/a+3-1.efi");
	struct err err;

	uki_parse(&r, (const char *)data, size, &err);
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (!e->title || !e->id || !e->options ||
			(!e->kernel.path && !e->efi.path && !e->reason))
			abort();
		check(&e->kernel, size);
		check(&e->devicetree, size);
		for (size_t n = 0; n < e->initrd_count; n++)
			check(&e->initrds[n], size);
	}
	talloc_free(list);
	return 0;
}
