// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/settings/settings.h"
#include "devices/log.h"
#include "ui/entries.h"
#include "ui/menu/engine.h"
#include "ui/menu/front.h"
#include "ui/password.h"
#include "ui/translate.h"

#define TIMEOUT_MAX 86400 /* a day */

/* Seconds, or -1 as GRUB has it for no countdown at all. */
static int read_timeout(const char *text, int *timeout_ms)
{
	char *end;
	long seconds;

	errno = 0;
	seconds = strtol(text, &end, 10);
	if (end == text || *end || errno || seconds < -1 || seconds > TIMEOUT_MAX) {
		log_error("--%s takes seconds, or -1 for none at all ('%s')",
			option_name(OPT_TIMEOUT), text);
		return -EINVAL;
	}
	*timeout_ms = seconds < 0 ? MENU_TIMEOUT_NEVER : (int)seconds * 1000;
	return 0;
}

/* Of the system that the menu runs in: no disk is waited for. */
static void take_settings(struct session *s, struct menu_setup *setup)
{
	const struct settings *settings = settings_of_system(&s->machine, s->memory);
	struct options *o = &s->options;
	char *consoles, *console, *rest;

	if (!settings)
		return;
	setup->password = settings->values[SETTING_PASSWORD];
	if (settings->values[SETTING_LANGUAGE])
		translate_to(settings->values[SETTING_LANGUAGE]);
	if (o->console_count || !settings->values[SETTING_CONSOLES])
		return;
	consoles = talloc_strdup(s->memory, settings->values[SETTING_CONSOLES]);
	for (console = strtok_r(consoles, " ", &rest);
		console && o->console_count < OPTIONS_CONSOLES_MAX;
		console = strtok_r(NULL, " ", &rest))
		o->consoles[o->console_count++] = console;
	o->consoles_are_set = 1;
}

enum exit_code menu_show(struct session *s, unsigned int flags)
{
	struct menu_setup setup = {
		.timeout_ms = -1,
		.flags = flags,
		.version = STILLBOOT_VERSION,
		.verify = password_fits,
	};

	if (s->options.timeout && read_timeout(s->options.timeout, &setup.timeout_ms) < 0)
		return EXIT_USAGE;
	if (!entries_places_usable(&s->options))
		return EXIT_USAGE;
	translate_setup();
	take_settings(s, &setup);
	return front_run(s, &setup, engine_run);
}

enum exit_code command_menu(struct session *s)
{
	return menu_show(s, MENU_MAY_SHELL | MENU_MAY_QUIT);
}
