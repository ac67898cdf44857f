// SPDX-License-Identifier: GPL-2.0-or-later
/* What consoles of lines read and print. */
#include <talloc.h>

#include "ui/menu/view.h"

void menu_line(struct menu *menu, int console, const char *line)
{
	(void)menu;
	(void)console;
	(void)line;
}

char *menu_take_text(struct menu *menu, void *ctx, int console)
{
	struct console *c = menu->consoles[console];
	char *text = *c->text ? talloc_strdup(ctx, c->text) : NULL;

	talloc_free(c->text);
	c->text = talloc_strdup(c, "");
	return text;
}
