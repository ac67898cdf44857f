// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/bls/name.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

struct counter {
	int value, width;
};

/* Digits; false if there are none. */
static bool take_counter(const char **s, struct counter *counter)
{
	size_t width = strspn(*s, "0123456789");
	unsigned long n = strtoul(*s, NULL, 10);

	counter->value = n < INT_MAX ? (int)n : INT_MAX;
	counter->width = width < 16 ? (int)width : 16;
	*s += width;
	return width;
}

static bool take_counters(const char *text, struct counter *left, struct counter *done)
{
	if (!take_counter(&text, left))
		return false;
	*done = (struct counter){0, 1};
	if (*text == '-' && !(text++, take_counter(&text, done)))
		return false;
	return !*text;
}

struct bls_name bls_name_of(void *ctx, const char *file, const char *suffix)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file, *end;
	struct bls_name n = {.left = -1, .done = -1};
	size_t len = strlen(name), suffix_len = strlen(suffix);
	struct counter left, done;
	char *base, *plus;

	if (len > suffix_len && !strcasecmp(name + len - suffix_len, suffix))
		len -= suffix_len;
	end = name + len;
	n.base = base = talloc_strndup(ctx, name, len);
	plus = base ? strrchr(base, '+') : NULL;
	if (!plus || plus == base || !take_counters(plus + 1, &left, &done))
		return n;
	*plus = '\0';
	n.left = left.value;
	n.done = done.value;
	if (!n.left)
		return n;
	n.count = talloc_asprintf(ctx, "%s+%0*d-%0*d%s", base, left.width, n.left - 1, done.width,
		n.done < INT_MAX ? n.done + 1 : n.done, end);
	if (!n.count)
		n.base = NULL;
	return n;
}

int bls_name_count(
	const struct reading *r, void *ctx, const struct bls_name *name, struct entry *entry)
{
	struct entry_write *write;

	entry->tries_left = name->left;
	entry->tries_done = name->done;
	if (!name->count)
		return 0;
	write = talloc_zero(ctx, struct entry_write);
	if (!write)
		return -ENOMEM;
	write->kind = ENTRY_WRITE_RENAME;
	write->volume = r->volume;
	write->path = talloc_strdup(write, r->file);
	write->value = name->count;
	entry->writes = write;
	return write->path ? 0 : -ENOMEM;
}
