// SPDX-License-Identifier: GPL-2.0-or-later
/* load_env and save_env (grub-core/commands/loadenv.c). */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/command.h"
#include "boot/grub/defaults.h"
#include "boot/grub/device.h"
#include "boot/grub/environment.h"
#include "boot/grub/menu.h"
#include "devices/cleanup.h"

static const struct grub_option env_options[] = {
	{"file", 'f', GRUB_VALUE_NEEDED},
	{"skip-sig", 's', GRUB_VALUE_NONE},
	{NULL, '\0', GRUB_VALUE_NONE},
};

struct request {
	const char *file; /* NULL: $prefix/grubenv */
	char **names;     /* in the scratch arena */
	size_t count;
};

static bool parse(struct grub_run *g, const struct grub_call *call, struct request *request)
{
	struct grub_options options = grub_options(env_options, call);
	int option;

	*request = (struct request){0};
	request->names = grub_arena_take(&g->scratch, call->argc * sizeof(*request->names));
	while (request->names && (option = grub_options_next(&options)) != GRUB_OPTION_END) {
		if (option == 0)
			request->file = options.value;
		else if (option == GRUB_OPTION_WORD)
			request->names[request->count++] = (char *)options.value;
	}
	return request->names;
}

static bool find(struct grub_run *g, const struct request *request, struct grub_place *place)
{
	_cleanup_talloc_ char *file = NULL;

	if (request->file && (*request->file == '/' || *request->file == '('))
		return grub_place(g, request->file, place);
	/* GRUB knows only whole paths; "env_file" can only mean the one beside its own. */
	file = talloc_asprintf(NULL, "%s/%s", grub_get_text(g, "prefix"),
		request->file ? request->file : "grubenv");
	return file && grub_place(g, file, place);
}

static bool is_asked_for(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->count; i++)
		if (!strcmp(request->names[i], name))
			return true;
	return !request->count;
}

static void take_variables(
	struct grub_run *g, const struct request *request, struct grub_environment *block)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	char *name, *value;

	while (ctx && grub_environment_next(block, ctx, &name, &value)) {
		if (!is_asked_for(request, name))
			continue;
		grub_set(g, name, value);
		grub_note_loaded(g, name, value);
	}
}

int grub_command_load_env(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_environment block;
	struct request request;
	struct grub_place place;
	char *bytes;
	size_t len;

	(void)command;
	if (!parse(g, call, &request) || !find(g, &request, &place))
		return GRUB_NO_MEMORY;
	if (!place.volume)
		return GRUB_NO_DEVICE;
	if (!grub_lookup(g, 1) || reading_file(g->reading, g, place.volume, place.path,
					  GRUB_ENVIRONMENT_MAX, &bytes, &len, NULL) < 0)
		return GRUB_NO_FILE;
	if (grub_environment_open(&block, bytes, len)) {
		take_variables(g, &request, &block);
		if (!request.file && !g->environment.path)
			g->environment = (struct entry_file){
				.path = grub_keep(g, place.path), .volume = place.volume};
	} else {
		grub_problem(g, call->node->line, "%s is no GRUB environment block", place.path);
	}
	talloc_free(bytes);
	return GRUB_OK;
}

/* Nothing is written now: it is put down for when this is really booted. */
int grub_command_save_env(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct entry_write write = {.kind = ENTRY_WRITE_GRUBENV};
	struct request request;
	struct grub_place place;

	(void)command;
	if (!parse(g, call, &request) || !find(g, &request, &place))
		return GRUB_NO_MEMORY;
	if (!request.count)
		return GRUB_BAD_ARGUMENT;
	if (!place.volume)
		return GRUB_NO_DEVICE;
	if (place.volume->fd >= 0 && !grub_has_file(g, &place))
		return GRUB_NO_FILE;
	write.volume = place.volume;
	write.path = grub_keep(g, place.path);
	for (size_t i = 0; i < request.count; i++) {
		const char *value = grub_get(g, request.names[i]);

		write.name = grub_keep(g, request.names[i]);
		write.value = value ? grub_keep(g, value) : NULL;
		grub_write(g, &write);
	}
	return GRUB_OK;
}
