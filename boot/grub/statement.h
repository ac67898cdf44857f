/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_STATEMENT_H
#define BOOT_GRUB_STATEMENT_H

/*
 * A statement: the words up to a newline, `;`, `&&`, `||`, `{`, `}` or the end of the file, and
 * what becomes of them once the variables have their values.
 */

#include "boot/grub/lexer.h"
#include "boot/grub/scope.h"

/* Bounds on what one statement may cost. Kernels take command lines of some thousand bytes. */
#define GRUB_PIECES_MAX 4096
#define GRUB_ARGS_MAX 1024
#define GRUB_ARGS_BYTES (64 << 10)

struct grub_statement {
	struct grub_token pieces[GRUB_PIECES_MAX]; /* more are read and dropped */
	size_t count;
	enum grub_token_kind end; /* what ended it */
	unsigned int line;        /* where it begins */
};

/* The words of a statement as a command gets them. */
struct grub_args {
	const char *argv[GRUB_ARGS_MAX + 1]; /* argc strings and NULL */
	size_t argc;
	bool unknown;     /* a variable in it is unknown; it counted as empty */
	size_t allowance; /* bytes that variables may still add, over all statements */
	char bytes[GRUB_ARGS_BYTES];
	size_t used;
};

/* Read the next one; it may be empty. False at the end of the file with nothing read. */
bool grub_statement_read(struct grub_lexer *lexer, struct grub_statement *statement);

/* Does the word that begins with this piece consist of just this text, without quotes? */
bool grub_statement_word_is(const struct grub_statement *s, size_t piece, const char *text);

/* Put values for variables in the words from this piece on: unquoted ones are split at blanks and
 * vanish when empty (grub-core/script/execute.c, grub_script_arglist_to_argv). The result is valid
 * until the next call. */
void grub_statement_expand(const struct grub_statement *s, size_t piece,
	const struct grub_scope *scope, struct grub_args *args);

#endif
