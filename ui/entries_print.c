// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ui/entries.h"
#include "ui/print.h"

/* No more of a text is printed; `show` has all of it. */
#define ID_MAX 200
#define TITLE_MAX 100
#define PATH_MAX_SHOWN 400
#define OPTIONS_MAX 4096
/* What is longer than its column stands out of it: it does not widen that of all others. */
#define ID_COLUMN_MAX 80
#define TITLE_COLUMN_MAX 72
#define INDENT 2  /* of each submenu */
#define STACKED 4 /* where the second line of a stacked entry begins */

struct table {
	int id, title; /* widths of the columns; titles have none where devices had no room behind it */
	int right;     /* columns of the terminal, 0 for no limit */
	bool stacked; /* ids have lines to themselves: both columns are more than the terminal has */
	int left;     /* where titles begin */
};

static unsigned int depth_of(const struct entry_menu *menu)
{
	return menu ? 1 + depth_of(menu->above) : 0;
}

static const char *device_of(const struct entry *e)
{
	return e->device ? e->device : e->source.device;
}

static bool is_shown(const struct entry *e, option_set options)
{
	return !e->hidden_by || options & OPT_VERBOSE;
}

static void widen(int *column, int width, int max)
{
	if (width <= max && width > *column)
		*column = width;
}

static struct table measure(const struct entry_list *list, option_set options)
{
	struct table t = {.id = 2, .title = 5, .right = print_terminal_width(stdout)};
	int device = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (!is_shown(e, options))
			continue;
		widen(&t.id, print_width(e->id), ID_COLUMN_MAX);
		widen(&t.title, print_width(e->title) + INDENT * (int)depth_of(e->menu),
			TITLE_COLUMN_MAX);
		widen(&device, 2 + print_width(device_of(e) ? device_of(e) : ""), TITLE_COLUMN_MAX);
	}
	t.stacked = t.right && 4 + t.id + t.title > t.right;
	if (t.right && 4 + t.id + t.title + device > t.right)
		t.title = 0;
	t.left = t.stacked ? STACKED : 4 + t.id;
	return t;
}

static void print_short(enum style style, const char *text, int max, int width)
{
	char buf[4 * OPTIONS_MAX];

	print_styled(stdout, style, print_shorten(buf, sizeof(buf), text, max), width);
}

static bool is_within(const struct entry_menu *menu, const struct entry_menu *outer)
{
	for (; menu; menu = menu->above)
		if (menu == outer)
			return true;
	return false;
}

/* The titles of submenus that begin here. */
static void print_menus(
	const struct entry_menu *menu, const struct entry_menu *before, const struct table *t)
{
	if (!menu || is_within(before, menu))
		return;
	print_menus(menu->above, before, t);
	printf("%*s", t->left + INDENT * (int)depth_of(menu->above), "");
	print_short(STYLE_DIM, menu->title, TITLE_MAX, 0);
	putchar('\n');
}

/* Something behind the title, on a line of its own where this one has no room. */
static void remark(struct print_flow *flow, enum style style, const char *before, const char *text)
{
	char buf[4 * PATH_MAX_SHOWN];
	int width;

	print_shorten(buf, sizeof(buf), text, PATH_MAX_SHOWN);
	width = 2 + (int)strlen(before) + print_width(buf);
	if (flow->right && flow->at + width > flow->right)
		print_flow_to(flow, flow->left);
	else
		flow->at += fprintf(stdout, "  ");
	print_flow(flow, STYLE_PLAIN, before);
	if (*before && flow->right) /* a flow has no blank at the end of its texts */
		flow->at += fprintf(stdout, " ");
	print_flow(flow, style, buf);
}

static void print_remarks(struct print_flow *flow, const struct entry *e)
{
	const char *device = device_of(e);
	char tries[32];

	snprintf(tries, sizeof(tries), "%d %s left", e->tries_left,
		e->tries_left == 1 ? "try" : "tries");
	if (device)
		remark(flow, STYLE_PLAIN, "", device);
	if (e->is_running)
		remark(flow, STYLE_PLAIN, "", "running");
	if (e->tries_left >= 0)
		remark(flow, STYLE_PLAIN, "", tries);
	if (e->reason)
		remark(flow, STYLE_BAD, "cannot be booted: ", e->reason);
	if (e->hidden_by)
		remark(flow, STYLE_DIM, "hidden by ", e->hidden_by);
}

/* Is there anything behind the title? */
static bool is_more_to_say(const struct entry *e)
{
	return device_of(e) || e->is_running || e->tries_left >= 0 || e->reason || e->hidden_by;
}

static void print_title(struct print_flow *flow, const struct entry *e, const struct table *t)
{
	int end = flow->left + t->title - INDENT * (int)depth_of(e->menu);
	char title[8 * TITLE_MAX];

	print_shorten(title, sizeof(title), e->title, TITLE_MAX);
	print_flow(flow, e->reason ? STYLE_DIM : STYLE_PLAIN, title);
	if (t->title && is_more_to_say(e) && flow->at < end)
		flow->at += printf("%*s", end - flow->at, "");
}

static void print_line(const struct entry *e, const struct table *t)
{
	struct print_flow flow = {.out = stdout, .right = t->right};
	int indent = INDENT * (int)depth_of(e->menu);
	char id[8 * ID_MAX];
	int width;

	print_shorten(id, sizeof(id), e->id, ID_MAX);
	width = print_width(id);
	fputs(e->is_default ? "* " : "  ", stdout);
	print_styled(stdout, e->is_default ? STYLE_BOLD : STYLE_PLAIN, id, t->stacked ? 0 : t->id);
	if (t->stacked)
		printf("\n%*s", t->left + indent, "");
	else
		printf("%*s", indent + 2, "");
	flow.left = t->left + indent;
	flow.at = flow.left + (t->stacked || width < t->id ? 0 : width - t->id);
	print_title(&flow, e, t);
	print_remarks(&flow, e);
	putchar('\n');
}

/* What it boots, below its line. */
static void print_details(const struct entry *e)
{
	if (e->kernel.path) {
		fputs("      ", stdout);
		print_short(STYLE_PLAIN, e->kernel.path, PATH_MAX_SHOWN, 0);
		fputs(*e->options ? " " : "", stdout);
		print_short(STYLE_PLAIN, e->options, OPTIONS_MAX, 0);
		putchar('\n');
	}
	for (size_t i = 0; i < e->initrd_count; i++) {
		fputs("      initrd ", stdout);
		print_short(STYLE_PLAIN, e->initrds[i].path, PATH_MAX_SHOWN, 0);
		putchar('\n');
	}
	if (e->changed_by) {
		fputs("      changed by ", stdout);
		print_short(STYLE_DIM, e->changed_by, PATH_MAX_SHOWN, 0);
		putchar('\n');
	}
}

void entries_print(const struct entry_list *list, option_set options)
{
	const struct table t = measure(list, options);
	const struct entry_menu *before = NULL;
	size_t hidden = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (!is_shown(e, options)) {
			hidden++;
			continue;
		}
		print_menus(e->menu, before, &t);
		print_line(e, &t);
		if (options & OPT_VERBOSE)
			print_details(e);
		before = e->menu;
	}
	if (hidden)
		printf("%zu more %s hidden by rules; -v shows %s\n", hidden,
			hidden == 1 ? "is" : "are", hidden == 1 ? "it" : "them");
}

static void explain(const struct choice_proposal *p, const struct entry_list *entries)
{
	const struct entry *e = p->index < entries->count ? &entries->entries[p->index] : NULL;

	if (p->name) {
		putchar('\'');
		print_short(STYLE_PLAIN, p->name, ID_MAX, 0);
		fputs("', ", stdout);
	}
	print_short(STYLE_DIM, p->where, PATH_MAX_SHOWN, 0);
	if (!e) {
		fputs(": no such entry", stdout);
		return;
	}
	fputs(": ", stdout);
	print_short(STYLE_PLAIN, e->id, ID_MAX, 0);
	if (e->reason)
		fputs(", which cannot be booted", stdout);
	else if (e->hidden_by && !p->name)
		fputs(", which a rule hides", stdout);
	else if (!e->tries_left)
		fputs(", which has no tries left", stdout);
}

void entries_explain(const struct discovery *d)
{
	const struct choices *c = d->choices;

	puts("\nThe default is what the first of these names and can be booted:");
	for (int choice = ENTRY_CHOICE_ONESHOT; choice <= ENTRY_CHOICE_NEWEST; choice++) {
		bool said = false;

		for (size_t i = 0; i < c->count; i++) {
			if (c->list[i].choice != (enum entry_choice)choice)
				continue;
			said = true;
			printf("%s %d. %-16s ", i == c->chosen ? "*" : " ", choice + 1,
				choice_word(choice));
			explain(&c->list[i], d->entries);
			putchar('\n');
		}
		if (!said)
			printf("  %d. %-16s %s\n", choice + 1, choice_word(choice),
				choice == ENTRY_CHOICE_NEWEST && c->count ? "not needed" : "none");
	}
}
