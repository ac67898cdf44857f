// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/wall.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <utmpx.h>

#include "devices/cleanup.h"
#include "ui/print.h"

#define LINE_MAX_BYTES 1200

struct message {
	struct machine *m;
	char text[LINE_MAX_BYTES];
};

static void write_to(const struct message *message, const char *line)
{
	char path[sizeof("dev/") + sizeof(((struct utmpx *)0)->ut_line)];
	_cleanup_fd_ int fd = -1;

	snprintf(path, sizeof(path), "dev/%s", line);
	if (*line == '/' || strstr(line, ".."))
		return;
	fd = openat(message->m->root_fd, path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || !isatty(fd) || write(fd, message->text, strlen(message->text)) < 0)
		return; /* nobody is there to be told */
}

static int tell(void *argument, struct err *err)
{
	const struct message *message = argument;
	const struct utmpx *who;
	char line[sizeof(who->ut_line) + 1];

	(void)err;
	setutxent();
	while ((who = getutxent())) {
		snprintf(line, sizeof(line), "%.*s", (int)sizeof(who->ut_line), who->ut_line);
		if (who->ut_type == USER_PROCESS && *line)
			write_to(message, line);
	}
	endutxent();
	return 0;
}

void wall_tell(struct session *s, const char *text)
{
	struct message message = {.m = &s->machine};
	char what[LINE_MAX_BYTES], shown[LINE_MAX_BYTES - 64];

	print_escape(shown, sizeof(shown), text);
	snprintf(message.text, sizeof(message.text), "\a\r\nMessage from stillboot:\r\n\r\n%s\r\n",
		shown);
	snprintf(what, sizeof(what), "tell everybody who is logged in: %s", shown);
	s->machine.effects->perform(&s->machine, what, tell, &message, NULL);
}
