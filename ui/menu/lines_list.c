// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries and their numbers. */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "ui/menu/lines.h"
#include "ui/menu/list.h"
#include "ui/print.h"

#define INDENT 2
#define NUMBER_COLUMNS 5 /* "  1* " */
#define NUMBER_DIGITS 5

static const char *device_of(const struct menu *menu, const struct model_entry *e)
{
	const json_t *volume = e->volume < 0
				       ? NULL
				       : json_array_get(menu->model->volumes, (size_t)e->volume);
	const char *device = model_string(volume, "device");

	if (!device)
		device = model_string(volume, "mounted");
	return device ? device : _("files");
}

static bool is_numbered(const struct model_entry *e)
{
	return !e->is_hidden && !e->reason;
}

/* The number that the entry has, 0 for none. */
static size_t find(const struct menu *menu, const struct lines *l, const struct model_entry *e)
{
	char *place = talloc_asprintf(NULL, "%s\n%s", device_of(menu, e), e->path);
	size_t number = 0;

	for (size_t i = 0; place && !number && i < l->number_count; i++) {
		const struct lines_number *n = &l->numbers[i];

		if (!strcmp(n->id, e->id) && !strcmp(n->title, e->title) &&
			!strcmp(n->place, place))
			number = i + 1;
	}
	talloc_free(place);
	return number;
}

static size_t give(const struct menu *menu, struct lines *l, const struct model_entry *e)
{
	struct lines_number *n = l->numbers;

	if (l->number_count % 64 == 0)
		n = talloc_realloc(l, n, struct lines_number, l->number_count + 64);
	if (!n)
		return 0;
	l->numbers = n;
	n += l->number_count;
	*n = (struct lines_number){.id = talloc_strdup(l, e->id),
		.title = talloc_strdup(l, e->title),
		.place = talloc_asprintf(l, "%s\n%s", device_of(menu, e), e->path)};
	return n->id && n->title && n->place ? ++l->number_count : 0;
}

/* The same, given if it has none; it is about to be printed. */
static size_t number_printed(const struct menu *menu, struct lines *l, const struct model_entry *e)
{
	size_t number = find(menu, l, e);

	if (!number)
		number = give(menu, l, e);
	if (number)
		l->numbers[number - 1].is_there = l->numbers[number - 1].is_printed = true;
	return number;
}

size_t lines_number(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits && digits <= NUMBER_DIGITS && !text[digits] ? strtoul(text, NULL, 10) : 0;
}

const struct model_entry *lines_entry(struct menu *menu, struct console *c, size_t number)
{
	const struct model_entries *all = &menu->model->entries;
	const struct lines *l = c->lines;

	if (!number || number > l->number_count || !l->numbers[number - 1].is_printed) {
		lines_tell(c, _("There is no such number; l lists what there is."));
		return NULL;
	}
	for (size_t i = 0; i < all->count; i++)
		if (!all->list[i].is_hidden && find(menu, l, &all->list[i]) == number)
			return &all->list[i];
	/* translators: the number and the title of an entry. */
	lines_tell(c, _("%zu is not there any more: %s"), number, l->numbers[number - 1].title);
	return NULL;
}

/* Behind the line, or where it has no room, below. */
static void print_row(struct menu *menu, struct console *c, size_t i)
{
	const struct model_entry *e = entries_at(menu, i);
	struct row row = {.text = ""};
	char *line;
	int left;

	screen_entries.row(menu, c, i, &row);
	left = row.depth ? NUMBER_COLUMNS + INDENT * (row.depth - 1) : 0;
	if (e && is_numbered(e))
		line = talloc_asprintf(NULL, "%3zu%c %*s%s", number_printed(menu, c->lines, e),
			row.mark ? row.mark : ' ', left - NUMBER_COLUMNS, "", row.text);
	else
		line = talloc_asprintf(NULL, "%*s%s%s", left - (row.mark ? INDENT : 0), "",
			row.mark ? "* " : "", row.text);
	if (!line)
		return;
	if (!row.note || !*row.note) {
		lines_say(c, "%s", line);
	} else if (print_width(line) + print_width(row.note) + 4 <= lines_width(c)) {
		lines_say(c, "%s  (%s)", line, row.note);
	} else {
		lines_say(c, "%s", line);
		lines_say(c, "%*s(%s)", left + INDENT, "", row.note);
	}
	talloc_free(line);
}

/* What stands below the entries: what may bring more of them. */
static void print_rest(const struct menu *menu, struct console *c)
{
	const json_t *volume, *disk;
	size_t i;

	json_array_foreach (menu->model->locked, i, volume) {
		const char *device = model_string(volume, "device");

		if (device)
			lines_tell(c, _("%s is encrypted; u %s unlocks it."), device, device);
	}
	json_array_foreach (menu->model->busy, i, disk)
		if (json_is_string(disk))
			lines_tell(c, _("%s has not answered yet."), json_string_value(disk));
}

static const char *star_of(const struct menu *menu)
{
	int i = model_default(menu->model);

	return i < 0 ? NULL : menu->model->entries.list[i].title;
}

static void keep_star(const struct menu *menu, struct lines *l)
{
	talloc_free((void *)l->starred);
	l->starred = star_of(menu) ? talloc_strdup(l, star_of(menu)) : NULL;
}

void lines_list(struct menu *menu, struct console *c, const char *filter)
{
	struct view *v = c->views[0];
	size_t count = screen_entries.count(menu);

	if (filter) {
		list_filter(menu, v, filter);
		for (size_t i = 0; i < v->shown_count; i++)
			print_row(menu, c, v->shown[i]);
		if (!v->shown_count)
			lines_tell(c, _("Nothing here matches."));
		list_filter(menu, v, NULL);
		return;
	}
	for (size_t i = 0; i < count; i++)
		print_row(menu, c, i);
	if (!count)
		lines_tell(c, "%s", _(screen_entries.empty));
	print_rest(menu, c);
	keep_star(menu, c->lines);
}

/* Entries [from, to), which are of one filesystem: those that were not there before, as bits of news. What
 * has no room is counted, and can be chosen once it was listed. */
static void announce(struct menu *menu, struct console *c, const bool *news, size_t from, size_t to)
{
	const struct model_entry *list = menu->model->entries.list;
	size_t count = 0, printed = 0;
	char *line;

	for (size_t i = from; i < to; i++)
		count += news[i];
	if (!count)
		return;
	line = talloc_asprintf(NULL,
		ngettext("%zu new entry on %s:", "%zu new entries on %s:", count), count,
		device_of(menu, &list[from]));
	for (size_t i = from; line && i < to; i++) {
		int room = lines_width(c) - print_width(line) - print_width(list[i].title) - 10;

		if (!news[i])
			continue;
		if (printed && room < 0) {
			line = talloc_strdup_append(line, " ...");
			break;
		}
		line = talloc_asprintf_append(line, "%s %zu %s", printed ? "," : "",
			number_printed(menu, c->lines, &list[i]), list[i].title);
		printed++;
	}
	if (line)
		lines_say(c, "%s", line);
	talloc_free(line);
}

static void tell_gone(struct console *c, const bool *was)
{
	const struct lines *l = c->lines;
	char *line = NULL;

	for (size_t i = 0; i < l->number_count; i++) {
		const struct lines_number *n = &l->numbers[i];

		if (!was[i] || n->is_there)
			continue;
		if (!line)
			line = talloc_asprintf(NULL,
				/* translators: a number and a title; more of them may follow. */
				_("Not there any more: %zu %s"), i + 1, n->title);
		else
			line = talloc_asprintf_append(line, ", %zu %s", i + 1, n->title);
	}
	if (line)
		lines_say(c, "%s", line);
	talloc_free(line);
}

/* Which entries there are now; news[i] says that one was not there before, was[] which numbers were. */
static void compare(struct menu *menu, struct lines *l, bool *news, bool *was)
{
	const struct model_entries *all = &menu->model->entries;
	size_t count = l->number_count;

	for (size_t i = 0; i < count; i++) {
		was[i] = l->numbers[i].is_there;
		l->numbers[i].is_there = false;
	}
	for (size_t i = 0; i < all->count; i++) {
		const struct model_entry *e = &all->list[i];
		size_t number = e->is_hidden ? 0 : find(menu, l, e);

		news[i] = is_numbered(e) && (!number || (number <= count && !was[number - 1]));
		if (is_numbered(e) && !number)
			number = give(menu, l, e);
		if (number)
			l->numbers[number - 1].is_there = true;
	}
}

void lines_list_news(struct menu *menu, struct console *c)
{
	const struct model_entries *all = &menu->model->entries;
	struct lines *l = c->lines;
	void *ctx = talloc_new(NULL);
	bool *news = talloc_zero_array(ctx, bool, all->count + 1);
	bool *was = talloc_zero_array(ctx, bool, l->number_count + all->count + 1);
	const char *star = star_of(menu);

	if (news && was) {
		compare(menu, l, news, was);
		for (size_t from = 0, to; from < all->count; from = to) {
			for (to = from + 1; to < all->count; to++)
				if (all->list[to].volume != all->list[from].volume)
					break;
			announce(menu, c, news, from, to);
		}
		tell_gone(c, was);
	}
	if (star && (!l->starred || strcmp(star, l->starred)))
		lines_tell(c, _("The default is now: %s"), star);
	keep_star(menu, l);
	talloc_free(ctx);
}
