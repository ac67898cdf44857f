// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/view.h"

#define TIMEOUT_MS 5000 /* where nobody says anything */

static int wanted_ms(const struct menu *menu)
{
	if (menu->setup.timeout_ms >= 0)
		return menu->setup.timeout_ms;
	return menu->model->timeout >= 0 ? menu->model->timeout * 1000 : TIMEOUT_MS;
}

/* The default may be another one while disks still answer, or come from one of them. */
static bool waits_for_disks(const struct menu *menu)
{
	return json_array_size(menu->model->busy) > 0;
}

const struct model_entry *countdown_entry(const struct menu *menu)
{
	int i = model_default(menu->model);

	return i < 0 || menu->model->entries.list[i].reason ? NULL : &menu->model->entries.list[i];
}

static void boot_default(struct menu *menu)
{
	const struct model_entry *e = countdown_entry(menu);

	if (!e || waits_for_disks(menu))
		return;
	menu->countdown = COUNTDOWN_STOPPED;
	menu_boot(menu, -1, e, NULL);
}

void countdown_listed(struct menu *menu)
{
	if (menu->countdown == COUNTDOWN_WAITS && countdown_entry(menu)) {
		menu->countdown_ms = wanted_ms(menu);
		menu->countdown = COUNTDOWN_RUNS;
		menu->countdown_end_ms = menu->now_ms + menu->countdown_ms;
	}
	countdown_clock(menu);
}

void countdown_stop(struct menu *menu)
{
	if (menu->countdown != COUNTDOWN_STOPPED)
		menu_touch_all(menu);
	menu->countdown = COUNTDOWN_STOPPED;
}

void countdown_clock(struct menu *menu)
{
	if (menu->countdown == COUNTDOWN_RUNS) {
		menu_touch_all(menu);
		if (menu->now_ms >= menu->countdown_end_ms)
			menu->countdown = COUNTDOWN_OVER;
	}
	if (menu->countdown == COUNTDOWN_OVER)
		boot_default(menu);
}

/* The bar moves and the number changes four times a second. */
long long countdown_wait_ms(const struct menu *menu)
{
	long long left = menu->countdown_end_ms - menu->now_ms;

	if (menu->countdown != COUNTDOWN_RUNS)
		return -1;
	return left < 0 ? 0 : left % 250 ? left % 250 : 250;
}
