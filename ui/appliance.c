// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/appliance.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devices/clock.h"
#include "ui/appliance_parts.h"
#include "ui/command.h"

#define DRIVERS_BEGINS_MAX 3
/* A front that lived so long has not died at its beginning; so many that did are enough. */
#define FRONT_LIVES_MS 60000
#define FRONT_DEATHS_MAX 5
/* An engine that goes on without its front has a reset to wait for (70 s), or volumes to close. */
#define ENGINE_ENDS_MS 90000

static long long now_ms(void)
{
	return (long long)(clock_now_us() / 1000);
}

static void say_end(const char *what, int status)
{
	if (WIFSIGNALED(status))
		log_error("%s was ended by signal %d (%s)", what, WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	else
		log_error("%s has ended with exit code %d", what, WEXITSTATUS(status));
}

/* Ours, and what others have left behind. */
static void bury(struct appliance *a, pid_t pid, int status)
{
	if (pid == a->front) {
		a->front = 0;
		say_end("the menu", status);
	}
	if (pid != a->drivers)
		return;
	a->drivers = 0;
	say_end("the loading of drivers", status);
	if (WIFSIGNALED(status) && a->drivers_begins < DRIVERS_BEGINS_MAX)
		appliance_begin_drivers(a);
}

/* Until somebody has died, or for so long; -1 waits for ever. */
static void wait_for_deaths(struct appliance *a, long long ms)
{
	const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
	sigset_t deaths;
	int status;
	pid_t pid;

	sigemptyset(&deaths);
	sigaddset(&deaths, SIGCHLD);
	if (ms < 0)
		sigwaitinfo(&deaths, NULL);
	else
		sigtimedwait(&deaths, NULL, &time);
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		bury(a, pid, status);
}

/* Of the front that led this group. One that hangs at a disk is left to itself. */
static void wait_for_engine(struct appliance *a, pid_t group)
{
	const long long end = now_ms() + ENGINE_ENDS_MS;
	long long left;

	while (group && kill(-group, 0) == 0 && (left = end - now_ms()) > 0)
		wait_for_deaths(a, left);
}

static void wait_for_shell(struct appliance *a, pid_t shell)
{
	while (kill(shell, 0) == 0)
		wait_for_deaths(a, -1);
}

/* The menu cannot be had: somebody may find out why. */
static void give_shell(struct appliance *a)
{
	pid_t shell = 0;

	if (a->has_shell) {
		log_error("the menu does not stay: here is a shell; `exit` begins the menu again");
		shell = appliance_begin_shell(a);
	}
	if (!shell)
		appliance_restart(a, "the menu does not stay, and there is no shell");
	wait_for_shell(a, shell);
}

static _Noreturn void supervise(struct appliance *a)
{
	for (int deaths = 0;;) {
		const long long begun = now_ms();
		pid_t group;

		appliance_begin_front(a);
		group = a->front;
		while (a->front)
			wait_for_deaths(a, -1);
		wait_for_engine(a, group);
		appliance_mend(a);
		deaths = now_ms() - begun < FRONT_LIVES_MS ? deaths + 1 : 1;
		if (deaths < FRONT_DEATHS_MAX)
			continue;
		give_shell(a);
		deaths = 0;
	}
}

int appliance_run(int argc, char **argv)
{
	struct appliance a = {.drivers = 0};
	sigset_t deaths;
	struct err err;

	(void)argv;
	(void)argc;
	if (getpid() != 1) {
		log_error("as init it is the first process of a machine, and nothing else");
		return EXIT_USAGE;
	}
	sigemptyset(&deaths);
	sigaddset(&deaths, SIGCHLD);
	sigprocmask(SIG_BLOCK, &deaths, NULL);
	if (appliance_be_born(&a, &err) < 0)
		appliance_restart(&a, err.text);
	dprintf(STDOUT_FILENO, "stillboot %s looks for what it can boot.\n", STILLBOOT_VERSION);
	appliance_begin_drivers(&a);
	supervise(&a);
}
