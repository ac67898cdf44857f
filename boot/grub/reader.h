/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_READER_H
#define BOOT_GRUB_READER_H

/*
 * Reading a grub.cfg plainly: statements are taken in the order in which they stand, once, without
 * a stack of calls. frames.c keeps the blocks and branches, menu.c opens and closes menu entries,
 * commands.c and search.c carry out the commands that tell what an entry boots.
 *
 * Nothing that is odd may hide the entries behind it: a branch is left out only where the file
 * itself decides that it is not taken (condition.h); a function's body is left out; and where the
 * end of the file is met with something still left out, because a `fi` or `}` is missing, reading
 * goes on from where that began, leaving nothing out.
 *
 * GRUB devices are values of variables: `search --fs-uuid --set=root X` sets root to "UUID=X".
 */

#include "boot/entry.h"
#include "boot/grub/condition.h"
#include "boot/grub/statement.h"

#define GRUB_DEPTH_MAX 64             /* blocks and branches within each other */
#define GRUB_MENUS_MAX 1024           /* submenus in a file */
#define GRUB_ALLOWANCE_MAX (16 << 20) /* bytes that values of variables may add in all */

enum grub_block {
	GRUB_BLOCK_PLAIN, /* braces that mean nothing to us */
	GRUB_BLOCK_ENTRY,
	GRUB_BLOCK_SUBMENU,
	GRUB_BLOCK_FUNCTION,
	GRUB_BLOCK_IF, /* from here on no braces: ended by fi and done */
	GRUB_BLOCK_LOOP,
};

struct grub_frame {
	enum grub_block block;
	bool left_out;
	/* Of an if: */
	enum grub_truth truth;   /* of the condition that is being read or was read last */
	bool in_condition;       /* between if or elif and then */
	unsigned int conditions; /* commands in the condition so far */
	bool taken;              /* a branch was certainly taken: no other will be */
	/* Of a submenu: */
	struct entry_menu *menu;
	unsigned int next_position;
};

struct grub_reader {
	struct grub_lexer lexer;
	struct grub_lexer statement_start;
	struct grub_statement statement;
	struct grub_args args;

	struct grub_frame frames[GRUB_DEPTH_MAX]; /* frames[0] is the file, a submenu of nothing */
	size_t depth;
	size_t beyond; /* frames that did not fit */

	/* Where the outermost thing that is left out now began. */
	struct {
		struct grub_lexer lexer;
		size_t depth;
	} left_out;
	bool leave_out_nothing;

	struct grub_scope *globals, *scope;
	const char *file;
	struct entry_list *list;
	size_t menus;

	/* The entry whose block is open; its strings belong to the list. */
	bool in_entry;
	struct entry entry;
	const char *obstacle; /* what it does instead of starting Linux */

	bool full; /* there are as many entries as a list takes: stop, these are better than none */
	int rc;    /* -ENOMEM: stop */
};

/* frames.c */
bool grub_reading(const struct grub_reader *r); /* is nothing that is open left out? */
void grub_leave_out(struct grub_reader *r, struct grub_frame *frame);
/* NULL where there is no room for it. */
struct grub_frame *grub_push(struct grub_reader *r, enum grub_block block);
void grub_pop(struct grub_reader *r);
/* `}`: end the innermost braces, and branches in them that were not ended. */
void grub_end_braces(struct grub_reader *r);
/* Is this word of the statement a keyword? Then it has been followed. */
bool grub_keyword(struct grub_reader *r, size_t piece);
/* Are the arguments the condition of an if, and the file itself decides it? One of several commands
 * (`a && b`, `a; b`) is undecided. */
bool grub_decide(struct grub_reader *r);

/* menu.c: begin what the arguments (menuentry, submenu) say; end the open entry. */
void grub_entry_begin(struct grub_reader *r);
void grub_entry_end(struct grub_reader *r);
/* False where it is too deep or too much: then its entries stand in the menu above. */
bool grub_submenu_begin(struct grub_reader *r, struct grub_frame *frame);

/* commands.c: carry out the arguments; unknown commands do nothing. */
void grub_command(struct grub_reader *r);

/* search.c */
void grub_search(struct grub_reader *r);

/* A copy that lives as long as the list; "" with r->rc set when memory ran out. */
const char *grub_keep(struct grub_reader *r, const char *text);
void grub_set(struct grub_reader *r, const char *name, const char *value);

#endif
