// SPDX-License-Identifier: GPL-2.0-or-later
#include <talloc.h>

#include "ui/menu/view.h"

void menu_boot(struct menu *menu, int console, const struct model_entry *e, json_t *edit)
{
	struct console *c = console < 0 ? NULL : menu->consoles[console];

	countdown_stop(menu);
	if (menu->model->lost || menu->booting) {
		if (c)
			menu_say(c, GRID_WARN,
				menu->booting ? _("Booting already; wait for what comes of it.")
					      : _("Nothing can be booted while disks are looked at "
						  "anew."));
		json_decref(edit);
		return;
	}
	if (e && e->reason && !edit) {
		if (c)
			menu_say(c, GRID_BAD, _("It cannot be booted: %s"), e->reason);
		return;
	}
	menu->booting = talloc_strdup(menu, e ? e->title : _("a new entry"));
	menu->booting_id = e ? talloc_strdup(menu->booting, e->id) : NULL;
	menu->booting_console = console;
	model_begin_boot(menu->model);
	plan_ask(menu); /* what is going to be shown while it is carried out */
	menu_request(menu, json_pack("{ss so so sO}", "ask", "boot", "id",
				   e ? json_string(e->id) : json_null(), "edit",
				   edit ? edit : json_null(), "leave", menu->leave));
	menu_touch(menu);
}
