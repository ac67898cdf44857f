// SPDX-License-Identifier: GPL-2.0-or-later
/* menuentry, hiddenentry, submenu: grub-core/commands/menuentry.c. */
#include <errno.h>
#include <string.h>

#include "boot/grub/command.h"
#include "boot/grub/menu.h"

static const struct grub_option heading_options[] = {
	{"class", '\0', GRUB_VALUE_NEEDED},
	{"users", '\0', GRUB_VALUE_OPTIONAL},
	{"hotkey", '\0', GRUB_VALUE_NEEDED},
	{"source", '\0', GRUB_VALUE_NEEDED},
	{"id", '\0', GRUB_VALUE_NEEDED},
	{"unrestricted", '\0', GRUB_VALUE_NONE},
	{NULL, '\0', GRUB_VALUE_NONE},
};
enum { OPTION_SOURCE = 3, OPTION_ID = 4 };

#define ITEMS_MAX (2 * ENTRY_LIST_MAX)

struct grub_item *grub_item_new(struct grub_run *g, enum grub_item_kind kind)
{
	struct grub_item *item = NULL;

	if (g->items < ITEMS_MAX)
		item = grub_arena_take(&g->tree, sizeof(*item));
	if (!item) {
		if (g->items++ <= ITEMS_MAX)
			grub_problem(g, 0, "there are too many entries: some are left out");
		g->items = ITEMS_MAX + 2;
		return NULL;
	}
	g->items++;
	g->kept++;
	*item = (struct grub_item){.kind = kind, .source = g->source};
	item->next = *g->menu->end;
	*g->menu->end = item;
	g->menu->end = &item->next;
	return item;
}

char *grub_item_text(struct grub_run *g, const char *text)
{
	char *copy = text ? grub_arena_copy(&g->tree, text, strlen(text)) : NULL;

	g->kept++;
	if (!text || copy)
		return copy;
	grub_no_room(g);
	return (char *)"";
}

static void read_heading(struct grub_run *g, struct grub_item *item, const struct grub_call *call)
{
	struct grub_options options = grub_options(heading_options, call);
	char **argv = grub_arena_take(&g->tree, call->argc * sizeof(*argv));
	int option;

	if (!argv) {
		grub_no_room(g);
		return;
	}
	item->params.argv = argv;
	while ((option = grub_options_next(&options)) != GRUB_OPTION_END) {
		if (option == OPTION_ID && options.value && *options.value)
			item->id = grub_item_text(g, options.value);
		else if (option == OPTION_SOURCE)
			item->text = grub_item_text(g, options.value);
		else if (option == GRUB_OPTION_WORD || option == GRUB_OPTION_UNKNOWN)
			argv[item->params.argc++] = grub_item_text(g, options.value);
	}
	if (item->params.argc && *argv[0])
		item->title = argv[0];
}

/* Entries that a function puts down may use what it was given. */
static void keep_outer_params(struct grub_run *g, struct grub_item *item)
{
	const struct grub_params *params = g->params;
	char **argv;

	if (!params || !params->argc)
		return;
	argv = grub_arena_take(&g->tree, params->argc * sizeof(*argv));
	if (!argv) {
		grub_no_room(g);
		return;
	}
	for (size_t i = 0; i < params->argc; i++)
		argv[i] = grub_item_text(g, params->argv[i]);
	item->params.outer_argv = argv;
	item->params.outer_argc = params->argc;
}

static bool has_source(const struct grub_call *call)
{
	struct grub_options options = grub_options(heading_options, call);
	int option;

	do {
		option = grub_options_next(&options);
	} while (option != GRUB_OPTION_END && option != OPTION_SOURCE);
	return option == OPTION_SOURCE && options.value;
}

int grub_command_menuentry(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_item **end = g->menu->end, *item;

	if (!call->node->has_block && !has_source(call)) {
		grub_problem(
			g, call->node->line, "this %s has no block: it is left out", command->name);
		return GRUB_BAD_ARGUMENT;
	}
	item = grub_item_new(g, *command->name == 's' ? GRUB_ITEM_SUBMENU : GRUB_ITEM_ENTRY);
	if (!item)
		return GRUB_NO_MEMORY;
	read_heading(g, item, call);
	keep_outer_params(g, item);
	item->line = call->node->line;
	item->block = call->node->block;
	item->root = grub_item_text(g, grub_get(g, "root"));
	if (!g->tree.full)
		return GRUB_OK;
	/* Half an entry is none. */
	*end = item->next;
	g->menu->end = end;
	return GRUB_NO_MEMORY;
}
