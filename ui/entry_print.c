// SPDX-License-Identifier: GPL-2.0-or-later
/* All about one entry. */
#include <stdio.h>

#include "ui/entries.h"
#include "ui/print.h"

#define LABEL_WIDTH 14

static void print_field(const char *label, const char *text)
{
	if (!text || !*text)
		return;
	printf("  %-*s", LABEL_WIDTH, label);
	print_text(stdout, text, 0);
	putchar('\n');
}

static void print_file(const char *label, const struct entry_file *f)
{
	if (!f->path)
		return;
	printf("  %-*s", LABEL_WIDTH, label);
	print_text(stdout, f->path, 0);
	if (f->size)
		printf(" (%llu bytes from %llu on)", (unsigned long long)f->size,
			(unsigned long long)f->offset);
	if (f->volume || f->on) {
		fputs(" on ", stdout);
		print_text(stdout, f->volume ? volume_name(f->volume) : f->on, 0);
	}
	putchar('\n');
}

static void print_write(const struct entry_write *w)
{
	printf("  %-*s", LABEL_WIDTH, "when booted");
	switch (w->kind) {
	case ENTRY_WRITE_GRUBENV:
	case ENTRY_WRITE_SETTING:
		print_text(stdout, w->name, 0);
		fputs(w->value ? " becomes '" : " is taken out", stdout);
		if (w->value)
			print_text(stdout, w->value, 0);
		fputs(w->value ? "' in " : " of ", stdout);
		print_text(stdout, w->path, 0);
		break;
	case ENTRY_WRITE_RENAME:
		print_text(stdout, w->path, 0);
		fputs(" becomes ", stdout);
		print_text(stdout, w->value, 0);
		break;
	case ENTRY_WRITE_EFI:
		fputs("the EFI variable ", stdout);
		print_text(stdout, w->name, 0);
		fputs(w->value ? " becomes '" : " is removed", stdout);
		if (w->value) {
			print_text(stdout, w->value, 0);
			putchar('\'');
		}
		break;
	case ENTRY_WRITE_FILE:
		print_text(stdout, w->path, 0);
		fputs(w->value ? " is written" : " is removed", stdout);
		break;
	}
	if (w->volume && w->volume->flags & VOLUME_OUR_STACK)
		fputs(", but not now: LVM, RAID and LUKS are opened read-only", stdout);
	if (w->volume && w->volume->flags & VOLUME_IN_FILE)
		fputs(", but not now: what lies within a file is opened read-only", stdout);
	putchar('\n');
}

static void print_menu_path(const struct entry_menu *menu)
{
	if (!menu)
		return;
	print_menu_path(menu->above);
	if (menu->above)
		fputs(" > ", stdout);
	print_text(stdout, menu->title, 0);
}

static void print_source(const struct entry *e)
{
	printf("  %-*s", LABEL_WIDTH, "from");
	print_text(stdout, e->source.file, 0);
	if (e->source.line)
		printf(":%u", e->source.line);
	if (e->source.volume) {
		fputs(" on ", stdout);
		print_text(stdout, volume_name(e->source.volume), 0);
	}
	printf(" (%s)\n", e->format);
}

void entry_print(const struct entry *e, const struct discovery *d)
{
	const struct choices *c = d->choices;

	print_styled(stdout, STYLE_BOLD, e->title, 0);
	putchar('\n');
	print_field("id", e->id);
	if (e->menu) {
		printf("  %-*s", LABEL_WIDTH, "menu");
		print_menu_path(e->menu);
		putchar('\n');
	}
	print_source(e);
	print_field("version", e->version);
	print_file("linux", &e->kernel);
	for (size_t i = 0; i < e->initrd_count; i++)
		print_file("initrd", &e->initrds[i]);
	print_file("devicetree", &e->devicetree);
	print_field("overlays", e->devicetree_overlays);
	print_file("efi", &e->efi);
	print_field("options", e->options);
	print_field("changed by", e->changed_by);
	print_field("hidden by", e->hidden_by);
	if (e->tries_left >= 0)
		printf("  %-*s%d left, %d done\n", LABEL_WIDTH, "tries", e->tries_left,
			e->tries_done);
	for (const struct entry_write *w = e->writes; w; w = w->next)
		print_write(w);
	print_field("running", e->is_running ? "yes" : NULL);
	print_field("default", e->is_default ? choice_word(c->list[c->chosen].choice) : NULL);
	if (e->reason) {
		printf("  %-*s", LABEL_WIDTH, "not bootable");
		print_styled(stdout, STYLE_BAD, e->reason, 0);
		putchar('\n');
	}
}
