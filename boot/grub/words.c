// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the pieces of a statement to the words that a command gets: values for variables, splitting
 * at blanks (grub-core/script/execute.c, grub_script_arglist_to_argv, and script/argv.c).
 *
 * Words with a `*` or `?` outside of quotes stand for the files that match. They are put together a
 * second time then, with a backslash before whatever is not to be a wildcard.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boot/grub/run.h"
#include "boot/grub/wildcard.h"

struct expansion {
	struct grub_run *g;
	size_t used;                   /* of g->text */
	size_t start;                  /* of the word that is put together */
	bool open;                     /* there is one */
	bool wild;                     /* a wildcard was seen */
	bool escaping;                 /* second time */
	size_t offsets[GRUB_ARGS_MAX]; /* of the words in g->text */
	size_t count;
};

static void add_bytes(struct expansion *x, const char *text, size_t len)
{
	size_t room = GRUB_ARGS_BYTES - 1 - x->used;

	if (!x->open)
		x->start = x->used;
	x->open = true;
	if (len > room)
		len = room;
	memcpy(x->g->text + x->used, text, len);
	x->used += len;
}

static void add_quoted(struct expansion *x, const char *text, size_t len)
{
	if (!x->escaping) {
		add_bytes(x, text, len);
		return;
	}
	add_bytes(x, "", 0);
	for (size_t i = 0; i < len; i++) {
		if (text[i] && strchr("*?\\", text[i]))
			add_bytes(x, "\\", 1);
		add_bytes(x, text + i, 1);
	}
}

static void add_plain(struct expansion *x, const char *text, size_t len)
{
	bool wild = memchr(text, '*', len) || memchr(text, '?', len);

	x->wild |= wild;
	if (!x->escaping || !memchr(text, '\\', len)) {
		add_bytes(x, text, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\')
			add_bytes(x, "\\", 1);
		add_bytes(x, text + i, 1);
	}
}

static void end_word(struct expansion *x)
{
	if (!x->open)
		return;
	x->open = false;
	if (x->used >= GRUB_ARGS_BYTES - 1 || x->count == GRUB_ARGS_MAX) {
		x->used = x->start; /* no room for it all: better none than a part */
		return;
	}
	x->g->text[x->used++] = '\0';
	x->offsets[x->count++] = x->start;
}

/* grub_isspace() */
static const char blanks[] = " \t\n\r";

/* An unquoted value: blanks between its words part them, those around it are nothing. */
static void add_split(struct expansion *x, const char *value)
{
	value += strspn(value, blanks);
	while (*value) {
		size_t len = strcspn(value, blanks);

		add_plain(x, value, len);
		value += len;
		value += strspn(value, blanks);
		if (*value)
			end_word(x);
	}
}

static void add_value(struct expansion *x, const struct grub_token *t, const char *value)
{
	size_t len = strlen(value);

	if (GRUB_VALUES_BYTES - x->g->value_bytes < len)
		return;
	x->g->value_bytes += len;
	if (t->quoted)
		add_quoted(x, value, len);
	else
		add_split(x, value);
}

/* $* and $@: all of them, in quotes as one word or as they are. */
static void add_params(struct expansion *x, const struct grub_token *t)
{
	const struct grub_params *params = x->g->params;

	for (size_t i = 0; params && i < params->argc; i++) {
		if (i && t->quoted && *t->text == '*')
			add_bytes(x, " ", 1);
		else if (i)
			end_word(x);
		add_value(x, t, params->argv[i]);
	}
}

static void add_number(struct expansion *x, const struct grub_token *t, size_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", number);
	add_value(x, t, text);
}

static void add_param(struct expansion *x, const struct grub_token *t)
{
	const struct grub_params *params = x->g->params;
	size_t number = 0;

	for (unsigned int i = 0; i < t->len && number <= GRUB_ARGS_MAX; i++)
		number = number * 10 + (size_t)(t->text[i] - '0');
	if (params && number && number <= params->argc)
		add_value(x, t, params->argv[number - 1]);
	else if (params && number && number <= params->outer_argc)
		add_value(x, t, params->outer_argv[number - 1]);
}

static void add_variable(struct expansion *x, const struct grub_token *t)
{
	const char *value;

	/* Quotes make a word even if there is nothing in them. */
	if (t->quoted && *t->text != '@')
		add_bytes(x, "", 0);
	if (*t->text >= '0' && *t->text <= '9') {
		add_param(x, t);
	} else if (*t->text == '#') {
		if (x->g->params)
			add_number(x, t, x->g->params->argc);
	} else if (*t->text == '?') {
		add_number(x, t, (size_t)x->g->status);
	} else if (*t->text == '*' || *t->text == '@') {
		add_params(x, t);
	} else {
		value = grub_scope_get(x->g->scope, t->text, t->len);
		if (value)
			add_value(x, t, value);
	}
}

static void put_together(struct expansion *x, const struct grub_node *node, size_t piece)
{
	for (size_t i = piece; i < node->count; i++) {
		const struct grub_token *t = &node->pieces[i];

		if (!t->joined)
			end_word(x);
		if (t->kind == GRUB_VARIABLE)
			add_variable(x, t);
		else if (t->quoted)
			add_quoted(x, t->text, t->len);
		else
			add_plain(x, t->text, t->len);
	}
	end_word(x);
}

bool grub_words_add(struct grub_words *words, const char *text)
{
	if (words->argc == words->room)
		return true; /* more are dropped */
	words->argv[words->argc] = grub_arena_copy(words->arena, text, strlen(text));
	return words->argv[words->argc++];
}

/* The words as they are: one copy, and pointers into it. */
static bool give_plain(struct expansion *x, struct grub_words *words)
{
	char *text = grub_arena_take(words->arena, x->used + 1);

	if (!text)
		return false;
	memcpy(text, x->g->text, x->used);
	for (size_t i = 0; i < x->count; i++)
		words->argv[words->argc++] = text + x->offsets[i];
	return true;
}

/* The words, or the files that they match. */
static bool give_matches(struct expansion *x, struct grub_words *words)
{
	for (size_t i = 0; i < x->count; i++) {
		char *word = x->g->text + x->offsets[i];

		if (!grub_wildcard(x->g, word, words) && !grub_words_add(words, word))
			return false;
	}
	return true;
}

static bool give(struct expansion *x, struct grub_call *call)
{
	struct grub_words words = {.arena = &x->g->scratch};

	words.room = x->escaping ? GRUB_ARGS_MAX : x->count;
	words.argv = grub_arena_take(words.arena, (words.room + 1) * sizeof(*words.argv));
	if (!words.argv || !(x->escaping ? give_matches(x, &words) : give_plain(x, &words)))
		return false;
	words.argv[words.argc] = NULL;
	call->argv = words.argv;
	call->argc = words.argc;
	return true;
}

bool grub_expand(
	struct grub_run *g, const struct grub_node *node, size_t piece, struct grub_call *call)
{
	struct expansion x;

	x.g = g;
	x.wild = x.escaping = x.open = false;
	x.used = x.count = 0;
	put_together(&x, node, piece);
	if (x.wild && g->reading->volume->fd >= 0) {
		x.escaping = true;
		x.used = x.count = 0;
		put_together(&x, node, piece);
	}
	call->node = node;
	if (give(&x, call))
		return true;
	grub_no_room(g);
	return false;
}
