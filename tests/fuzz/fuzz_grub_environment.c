// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GRUB's environment block: the input's first line is a name, the second a value, the rest the block.
 * What was set is read back, and a block that could not be changed is as it was.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/environment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first value of this name, NULL if there is none. */
static char *look_up(void *ctx, const char *bytes, size_t len, const char *wanted)
{
	struct grub_environment e;
	char *name, *value;

	if (!grub_environment_open(&e, bytes, len))
		return NULL;
	while (grub_environment_next(&e, ctx, &name, &value))
		if (!strcmp(name, wanted))
			return value;
	return NULL;
}

static char *take_line(void *ctx, const uint8_t **data, size_t *size)
{
	const uint8_t *newline = memchr(*data, '\n', *size);
	size_t len = newline ? (size_t)(newline - *data) : *size;
	char *line = talloc_strndup(ctx, (const char *)*data, len);

	*data += len + !!newline;
	*size -= len + !!newline;
	return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *name = take_line(ctx, &data, &size), *value = take_line(ctx, &data, &size);
	char *block = talloc_memdup(ctx, data, size), *found;
	struct err err;

	if (!name || !value || (size && !block))
		abort();
	if (size && grub_environment_set(block, size, name, value, &err) == 0) {
		found = look_up(ctx, block, size, name);
		if (!found || strcmp(found, value))
			abort();
		if (grub_environment_set(block, size, name, NULL, &err) < 0)
			abort();
	} else if (size && memcmp(block, data, size)) {
		abort();
	}
	talloc_free(ctx);
	return 0;
}
