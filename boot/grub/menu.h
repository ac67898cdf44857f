/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_MENU_H
#define BOOT_GRUB_MENU_H

/*
 * Menus: what menuentry, submenu and blscfg put down, and what becomes of it when the menu is
 * complete. A submenu's body is run in a context of its own and makes a menu; so does an entry that
 * opens another configuration file.
 */

#include "boot/grub/run.h"

enum grub_item_kind {
	GRUB_ITEM_ENTRY,
	GRUB_ITEM_SUBMENU,
	GRUB_ITEM_READY, /* the entry is known already */
};

/* In the tree arena. */
struct grub_item {
	struct grub_item *next;
	enum grub_item_kind kind;
	const char *title, *id; /* NULL if it has none */
	const char *root;       /* the variable when it was put down; NULL if it was not set */
	const struct grub_node *block;
	const char *text;          /* the body, where it is a string */
	struct grub_params params; /* the title is the first */
	struct grub_source source;
	struct entry *entry; /* READY: the list's */
	unsigned int line;
};

struct grub_writes {
	struct entry_write *first, *last;
};

struct grub_menu {
	struct grub_item *first, **end; /* where the next one is put */
	const struct entry_menu *menu;  /* NULL at the top */
	unsigned int depth, position;
	struct grub_scope *scope;
	const char *chosen;        /* the way to it; NULL at the top */
	struct grub_writes writes; /* for all that is in it */
	const char
		*default_pattern; /* of the configuration whose menu it is, where that is known */
};

/* The entry that is being described. */
struct grub_draft {
	struct entry entry;
	const char *obstacle; /* what it does instead of starting Linux */
	struct grub_writes writes;
	/* It opens this menu: */
	const char *config;
	const struct volume *config_volume;
};

/* Does it say what is to be started: a kernel, or an EFI program that may be one? */
bool grub_boots(const struct entry *e);

/* An empty item at the end of the menu; NULL when there is no room (told) or no memory. */
struct grub_item *grub_item_new(struct grub_run *g, enum grub_item_kind kind);

/* A copy in the tree arena, which is kept then. NULL for NULL; "" where there is no room. */
char *grub_item_text(struct grub_run *g, const char *text);

/* Run the bodies of all items and put the entries into the list. */
void grub_describe(struct grub_run *g, struct grub_menu *menu);

/* What is to be written when what is described now is booted: the entry, or all of the menu. */
void grub_write(struct grub_run *g, const struct entry_write *write);

/* An entry for a kernel that the configuration itself boots, without a menu. */
void grub_describe_direct(struct grub_run *g, unsigned int line);

#endif
