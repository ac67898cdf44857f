// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define VT_MAX 63 /* MAX_NR_CONSOLES of linux/vt.h; serial lines have the same major number */

int tty_open(const char *path, struct err *err)
{
	char name[64];
	int fd;

	if (!path) {
		if (!isatty(STDIN_FILENO))
			return err_set(err, -ENOTTY, "standard input is no terminal");
		/* One of a namespace that has another /dev has no name here. */
		path = ttyname_r(STDIN_FILENO, name, sizeof(name)) == 0 ? name : "/dev/tty";
	}
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, -errno, "open %s", path);
	if (isatty(fd))
		return fd;
	close(fd);
	return err_set(err, -ENOTTY, "%s is no terminal", path);
}

enum term_kind tty_kind(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return TERM_SERIAL;
	if (major(st.st_rdev) == TTY_MAJOR && minor(st.st_rdev) <= VT_MAX)
		return TERM_SCREEN;
	if (major(st.st_rdev) >= UNIX98_PTY_SLAVE_MAJOR &&
		major(st.st_rdev) < UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT)
		return TERM_PSEUDO;
	return TERM_SERIAL;
}

int tty_make_raw(int fd, struct termios *before, struct err *err)
{
	struct termios raw;

	if (tcgetattr(fd, before) < 0)
		return err_errno(err, -errno, "read a terminal's modes");
	raw = *before;
	raw.c_iflag &= (tcflag_t) ~(BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IUCLC);
	raw.c_iflag |= IGNBRK | IGNPAR;
	if (raw.c_iflag & IXON)
		raw.c_iflag |= IXANY;
	raw.c_oflag &= (tcflag_t)~OPOST;
	raw.c_lflag &= (tcflag_t) ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	/* Not TCSADRAIN: a stopped line would never get there. */
	if (tcsetattr(fd, TCSANOW, &raw) < 0)
		return err_errno(err, -errno, "set a terminal's modes");
	return 0;
}

int tty_size(int fd, int *width, int *height)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) < 0 || !size.ws_col || !size.ws_row)
		return -ENODATA;
	*width = size.ws_col < GRID_WIDTH_MAX ? size.ws_col : GRID_WIDTH_MAX;
	*height = size.ws_row < GRID_HEIGHT_MAX ? size.ws_row : GRID_HEIGHT_MAX;
	return 0;
}
