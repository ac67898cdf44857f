// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands that set variables, or run text as a script. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/command.h"
#include "boot/grub/defaults.h"

/* $1, $@ and so on cannot be set. */
static bool is_special(const char *name)
{
	return !*name || (*name >= '0' && *name <= '9') || (strchr("#*@?", *name) && !name[1]);
}

/* GRUB takes one word and ignores those behind it. Behind kernelopts they can only be more of the
 * kernel's options, without which it would not find its root filesystem. */
static void add_more_options(struct grub_run *g, const char *name, const struct grub_call *call)
{
	char *value;

	if (call->argc < 3 || (strcmp(name, "kernelopts") && strcmp(name, "default_kernelopts")))
		return;
	value = talloc_strdup(g, grub_get_text(g, name));
	for (size_t i = 2; value && i < call->argc; i++)
		value = talloc_asprintf_append_buffer(value, " %s", call->argv[i]);
	if (value)
		grub_set(g, name, value);
	talloc_free(value);
}

static int assign(struct grub_run *g, char *assignment, const struct grub_call *call)
{
	char *equals = strchr(assignment, '=');

	if (!equals)
		return GRUB_BAD_ARGUMENT;
	*equals = '\0';
	if (is_special(assignment)) {
		*equals = '=';
		return GRUB_BAD_ARGUMENT;
	}
	grub_set(g, assignment, equals + 1);
	add_more_options(g, assignment, call);
	if (!strcmp(assignment, "default"))
		grub_note_default(g, call->node);
	return GRUB_OK;
}

int grub_assign(struct grub_run *g, struct grub_call *call)
{
	struct grub_call one = *call;

	one.argc = 1;
	assign(g, call->argv[0], &one);
	return GRUB_OK;
}

int grub_command_set(struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	(void)command;
	return call->argc < 2 ? GRUB_OK : assign(g, call->argv[1], call);
}

int grub_command_unset(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	(void)command;
	for (size_t i = 1; i < call->argc; i++)
		if (!is_special(call->argv[i]))
			grub_set(g, call->argv[i], NULL);
	return call->argc < 2 ? GRUB_BAD_ARGUMENT : GRUB_OK;
}

int grub_command_export(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	(void)command;
	for (size_t i = 1; i < call->argc; i++)
		if (!is_special(call->argv[i]) &&
			grub_scope_export(g->scope, call->argv[i]) == -ENOMEM)
			g->rc = -ENOMEM;
	return call->argc < 2 ? GRUB_BAD_ARGUMENT : GRUB_OK;
}

/* The arguments with a blank between them; talloc string of g. */
static char *join(struct grub_run *g, const struct grub_call *call, size_t from)
{
	char *text = talloc_strdup(g, "");

	for (size_t i = from; text && i < call->argc; i++)
		text = talloc_asprintf_append_buffer(
			text, "%s%s", i > from ? " " : "", call->argv[i]);
	if (!text)
		g->rc = -ENOMEM;
	return text;
}

/* Statements point into the text, so it stays. */
int grub_command_eval(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	char *text;

	(void)command;
	if (call->argc < 2)
		return GRUB_BAD_ARGUMENT;
	if (!grub_step(g, call->node->line))
		return GRUB_TOO_DEEP;
	text = join(g, call, 1);
	if (!text)
		return GRUB_NO_MEMORY;
	g->status = GRUB_OK;
	size_t kept = g->kept;
	grub_run_bytes(g, text, strlen(text));
	if (kept == g->kept)
		talloc_free(text);
	return g->status;
}

int grub_command_echo(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	char *text;

	(void)command;
	if (!g->echo)
		return GRUB_OK;
	text = join(g, call, 1);
	if (text)
		g->echo(g->echo_data, text);
	talloc_free(text);
	return GRUB_OK;
}

int grub_command_nothing(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	(void)g;
	(void)command;
	(void)call;
	return GRUB_OK;
}

int grub_command_false(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	(void)g;
	(void)command;
	(void)call;
	return GRUB_FALSE;
}
