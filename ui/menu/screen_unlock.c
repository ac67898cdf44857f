// SPDX-License-Identifier: GPL-2.0-or-later
/* Encrypted volumes that wait for their passphrase. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/list.h"

static const json_t *volume_at(const struct menu *menu, size_t i)
{
	return json_array_get(menu->model->locked, i);
}

static size_t count(const struct menu *menu)
{
	return json_array_size(menu->model->locked);
}

static void row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	const char *device = model_string(volume_at(menu, i), "device");
	const char *name = model_string(volume_at(menu, i), "name");

	(void)ctx;
	row->key = device;
	row->text = device ? device : "";
	row->note = name;
	row->is_choice = true;
}

static void detail(const struct menu *menu, size_t i, struct page *page)
{
	page_add(page, GRID_HEADING, model_string(volume_at(menu, i), "device"));
	page_field(page, _("Name"), model_string(volume_at(menu, i), "name"));
	page_field(page, "UUID", model_string(volume_at(menu, i), "uuid"));
	page_add(
		page, GRID_PLAIN, _("It is opened read-only, to find what can be booted from it."));
}

static void answer(struct menu *menu, struct console *c, struct prompt *p, const char *text)
{
	menu_request(menu,
		json_pack("{ss ss ss}", "ask", "unlock", "device", p->of, "passphrase", text));
	menu_say(c, GRID_PLAIN, _("Unlocking %s ..."), (const char *)p->of);
}

void unlock_done(struct menu *menu, const json_t *message)
{
	const char *what = model_string(message, "ask");

	if (!what || strcmp(what, "unlock") != 0)
		return;
	for (int i = 0; i < menu->console_count; i++)
		if (menu_view(menu->consoles[i])->screen == &screen_unlock)
			menu_say(menu->consoles[i], GRID_GOOD, "%s",
				_("It is unlocked. What can be booted from it is among the "
				  "entries."));
}

static void act_unlock(struct menu *menu, struct console *c)
{
	long i = list_selected(menu_view(c));
	const char *device = i < 0 ? NULL : model_string(volume_at(menu, (size_t)i), "device");
	struct prompt *p;

	if (!device)
		return;
	p = prompt_open(c, device, _("The passphrase of this volume."));
	if (!p)
		return;
	p->edit = line_edit_new(p, "");
	p->look = LINE_EDIT_SECRET;
	p->of = talloc_strdup(p, device);
	p->answer = answer;
}

static const struct binding bindings[] = {
	{{KEY_RETURN, 'u', 0, 0}, N_("Enter"), N_("unlock"), N_("Ask for the passphrase."),
		act_unlock, BINDING_GUARDED},
	{.act = NULL},
};

const struct screen screen_unlock = {
	.name = N_("Unlock"),
	.empty = N_("There is no encrypted volume that is locked."),
	.help = N_("Encrypted volumes are opened read-only, to find what can be booted from them."),
	.bindings = bindings,
	.count = count,
	.row = row,
	.detail = detail,
};
