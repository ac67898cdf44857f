// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/appliance/consoles.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <talloc.h>
#include <termios.h>

#include "devices/cleanup.h"

#define ATTRIBUTE_MAX 4096

/* "tty0", the one in front, or "tty7"; not "ttyS0". */
static bool is_virtual(const char *name)
{
	return !strncmp(name, "tty", 3) && isdigit((unsigned char)name[3]);
}

/* Is there more than the kernel's stand-in for no screen (drivers/video/console/dummycon.c,
 * "dummy device")? */
static bool has_screen(struct machine *m, void *ctx)
{
	char **drivers = machine_list_names(m, ctx, "sys/class/vtconsole");

	for (; drivers && *drivers; drivers++) {
		char path[PATH_MAX], *bound, *name;

		snprintf(path, sizeof(path), "sys/class/vtconsole/%.255s/bind", *drivers);
		if (machine_read_file(m, ctx, path, ATTRIBUTE_MAX, &bound, NULL) < 0 ||
			*bound != '1')
			continue;
		snprintf(path, sizeof(path), "sys/class/vtconsole/%.255s/name", *drivers);
		if (machine_read_file(m, ctx, path, ATTRIBUTE_MAX, &name, NULL) == 0 &&
			!strstr(name, "dummy"))
			return true;
	}
	return false;
}

static bool is_among(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name) || (is_virtual(*names) && is_virtual(name)))
			return true;
	return false;
}

const char **appliance_consoles(struct machine *m, void *ctx)
{
	const char **names = talloc_zero_array(ctx, const char *, APPLIANCE_CONSOLES_MAX + 1);
	char *active = NULL, *rest = NULL;
	size_t count = 0;

	if (!names)
		return NULL;
	if (machine_read_file(
		    m, names, "sys/class/tty/console/active", ATTRIBUTE_MAX, &active, NULL) < 0)
		active = NULL;
	for (char *name = active ? strtok_r(active, " \n", &rest) : NULL;
		name && count < APPLIANCE_CONSOLES_MAX; name = strtok_r(NULL, " \n", &rest))
		if (!is_among(names, name))
			names[count++] = name;
	if (count < APPLIANCE_CONSOLES_MAX && !is_among(names, "tty1") && has_screen(m, names))
		names[count++] = "tty1";
	return names;
}

/* As drivers/tty/tty_io.c, tty_std_termios has them, but for the speed and the like. */
static void make_usual(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return;
	t.c_iflag = ICRNL | IXON;
	t.c_oflag = OPOST | ONLCR;
	t.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
	tcsetattr(fd, TCSANOW, &t);
}

static int open_line(struct machine *m, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "dev/%.255s", name);
	return openat(m->root_fd, path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

void appliance_console_reset(struct machine *m, const char *name)
{
	_cleanup_fd_ int before = open_line(m, name), fd = -1;

	if (before >= 0)
		ioctl(before, TIOCVHANGUP);
	fd = open_line(m, name); /* what was open before is of no use any more */
	if (fd >= 0)
		make_usual(fd);
}
