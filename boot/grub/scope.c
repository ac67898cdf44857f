// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/scope.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

struct grub_variable {
	char *name;  /* the value, which may be NULL, is a child of it */
	char *value; /* NULL: it is not set, whatever the scope above says */
	bool exported;
};

struct grub_scope *grub_scope_new(void *ctx, const struct grub_scope *above, enum grub_view view)
{
	struct grub_scope *scope = talloc_zero(ctx, struct grub_scope);

	if (scope) {
		scope->above = above;
		scope->view = view;
	}
	return scope;
}

void grub_scope_clear(struct grub_scope *scope)
{
	for (size_t i = 0; i < scope->count; i++)
		talloc_free(scope->variables[i].name);
	scope->count = 0;
	scope->bytes = 0;
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

/* The variable as this scope sees it. */
static const struct grub_variable *find(
	const struct grub_scope *scope, const char *name, size_t len)
{
	enum grub_view view = GRUB_VIEW_ALL;

	for (; scope; scope = scope->above) {
		bool found;
		size_t at = place_of(scope, name, len, &found);

		if (found && (view == GRUB_VIEW_ALL || scope->variables[at].exported))
			return &scope->variables[at];
		if (found)
			return NULL;
		if (scope->view == GRUB_VIEW_EXPORTED)
			view = GRUB_VIEW_EXPORTED;
	}
	return NULL;
}

static struct grub_variable *insert(struct grub_scope *scope, size_t at, const char *name)
{
	struct grub_variable *v;

	if (scope->count == scope->room) {
		size_t room = scope->room ? scope->room * 2 : 16;

		v = talloc_realloc(scope, scope->variables, struct grub_variable, room);
		if (!v)
			return NULL;
		scope->variables = v;
		scope->room = room;
	}
	v = scope->variables + at;
	memmove(v + 1, v, (scope->count - at) * sizeof(*v));
	*v = (struct grub_variable){.name = talloc_strdup(scope, name)};
	if (!v->name) {
		memmove(v, v + 1, (scope->count - at) * sizeof(*v));
		return NULL;
	}
	scope->count++;
	scope->bytes += strlen(name);
	return v;
}

static int set(struct grub_scope *scope, const char *name, const char *value, bool exported)
{
	bool found;
	size_t at = place_of(scope, name, strlen(name), &found);
	size_t more = value ? strlen(value) : 0;
	struct grub_variable *v = found ? &scope->variables[at] : NULL;
	char *copy = NULL;

	if (scope->bytes + strlen(name) + more > GRUB_VALUES_MAX ||
		(!found && scope->count >= GRUB_VARIABLES_MAX))
		return -E2BIG;
	if (!v)
		v = insert(scope, at, name);
	if (v && value)
		copy = talloc_strdup(v->name, value);
	if (!v || (value && !copy))
		return -ENOMEM;
	if (v->value) {
		scope->bytes -= strlen(v->value);
		talloc_free(v->value);
	}
	v->value = copy;
	v->exported = exported;
	scope->bytes += more;
	return 0;
}

int grub_scope_set(struct grub_scope *scope, const char *name, const char *value)
{
	const struct grub_variable *known = find(scope, name, strlen(name));

	return set(scope, name, value, value && known && known->exported);
}

int grub_scope_export(struct grub_scope *scope, const char *name)
{
	const struct grub_variable *known = find(scope, name, strlen(name));
	char *value = talloc_strdup(scope, known && known->value ? known->value : "");
	int rc = value ? set(scope, name, value, true) : -ENOMEM;

	talloc_free(value);
	return rc;
}

const char *grub_scope_get(const struct grub_scope *scope, const char *name, size_t len)
{
	const struct grub_variable *v = find(scope, name, len);

	return v ? v->value : NULL;
}
