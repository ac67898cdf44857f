// SPDX-License-Identifier: GPL-2.0-or-later
/* The record of a preinit, and back into JSON. */
#include <jansson.h>
#include <stdint.h>
#include <talloc.h>

#include "boot/preinit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	struct preinit *p;
	struct err err;

	if (preinit_parse((const char *)data, size, ctx, &p, &err) == 0)
		json_decref(preinit_json(p));
	talloc_free(ctx);
	return 0;
}
