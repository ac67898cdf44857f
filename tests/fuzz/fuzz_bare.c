// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bare_parse(), and the files that its command lines come from. The first line of the input is the
 * kernel's path; the rest is its first bytes, and likewise a file of each kind.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/bare.h"
#include "boot/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry_list *list = entry_list_new(NULL);
	const char *text = (const char *)data, *newline = size ? memchr(text, '\n', size) : NULL;
	char *name = newline ? talloc_strndup(list, text, (size_t)(newline - text)) : NULL;
	size_t rest = newline ? size - (size_t)(newline + 1 - text) : size;
	struct reading r = reading_of_bytes(list, name ? name : "boot/vmlinuz-1");
	struct bare_root root = {.device = NULL};
	const char *bytes = text + (size - rest);
	struct err err;

	if (bare_parse(&r, bytes, rest, &err) < 0)
		abort();
	r.file = "boot/vmlinuz";
	if (bare_parse(&r, bytes, rest, &err) < 0 || !list->count)
		abort();
	bare_sort(list);
	for (size_t i = 0; i < list->count; i++)
		if (!list->entries[i].title || !list->entries[i].kernel.path)
			abort();
	if (!bare_read_cmdline(list, bytes, rest) || !bare_read_grub(&r, list, bytes, rest))
		abort();
	if (bare_read_fstab(list, bytes, rest, "/", &root) != !!root.device)
		abort();
	talloc_free(list);
	return 0;
}
