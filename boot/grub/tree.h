/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_TREE_H
#define BOOT_GRUB_TREE_H

/*
 * Statements, as the parser makes them from words: GRUB's grammar (grub-core/script/parser.y), and
 * more than it. Nodes and words lie in an arena; words point into the script's bytes.
 *
 * What GRUB accepts is parsed as GRUB does. What it refuses, and the whole file with it, is told and
 * read on in the way that keeps the most:
 *  - `&&`, `||`, `{ }` without a command and empty blocks mean what they do in a shell;
 *  - a word that closes nothing (`fi`, `}`) is passed over;
 *  - an `if` without its `fi` decides nothing: all its branches are run;
 *  - a menu entry without its `}` ends before the next one, a function before its first statement.
 */

#include "boot/grub/arena.h"
#include "boot/grub/lexer.h"

enum grub_node_kind {
	GRUB_NODE_COMMAND, /* words, perhaps with a block */
	GRUB_NODE_IF,      /* condition, block, otherwise */
	GRUB_NODE_WHILE,   /* condition, block */
	GRUB_NODE_UNTIL,
	GRUB_NODE_FOR,      /* the first word is the variable; block */
	GRUB_NODE_FUNCTION, /* the word is its name; block */
	GRUB_NODE_GROUP,    /* block */
};

/* When a statement of a list is run. */
enum grub_link {
	GRUB_LINK_ALWAYS,
	GRUB_LINK_AND, /* where the one before succeeded */
	GRUB_LINK_OR,  /* where it failed */
};

struct grub_node {
	struct grub_node *next; /* of the list */
	const struct grub_token *pieces;
	struct grub_node *condition, *block, *otherwise; /* lists */
	unsigned int count;                              /* of pieces */
	unsigned int line;
	enum grub_node_kind kind : 8;
	enum grub_link link : 8;
	bool has_block : 1; /* it may be empty */
	bool broken : 1;    /* its end is missing */
};

#define GRUB_DEPTH_MAX 64 /* blocks and branches within each other */
#define GRUB_PIECES_MAX 4096

struct grub_parser {
	struct grub_lexer lexer;
	struct grub_token token; /* the next one */
	struct grub_arena *arena;
	/* Tell what is wrong; may be NULL. */
	void (*tell)(void *data, unsigned int line, const char *sentence);
	void *data;

	unsigned int depth;
	unsigned int braces;       /* open blocks */
	unsigned int closers;      /* words that end something that is open in this block */
	unsigned int beyond[2];    /* openings that were too deep: of words, of braces */
	struct grub_node *spill;   /* statements to be put behind the one that is read */
	struct grub_token *pieces; /* of the command that is read */
	size_t piece_room;
	bool ended;  /* a statement stands before the next token, not a separator */
	bool failed; /* no memory: the rest is not read */
};

void grub_parser_init(
	struct grub_parser *parser, struct grub_arena *arena, const char *bytes, size_t len);

/* The next statement of the file, or several that belong together, as a list. NULL at the end, or
 * when the arena is full (failed). */
struct grub_node *grub_parse_next(struct grub_parser *parser);

/* Is the word that begins with this piece just this text, without quotes? */
bool grub_word_is(const struct grub_token *pieces, size_t count, size_t piece, const char *text);

#endif
