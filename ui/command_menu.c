// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "devices/log.h"
#include "ui/entries.h"
#include "ui/menu/engine.h"
#include "ui/menu/front.h"
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

enum exit_code command_menu(struct session *s)
{
	struct menu_setup setup = {
		.timeout_ms = -1,
		.flags = MENU_MAY_SHELL | MENU_MAY_QUIT,
		.version = STILLBOOT_VERSION,
	};

	if (s->options.timeout && read_timeout(s->options.timeout, &setup.timeout_ms) < 0)
		return EXIT_USAGE;
	if (!entries_places_usable(&s->options))
		return EXIT_USAGE;
	translate_setup();
	return front_run(s, &setup, engine_run);
}
