// SPDX-License-Identifier: GPL-2.0-or-later
/* Files that read files: source, configfile, normal (grub-core/commands/configfile.c). */
#include "boot/grub/source.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/command.h"
#include "boot/grub/device.h"
#include "boot/grub/menu.h"
#include "devices/cleanup.h"

#define FILE_BYTES_MAX (4 << 20)

void grub_set_config(struct grub_run *g, const char *device, const char *path)
{
	_cleanup_talloc_ char *file = talloc_asprintf(NULL, "(%s)%s", device, path);
	char *slash = file ? strrchr(file, '/') : NULL;

	if (!file) {
		g->rc = -ENOMEM;
		return;
	}
	grub_set(g, "config_file", file);
	if (slash)
		*slash = '\0';
	grub_set(g, "config_directory", file);
	grub_scope_export(g->scope, "config_file");
	grub_scope_export(g->scope, "config_directory");
}

static void run_bytes_of(
	struct grub_run *g, const struct volume *v, const char *path, const char *bytes, size_t len)
{
	struct grub_source source = g->source;
	_cleanup_talloc_ char *device = grub_device_of(g, NULL, v);
	char *file = talloc_strdup(NULL, grub_get_text(g, "config_file"));
	char *directory = talloc_strdup(NULL, grub_get_text(g, "config_directory"));

	grub_set_config(g, device ? device : "", path);
	g->source = (struct grub_source){grub_keep(g, path + strspn(path, "/")), v};
	g->sources++;
	grub_pay(g, len);
	grub_run_bytes(g, bytes, len);
	g->sources--;
	g->source = source;
	grub_set(g, "config_file", file);
	grub_set(g, "config_directory", directory);
	talloc_free(file);
	talloc_free(directory);
}

bool grub_run_config(
	struct grub_run *g, const struct volume *v, const char *path, unsigned int line)
{
	char *bytes;
	size_t len, kept = g->kept;
	struct err err;

	if (g->sources == GRUB_SOURCES_MAX) {
		grub_problem(g, line, "%s is left out: files read each other too deep", path);
		return false;
	}
	if (reading_file(g->reading, g, v, path, FILE_BYTES_MAX, &bytes, &len, &err) < 0) {
		grub_problem(g, line, "%s", err.text);
		return false;
	}
	run_bytes_of(g, v, path, bytes, len);
	if (kept == g->kept)
		talloc_free(bytes);
	return true;
}

/* The file that a command names. False, told, if its filesystem is not there. */
static bool find(struct grub_run *g, const struct grub_call *call, struct grub_place *place)
{
	if (call->argc != 2 || !grub_place(g, call->argv[1], place) || !*place->path)
		return false;
	if (place->volume)
		return true;
	grub_problem(
		g, call->node->line, "%s is on %s, which is not there", place->path, place->device);
	return false;
}

int grub_command_source(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_place place;

	(void)command;
	if (call->argc != 2)
		return GRUB_BAD_ARGUMENT;
	g->status = GRUB_OK;
	if (grub_lookup(g, 1) && find(g, call, &place))
		grub_run_config(g, place.volume, place.path, call->node->line);
	return GRUB_OK;
}

/* In a context of its own, which is this one's no more afterwards; its entries stand in this menu. */
static void run_in_context(struct grub_run *g, const struct grub_place *place, unsigned int line)
{
	struct grub_scope *outer = g->scope;
	bool first = !g->menu->first;

	/* Items are described when it is over: it lives as long. */
	g->scope = grub_scope_new(g, outer, GRUB_VIEW_EXPORTED);
	if (!g->scope) {
		g->scope = outer;
		g->rc = -ENOMEM;
		return;
	}
	grub_run_config(g, place->volume, place->path, line);
	if (first && g->menu->first && outer == g->menu->scope)
		g->menu->scope = g->scope; /* it is this file's menu that is shown */
	g->scope = outer;
}

static bool is_new(struct grub_run *g, const struct grub_place *place)
{
	return !g->reading->is_new || g->reading->is_new(g->reading, place->volume, place->path);
}

static int open_config(struct grub_run *g, struct grub_call *call)
{
	struct grub_place place;

	if (!find(g, call, &place)) {
		if (g->draft)
			g->draft->obstacle = "it opens a menu that is not there";
		return GRUB_OK;
	}
	if (!g->draft) {
		if (is_new(g, &place))
			run_in_context(g, &place, call->node->line);
		return GRUB_OK;
	}
	g->draft->obstacle = "it opens another menu";
	if (grub_has_file(g, &place) && is_new(g, &place)) {
		g->draft->config = grub_item_text(g, place.path);
		g->draft->config_volume = place.volume;
	} else if (grub_has_file(g, &place)) {
		g->draft->obstacle = "it opens a menu that is listed by itself";
	}
	g->booting = true;
	return GRUB_OK;
}

/* configfile FILE, normal [FILE]: without one it is $prefix/grub.cfg. */
int grub_command_configfile(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	_cleanup_talloc_ char *file = NULL;
	char *argv[3] = {call->argv[0], call->argv[1], NULL};
	struct grub_call whole = {argv, 2, call->node};

	if (call->argc < 2) {
		if (*command->name != 'n')
			return GRUB_BAD_ARGUMENT;
		file = talloc_asprintf(NULL, "%s/grub.cfg", grub_get_text(g, "prefix"));
		if (!file)
			return GRUB_NO_MEMORY;
		argv[1] = file;
	}
	if (!grub_lookup(g, 1))
		return GRUB_TOO_DEEP;
	return open_config(g, &whole);
}

/* extract_entries_source, extract_entries_configfile: only what the file puts into the menu. */
int grub_command_extract(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	bool all = strstr(command->name, "_source");
	struct grub_scope *outer = g->scope;
	struct grub_place place;

	if (call->argc != 2)
		return GRUB_BAD_ARGUMENT;
	if (!grub_lookup(g, 1) || !find(g, call, &place))
		return GRUB_OK;
	g->scope = grub_scope_new(g, outer, all ? GRUB_VIEW_ALL : GRUB_VIEW_EXPORTED);
	if (g->scope)
		grub_run_config(g, place.volume, place.path, call->node->line);
	else
		g->rc = -ENOMEM;
	g->scope = outer;
	return GRUB_OK;
}
