// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/scope.h"

#include <string.h>
#include <talloc.h>

struct grub_variable {
	char *name, *value;
};

struct grub_scope *grub_scope_new(void *ctx, const struct grub_scope *above)
{
	struct grub_scope *scope = talloc_zero(ctx, struct grub_scope);

	if (scope)
		scope->above = above;
	return scope;
}

static int compare(const char *name, size_t len, const char *other)
{
	int order = strncmp(name, other, len);

	return order ? order : other[len] ? -1 : 0;
}

/* Where the name stands or would stand. */
static size_t place_of(const struct grub_scope *scope, const char *name, size_t len, bool *found)
{
	size_t low = 0, high = scope->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(name, len, scope->variables[middle].name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*found = false;
	return low;
}

static bool insert(struct grub_scope *scope, size_t at, const char *name, char *value)
{
	struct grub_variable *more = talloc_realloc(
		scope, scope->variables, struct grub_variable, scope->count + 1);
	char *copy = talloc_strdup(scope, name);

	if (more)
		scope->variables = more;
	if (!more || !copy)
		return false;
	memmove(more + at + 1, more + at, (scope->count - at) * sizeof(*more));
	more[at] = (struct grub_variable){copy, value};
	scope->count++;
	return true;
}

bool grub_scope_set(struct grub_scope *scope, const char *name, const char *value)
{
	bool found;
	size_t at = place_of(scope, name, strlen(name), &found);
	char *copy;

	if (!found && scope->count >= GRUB_VARIABLES_MAX)
		return true;
	copy = talloc_strdup(scope, value);
	if (!copy)
		return false;
	if (!found)
		return insert(scope, at, name, copy);
	talloc_free(scope->variables[at].value);
	scope->variables[at].value = copy;
	return true;
}

const char *grub_scope_get(const struct grub_scope *scope, const char *name, size_t len)
{
	for (; scope; scope = scope->above) {
		bool found;
		size_t at = place_of(scope, name, len, &found);

		if (found)
			return scope->variables[at].value;
	}
	return NULL;
}
