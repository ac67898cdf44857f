// SPDX-License-Identifier: GPL-2.0-or-later
/* A handoff record. The checksum would keep nearly every mutation out, so the input is the body and
 * the heading is made for it; inputs that begin with a heading are tried as they are too. base64 and
 * zlib's own checksum would keep out as much of what is packed within it: the input is a packed stream,
 * base64, and a text that is to come back, as well. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <zlib.h>

#include "boot/handoff.h"
#include "boot/handoff_parts.h"
#include "devices/kernel_log.h"
#include "devices/pci_dump.h"

#define UNPACKED_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct handoff *h)
{
	char *saved = NULL;

	if (handoff_saved(h, h, &saved, NULL) < 0)
		saved = NULL;
	if ((h->baseline && strlen(h->baseline) > PCI_DUMP_MAX) ||
		(saved && strlen(saved) > PCI_DUMP_MAX) || h->message_count > KERNEL_MESSAGES_MAX)
		abort();
	for (size_t i = 0; i < h->message_count; i++)
		if (!h->messages[i])
			abort();
}

static void parse(void *ctx, const char *record, size_t len)
{
	struct handoff *h;
	struct err err;

	if (handoff_parse(record, len, ctx, &h, &err) == 0)
		check(h);
}

static void parse_body(void *ctx, const uint8_t *data, size_t size)
{
	char *record = talloc_size(ctx, size + 128);
	int heading = sprintf(record, "stillboot-handoff 2 %zu %08lx\n", size,
		crc32(0, data, (unsigned int)size));

	memcpy(record + heading, data, size);
	parse(ctx, record, size + (size_t)heading);
}

static char *base64(void *ctx, const uint8_t *data, size_t size)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *text = talloc_zero_size(ctx, size / 3 * 4 + 1);

	for (size_t i = 0; i + 3 <= size; i += 3)
		for (size_t k = 0; k < 4; k++)
			text[i / 3 * 4 + k] =
				digits[(data[i] << 16 | data[i + 1] << 8 | data[i + 2]) >>
						(18 - 6 * k) &
					63];
	return text;
}

static void try_packed(void *ctx, const uint8_t *data, size_t size)
{
	char *text = talloc_strndup(ctx, (const char *)data, size), *back;

	if (handoff_inflate(ctx, text, UNPACKED_MAX, &back) == 0 && strlen(back) > UNPACKED_MAX)
		abort();
	if (handoff_inflate(ctx, base64(ctx, data, size), UNPACKED_MAX, &back) == 0 &&
		strlen(back) > UNPACKED_MAX)
		abort();
	if (handoff_inflate(ctx, handoff_deflate(ctx, text), strlen(text), &back) < 0 ||
		strcmp(back, text))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);

	parse(ctx, (const char *)data, size);
	parse_body(ctx, data, size);
	try_packed(ctx, data, size);
	talloc_free(ctx);
	return 0;
}
