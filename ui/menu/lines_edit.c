// SPDX-License-Identifier: GPL-2.0-or-later
/* Editing an entry line by line, for one boot or to be kept. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/lines.h"

#define NONE "-" /* what stands for nothing: an empty line keeps what there is */

void lines_edit_end(struct console *c)
{
	json_decref(c->lines->edit);
	c->lines->edit = NULL;
}

/* What the entry is now, as an EDIT of engine.h. */
static json_t *edit_of(const struct model_entry *e)
{
	json_t *json = json_loads(e->json, 0, NULL), *initrds = json_array();
	const char *options = model_string(json, "options"), *device = "";
	json_t *edit = json_pack("{ss ss so ss ss}", "device", "", "linux", "", "initrd", initrds,
		"devicetree", "", "options", options ? options : "");
	const json_t *file;
	size_t i;

	json_array_foreach (json_object_get(json, "files"), i, file) {
		const char *what = model_string(file, "what"), *path = model_string(file, "path");

		if (!what || !path)
			continue;
		if (!strcmp(what, "initrd"))
			json_array_append_new(initrds, json_string(path));
		else if (!strcmp(what, "linux") || !strcmp(what, "devicetree"))
			json_object_set_new(edit, what, json_string(path));
		if (!strcmp(what, "linux") && model_string(file, "device"))
			device = model_string(file, "device");
	}
	json_object_set_new(edit, "device", json_string(device));
	json_decref(json);
	return edit;
}

static const struct {
	const char *word, *field, *label;
} fields[] = {
	{"device", "device", N_("Device")},
	{"kernel", "linux", N_("Kernel")},
	{"initrd", "initrd", N_("Initrd")},
	{"dtb", "devicetree", N_("Device tree")},
};

static void show(struct console *c)
{
	const json_t *edit = c->lines->edit, *path;
	struct page *page = page_new(NULL);
	size_t k;

	for (size_t i = 0; page && i < sizeof(fields) / sizeof(*fields); i++) {
		page_field(page, _(fields[i].label), model_string(edit, fields[i].field));
		json_array_foreach (json_object_get(edit, fields[i].field), k, path)
			page_field(page, _(fields[i].label), json_string_value(path));
	}
	if (page)
		page_field(page, _("Arguments"), model_string(edit, "options"));
	lines_page(c, page);
}

static void ask_arguments(struct console *c)
{
	lines_ask(c, LINES_ARGUMENTS, "%s",
		_("New arguments (Enter keeps them, + adds, - takes all away): "));
}

static void ask_more(struct console *c)
{
	lines_ask(c, LINES_EDIT, "%s", _("b boots it, c cancels, ? for help: "));
}

void lines_edit(struct menu *menu, struct console *c, const char *rest)
{
	size_t number = lines_number(rest);
	const struct model_entry *e = lines_entry(menu, c, number);

	if (!e)
		return;
	lines_edit_end(c);
	c->lines->edit = edit_of(e);
	c->lines->edited = number;
	lines_tell(c, "%s", e->title);
	show(c);
	ask_arguments(c);
}

void lines_edit_arguments(struct menu *menu, struct console *c, const char *line)
{
	json_t *edit = c->lines->edit;
	const char *before = model_string(edit, "options");
	char *options = NULL;

	(void)menu;
	if (!strcmp(line, NONE))
		options = talloc_strdup(c, "");
	else if (*line == '+')
		options = talloc_asprintf(
			c, "%s%s%s", before, *before ? " " : "", line + 1 + strspn(line + 1, " "));
	else if (*line)
		options = talloc_strdup(c, line);
	if (options)
		json_object_set_new(edit, "options", json_string(options));
	talloc_free(options);
	ask_more(c);
}

static json_t *words(const char *text)
{
	json_t *array = json_array();

	while (*text) {
		size_t len = strcspn(text, " ");

		if (len)
			json_array_append_new(array, json_stringn(text, len));
		text += len + strspn(text + len, " ");
	}
	return array;
}

static bool set_field(struct console *c, const char *word, size_t len, const char *value)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (strlen(fields[i].word) != len || strncmp(word, fields[i].word, len))
			continue;
		if (!strcmp(value, NONE))
			value = "";
		json_object_set_new(c->lines->edit, fields[i].field,
			json_is_array(json_object_get(c->lines->edit, fields[i].field))
				? words(value)
				: json_string(value));
		show(c);
		return true;
	}
	return false;
}

static void act_boot(struct menu *menu, struct console *c, const char *rest)
{
	const struct model_entry *e = lines_entry(menu, c, c->lines->edited);

	(void)rest; /* where it fails, the edit goes on */
	if (e)
		menu_boot(menu, c->number, e, json_incref(c->lines->edit));
}

static void act_cancel(struct menu *menu, struct console *c, const char *rest)
{
	(void)menu;
	(void)rest;
	lines_edit_end(c);
	lines_tell(c, _("Nothing was done."));
}

static void act_arguments(struct menu *menu, struct console *c, const char *rest)
{
	if (*rest)
		lines_edit_arguments(menu, c, rest);
	else
		ask_arguments(c);
}

static void act_keep(struct menu *menu, struct console *c, const char *rest)
{
	if (*rest)
		lines_request(menu, c,
			json_pack("{ss ss sO}", "ask", "keep", "title", rest, "edit",
				c->lines->edit));
	else
		lines_tell(c, _("k TITLE keeps it under this title."));
}

static void act_show(struct menu *menu, struct console *c, const char *rest)
{
	(void)menu;
	(void)rest;
	show(c);
}

static void act_help(struct menu *menu, struct console *c, const char *rest);

static const struct {
	const char *word, *usage, *help;
	void (*act)(struct menu *menu, struct console *console, const char *rest);
} commands[] = {
	/* translators: "a", "kernel" and the like are typed as they are here. */
	{"b", "b", N_("boot it so, this once"), act_boot},
	{"a", N_("a [ARGUMENTS]"), N_("other arguments"), act_arguments},
	{"kernel", N_("kernel PATH"), N_("another kernel"), NULL},
	{"initrd", N_("initrd PATH"), N_("another initrd, or several; - for none"), NULL},
	{"dtb", N_("dtb PATH"), N_("another device tree; - for none"), NULL},
	{"device", N_("device DEVICE"), N_("where these paths are"), NULL},
	{"l", "l", N_("show it"), act_show},
	{"k", N_("k TITLE"), N_("keep it as an entry of your own"), act_keep},
	{"c", "c", N_("cancel"), act_cancel},
	{"?", "?", N_("this list"), act_help},
};

static void act_help(struct menu *menu, struct console *c, const char *rest)
{
	(void)menu;
	(void)rest;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		lines_help(c, _(commands[i].usage), _(commands[i].help));
}

void lines_edit_obey(struct menu *menu, struct console *c, const char *line)
{
	size_t len = strcspn(line, " ");
	const char *rest = line + len + strspn(line + len, " ");
	bool is_known = !len || (*rest && set_field(c, line, len, rest));

	ask_more(c); /* unless the command asks something else, */
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!is_known && commands[i].act && strlen(commands[i].word) == len &&
			!strncmp(line, commands[i].word, len)) {
			commands[i].act(menu, c, rest);
			is_known = true;
		}
	if (!is_known)
		lines_tell(c, _("That is no command: %s (? lists them)"), line);
	if (!c->lines->edit) /* or it was the last */
		c->lines->question = LINES_COMMAND;
}
