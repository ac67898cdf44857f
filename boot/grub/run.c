// SPDX-License-Identifier: GPL-2.0-or-later
/* Statements: grub-core/script/execute.c. */
#include "boot/grub/run.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/command.h"
#include "boot/grub/menu.h"
#include "devices/cleanup.h"

const char *grub_get(const struct grub_run *g, const char *name)
{
	return grub_scope_get(g->scope, name, strlen(name));
}

const char *grub_get_text(const struct grub_run *g, const char *name)
{
	const char *value = grub_get(g, name);

	return value ? value : "";
}

/* "(hd0,gpt2)" and "hd0,gpt2" are the same root (kern/main.c, grub_env_write_root). */
static const char *without_parentheses(struct grub_run *g, const char *value)
{
	size_t len = strlen(value);

	if (*value != '(' || value[len - 1] != ')' || len < 2)
		return value;
	value = grub_arena_copy(&g->scratch, value + 1, len - 2);
	if (!value)
		g->rc = -ENOMEM;
	return value;
}

void grub_set(struct grub_run *g, const char *name, const char *value)
{
	if (value && !strcmp(name, "root"))
		value = without_parentheses(g, value);
	if (grub_scope_set(g->scope, name, value) == -ENOMEM)
		g->rc = -ENOMEM;
}

void grub_no_room(struct grub_run *g)
{
	if (!g->keep.full && !g->tree.full && !g->scratch.full)
		g->rc = -ENOMEM;
	else if (!g->told_full)
		grub_problem(g, 0, "there is too much in this configuration: entries are left out");
	g->told_full = true;
}

const char *grub_keep_len(struct grub_run *g, const char *text, size_t len)
{
	const char *copy = text ? grub_arena_copy(&g->keep, text, len) : NULL;

	if (!copy)
		grub_no_room(g);
	return copy ? copy : "";
}

const char *grub_keep(struct grub_run *g, const char *text)
{
	return grub_keep_len(g, text, text ? strlen(text) : 0);
}

void grub_problem(struct grub_run *g, unsigned int line, const char *format, ...)
{
	_cleanup_talloc_ char *text = NULL;
	va_list ap;

	va_start(ap, format);
	text = talloc_vasprintf(NULL, format, ap);
	va_end(ap);
	if (text)
		reading_problem(g->reading, g->source.file, line, "%s", text);
}

bool grub_step(struct grub_run *g, unsigned int line)
{
	if (g->steps == g->step_limit && !g->told_steps) {
		grub_problem(g, line, "this takes more than %zu steps: loops end here",
			g->step_limit);
		g->told_steps = true;
	}
	if (g->steps <= g->step_limit)
		g->steps++;
	return g->steps <= g->step_limit;
}

bool grub_lookup(struct grub_run *g, size_t cost)
{
	if (g->lookups <= GRUB_LOOKUPS_MAX && GRUB_LOOKUPS_MAX - g->lookups >= cost) {
		g->lookups += cost;
		return true;
	}
	if (g->lookups <= GRUB_LOOKUPS_MAX)
		grub_problem(g, 0, "this looks for too many files: the rest is taken for missing");
	g->lookups = GRUB_LOOKUPS_MAX + 1;
	return false;
}

static bool ended(const struct grub_run *g)
{
	return g->breaks || g->returning || g->booting || g->rc;
}

int grub_run_call(struct grub_run *g, struct grub_call *call)
{
	const struct grub_command *command = grub_command(call->argv[0]);
	const struct grub_function *function = NULL;

	if (!command)
		function = grub_function(g, call->argv[0]);
	if (function)
		return grub_call_function(g, function, call);
	if (command)
		return command->run(g, command, call);
	grub_assign(g, call);
	/* Who knows what a block is for: what it holds is not lost. */
	if (call->node && call->node->has_block)
		grub_run_list(g, call->node->block);
	return GRUB_OK;
}

/* "!" is a command that has a command behind it; `! ! x` is none. */
static int run_inverted(struct grub_run *g, struct grub_call *call)
{
	int status;

	if (call->argc < 2)
		return GRUB_BAD_ARGUMENT;
	call->argv++;
	call->argc--;
	g->conditions++;
	status = grub_run_call(g, call);
	g->conditions--;
	return status == GRUB_OK ? GRUB_FALSE : GRUB_OK;
}

static int run_command(struct grub_run *g, const struct grub_node *node)
{
	struct grub_mark mark = grub_arena_mark(&g->scratch);
	struct grub_call call;
	int status = GRUB_OK;

	if (!grub_expand(g, node, 0, &call))
		return GRUB_NO_MEMORY;
	if (call.argc && !strcmp(call.argv[0], "!"))
		status = run_inverted(g, &call);
	else if (call.argc)
		status = grub_run_call(g, &call);
	else if (node->has_block)
		grub_run_list(g, node->block);
	grub_arena_back(&g->scratch, mark);
	return status;
}

static int run_condition(struct grub_run *g, const struct grub_node *list)
{
	g->conditions++;
	grub_run_list(g, list);
	g->conditions--;
	return g->status;
}

static int run_if(struct grub_run *g, const struct grub_node *node)
{
	int status = run_condition(g, node->condition);

	if (ended(g))
		return status;
	g->status = GRUB_OK;
	if (status == GRUB_OK || node->broken)
		grub_run_list(g, node->block);
	if (status != GRUB_OK || node->broken)
		grub_run_list(g, node->otherwise);
	return g->status;
}

/* The end of a round: true if there is to be another. */
static bool next_round(struct grub_run *g, const struct grub_node *node)
{
	if (g->breaks == 1 && g->continues)
		g->breaks = 0;
	return !ended(g) && !node->broken && grub_step(g, node->line);
}

static void end_loop(struct grub_run *g)
{
	if (g->breaks)
		g->breaks--;
	g->loops--;
}

static int run_while(struct grub_run *g, const struct grub_node *node)
{
	int status;

	g->loops++;
	do {
		status = run_condition(g, node->condition);
		if (ended(g) || (status == GRUB_OK) == (node->kind == GRUB_NODE_UNTIL))
			break;
		g->status = GRUB_OK;
		grub_run_list(g, node->block);
		status = g->status;
	} while (next_round(g, node));
	end_loop(g);
	return status;
}

static int run_for(struct grub_run *g, const struct grub_node *node)
{
	struct grub_mark mark = grub_arena_mark(&g->scratch);
	struct grub_call call;
	char *name;
	int status = GRUB_OK;

	if (!grub_expand(g, node, 0, &call))
		return GRUB_NO_MEMORY;
	name = call.argc ? call.argv[0] : NULL;
	g->loops++;
	/* The second word is "in". */
	for (size_t i = 2; i < call.argc; i++) {
		grub_set(g, name, call.argv[i]);
		g->status = GRUB_OK;
		grub_run_list(g, node->block);
		status = g->status;
		if (!next_round(g, node))
			break;
	}
	end_loop(g);
	grub_arena_back(&g->scratch, mark);
	return status;
}

static int run_group(struct grub_run *g, const struct grub_node *node)
{
	grub_run_list(g, node->block);
	return g->status;
}

static int (*const kinds[])(struct grub_run *g, const struct grub_node *node) = {
	[GRUB_NODE_COMMAND] = run_command,
	[GRUB_NODE_IF] = run_if,
	[GRUB_NODE_WHILE] = run_while,
	[GRUB_NODE_UNTIL] = run_while,
	[GRUB_NODE_FOR] = run_for,
	[GRUB_NODE_FUNCTION] = grub_define,
	[GRUB_NODE_GROUP] = run_group,
};

static bool is_left_out(const struct grub_run *g, const struct grub_node *node)
{
	return (node->link == GRUB_LINK_AND && g->status != GRUB_OK) ||
	       (node->link == GRUB_LINK_OR && g->status == GRUB_OK);
}

void grub_run_list(struct grub_run *g, const struct grub_node *list)
{
	if (g->nesting == GRUB_NESTING_MAX) {
		grub_problem(g, list ? list->line : 0, "statements call each other too deep");
		g->status = GRUB_TOO_DEEP;
		return;
	}
	g->nesting++;
	for (const struct grub_node *n = list; n && !ended(g); n = n->next) {
		if (is_left_out(g, n))
			continue;
		if (!grub_step(g, n->line) && g->draft) {
			g->draft->entry.reason = "its script takes too many steps";
			g->booting = true;
			break;
		}
		/* Somebody behind && or || asks how this one went. */
		g->conditions += n->next && n->next->link != GRUB_LINK_ALWAYS;
		g->status = kinds[n->kind](g, n);
		g->conditions -= n->next && n->next->link != GRUB_LINK_ALWAYS;
	}
	g->nesting--;
}

static void tell(void *data, unsigned int line, const char *sentence)
{
	struct grub_run *g = data;

	/* What is wrong with a line is told once. */
	if (g->told_line != line || g->told_file != g->source.file)
		grub_problem(g, line, "%s", sentence);
	g->told_line = line;
	g->told_file = g->source.file;
}

/* The bytes of a file pay for steps; text that a script makes by itself does not. */
void grub_pay(struct grub_run *g, size_t len)
{
	g->step_limit += len < GRUB_STEPS_MAX ? len * GRUB_STEPS_PER_BYTE : GRUB_STEPS_MAX;
	if (g->step_limit > g->step_max)
		g->step_limit = g->step_max;
}

void grub_run_bytes(struct grub_run *g, const char *bytes, size_t len)
{
	struct grub_parser parser;
	const struct grub_node *list;
	struct grub_mark mark;
	size_t kept;

	grub_parser_init(&parser, &g->tree, bytes, len);
	parser.tell = tell;
	parser.data = g;
	do {
		mark = grub_arena_mark(&g->tree);
		kept = g->kept;
		list = grub_parse_next(&parser);
		if (list)
			grub_run_list(g, list);
		if (kept == g->kept)
			grub_arena_back(&g->tree, mark);
	} while (list && !ended(g));
	if (parser.failed)
		grub_problem(g, parser.token.line,
			"there is too much in this file: the rest of it is left out");
	talloc_free(parser.pieces);
}
