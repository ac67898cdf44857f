// SPDX-License-Identifier: GPL-2.0-or-later
/* What GRUB is told by its environment block: the way to the entry through the menus. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/format.h"

/* GRUB takes what is all digits for a place. */
static const char *step_named(void *ctx, const char *name, unsigned int position)
{
	return name[strspn(name, "0123456789")] ? name : talloc_asprintf(ctx, "%u", position);
}

/* ">" parts the steps, ">>" stands for one within a step (grub-core/normal/menu.c, menuentry_eq). */
static char *add_step(char *way, const char *step)
{
	if (!way || !step)
		return NULL;
	way = talloc_strdup_append_buffer(way, *way ? ">" : "");
	while (way && *step) {
		size_t plain = strcspn(step, ">");

		way = talloc_strndup_append_buffer(way, step, plain);
		step += plain;
		if (way && *step == '>') {
			way = talloc_strdup_append_buffer(way, ">>");
			step++;
		}
	}
	return way;
}

static char *add_menus(char *way, const struct entry_menu *menu)
{
	if (!menu)
		return way;
	way = add_menus(way, menu->above);
	return way ? add_step(way,
			     step_named(way, menu->id ? menu->id : menu->title, menu->position))
		   : NULL;
}

/* Its id, where it has one of its own that no other has; else its title, else its place. */
static const char *step_of(void *ctx, const struct entry *e)
{
	size_t len = strlen(e->source.file);

	if (!strncmp(e->id, e->source.file, len) && e->id[len] == ':')
		return step_named(ctx, e->title, e->position);
	if (strchr(e->id, '#'))
		return talloc_asprintf(ctx, "%u", e->position);
	return step_named(ctx, e->id, e->position);
}

int grub_remember(void *ctx, const struct entry *e, enum entry_choice choice,
	struct entry_write **write, struct err *err)
{
	struct entry_write *w;
	const char *step;
	char *way;

	if (!e->environment.path)
		return err_set(err, -ENOTSUP,
			"%s has no environment block (grubenv) beside it in which GRUB could find "
			"the choice; `grub-editenv FILE create` makes one",
			e->source.file);
	w = talloc(ctx, struct entry_write);
	way = w ? add_menus(talloc_strdup(w, ""), e->menu) : NULL;
	step = step_of(w, e);
	way = way && step ? add_step(way, step) : NULL;
	if (!way)
		return err_errno(err, -ENOMEM, "remember %s", e->id);
	*w = (struct entry_write){
		.kind = ENTRY_WRITE_GRUBENV,
		.volume = e->environment.volume,
		.path = e->environment.path,
		.name = choice == ENTRY_CHOICE_ONESHOT ? "next_entry" : "saved_entry",
		.value = way,
	};
	*write = w;
	return 0;
}
