// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The file of settings: the input's first line is a name, the second a value, the rest the file. What is read
 * is what a setting may be; what was set is read back, and taken out again is gone; all other lines stay.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/bls/line.h"
#include "boot/settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *take_line(void *ctx, const uint8_t **data, size_t *size)
{
	const uint8_t *newline = memchr(*data, '\n', *size);
	size_t len = newline ? (size_t)(newline - *data) : *size;
	char *line = talloc_strndup(ctx, (const char *)*data, len);

	*data += len + !!newline;
	*size -= len + !!newline;
	return line;
}

static struct settings *parse(void *ctx, const char *bytes, size_t len)
{
	struct settings *s = settings_new(ctx);

	if (!s || settings_parse(s, bytes, len, "file") < 0)
		abort();
	if (s->problem_count > SETTINGS_PROBLEMS_MAX)
		abort();
	for (int i = 0; i < SETTINGS; i++)
		if (s->values[i] && setting_check((enum setting)i, s->values[i]))
			abort();
	return s;
}

/* The value of the last such line and how many lines there are of other names. */
static size_t look_up(const char *bytes, size_t len, const char *name, struct bls_slice *found)
{
	struct bls_slice rest = bls_text(bytes, len), key, value;
	size_t others = 0;

	*found = (struct bls_slice){NULL, 0};
	while (bls_next(&rest, &key, &value))
		if (bls_slice_is(key, name))
			*found = value;
		else
			others++;
	return others;
}

static void edit(void *ctx, const char *name, const char *value, char *bytes, size_t len)
{
	struct bls_slice found;
	size_t others = look_up(bytes, len, name, &found);
	struct err err;

	if (settings_edit(ctx, &bytes, &len, name, value, &err) < 0)
		return;
	if (look_up(bytes, len, name, &found) != others || !bls_slice_is(found, value))
		abort();
	parse(ctx, bytes, len);
	if (settings_edit(ctx, &bytes, &len, name, NULL, &err) < 0)
		abort();
	if (look_up(bytes, len, name, &found) != others || found.text)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *name = take_line(ctx, &data, &size), *value = take_line(ctx, &data, &size);
	char *bytes = talloc_size(ctx, size + 1);

	if (!name || !value || !bytes)
		abort();
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	parse(ctx, bytes, size);
	if (size <= SETTINGS_FILE_MAX)
		edit(ctx, name, value, bytes, size);
	talloc_free(ctx);
	return 0;
}
