/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_LEXER_H
#define BOOT_GRUB_LEXER_H

/*
 * The words of GRUB's script language (GRUB manual, "Writing full configuration files directly",
 * and grub-core/script/yylex.l). The lexer knows quoting and nothing else: no keywords, no
 * commands, no variables' values. It allocates nothing; tokens point into the input.
 *
 * A word comes as one or more pieces: 'it'\''s'$x is the pieces "it", "'", "s" and the variable x,
 * all but the first joined to the one before. A quoted word that is empty is one empty piece.
 *
 * It never fails. A quote stands for itself, so that what follows is not swallowed, if it is never
 * closed or if a line within would begin a menu entry; a `$` that begins no variable, and single
 * `|`, `&`, `<`, `>`, are text. Such tokens are marked as strange.
 *
 * Lines are what GRUB reads from a file: one that begins with `#` is none, not even after a
 * backslash or within double quotes (grub-core/normal/main.c, read_config_file_getline).
 */

#include <stdbool.h>
#include <stddef.h>

enum grub_token_kind {
	GRUB_TEXT,     /* pieces of words */
	GRUB_VARIABLE, /* text is its name: "root", "1", "?" */
	GRUB_NEWLINE,  /* what ends a statement */
	GRUB_SEMICOLON,
	GRUB_AND,
	GRUB_OR,
	GRUB_OPEN,
	GRUB_CLOSE,
	GRUB_END,
};

struct grub_token {
	const char *text; /* of a piece; not terminated */
	unsigned int len;
	unsigned int line; /* counted from 1 */
	enum grub_token_kind kind : 8;
	bool joined;  /* to the piece before: the same word */
	bool quoted;  /* no keyword; as a variable, its value is not split at blanks */
	bool strange; /* GRUB refuses it */
};

/* May be copied: a copy goes on from the same place. */
struct grub_lexer {
	const char *at, *end;
	unsigned int line;
	bool in_word, in_double;
	bool lone_single, lone_double; /* from here on there is no closing quote of this kind */
};

void grub_lexer_init(struct grub_lexer *lexer, const char *bytes, size_t len);

/* The next token; GRUB_END for ever after the last. */
void grub_lexer_next(struct grub_lexer *lexer, struct grub_token *token);

#endif
