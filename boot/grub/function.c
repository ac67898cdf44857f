// SPDX-License-Identifier: GPL-2.0-or-later
/* Functions, and the commands that only make sense within them or loops. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/command.h"
#include "boot/grub/run.h"

struct grub_function {
	const char *name;
	const struct grub_node *body;
	struct grub_source source; /* for what it tells */
};

/* They are sorted by name. */
static size_t place_of(const struct grub_run *g, const char *name, bool *found)
{
	size_t low = 0, high = g->function_count;

	*found = false;
	while (low < high && !*found) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, g->functions[middle].name);

		*found = order == 0;
		if (order <= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return high < low ? low : high;
}

const struct grub_function *grub_function(const struct grub_run *g, const char *name)
{
	bool found;
	size_t at = place_of(g, name, &found);

	return found ? &g->functions[at] : NULL;
}

static bool insert(struct grub_run *g, size_t at, const char *name)
{
	struct grub_function *f;

	if (g->function_count % 16 == 0) {
		f = talloc_realloc(g, g->functions, struct grub_function, g->function_count + 16);
		if (!f)
			return false;
		g->functions = f;
	}
	f = g->functions + at;
	memmove(f + 1, f, (g->function_count - at) * sizeof(*f));
	f->name = name;
	g->function_count++;
	return true;
}

/* A later one of the same name takes its place. */
int grub_define(struct grub_run *g, const struct grub_node *node)
{
	const char *name;
	bool found;
	size_t at;

	if (!node->has_block || !node->count || node->pieces->kind != GRUB_TEXT)
		return GRUB_OK;
	g->kept++;
	name = grub_arena_copy(&g->tree, node->pieces->text, node->pieces->len);
	if (!name)
		return GRUB_NO_MEMORY;
	at = place_of(g, name, &found);
	if (!found && g->function_count == GRUB_FUNCTIONS_MAX)
		return GRUB_OK;
	if (!found && !insert(g, at, name)) {
		g->rc = -ENOMEM;
		return GRUB_NO_MEMORY;
	}
	g->functions[at].body = node->block;
	g->functions[at].source = g->source;
	return GRUB_OK;
}

int grub_call_function(
	struct grub_run *g, const struct grub_function *function, struct grub_call *call)
{
	struct grub_params *params = g->params,
			   own = {call->argv + 1, call->argc - 1, NULL, NULL, 0};
	unsigned long loops = g->loops;
	const char *file = g->source.file;

	if (!grub_step(g, call->node ? call->node->line : 0))
		return GRUB_TOO_DEEP;
	g->params = &own;
	g->loops = 0;
	g->source.file = function->source.file;
	g->status = GRUB_OK;
	grub_run_list(g, function->body);
	g->source.file = file;
	g->returning = false;
	g->breaks = 0;
	g->loops = loops;
	g->params = params;
	talloc_free(own.owned);
	return g->status;
}

/* A number that is the only argument, or this value if there is none. */
static bool take_number(const struct grub_call *call, unsigned long *number, unsigned long value)
{
	char *end;

	*number = value;
	if (call->argc < 2)
		return true;
	*number = strtoul(call->argv[1], &end, 10);
	return call->argc == 2 && end != call->argv[1] && !*end;
}

int grub_command_break(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	unsigned long count;

	if (!take_number(call, &count, 1) || !count)
		return GRUB_BAD_ARGUMENT;
	g->continues = *command->name == 'c';
	g->breaks = count < g->loops ? count : g->loops;
	return GRUB_OK;
}

int grub_command_return(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	unsigned long status;

	(void)command;
	if (!g->params || !take_number(call, &status, (unsigned long)g->status))
		return GRUB_BAD_ARGUMENT;
	g->returning = true;
	return (int)(status & 0xffff);
}

int grub_command_shift(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	unsigned long count;

	(void)command;
	if (!g->params)
		return GRUB_OK;
	if (!take_number(call, &count, 1) || count > g->params->argc)
		return GRUB_BAD_ARGUMENT;
	g->params->argv += count;
	g->params->argc -= count;
	return GRUB_OK;
}

int grub_command_setparams(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	char **copy;

	(void)command;
	if (!g->params)
		return GRUB_INVALID_COMMAND;
	copy = talloc_array(g, char *, call->argc);
	for (size_t i = 1; copy && i < call->argc; i++)
		copy[i - 1] = talloc_strdup(copy, call->argv[i]);
	if (!copy)
		return GRUB_NO_MEMORY;
	talloc_free(g->params->owned);
	*g->params = (struct grub_params){copy, call->argc - 1, copy, NULL, 0};
	return GRUB_OK;
}
