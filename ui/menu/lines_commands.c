// SPDX-License-Identifier: GPL-2.0-or-later
/* What can be typed at the numbered prompt. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/lines.h"

enum command_flags {
	COMMAND_GUARDED = 1 << 0, /* asks for the password, where there is one */
	COMMAND_REALLY = 1 << 1,  /* asks whether it is meant */
	COMMAND_ALONE = 1 << 2,   /* nothing stands behind it */
};

struct lines_command {
	const char *word, *name; /* the same, short and long */
	const char *usage;
	const char *help;
	void (*act)(struct menu *menu, struct console *console, const char *rest);
	unsigned int flags;
	unsigned int needs; /* one of enum menu_flags; 0 for nothing */
};

static void keep_choice(struct menu *menu, struct console *c, const char *rest, int once)
{
	const struct model_entry *e = lines_entry(menu, c, lines_number(rest));

	if (e)
		lines_request(menu, c,
			json_pack("{ss ss sb}", "ask", "default", "id", e->id, "once", once));
}

static void act_default(struct menu *menu, struct console *c, const char *rest)
{
	keep_choice(menu, c, rest, 0);
}

static void act_once(struct menu *menu, struct console *c, const char *rest)
{
	keep_choice(menu, c, rest, 1);
}

static void act_details(struct menu *menu, struct console *c, const char *rest)
{
	const struct model_entry *e = lines_entry(menu, c, lines_number(rest));
	struct page *page;

	for (size_t i = 0; e && i < screen_entries.count(menu); i++)
		if (entries_at(menu, i) == e) {
			page = page_new(NULL);
			if (page)
				screen_entries.detail(menu, i, page);
			lines_page(c, page);
		}
}

/* The only locked volume where none is named. */
static const char *locked_device(const struct menu *menu, const char *name)
{
	const json_t *volume;
	size_t i;

	json_array_foreach (menu->model->locked, i, volume) {
		const char *device = model_string(volume, "device");
		const char *is_called = model_string(volume, "name");

		if (device &&
			(*name ? !strcmp(name, device) || (is_called && !strcmp(name, is_called))
			       : json_array_size(menu->model->locked) == 1))
			return device;
	}
	return NULL;
}

static void act_unlock(struct menu *menu, struct console *c, const char *rest)
{
	const char *device = locked_device(menu, rest);
	const json_t *volume;
	size_t i;

	if (device) {
		talloc_free((void *)c->lines->device);
		c->lines->device = talloc_strdup(c->lines, device);
		lines_ask(c, LINES_PASSPHRASE, _("Passphrase of %s: "), device);
		return;
	}
	if (!json_array_size(menu->model->locked))
		lines_tell(c, "%s", _(screen_unlock.empty));
	else if (*rest)
		lines_tell(c, _("There is no locked volume %s."), rest);
	json_array_foreach (menu->model->locked, i, volume)
		if (model_string(volume, "device"))
			lines_tell(c, "u %s", model_string(volume, "device"));
}

static void act_plan(struct menu *menu, struct console *c, const char *rest)
{
	(void)rest;
	c->lines->wants_plan = true;
	lines_request(menu, c, json_pack("{ss sO}", "ask", "plan", "leave", menu->leave));
}

void lines_print_plan(struct menu *menu, struct console *c)
{
	const json_t *row;
	size_t i;

	if (menu->model->policy_error)
		lines_tell(c, "%s", menu->model->policy_error);
	json_array_foreach (menu->model->tables[MODEL_PLAN], i, row) {
		const char *slot = model_string(row, "slot"), *name = model_string(row, "name");
		const char *what = model_string(row, "what"), *why = model_string(row, "reason");
		long long depth = model_number(row, "depth", 0);

		lines_say(c, "%*s%s%s%s%s%s%s%s", depth > 0 && depth < 32 ? (int)depth * 2 : 0, "",
			slot ? slot : "", slot ? "  " : "", name ? name : "",
			what && *what ? ": " : "", what ? what : "", why && *why ? " - " : "",
			why ? why : "");
	}
}

static void act_list(struct menu *menu, struct console *c, const char *rest)
{
	(void)rest;
	lines_list(menu, c, NULL);
}

static void ask_power(struct menu *menu, struct console *c, const char *what)
{
	lines_request(menu, c, json_pack("{ss ss}", "ask", "power", "what", what));
}

static void act_reboot(struct menu *menu, struct console *c, const char *rest)
{
	(void)rest;
	ask_power(menu, c, "reboot");
}

static void act_firmware(struct menu *menu, struct console *c, const char *rest)
{
	(void)rest;
	ask_power(menu, c, "firmware");
}

static void act_power_off(struct menu *menu, struct console *c, const char *rest)
{
	(void)rest;
	ask_power(menu, c, "poweroff");
}

static void act_shell(struct menu *menu, struct console *c, const char *rest)
{
	(void)rest;
	c->lines->is_away = true;
	menu_wish(menu, MENU_SHELL, c->number);
}

static void act_quit(struct menu *menu, struct console *c, const char *rest)
{
	(void)rest;
	c->lines->is_over = true;
	menu_wish(menu, MENU_QUIT, c->number);
}

static void act_help(struct menu *menu, struct console *c, const char *rest);

static const struct lines_command commands[] = {
	/* translators: what is typed ("i") stays as it is; NUMBER stands for something. */
	{"i", "info", N_("i NUMBER"), N_("all about an entry"), act_details, 0, 0},
	{"e", "edit", N_("e NUMBER"), N_("edit its arguments or files, for this boot"), lines_edit,
		COMMAND_GUARDED, 0},
	{"d", "default", N_("d NUMBER"), N_("make it the default, for good"), act_default,
		COMMAND_GUARDED, 0},
	{"o", "once", N_("o NUMBER"), N_("make it the default of the next boot only"), act_once,
		COMMAND_GUARDED, 0},
	{"l", "list", "l", N_("list the entries again"), act_list, COMMAND_ALONE, 0},
	{"u", "unlock", N_("u [DEVICE]"), N_("unlock an encrypted volume"), act_unlock,
		COMMAND_GUARDED, 0},
	{"p", "plan", "p", N_("what will be done with each device"), act_plan, COMMAND_ALONE, 0},
	{"s", "shell", "s", N_("a command line; exit comes back here"), act_shell,
		COMMAND_GUARDED | COMMAND_ALONE, MENU_MAY_SHELL},
	{"r", "reboot", "r", N_("restart the machine"), act_reboot, COMMAND_REALLY | COMMAND_ALONE,
		0},
	{"f", "firmware", "f", N_("restart into the firmware's own menu"), act_firmware,
		COMMAND_GUARDED | COMMAND_REALLY | COMMAND_ALONE, 0},
	{"x", "poweroff", "x", N_("switch the machine off"), act_power_off,
		COMMAND_REALLY | COMMAND_ALONE, 0},
	{"q", "quit", "q", N_("leave the menu"), act_quit, COMMAND_ALONE, MENU_MAY_QUIT},
	{"?", "help", "?", N_("this list"), act_help, COMMAND_ALONE, 0},
};

static bool is_there(const struct menu *menu, const struct lines_command *command)
{
	return !command->needs || command->needs & menu->setup.flags;
}

static void act_help(struct menu *menu, struct console *c, const char *rest)
{
	(void)rest;
	lines_help(c, _("NUMBER"), _("boot the entry with this number"));
	lines_help(c, _("Enter"), _("stop the countdown; else boot the default (*)"));
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (is_there(menu, &commands[i]))
			lines_help(c, _(commands[i].usage), _(commands[i].help));
	lines_help(c, _("/TEXT"), _("list entries that have this text in them"));
}

static void boot_default(struct menu *menu, struct console *c)
{
	int i = model_default(menu->model);

	if (i < 0)
		lines_tell(c, _("There is no default entry; name one by its number."));
	else
		menu_boot(menu, c->number, &menu->model->entries.list[i], NULL);
}

static void boot_number(struct menu *menu, struct console *c, size_t number)
{
	const struct model_entry *e = lines_entry(menu, c, number);

	if (e)
		menu_boot(menu, c->number, e, NULL);
}

bool lines_password_fits(struct menu *menu, const char *password)
{
	return guard_fits(menu, password);
}

void lines_go_on(struct menu *menu, struct console *c, enum lines_question answered)
{
	const struct lines *l = c->lines;

	if (l->command->flags & COMMAND_REALLY && answered != LINES_REALLY)
		lines_ask(c, LINES_REALLY, "%s", _("Really? y does it: "));
	else
		l->command->act(menu, c, l->rest);
}

static void begin(
	struct menu *menu, struct console *c, const struct lines_command *command, const char *rest)
{
	struct lines *l = c->lines;
	enum guard guard;

	l->command = command;
	talloc_free((void *)l->rest);
	l->rest = talloc_strdup(l, rest);
	guard = command->flags & COMMAND_GUARDED ? guard_state(menu) : GUARD_OPEN;
	if (guard == GUARD_ASKS)
		lines_ask(c, LINES_PASSWORD, "%s", _("Password of this menu: "));
	else if (guard == GUARD_OPEN)
		lines_go_on(menu, c, LINES_COMMAND);
	else
		lines_tell(
			c, _("A disk may hold a password for this, and is still being looked at."));
}

void lines_obey(struct menu *menu, struct console *c, const char *line)
{
	size_t len = strcspn(line, " ");
	const char *rest = line + len + strspn(line + len, " ");

	if (!*line) {
		boot_default(menu, c);
		return;
	}
	if (*line == '/') {
		lines_list(menu, c, line + 1 + strspn(line + 1, " "));
		return;
	}
	if (!line[strspn(line, "0123456789")]) {
		boot_number(menu, c, lines_number(line));
		return;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		const struct lines_command *command = &commands[i];
		bool is_it = (strlen(command->word) == len && !strncmp(line, command->word, len)) ||
			     (strlen(command->name) == len && !strncmp(line, command->name, len));

		if (!is_it || !is_there(menu, command) || (command->flags & COMMAND_ALONE && *rest))
			continue;
		begin(menu, c, command, rest);
		return;
	}
	lines_tell(c, _("That is no command: %s (? lists them)"), line);
}
