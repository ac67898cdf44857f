// SPDX-License-Identifier: GPL-2.0-or-later
/* The statements that begin with a reserved word: if, while, until, for, function. */
#include <string.h>

#include "boot/grub/parser.h"

enum word {
	WORD_IF,
	WORD_WHILE,
	WORD_UNTIL,
	WORD_FOR,
	WORD_FUNCTION,
	WORD_THEN, /* from here on they close something */
	WORD_ELIF,
	WORD_ELSE,
	WORD_FI,
	WORD_DO,
	WORD_DONE,
	WORD_CASE, /* reserved, and in no rule of the grammar */
	WORD_ESAC,
	WORD_IN,
	WORD_SELECT,
	WORD_COUNT,
};

/* grub-core/script/yylex.l, "Reserved words" */
static const char *const words[WORD_COUNT] = {"if", "while", "until", "for", "function", "then",
	"elif", "else", "fi", "do", "done", "case", "esac", "in", "select"};

#define BIT(word) (1u << (word))
#define IF_WORDS (BIT(WORD_THEN) | BIT(WORD_ELIF) | BIT(WORD_ELSE) | BIT(WORD_FI))
#define LOOP_WORDS (BIT(WORD_DO) | BIT(WORD_DONE))

/* WORD_COUNT if none stands here. A word ends where the next piece is not joined to it. */
static enum word word_here(const struct grub_parser *p)
{
	const struct grub_token *t = &p->token;
	struct grub_lexer ahead;
	struct grub_token next;
	enum word word = 0;

	if (t->kind != GRUB_TEXT || t->quoted || t->joined || t->len < 2 || t->len > 8)
		return WORD_COUNT;
	while (word < WORD_COUNT &&
		(strlen(words[word]) != t->len || memcmp(words[word], t->text, t->len)))
		word++;
	if (word == WORD_COUNT)
		return WORD_COUNT;
	ahead = p->lexer;
	grub_lexer_next(&ahead, &next);
	return grub_at_word(&next) && next.joined ? WORD_COUNT : word;
}

static bool take(struct grub_parser *p, enum word word)
{
	if (word_here(p) != word)
		return false;
	grub_advance(p);
	return true;
}

/* A list in which these words are waited for. */
static struct grub_node *list_until(struct grub_parser *p, unsigned int closers)
{
	unsigned int before = p->closers;
	struct grub_node *spill = p->spill, *list;

	p->closers |= closers;
	p->spill = NULL;
	p->ended = false;
	list = grub_parse_list(p);
	if (!list && !p->failed)
		grub_tell(p, p->token.line, "GRUB would expect a command before this");
	p->spill = spill;
	p->closers = before;
	return list;
}

/* Behind `if` or `elif`. */
static void parse_branches(struct grub_parser *p, struct grub_node *node)
{
	for (;;) {
		unsigned int line;

		node->condition = list_until(p, IF_WORDS);
		if (take(p, WORD_THEN))
			node->block = list_until(p, IF_WORDS);
		else
			grub_tell(p, node->line, "the if that begins here has no then");
		line = p->token.line;
		if (!take(p, WORD_ELIF))
			break;
		node->otherwise = grub_node_new(p, GRUB_NODE_IF, line);
		if (!node->otherwise)
			return;
		node = node->otherwise;
	}
	if (take(p, WORD_ELSE))
		node->otherwise = list_until(p, IF_WORDS);
}

static void parse_if(struct grub_parser *p, struct grub_node *node)
{
	parse_branches(p, node);
	if (take(p, WORD_FI))
		return;
	for (struct grub_node *n = node; n && n->kind == GRUB_NODE_IF; n = n->otherwise)
		n->broken = true;
	if (!p->failed)
		grub_tell(p, node->line,
			"the if that begins here has no fi: all its branches are taken");
}

static void parse_body(struct grub_parser *p, struct grub_node *node)
{
	if (take(p, WORD_DO))
		node->block = list_until(p, LOOP_WORDS);
	else
		grub_tell(p, node->line, "the loop that begins here has no do");
	if (take(p, WORD_DONE))
		return;
	node->broken = true;
	if (!p->failed)
		grub_tell(p, node->line, "the loop that begins here has no done: it is run once");
}

static void parse_while(struct grub_parser *p, struct grub_node *node)
{
	node->condition = list_until(p, LOOP_WORDS);
	parse_body(p, node);
}

static void parse_for(struct grub_parser *p, struct grub_node *node)
{
	if (!grub_take_words(p, node))
		return;
	if (!grub_word_is(node->pieces, node->count, 1, "in") || !grub_is_name(node->pieces))
		grub_tell(p, node->line, "the for that begins here has no variable and in");
	while (p->token.kind == GRUB_NEWLINE || p->token.kind == GRUB_SEMICOLON)
		grub_advance(p);
	parse_body(p, node);
}

static void parse_function(struct grub_parser *p, struct grub_node *node)
{
	if (!grub_take_words(p, node))
		return;
	if (node->count != 1 || !grub_is_name(node->pieces))
		grub_tell(p, node->line, "GRUB would refuse the name of this function");
	while (p->token.kind == GRUB_NEWLINE)
		grub_advance(p);
	if (p->token.kind != GRUB_OPEN) {
		grub_tell(p, node->line, "the function that begins here has no block");
		return;
	}
	grub_parse_block(p, node);
}

static const struct {
	enum grub_node_kind kind;
	void (*parse)(struct grub_parser *p, struct grub_node *node);
} statements[] = {
	[WORD_IF] = {GRUB_NODE_IF, parse_if},
	[WORD_WHILE] = {GRUB_NODE_WHILE, parse_while},
	[WORD_UNTIL] = {GRUB_NODE_UNTIL, parse_while},
	[WORD_FOR] = {GRUB_NODE_FOR, parse_for},
	[WORD_FUNCTION] = {GRUB_NODE_FUNCTION, parse_function},
};

/* A word that closes something which is not open, or too deep to be known. */
static void pass_closer(struct grub_parser *p, enum word word)
{
	if (!p->beyond[0])
		grub_tell(p, p->token.line, "GRUB would refuse this word here: it is passed over");
	else if (word == WORD_FI || word == WORD_DONE)
		p->beyond[0]--;
	grub_advance(p);
}

enum grub_reserved grub_parse_reserved(struct grub_parser *p, struct grub_node **node)
{
	enum word word = word_here(p);

	if (word == WORD_COUNT)
		return GRUB_RESERVED_NOT;
	if (word >= WORD_THEN) {
		if (!p->beyond[0] && p->closers & BIT(word))
			return GRUB_RESERVED_ENDS;
		pass_closer(p, word);
		return GRUB_RESERVED_PASSED;
	}
	if (p->depth >= GRUB_DEPTH_MAX - 4) {
		grub_tell(p, p->token.line, "statements are too deep within each other here");
		p->beyond[0] += word != WORD_FUNCTION;
		grub_advance(p);
		return GRUB_RESERVED_PASSED;
	}
	*node = grub_node_new(p, statements[word].kind, p->token.line);
	if (!*node)
		return GRUB_RESERVED_PASSED;
	grub_advance(p);
	p->depth++;
	statements[word].parse(p, *node);
	p->depth--;
	return GRUB_RESERVED_PASSED;
}
