// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
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

/* Have this terminal and nothing else open. */
static void have(int tty)
{
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (dup2(tty, i) < 0)
			_exit(EXIT_NO_SHELL);
	close_range(STDERR_FILENO + 1, ~0U, 0);
}

/* In the foreground, if the terminal is of our session; SIGTTOU is blocked still. */
static _Noreturn void be_shell(const char *type)
{
	const char *shell = getenv("SHELL");

	setpgid(0, 0);
	tcsetpgrp(STDIN_FILENO, getpid());
	setenv("TERM", type, 1);
	reset_signals();
	if (shell && *shell)
		execl(shell, shell, "-i", NULL);
	execl("/bin/sh", "sh", "-i", NULL);
	_exit(EXIT_NO_SHELL);
}

/* A session with the terminal, and the shell in it. When the first process of a session ends, the kernel hangs
 * up its terminal for all who have it open, us and whoever started us (disassociate_ctty() of
 * drivers/tty/tty_jobctrl.c). So that is not the shell, but one that gives the terminal back before. */
static _Noreturn void lead_session(int fd, const char *type)
{
	pid_t pid;

	setsid();
	have(open_again(fd, 0));
	/* If it is another's already: without job control. */
	ioctl(STDIN_FILENO, TIOCSCTTY, 0);
	signal(SIGHUP, SIG_IGN); /* the shell gets it */
	pid = fork();
	if (pid == 0)
		be_shell(type);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	ioctl(STDIN_FILENO, TIOCNOTTY);
	_exit(pid < 0 ? EXIT_NO_SHELL : EXIT_SUCCESS);
}

static _Noreturn void be_child(int fd, const char *type)
{
	if (!is_controlling(fd))
		lead_session(fd, type);
	have(open_again(fd, O_NOCTTY));
	be_shell(type);
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
		be_child(fd, type);
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
