// SPDX-License-Identifier: GPL-2.0-or-later
/* A mountinfo: anybody who may mount chooses the strings in it. */
#include <stdint.h>
#include <talloc.h>

#include "devices/mounts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = talloc_strndup(NULL, (const char *)data, size);
	struct mount_list *list = mounts_parse(text, text);

	for (size_t i = 0; list && i < list->count; i++)
		mount_is_on_disk(&list->mounts[i]);
	talloc_free(text);
	return 0;
}
