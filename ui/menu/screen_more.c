// SPDX-License-Identifier: GPL-2.0-or-later
/* All screens, by name. */
#include "ui/menu/list.h"

const struct place menu_places[] = {
	{&screen_entries, {0}, "", N_("what can be booted"), 0},
	{&screen_plan, {'s', KEY_FN + 3}, "s, F3",
		N_("what will be done to each device before the jump"), 0},
	{&screen_devices, {'v', KEY_FN + 5}, "v, F5", N_("the machine's PCI devices"), 0},
	{&screen_facts, {'y', KEY_FN + 6}, "y, F6", N_("firmware, memory, network, versions"), 0},
	{&screen_log, {'l', KEY_FN + 7}, "l, F7", N_("what happened since the start"), 0},
	{&screen_report, {'r', KEY_FN + 8}, "r, F8", N_("what the kernel before this one did"), 0},
	{&screen_settings, {'t', KEY_FN + 9}, "t, F9", N_("timeout, default, language"),
		BINDING_GUARDED},
	{&screen_unlock, {'u', 0}, "u", N_("encrypted volumes"), 0},
	{&screen_power, {'x', KEY_FN + 10}, "x, F10",
		N_("reboot, firmware setup, power off, shell"), 0},
	{.screen = NULL},
};

static void go(struct menu *menu, struct console *c)
{
	menu_open(menu, c, c->place->screen, NULL);
}

/* A binding for the one that is gone to: the password may have to be asked for first. */
static void go_to(struct menu *menu, struct console *c, const struct place *place)
{
	static const struct binding plain = {.act = go},
				    guarded = {.act = go, .flags = BINDING_GUARDED};

	c->place = place;
	menu_act(menu, c, place->flags & BINDING_GUARDED ? &guarded : &plain);
}

bool place_key(struct menu *menu, struct console *c, uint32_t key)
{
	for (const struct place *p = menu_places; p->screen; p++)
		if (key && (p->keys[0] == key || p->keys[1] == key)) {
			go_to(menu, c, p);
			return true;
		}
	return false;
}

static size_t count(const struct menu *menu)
{
	(void)menu;
	return sizeof(menu_places) / sizeof(*menu_places) - 1;
}

static void row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	(void)menu;
	(void)ctx;
	row->key = menu_places[i].screen->name;
	row->text = _(menu_places[i].screen->name);
	row->note = _(menu_places[i].what);
	row->is_choice = true;
}

static void act_open(struct menu *menu, struct console *c)
{
	long i = list_selected(menu_view(c));

	menu_close(menu, c); /* the list of screens is not gone back to */
	if (i >= 0)
		go_to(menu, c, &menu_places[i]);
}

static const struct binding bindings[] = {
	{{KEY_RETURN, 0, 0, 0}, N_("Enter"), N_("open"), N_("Go to the screen."), act_open, 0},
	{.act = NULL},
};

const struct screen screen_more = {
	.name = N_("Screens"),
	.bindings = bindings,
	.count = count,
	.row = row,
};
