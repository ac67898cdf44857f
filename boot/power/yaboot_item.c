// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/power/yaboot_item.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#define END (-1)

static int peek(const struct yaboot_lexer *x)
{
	return x->rest.len ? (unsigned char)*x->rest.at : END;
}

/* Macintosh lines end with "\r" alone. */
static int take(struct yaboot_lexer *x)
{
	int c = peek(x);

	if (c == END)
		return END;
	x->rest.at++;
	x->rest.len--;
	if (c == '\n' || (c == '\r' && peek(x) != '\n'))
		x->line++;
	return c;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\0';
}

static bool is_line_end(int c)
{
	return c == '\n' || c == '\r' || c == END;
}

static void skip_blanks(struct yaboot_lexer *x)
{
	while (is_blank(peek(x)))
		take(x);
}

static void skip_line(struct yaboot_lexer *x)
{
	while (!is_line_end(peek(x)))
		take(x);
}

static void skip_to_item(struct yaboot_lexer *x)
{
	while (is_blank(peek(x)) || peek(x) == '\n' || peek(x) == '\r' || peek(x) == '#')
		if (peek(x) == '#')
			skip_line(x);
		else
			take(x);
}

static bool put(struct yaboot_lexer *x, int c)
{
	size_t room = talloc_array_length(x->scratch);

	if (x->used == room) {
		char *more = talloc_realloc(NULL, x->scratch, char, 2 * room);

		if (!more)
			return false;
		x->scratch = more;
	}
	x->scratch[x->used++] = (char)c;
	return true;
}

/* A backslash before the line's end: the line goes on. */
static bool take_line_end(struct yaboot_lexer *x)
{
	if (peek(x) == '\r')
		take(x);
	else if (peek(x) != '\n')
		return false;
	if (peek(x) == '\n')
		take(x);
	return true;
}

static int escaped_in_quotes(struct yaboot_lexer *x)
{
	int c = peek(x);

	if (take_line_end(x)) {
		skip_blanks(x);
		return ' ';
	}
	if (c != '"' && c != '\\' && c != 'n')
		return '\\';
	take(x);
	return c == 'n' ? '\n' : c;
}

static bool put_quoted(struct yaboot_lexer *x)
{
	int quote = take(x);

	while (!is_line_end(peek(x))) {
		int c = take(x);

		if (c == quote)
			return true;
		if (!put(x, c == '\\' ? escaped_in_quotes(x) : c))
			return false;
	}
	return true;
}

static bool put_word(struct yaboot_lexer *x)
{
	while (!is_blank(peek(x)) && !is_line_end(peek(x)) && peek(x) != '#') {
		int c = take(x);

		if (c == '\\' && take_line_end(x))
			continue;
		if (c == '\\' && peek(x) != END)
			c = take(x);
		if (!put(x, c == '\t' ? ' ' : c))
			return false;
	}
	return true;
}

static struct line_text take_name(struct yaboot_lexer *x)
{
	struct line_text name = {x->rest.at, 0};

	for (; !is_blank(peek(x)) && !is_line_end(peek(x)) && !strchr("#=\"", peek(x)); take(x))
		name.len++;
	return name;
}

static bool item_follows(const struct yaboot_lexer *x)
{
	struct yaboot_lexer ahead = *x;
	struct line_text name = take_name(&ahead);

	skip_blanks(&ahead);
	return x->is_item(name, peek(&ahead) == '=' ? YABOOT_VARIABLE : YABOOT_FLAG);
}

static bool put_words(struct yaboot_lexer *x)
{
	bool ok = put_word(x);

	for (skip_blanks(x); ok && !is_line_end(peek(x)) && peek(x) != '#' && !item_follows(x);
		skip_blanks(x))
		ok = put(x, ' ') && put_word(x);
	return ok;
}

static int take_value(struct yaboot_lexer *x, struct yaboot_item *item)
{
	bool ok = true;

	skip_blanks(x);
	x->used = 0;
	if (peek(x) == '"' || peek(x) == '\'')
		ok = put_quoted(x);
	else
		ok = put_words(x);
	if (!ok || !put(x, '\0'))
		return -ENOMEM;
	item->value = x->scratch;
	return 1;
}

struct yaboot_lexer yaboot_lexer_of(void *ctx, struct line_text text,
	bool (*is_item)(struct line_text name, enum yaboot_kind kind))
{
	return (struct yaboot_lexer){
		.rest = text,
		.line = 1,
		.is_item = is_item,
		.scratch = talloc_array(ctx, char, 128),
	};
}

int yaboot_item_next(struct yaboot_lexer *x, struct yaboot_item *item)
{
	if (!x->scratch)
		return -ENOMEM;
	skip_to_item(x);
	if (peek(x) == END)
		return 0;
	*item = (struct yaboot_item){.line = x->line};
	item->name = take_name(x);
	if (!item->name.len)
		skip_line(x);
	skip_blanks(x);
	if (!item->name.len || peek(x) != '=')
		return 1;
	take(x);
	return take_value(x, item);
}
