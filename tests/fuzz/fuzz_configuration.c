// SPDX-License-Identifier: GPL-2.0-or-later
/* stillboot.conf: what is accepted is within its limits, what is refused changes nothing and says
 * where. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/service/configuration.h"
#include "devices/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct configuration before = CONFIGURATION_BUILTIN;
	struct configuration c = before;
	void *ctx = talloc_new(NULL);
	struct err err;

	if (configuration_parse(ctx, (const char *)data, size, "file", &c, &err) < 0) {
		if (memcmp(&c, &before, sizeof(c)) || strncmp(err.text, "file:", 5))
			abort();
	} else if (c.timeout_s > CONFIGURATION_TIMEOUT_MAX || !utf8_is_valid(c.entry) ||
		   strlen(c.entry) > CONFIGURATION_VALUE_MAX) {
		abort();
	}
	talloc_free(ctx);
	return 0;
}
