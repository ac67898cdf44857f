// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/quiet.h"

#include <linux/major.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <talloc.h>

#include "devices/cleanup.h"

#define PRINTK "proc/sys/kernel/printk"
#define FILE_MAX 65536
#define VT_MAX 63       /* MAX_NR_CONSOLES of linux/vt.h */
#define CONSOLE_MINOR 1 /* /dev/console, of TTYAUX_MAJOR */

/* A line of fs/proc/consoles.c ends in "MAJOR:MINOR"; for tty0 that is the virtual terminal in front. */
static int is_line_of(const char *line, unsigned int of_major, unsigned int of_minor)
{
	const char *last = strrchr(line, ' ');
	unsigned int line_major, line_minor;

	if (!last || sscanf(last, " %u:%u", &line_major, &line_minor) != 2 ||
		line_major != of_major)
		return 0;
	return line_minor == of_minor ||
	       (of_major == TTY_MAJOR && of_minor <= VT_MAX && line_minor <= VT_MAX);
}

int quiet_is_console(struct machine *m, void *ctx, int fd)
{
	_cleanup_talloc_ char *text = NULL;
	char *rest, *line;
	struct stat st;
	int found = 0;

	if (fstat(fd, &st) < 0)
		return 0;
	if (major(st.st_rdev) == TTYAUX_MAJOR && minor(st.st_rdev) == CONSOLE_MINOR)
		return 1;
	if (machine_read_file(m, ctx, "proc/consoles", FILE_MAX, &text, NULL) < 0)
		return 0;
	for (line = strtok_r(text, "\n", &rest); line && !found; line = strtok_r(NULL, "\n", &rest))
		found = is_line_of(line, major(st.st_rdev), minor(st.st_rdev));
	return found;
}

static void set(struct machine *m, int level)
{
	char text[16];
	struct err err;

	snprintf(text, sizeof(text), "%d", level);
	if (m->effects->write_attr(m, PRINTK, text, &err) < 0)
		log_debug("%s", err.text);
}

void quiet_begin(struct quiet *quiet, struct machine *m, void *ctx)
{
	_cleanup_talloc_ char *text = NULL;

	if (quiet->before || machine_read_file(m, ctx, PRINTK, FILE_MAX, &text, NULL) < 0)
		return;
	quiet->before = atoi(text);
	if (quiet->before <= 1)
		quiet->before = 0;
	else
		set(m, 1);
}

void quiet_end(struct quiet *quiet, struct machine *m)
{
	if (quiet->before)
		set(m, quiet->before);
	quiet->before = 0;
}
