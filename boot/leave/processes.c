// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/leave/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/clock.h"
#include "devices/usage_files.h"

/* proc_pid_stat(5): the ninth field, of which include/linux/sched.h, PF_KTHREAD. */
#define KERNEL_THREAD 0x00200000UL

struct process {
	char state;
	int terminal; /* device number of the one that controls it, 0 for none */
	unsigned long flags;
};

/* A zombie holds nothing any more: whose parent does not wait for it is not our concern. */
static int is_alive(struct machine *m, const char *pid, struct process *p)
{
	_cleanup_talloc_ char *text = NULL;
	const char *behind;
	char path[64];

	snprintf(path, sizeof(path), "proc/%.20s/stat", pid);
	if (machine_read_file(m, NULL, path, 4096, &text, NULL) < 0)
		return 0;
	behind = strrchr(text, ')'); /* its name may have brackets too */
	return behind &&
	       sscanf(behind, ") %c %*d %*d %*d %d %*d %lu", &p->state, &p->terminal, &p->flags) ==
		       3 &&
	       !strchr("ZXx", p->state) && !(p->flags & KERNEL_THREAD);
}

/* The first behind this one but PID 1 and ours; 0 if there is none. procfs lists them in order. */
static pid_t find_next(struct machine *m, pid_t behind, struct process *p)
{
	int fd = openat(m->root_fd, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		pid_t pid = (pid_t)atoi(entry->d_name);

		if (isdigit((unsigned char)entry->d_name[0]) && pid > behind && pid > 1 &&
			pid != getpid() && is_alive(m, entry->d_name, p))
			return pid;
	}
	return 0;
}

static pid_t find_one(struct machine *m)
{
	struct process p;

	return find_next(m, 0, &p);
}

char *processes_name(struct machine *m, void *ctx, pid_t pid)
{
	_cleanup_talloc_ char *name = NULL;
	char number[16];

	snprintf(number, sizeof(number), "%d", (int)pid);
	name = usage_process_name(m, NULL, number);
	return talloc_asprintf(ctx, "%s (%s)", name ? name : "process", number);
}

/* Until this one is gone, or the time is over: then 0. */
static int wait_for(pid_t pid, uint64_t deadline_us)
{
	static const struct timespec moment = {.tv_nsec = 1000000};
	_cleanup_fd_ int fd = pidfd_open(pid, 0);
	uint64_t now = clock_now_us();
	struct pollfd gone = {.fd = fd, .events = POLLIN};

	if (now >= deadline_us)
		return 0;
	/* It is gone already, or a thread of its is all that is left. */
	if (fd < 0)
		nanosleep(&moment, NULL);
	else
		poll(&gone, 1, (int)((deadline_us - now + 999) / 1000));
	return 1;
}

static int wait_for_all(struct machine *m, unsigned int ms)
{
	uint64_t deadline_us = clock_now_us() + (uint64_t)ms * 1000;
	pid_t pid;

	while ((pid = find_one(m)))
		if (!wait_for(pid, deadline_us))
			return -EBUSY;
	return 0;
}

/* Shells at a terminal do not heed SIGTERM. */
static void hang_up(struct machine *m)
{
	struct process p;

	for (pid_t pid = 0; (pid = find_next(m, pid, &p));)
		if (p.terminal)
			kill(pid, SIGHUP);
}

struct ending {
	struct machine *m;
	unsigned int term_ms;
};

static int end_all(void *argument, struct err *err)
{
	const struct ending *e = argument;
	_cleanup_talloc_ char *one = NULL;
	pid_t pid;

	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	hang_up(e->m);
	if (wait_for_all(e->m, e->term_ms) == 0)
		return 0;
	kill(-1, SIGKILL);
	if (wait_for_all(e->m, PROCESSES_KILL_MS) == 0)
		return 0;
	pid = find_one(e->m);
	one = pid ? processes_name(e->m, NULL, pid) : NULL;
	return err_set(err, -EBUSY, "%s does not end", one ? one : "a process");
}

int processes_end(struct machine *m, unsigned int term_ms, struct err *err)
{
	struct ending ending = {m, term_ms};
	char what[96];

	snprintf(what, sizeof(what), "end all processes: SIGTERM, after %u s SIGKILL",
		term_ms / 1000);
	return m->effects->perform(m, what, end_all, &ending, err);
}

static int is_below(const char *path, const char *target)
{
	size_t len = strlen(target);

	if (!strcmp(target, "/"))
		return *path == '/';
	return !strncmp(path, target, len) && (path[len] == '/' || !path[len]);
}

static int link_leads_there(struct machine *m, const char *link, const char *target)
{
	char path[4096];
	ssize_t len = readlinkat(m->root_fd, link, path, sizeof(path) - 1);

	if (len < 0)
		return 0;
	path[len] = '\0';
	return is_below(path, target);
}

static int has_open(struct machine *m, const char *pid, const char *target)
{
	_cleanup_talloc_ char **names = NULL;
	char path[64], link[96];
	int found = 0;

	snprintf(path, sizeof(path), "proc/%.20s/fd", pid);
	names = machine_list_names(m, NULL, path);
	for (char **name = names; name && *name && !found; name++) {
		snprintf(link, sizeof(link), "%s/%.20s", path, *name);
		found = link_leads_there(m, link, target);
	}
	return found;
}

static int holds(struct machine *m, const char *pid, const char *target)
{
	static const char *const links[] = {"exe", "cwd", "root"};
	char link[64];

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		snprintf(link, sizeof(link), "proc/%.20s/%s", pid, links[i]);
		if (link_leads_there(m, link, target))
			return 1;
	}
	return has_open(m, pid, target);
}

pid_t processes_holding(struct machine *m, const char *target)
{
	_cleanup_talloc_ char **names = machine_list_names(m, NULL, "proc");
	pid_t found = 0;

	for (char **name = names; name && *name && found <= 1; name++)
		if (isdigit((unsigned char)**name) && atoi(*name) != getpid() &&
			holds(m, *name, target))
			found = (pid_t)atoi(*name);
	return found;
}
