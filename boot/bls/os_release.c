// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/bls/os_release.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <talloc.h>

static const char blanks[] = " \t\r";

/* Where the value in this line begins if it is this key's; NULL otherwise. */
static const char *value_of(const char *line, const char *key)
{
	size_t len = strlen(key);

	line += strspn(line, blanks);
	return !strncmp(line, key, len) && line[len] == '=' ? line + len + 1 : NULL;
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* To the closing quote, or else to the end; single quotes know no backslash. */
static void unquote(char *value)
{
	char quote = is_quote(*value) ? *value : '\0', *to = value, *from = value + !!quote;

	for (; *from && (!quote || *from != quote); from++) {
		if (*from == '\\' && quote != '\'' && from[1])
			from++;
		*to++ = *from;
	}
	*to = '\0';
}

static char *take_value(void *ctx, const char *at)
{
	size_t len = strcspn(at, "\n"), start = strspn(at, blanks);
	char *value;

	start = start < len ? start : len;
	while (len > start && strchr(blanks, at[len - 1]))
		len--;
	value = talloc_strndup(ctx, at + start, len - start);
	if (value)
		unquote(value);
	if (value && !*value)
		TALLOC_FREE(value);
	return value;
}

char *os_release_get(void *ctx, const char *text, const char *key)
{
	const char *found = NULL;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		found = value_of(line, key) ? value_of(line, key) : found;
	}
	return found ? take_value(ctx, found) : NULL;
}

char *os_release_first(void *ctx, const char *text, const char *const *keys)
{
	char *value = NULL;

	for (; *keys && !value; keys++)
		value = os_release_get(ctx, text, *keys);
	return value;
}
