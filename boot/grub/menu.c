// SPDX-License-Identifier: GPL-2.0-or-later
/* Menu entries and submenus: the arguments of their commands, their place and their scope. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/reader.h"

/* Options of menuentry and submenu that take a value (grub-core/commands/menuentry.c). */
static const char *const valued[] = {"--class", "--users", "--hotkey", "--source", "--id"};

struct heading {
	const char *title, *id;        /* NULL if not given */
	const char *const *parameters; /* what follows the title: $1 and so on */
};

static bool takes_value(const char *option)
{
	for (size_t i = 0; i < sizeof(valued) / sizeof(*valued); i++)
		if (!strcmp(option, valued[i]))
			return true;
	return false;
}

/* Options may stand anywhere; the words that are left are moved together at the front. */
static struct heading parse_heading(struct grub_args *args)
{
	struct heading heading = {0};
	size_t words = 1;
	bool options = true;

	for (size_t i = 1; i < args->argc; i++) {
		const char *arg = args->argv[i];

		if (!options || strncmp(arg, "--", 2)) {
			args->argv[words++] = arg;
		} else if (!arg[2]) {
			options = false;
		} else if (!strncmp(arg, "--id=", 5)) {
			heading.id = arg + 5;
		} else if (takes_value(arg) && i + 1 < args->argc) {
			i++;
			if (!strcmp(arg, "--id"))
				heading.id = args->argv[i];
		}
	}
	args->argv[words] = NULL;
	args->argc = words;
	heading.title = args->argv[1];
	heading.parameters = args->argv + 1 + !!heading.title;
	return heading;
}

static struct grub_frame *innermost_menu(struct grub_reader *r, const struct grub_frame *below)
{
	size_t i = (size_t)(below - r->frames);

	while (i > 1 && r->frames[i - 1].block != GRUB_BLOCK_SUBMENU)
		i--;
	return &r->frames[i - 1];
}

/* "boot/grub/grub.cfg:1.0": the way through the menus, in characters that a shell leaves alone. */
static const char *make_id(
	struct grub_reader *r, const struct entry_menu *menu, unsigned int position)
{
	char *id = talloc_asprintf(r->list, "%u", position);

	for (; id && menu; menu = menu->above) {
		char *longer = talloc_asprintf(r->list, "%u.%s", menu->position, id);

		talloc_free(id);
		id = longer;
	}
	if (id)
		id = talloc_asprintf(r->list, "%s:%s", r->file, id);
	if (!id)
		r->rc = -ENOMEM;
	return id ? id : "";
}

static void set_parameters(struct grub_reader *r, const struct heading *heading)
{
	char number[16];

	for (unsigned int i = 0; heading->parameters[i]; i++) {
		snprintf(number, sizeof(number), "%u", i + 1);
		grub_set(r, number, heading->parameters[i]);
	}
}

void grub_entry_begin(struct grub_reader *r)
{
	struct heading heading = parse_heading(&r->args);
	struct grub_frame *above = innermost_menu(r, &r->frames[r->depth - 1]);
	struct entry *e = &r->entry;

	*e = (struct entry){
		.format = "grub",
		.options = "",
		.menu = above->menu,
		.position = above->next_position++,
		.tries_left = -1,
		.tries_done = -1,
	};
	e->source.line = r->statement.line;
	e->id = heading.id && *heading.id ? grub_keep(r, heading.id)
					  : make_id(r, e->menu, e->position);
	e->title = heading.title ? grub_keep(r, heading.title) : e->id;
	r->obstacle = NULL;
	r->in_entry = true;
	r->scope = grub_scope_new(r, r->globals);
	if (r->scope) {
		set_parameters(r, &heading);
	} else {
		r->scope = r->globals;
		r->rc = -ENOMEM;
	}
}

void grub_entry_end(struct grub_reader *r)
{
	struct entry *entry;

	if (!r->in_entry)
		return;
	r->in_entry = false;
	if (r->scope != r->globals)
		TALLOC_FREE(r->scope);
	r->scope = r->globals;
	if (!r->entry.kernel.path && !r->entry.reason)
		r->entry.reason = r->obstacle ? r->obstacle : "it names no Linux kernel";
	r->entry.source.file = grub_keep(r, r->file);
	if (r->rc || r->full)
		return;
	entry = entry_list_add(r->list);
	if (entry)
		*entry = r->entry;
	else
		r->rc = -ENOMEM;
	r->full = r->list->count == ENTRY_LIST_MAX;
}

bool grub_submenu_begin(struct grub_reader *r, struct grub_frame *frame)
{
	struct heading heading = parse_heading(&r->args);
	struct grub_frame *above = innermost_menu(r, frame);
	struct entry_menu *menu;
	size_t depth = 1;

	for (const struct entry_menu *m = above->menu; m; m = m->above)
		depth++;
	if (depth > ENTRY_MENUS_MAX || r->menus >= GRUB_MENUS_MAX)
		return false;
	menu = talloc_zero(r->list, struct entry_menu);
	if (!menu) {
		r->rc = -ENOMEM;
		return false;
	}
	menu->above = above->menu;
	menu->position = above->next_position++;
	menu->title = grub_keep(r, heading.title ? heading.title : "");
	menu->id = heading.id ? grub_keep(r, heading.id) : NULL;
	frame->menu = menu;
	r->menus++;
	return true;
}
