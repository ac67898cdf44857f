// SPDX-License-Identifier: GPL-2.0-or-later
/* What an exitrd says of itself: whatever is taken is within its limits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/leave/exitrd_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct exitrd_target *t;
	struct err err;

	if (exitrd_target_parse((const char *)data, size, NULL, &t, &err) < 0)
		return 0;
	if (!t->kernel_size || t->handoff_offset > t->initrd_size || t->handoff_room > 1 << 30 ||
		strlen(t->title) > EXITRD_TITLE_MAX)
		abort();
	talloc_free(t);
	return 0;
}
