// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of statements and plain commands; parser_words.c has what begins with a reserved word. */
#include <string.h>
#include <talloc.h>

#include "boot/grub/parser.h"

void grub_tell(struct grub_parser *p, unsigned int line, const char *sentence)
{
	if (p->tell)
		p->tell(p->data, line, sentence);
}

void grub_advance(struct grub_parser *p)
{
	grub_lexer_next(&p->lexer, &p->token);
	if (p->token.strange)
		grub_tell(p, p->token.line,
			"GRUB would refuse this; it is read as a shell would read it");
}

void grub_parser_init(
	struct grub_parser *p, struct grub_arena *arena, const char *bytes, size_t len)
{
	*p = (struct grub_parser){.arena = arena};
	grub_lexer_init(&p->lexer, bytes, len);
}

/* yylex.l, NAME */
bool grub_is_name(const struct grub_token *t)
{
	if (t->kind != GRUB_TEXT || t->quoted || !t->len || (*t->text >= '0' && *t->text <= '9'))
		return false;
	for (unsigned int i = 0; i < t->len; i++) {
		char c = t->text[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '_' &&
			!(c >= '0' && c <= '9'))
			return false;
	}
	return true;
}

bool grub_word_is(const struct grub_token *pieces, size_t count, size_t piece, const char *text)
{
	const struct grub_token *t;

	if (piece >= count)
		return false;
	t = &pieces[piece];
	return t->kind == GRUB_TEXT && !t->quoted && t->len == strlen(text) &&
	       !memcmp(t->text, text, t->len) && (piece + 1 == count || !t[1].joined);
}

struct grub_node *grub_node_new(struct grub_parser *p, enum grub_node_kind kind, unsigned int line)
{
	struct grub_node *node = grub_arena_take(p->arena, sizeof(*node));

	if (!node) {
		p->failed = true;
		return NULL;
	}
	*node = (struct grub_node){.kind = kind, .line = line};
	return node;
}

bool grub_at_word(const struct grub_token *t)
{
	return t->kind == GRUB_TEXT || t->kind == GRUB_VARIABLE;
}

static bool add_piece(struct grub_parser *p, unsigned int *count)
{
	if (*count == GRUB_PIECES_MAX)
		return true; /* more are read and dropped */
	if (*count == p->piece_room) {
		size_t room = p->piece_room ? p->piece_room * 2 : 64;
		struct grub_token *more = talloc_realloc(
			p->arena->ctx, p->pieces, struct grub_token, room);

		if (!more)
			return false;
		p->pieces = more;
		p->piece_room = room;
	}
	p->pieces[(*count)++] = p->token;
	return true;
}

/* Take all words that stand here. */
bool grub_take_words(struct grub_parser *p, struct grub_node *node)
{
	struct grub_token *pieces;
	unsigned int count = 0;

	for (; grub_at_word(&p->token); grub_advance(p))
		if (!add_piece(p, &count))
			p->failed = true;
	pieces = grub_arena_take(p->arena, count * sizeof(*pieces));
	if (!pieces || p->failed) {
		p->failed = true;
		return false;
	}
	if (count)
		memcpy(pieces, p->pieces, count * sizeof(*pieces));
	node->pieces = pieces;
	node->count = count;
	return true;
}

static bool opens_entry(const struct grub_node *node)
{
	return grub_word_is(node->pieces, node->count, 0, "menuentry") ||
	       grub_word_is(node->pieces, node->count, 0, "hiddenentry");
}

static bool opens_menu(const struct grub_node *node)
{
	return opens_entry(node) || grub_word_is(node->pieces, node->count, 0, "submenu");
}

void grub_spill(struct grub_parser *p, struct grub_node *list)
{
	struct grub_node **end = &p->spill;

	while (*end)
		end = &(*end)->next;
	*end = list;
}

/* An entry was never closed: from the next one on, what it holds stands behind it. */
static void cut_at_next_entry(struct grub_parser *p, struct grub_node *node)
{
	for (struct grub_node **at = &node->block; *at; at = &(*at)->next) {
		struct grub_node *n = *at;

		if (n->kind != GRUB_NODE_FUNCTION &&
			(n->kind != GRUB_NODE_COMMAND || !opens_menu(n)))
			continue;
		*at = NULL;
		grub_spill(p, n);
		return;
	}
}

/* `{` is the next token: the block, up to and with its `}`. */
void grub_parse_block(struct grub_parser *p, struct grub_node *node)
{
	unsigned int closers = p->closers;
	struct grub_node *spill = p->spill;

	p->closers = 0;
	p->spill = NULL;
	p->ended = false;
	p->braces++;
	p->depth++;
	grub_advance(p);
	node->has_block = true;
	node->block = grub_parse_list(p);
	if (!node->block)
		grub_tell(p, node->line, "this block is empty, which GRUB would refuse");
	p->depth--;
	p->braces--;
	p->closers = closers;
	p->spill = spill;
	if (p->token.kind == GRUB_CLOSE) {
		grub_advance(p);
		return;
	}
	node->broken = true;
	if (!p->failed)
		grub_tell(p, node->line, "the block that begins here is never closed");
	if (opens_entry(node)) {
		cut_at_next_entry(p, node);
	} else if (!opens_menu(node)) {
		grub_spill(p, node->block);
		node->block = NULL;
	}
}

/* A menu entry's brace may stand on a line of its own. */
static void find_brace(struct grub_parser *p, const struct grub_node *node)
{
	struct grub_lexer ahead = p->lexer;
	struct grub_token token = p->token;

	if (!opens_menu(node))
		return;
	while (token.kind == GRUB_NEWLINE)
		grub_lexer_next(&ahead, &token);
	if (token.kind != GRUB_OPEN || p->token.kind != GRUB_NEWLINE)
		return;
	grub_tell(p, node->line, "the brace stands on another line, which GRUB would refuse");
	p->lexer = ahead;
	p->token = token;
}

/* Room is kept for entries in what is too deep otherwise: they are what this is about. */
static bool grub_too_deep(const struct grub_parser *p, const struct grub_node *node)
{
	return p->depth >= (opens_entry(node) ? GRUB_DEPTH_MAX : GRUB_DEPTH_MAX - 4);
}

static struct grub_node *parse_command(struct grub_parser *p)
{
	struct grub_node *node = grub_node_new(p, GRUB_NODE_COMMAND, p->token.line);

	if (!node || !grub_take_words(p, node))
		return NULL;
	find_brace(p, node);
	if (p->token.kind != GRUB_OPEN)
		return node;
	if (grub_too_deep(p, node)) {
		grub_tell(p, node->line, "blocks are too deep within each other here");
		p->beyond[1]++;
		grub_advance(p);
		return node;
	}
	grub_parse_block(p, node);
	if (grub_at_word(&p->token))
		grub_tell(p, p->token.line, "GRUB would expect an end of line before this word");
	return node;
}

static struct grub_node *parse_group(struct grub_parser *p)
{
	struct grub_node *node = grub_node_new(p, GRUB_NODE_GROUP, p->token.line);

	if (!node)
		return NULL;
	grub_tell(p, node->line, "GRUB would refuse a block without a command");
	if (!grub_too_deep(p, node)) {
		grub_parse_block(p, node);
	} else {
		p->beyond[1]++;
		grub_advance(p);
	}
	return node;
}

/* A `}` that nobody waits for, or a separator: passed over. False at what ends the list. */
static bool pass_over(struct grub_parser *p)
{
	switch (p->token.kind) {
	case GRUB_SEMICOLON:
		if (!p->ended)
			grub_tell(p, p->token.line,
				"GRUB would refuse a semicolon without a command");
		break;
	case GRUB_NEWLINE:
	case GRUB_AND:
	case GRUB_OR:
		break;
	case GRUB_CLOSE:
		if (p->beyond[1])
			p->beyond[1]--;
		else if (p->braces)
			return false;
		else
			grub_tell(p, p->token.line, "this brace closes nothing");
		break;
	default:
		return false;
	}
	p->ended = false;
	grub_advance(p);
	return true;
}

/* How the statement behind this separator is linked to the one before. */
static enum grub_link link_of(const struct grub_parser *p)
{
	switch (p->token.kind) {
	case GRUB_AND:
		return GRUB_LINK_AND;
	case GRUB_OR:
		return GRUB_LINK_OR;
	default:
		return GRUB_LINK_ALWAYS;
	}
}

/* One statement; NULL where none begins. */
static struct grub_node *parse_statement(struct grub_parser *p)
{
	struct grub_node *node = NULL;

	while (!p->failed && !node) {
		if (p->token.kind == GRUB_OPEN)
			return parse_group(p);
		if (!grub_at_word(&p->token))
			return NULL;
		switch (grub_parse_reserved(p, &node)) {
		case GRUB_RESERVED_NOT:
			return parse_command(p);
		case GRUB_RESERVED_ENDS:
			return NULL;
		case GRUB_RESERVED_PASSED:
			break;
		}
	}
	return p->failed ? NULL : node;
}

/* Put a statement, and what spilled out of it, at the end of a list; gives the new end. */
static struct grub_node **append(
	struct grub_parser *p, struct grub_node **end, struct grub_node *node)
{
	p->ended = true;
	*end = node;
	while (*end)
		end = &(*end)->next;
	*end = p->spill;
	p->spill = NULL;
	while (*end)
		end = &(*end)->next;
	return end;
}

struct grub_node *grub_parse_list(struct grub_parser *p)
{
	struct grub_node *list = NULL, **end = &list;
	enum grub_link link = GRUB_LINK_ALWAYS;

	while (!p->failed) {
		enum grub_link next = link_of(p);
		struct grub_node *node;

		if (pass_over(p)) {
			/* Newlines may stand behind && and ||. */
			if (next != GRUB_LINK_ALWAYS || p->token.kind == GRUB_END)
				link = next;
			continue;
		}
		node = parse_statement(p);
		if (!node && pass_over(p))
			continue;
		if (!node)
			break;
		node->link = list ? link : GRUB_LINK_ALWAYS;
		link = GRUB_LINK_ALWAYS;
		end = append(p, end, node);
	}
	return list;
}

struct grub_node *grub_parse_next(struct grub_parser *p)
{
	struct grub_node *list = NULL, **end = &list;
	enum grub_link link = GRUB_LINK_ALWAYS;

	if (!p->token.line)
		grub_advance(p);
	do {
		struct grub_node *node = parse_statement(p);

		if (!node && pass_over(p))
			continue;
		if (!node)
			break;
		node->link = link;
		end = append(p, end, node);
		link = link_of(p);
	} while ((!list || link != GRUB_LINK_ALWAYS) && !p->failed);
	return list;
}
