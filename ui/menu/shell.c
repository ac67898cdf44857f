// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define EXIT_NO_SHELL 127 /* as shells say it */

static int is_controlling(int fd)
{
	return tcgetsid(fd) == getsid(0);
}

static void reset_signals(void)
{
	static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD, SIGTSTP,
		SIGTTIN, SIGTTOU, SIGWINCH};
	sigset_t none;

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		signal(signals[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The menu's own file never waits; a shell wants one that does. */
static int open_again(int fd, int flags)
{
	char name[PATH_MAX];

	return ttyname_r(fd, name, sizeof(name)) == 0 ? open(name, O_RDWR | flags) : -1;
}

static _Noreturn void be_shell(int fd, const char *type)
{
	const char *shell = getenv("SHELL");
	int tty;

	if (is_controlling(fd)) {
		setpgid(0, 0);
		tty = open_again(fd, O_NOCTTY);
		tcsetpgrp(tty, getpid()); /* SIGTTOU is blocked still */
	} else {
		setsid();
		tty = open_again(fd, 0);
		ioctl(tty, TIOCSCTTY, 0); /* taken, if it is another's: then without job control */
	}
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (dup2(tty, i) < 0)
			_exit(EXIT_NO_SHELL);
	if (tty > STDERR_FILENO)
		close(tty);
	setenv("TERM", type, 1);
	reset_signals();
	if (shell && *shell)
		execl(shell, shell, "-i", NULL);
	execl("/bin/sh", "sh", "-i", NULL);
	_exit(EXIT_NO_SHELL);
}

static void block_ttou(sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	sigprocmask(SIG_BLOCK, &set, before);
}

pid_t shell_begin(int fd, const char *type, struct err *err)
{
	sigset_t before;
	pid_t pid;

	block_ttou(&before);
	pid = fork();
	if (pid == 0)
		be_shell(fd, type);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid < 0 ? err_errno(err, -errno, "begin a shell") : pid;
}

void shell_ended(int fd)
{
	sigset_t before;

	block_ttou(&before); /* we stand in the background */
	if (is_controlling(fd))
		tcsetpgrp(fd, getpgrp());
	sigprocmask(SIG_SETMASK, &before, NULL);
}
