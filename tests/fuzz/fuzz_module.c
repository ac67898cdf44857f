// SPDX-License-Identifier: GPL-2.0-or-later
/* A kernel module out of any bytes. */
#include <stdlib.h>
#include <talloc.h>

#include "devices/audit_elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct audit_list *list = talloc_zero(NULL, struct audit_list);

	if (!list || audit_elf(data, size, "fuzz", NULL, list) < 0)
		abort();
	for (size_t i = 0; i < list->count; i++)
		if (list->drivers[i].shutdown == AUDIT_UNKNOWN && !list->drivers[i].why)
			abort();
	talloc_free(list);
	return 0;
}
