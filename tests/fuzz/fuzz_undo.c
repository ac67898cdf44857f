// SPDX-License-Identifier: GPL-2.0-or-later
/* The undo file. */
#include <stdint.h>
#include <talloc.h>

#include "devices/undo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = talloc_strndup(NULL, (const char *)data, size);
	struct undo *undo;
	struct err err;

	undo_parse(text, text, &undo, &err);
	talloc_free(text);
	return 0;
}
