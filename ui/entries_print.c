// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ui/entries.h"
#include "ui/print.h"

#define ID_WIDTH_MAX 48
#define TITLE_WIDTH_MAX 60
#define INDENT 2 /* of each submenu */

struct table {
	int id, title; /* widths */
	bool has_colour;
};

/* What is plain is not asked about for each word. */
static enum style styled(const struct table *t, enum style style)
{
	return t->has_colour ? style : STYLE_PLAIN;
}

static unsigned int depth_of(const struct entry_menu *menu)
{
	return menu ? 1 + depth_of(menu->above) : 0;
}

static int larger(int a, int b, int at_most)
{
	int width = a > b ? a : b;

	return width < at_most ? width : at_most;
}

static struct table measure(const struct entry_list *list)
{
	struct table t = {2, 5, print_has_colour(stdout)};

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (t.id < ID_WIDTH_MAX)
			t.id = larger(t.id, print_width(e->id), ID_WIDTH_MAX);
		if (t.title < TITLE_WIDTH_MAX)
			t.title = larger(t.title,
				print_width(e->title) + INDENT * (int)depth_of(e->menu),
				TITLE_WIDTH_MAX);
	}
	return t;
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
	printf("%*s", t->id + 4 + INDENT * (int)depth_of(menu->above), "");
	print_styled(stdout, styled(t, STYLE_DIM), menu->title, 0);
	putchar('\n');
}

static void print_remarks(const struct entry *e, const struct table *t)
{
	if (e->is_running)
		fputs("  running", stdout);
	if (e->tries_left >= 0)
		printf("  %d %s left", e->tries_left, e->tries_left == 1 ? "try" : "tries");
	if (e->reason) {
		fputs("  cannot be booted: ", stdout);
		print_styled(stdout, styled(t, STYLE_BAD), e->reason, 0);
	}
	if (e->hidden_by) {
		fputs("  hidden by ", stdout);
		print_styled(stdout, styled(t, STYLE_DIM), e->hidden_by, 0);
	}
}

/* Is there anything behind the title? */
static bool is_more_to_say(const struct entry *e)
{
	return e->device || e->source.device || e->is_running || e->tries_left >= 0 || e->reason ||
	       e->hidden_by;
}

static void print_line(const struct entry *e, const struct table *t)
{
	const char *device = e->device ? e->device : e->source.device;
	int indent = INDENT * (int)depth_of(e->menu);

	fputs(e->is_default ? "* " : "  ", stdout);
	print_styled(stdout, styled(t, e->is_default ? STYLE_BOLD : STYLE_PLAIN), e->id, t->id);
	print_text(stdout, "", indent + 2);
	print_styled(stdout, styled(t, e->reason ? STYLE_DIM : STYLE_PLAIN), e->title,
		is_more_to_say(e) ? t->title - indent : 0);
	if (device) {
		fputs("  ", stdout);
		print_text(stdout, device, 0);
	}
	print_remarks(e, t);
	putchar('\n');
}

/* What it boots, below its line. */
static void print_details(const struct entry *e)
{
	if (e->kernel.path) {
		fputs("      ", stdout);
		print_text(stdout, e->kernel.path, 0);
		fputs(*e->options ? " " : "", stdout);
		print_text(stdout, e->options, 0);
		putchar('\n');
	}
	for (size_t i = 0; i < e->initrd_count; i++) {
		fputs("      initrd ", stdout);
		print_text(stdout, e->initrds[i].path, 0);
		putchar('\n');
	}
	if (e->changed_by) {
		fputs("      changed by ", stdout);
		print_styled(stdout, STYLE_DIM, e->changed_by, 0);
		putchar('\n');
	}
}

void entries_print(const struct entry_list *list, unsigned int options)
{
	const struct table t = measure(list);
	const struct entry_menu *before = NULL;
	size_t hidden = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (e->hidden_by && !(options & OPT_VERBOSE)) {
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
		print_text(stdout, p->name, 0);
		fputs("', ", stdout);
	}
	print_styled(stdout, STYLE_DIM, p->where, 0);
	if (!e) {
		fputs(": no such entry", stdout);
		return;
	}
	fputs(": ", stdout);
	print_text(stdout, e->id, 0);
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
				choice == ENTRY_CHOICE_NEWEST ? "not needed" : "none");
	}
}
