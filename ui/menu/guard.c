// SPDX-License-Identifier: GPL-2.0-or-later
/* The password, and what else of the settings changes the menu itself. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/view.h"

static const char *setting(const struct menu *menu, const char *name)
{
	const json_t *rows = menu->model->tables[MODEL_SETTINGS], *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *is = model_string(row, "name");

		if (is && !strcmp(is, name))
			return model_string(row, "value");
	}
	return NULL;
}

/* That of the system that the menu runs in counts before one that a disk has. */
static const char *hash(const struct menu *menu)
{
	return menu->setup.password ? menu->setup.password : menu->password;
}

/* Another disk that is put in, or this one taken out, does not open what was closed: the first that was told
 * counts, until it is changed from here. */
static void take_password(struct menu *menu)
{
	const char *told = setting(menu, "password");

	if (menu->password && !menu->sets_password)
		return;
	talloc_free((void *)menu->password);
	menu->password = told ? talloc_strdup(menu, told) : NULL;
}

enum guard guard_state(const struct menu *menu)
{
	if (hash(menu))
		return GUARD_ASKS;
	return menu->has_settings ? GUARD_OPEN : GUARD_UNKNOWN;
}

bool guard_fits(const struct menu *menu, const char *password)
{
	return hash(menu) && menu->setup.verify && menu->setup.verify(hash(menu), password);
}

void guard_settings_told(struct menu *menu)
{
	const char *hidden = setting(menu, "hidden");
	bool shows = hidden && !strcmp(hidden, "show");

	take_password(menu);
	menu->has_settings = true;
	if (shows != menu->shows_hidden)
		menu->model->entries.generation++;
	menu->shows_hidden = shows;
}
