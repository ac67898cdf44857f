// SPDX-License-Identifier: GPL-2.0-or-later
/* What runs beside the first process. */
#include "ui/appliance_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/appliance/consoles.h"
#include "boot/appliance/drivers.h"
#include "boot/settings/settings.h"
#include "devices/cleanup.h"
#include "ui/lock.h"
#include "ui/menu/front.h"
#include "ui/menu/shell.h"
#include "ui/menu/tty.h"

/* A menu that comes up at once would have the first disks a moment later, and a short countdown
 * would be over before others are there. */
#define DRIVERS_MS 5000

typedef enum exit_code child_part(struct appliance *a, int fd);

/* Its number, 0 when there is none to be had. */
static pid_t begin(struct appliance *a, child_part *part, int fd)
{
	pid_t pid = fork();
	sigset_t none;

	if (pid == 0) {
		setsid();
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		_exit(part(a, fd));
	}
	if (pid < 0)
		log_error("cannot begin a process: %m");
	return pid < 0 ? 0 : pid;
}

/* Before any driver binds: what the firmware left. What it says is for who calls it by hand. */
static void save_baseline(struct appliance *a)
{
	struct session s = {.machine = a->machine, .memory = talloc_new(NULL)};
	_cleanup_fd_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	command_save(&s);
	lock_release(&s);
	talloc_free(s.memory);
}

static enum exit_code load_drivers(struct appliance *a, int ready_fd)
{
	struct machine *m = &a->machine;
	struct err err;

	save_baseline(a);
	drivers_follow(m, ready_fd, &err);
	m->effects->klog(m, LOG_WARN, err.text);
	return EXIT_FAILED;
}

void appliance_begin_drivers(struct appliance *a)
{
	struct pollfd ready = {.events = POLLIN};
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	a->drivers_begins++;
	a->drivers = begin(a, load_drivers, ends[1]);
	close(ends[1]);
	ready.fd = ends[0];
	poll(&ready, 1, DRIVERS_MS);
	close(ends[0]);
}

/* All consoles, unless somebody has said which. */
static void choose_consoles(struct appliance *a, struct session *s)
{
	const struct settings *settings = settings_of_system(&s->machine, s->memory);
	struct options *o = &s->options;

	if (settings && settings->values[SETTING_CONSOLES])
		return;
	for (const char **c = a->consoles; c && *c && o->console_count < OPTIONS_CONSOLES_MAX; c++)
		o->consoles[o->console_count++] = *c;
	o->consoles_are_set = 1;
}

static enum exit_code show_menu(struct appliance *a, int fd)
{
	struct session s = {
		.machine = a->machine,
		.options.given = OPT_ALL_DISKS,
		.memory = talloc_new(NULL),
	};

	(void)fd;
	choose_consoles(a, &s);
	return menu_show(&s, a->has_shell ? MENU_MAY_SHELL : 0);
}

void appliance_begin_front(struct appliance *a)
{
	talloc_free(a->consoles);
	a->consoles = appliance_consoles(&a->machine, NULL);
	a->front = begin(a, show_menu, -1);
}

pid_t appliance_begin_shell(struct appliance *a)
{
	const char *console = a->consoles && *a->consoles ? *a->consoles : "console";
	_cleanup_fd_ int fd = -1;
	char path[300];
	struct err err;
	pid_t pid;

	snprintf(path, sizeof(path), "dev/%.255s", console);
	fd = openat(a->machine.root_fd, path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	pid = shell_begin(fd, tty_kind(fd) == TERM_SCREEN ? "linux" : "vt220", &err);
	if (pid < 0)
		log_error("%s", err.text);
	return pid < 0 ? 0 : pid;
}
