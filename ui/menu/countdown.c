// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "ui/menu/view.h"

#define TIMEOUT_MS 5000 /* where nobody says anything */
/* An entry that nobody chose and that did not load is not the end: others are tried, after time to
 * read what went wrong. */
#define AGAIN_MS 15000
#define FAILURES_MAX 5

static int wanted_ms(const struct menu *menu)
{
	if (menu->setup.timeout_ms >= 0)
		return menu->setup.timeout_ms;
	return menu->model->timeout_ms == -1 ? TIMEOUT_MS : menu->model->timeout_ms;
}

/* The default may be another one while disks still answer, or come from one of them. */
static bool waits_for_disks(const struct menu *menu)
{
	return json_array_size(menu->model->busy) > 0;
}

static bool has_failed(const struct menu *menu, const struct model_entry *e)
{
	for (size_t i = 0; i < json_array_size(menu->failed); i++)
		if (!strcmp(json_string_value(json_array_get(menu->failed, i)), e->id))
			return true;
	return false;
}

const struct model_entry *countdown_entry(const struct menu *menu)
{
	const struct model_entries *all = &menu->model->entries;
	int i = model_default(menu->model);

	if (i >= 0 && !all->list[i].reason && !has_failed(menu, &all->list[i]))
		return &all->list[i];
	for (size_t k = 0; json_array_size(menu->failed) && k < all->count; k++)
		if (!all->list[k].reason && !all->list[k].is_hidden &&
			!has_failed(menu, &all->list[k]))
			return &all->list[k];
	return NULL;
}

static void boot_default(struct menu *menu)
{
	const struct model_entry *e = countdown_entry(menu);

	if (!e || waits_for_disks(menu))
		return;
	menu->countdown = COUNTDOWN_STOPPED;
	menu_boot(menu, -1, e, NULL);
}

static void begin(struct menu *menu, int ms)
{
	menu->countdown_ms = ms;
	menu->countdown = COUNTDOWN_RUNS;
	menu->countdown_end_ms = menu->now_ms + ms;
}

void countdown_failed(struct menu *menu, const char *id)
{
	if (json_array_size(menu->failed) >= FAILURES_MAX)
		return;
	json_array_append_new(menu->failed, json_string(id));
	if (countdown_entry(menu))
		begin(menu, AGAIN_MS);
}

void countdown_listed(struct menu *menu)
{
	if (menu->countdown == COUNTDOWN_WAITS && countdown_entry(menu)) {
		if (wanted_ms(menu) == MODEL_NEVER)
			countdown_stop(menu);
		else
			begin(menu, wanted_ms(menu));
	}
	countdown_clock(menu);
}

void countdown_stop(struct menu *menu)
{
	if (menu->countdown != COUNTDOWN_STOPPED)
		menu_touch(menu);
	menu->countdown = COUNTDOWN_STOPPED;
}

void countdown_clock(struct menu *menu)
{
	if (menu->countdown == COUNTDOWN_RUNS) {
		menu_touch(menu);
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
