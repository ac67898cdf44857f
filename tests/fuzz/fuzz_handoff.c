// SPDX-License-Identifier: GPL-2.0-or-later
/* A handoff record. The checksum would keep nearly every mutation out, so the input is the body and
 * the heading is made for it; inputs that begin with a heading are tried as they are too. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <zlib.h>

#include "boot/handoff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	struct handoff *h;
	struct err err;
	char *record = talloc_size(ctx, size + 128);
	int heading = sprintf(record, "stillboot-handoff 1 %zu %08lx\n", size,
		crc32(0, data, (unsigned int)size));

	handoff_parse((const char *)data, size, ctx, &h, &err);
	memcpy(record + heading, data, size);
	handoff_parse(record, size + (size_t)heading, ctx, &h, &err);
	talloc_free(ctx);
	return 0;
}
