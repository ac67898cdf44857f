// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The menu on a real terminal, with an engine that says what a script has: STILLBOOT_SCRIPT=FILE front [OPTION...].
 * For screens that else need a machine that is stilled, or an encrypted disk. Each line of the script
 * is a message (ui/menu/engine.h), or "wait MS". Nothing is done to any machine: always --dry-run.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/log.h"
#include "ui/menu/front.h"

static const char *script_path(void)
{
	return getenv("STILLBOOT_SCRIPT");
}

/* What it is asked for does not matter to it; it stays until the other end is closed. */
static enum exit_code be_engine(struct session *s, int socket)
{
	FILE *script = fopen(script_path(), "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	(void)s;
	if (!script)
		return EXIT_FAILED;
	while ((len = getline(&line, &size, script)) > 0)
		if (!strncmp(line, "wait ", 5))
			usleep((useconds_t)atoi(line + 5) * 1000);
		else
			send(socket, line, (size_t)len, MSG_NOSIGNAL);
	free(line);
	fclose(script);
	for (char bytes[4096]; recv(socket, bytes, sizeof(bytes), 0) > 0;)
		;
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	const struct menu_setup setup = {.timeout_ms = MENU_TIMEOUT_NEVER,
		.flags = MENU_MAY_SHELL | MENU_MAY_QUIT,
		.version = STILLBOOT_VERSION};
	struct session s = {.memory = talloc_new(NULL)};
	enum exit_code code;
	struct err err;

	setlocale(LC_CTYPE, "");
	log_setup(STDOUT_FILENO, STDERR_FILENO, LOG_WARN);
	if (!script_path() || options_parse(argc, argv, &s.options) < 0)
		return EXIT_USAGE;
	if (machine_open(&s.machine, s.options.root, &err) < 0 ||
		machine_make_dryrun(&s.machine, s.memory, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	code = front_run(&s, &setup, be_engine);
	machine_close(&s.machine);
	talloc_free(s.memory);
	return code;
}
