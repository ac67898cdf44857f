// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/defaults.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static const struct {
	const char *name;
	enum entry_choice choice;
} choices[] = {
	{"next_entry", ENTRY_CHOICE_ONESHOT},
	{"saved_entry", ENTRY_CHOICE_SAVED},
};
_Static_assert(sizeof(choices) / sizeof(*choices) == GRUB_LOADED_COUNT, "one for each");

void grub_note_loaded(struct grub_run *g, const char *name, const char *value)
{
	for (size_t i = 0; i < GRUB_LOADED_COUNT; i++) {
		if (strcmp(name, choices[i].name))
			continue;
		talloc_free(g->loaded[i]);
		g->loaded[i] = talloc_strdup(g, value);
	}
}

static bool mentions(const struct grub_node *node, const char *name)
{
	for (unsigned int i = 0; node && i < node->count; i++) {
		const struct grub_token *t = &node->pieces[i];

		if (t->kind == GRUB_VARIABLE && t->len == strlen(name) &&
			!memcmp(t->text, name, t->len))
			return true;
	}
	return false;
}

void grub_note_default(struct grub_run *g, const struct grub_node *node)
{
	const char *value = grub_get_text(g, "default");

	g->default_choice = ENTRY_CHOICE_FORMAT;
	for (size_t i = GRUB_LOADED_COUNT; i-- > 0;)
		if (*value && g->loaded[i] && mentions(node, choices[i].name))
			g->default_choice = choices[i].choice;
}

void grub_give_default(struct grub_run *g, const struct grub_menu *menu)
{
	const char *value = grub_scope_get(menu->scope, "default", strlen("default"));
	const char *fallback = grub_scope_get(menu->scope, "fallback", strlen("fallback"));
	const char *timeout = grub_scope_get(menu->scope, "timeout", strlen("timeout"));

	if (fallback && *fallback)
		g->list->fallbacks = grub_keep(g, fallback);
	if (timeout && !strcmp(timeout, "-1"))
		g->list->timeout = ENTRY_TIMEOUT_NEVER;
	else if (timeout && *timeout && !timeout[strspn(timeout, "0123456789")] && strlen(timeout) < 8)
		g->list->timeout = (int)strtol(timeout, NULL, 10);
	if (!value || !*value)
		return;
	g->list->default_pattern = grub_keep(g, value);
	g->list->default_choice = g->default_choice;
}
