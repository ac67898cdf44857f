// SPDX-License-Identifier: GPL-2.0-or-later
/* The record of what is ours to close. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/stack/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = talloc_strndup(NULL, (const char *)data, size);
	struct stack_items *items = stack_record_parse(text, text);

	for (size_t i = 0; items && i < items->count; i++)
		if (strchr(items->items[i].name, '/'))
			abort(); /* it becomes part of a path */
	talloc_free(text);
	return 0;
}
