// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/statement.h"

#include <string.h>

bool grub_statement_read(struct grub_lexer *lexer, struct grub_statement *s)
{
	struct grub_token token;

	s->count = 0;
	for (;;) {
		grub_lexer_next(lexer, &token);
		if (!s->count)
			s->line = token.line;
		if (token.kind != GRUB_TEXT && token.kind != GRUB_VARIABLE)
			break;
		if (s->count < GRUB_PIECES_MAX)
			s->pieces[s->count++] = token;
	}
	s->end = token.kind;
	return s->count || s->end != GRUB_END;
}

bool grub_statement_word_is(const struct grub_statement *s, size_t piece, const char *text)
{
	const struct grub_token *t = &s->pieces[piece];

	return piece < s->count && t->kind == GRUB_TEXT && !t->quoted && t->len == strlen(text) &&
	       !memcmp(t->text, text, t->len) && (piece + 1 == s->count || !t[1].joined);
}

/* The argument that is being put together. */
static void add_bytes(struct grub_args *args, const char *text, size_t len)
{
	size_t room = sizeof(args->bytes) - 1 - args->used;

	len = len < room ? len : room;
	memcpy(args->bytes + args->used, text, len);
	args->used += len;
}

static void end_argument(struct grub_args *args, const char *start)
{
	if (args->used == sizeof(args->bytes) - 1 || args->argc == GRUB_ARGS_MAX)
		return; /* no room for it all: better none than a part */
	args->bytes[args->used++] = '\0';
	args->argv[args->argc++] = start;
}

/* An unquoted value: each blank in it ends an argument. */
static void add_split(struct grub_args *args, const char *value, const char **start, bool *open)
{
	while (*value) {
		size_t blanks = strspn(value, " \t\n"), len;

		if (blanks && *open) {
			end_argument(args, *start);
			*open = false;
		}
		value += blanks;
		len = strcspn(value, " \t\n");
		if (len && !*open) {
			*start = args->bytes + args->used;
			*open = true;
		}
		add_bytes(args, value, len);
		value += len;
	}
}

static const char *value_of(
	struct grub_args *args, const struct grub_token *t, const struct grub_scope *scope)
{
	const char *value = grub_scope_get(scope, t->text, t->len);
	size_t len;

	if (!value) {
		args->unknown = true;
		return "";
	}
	len = strlen(value);
	if (len > args->allowance)
		return "";
	args->allowance -= len;
	return value;
}

void grub_statement_expand(const struct grub_statement *s, size_t piece,
	const struct grub_scope *scope, struct grub_args *args)
{
	const char *start = NULL;
	bool open = false; /* is there an argument at start? */

	args->argc = 0;
	args->used = 0;
	args->unknown = false;
	for (; piece < s->count; piece++) {
		const struct grub_token *t = &s->pieces[piece];
		const char *value = t->kind == GRUB_VARIABLE ? value_of(args, t, scope) : NULL;

		if (!t->joined && open) {
			end_argument(args, start);
			open = false;
		}
		if (value && !t->quoted) {
			add_split(args, value, &start, &open);
			continue;
		}
		if (!open)
			start = args->bytes + args->used;
		open = true;
		add_bytes(args, value ? value : t->text, value ? strlen(value) : t->len);
	}
	if (open)
		end_argument(args, start);
	args->argv[args->argc] = NULL;
}
