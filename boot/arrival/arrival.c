// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/arrival/arrival.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utmp.h>

#include "boot/service/systemd.h"
#include "boot/stack/tool.h"
#include "devices/cleanup.h"
#include "devices/clock.h"

#define STAT_MAX (4 << 20)                    /* bytes; a line for each processor and interrupt */
#define SINCE_BOOT_MAX_US (UINT64_C(1) << 40) /* 12 days: nobody waits so long for a login */
#define UTMP_ENTRIES_MAX 4096

/* The line "btime SECONDS": the same, without its fraction. */
static uint64_t captured_kernel_us(struct machine *m)
{
	_cleanup_talloc_ char *text = NULL;
	const char *line;

	if (machine_read_file(m, NULL, "proc/stat", STAT_MAX, &text, NULL) < 0)
		return 0;
	line = strstr(text, "\nbtime ");
	return line ? strtoull(line + strlen("\nbtime "), NULL, 10) * 1000000 : 0;
}

static uint64_t kernel_us(struct machine *m)
{
	uint64_t now, running;

	if (*m->root)
		return captured_kernel_us(m);
	running = clock_boot_us();
	now = clock_wall_us();
	return now > running ? now - running : 0;
}

void arrival_parse(const char *text, struct arrival *a)
{
	const struct {
		const char *name;
		uint64_t *to;
	} values[] = {
		{"UserspaceTimestampMonotonic=", &a->userspace_us},
		{"ActiveEnterTimestampMonotonic=", &a->login_us},
	};

	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL)
		for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
			size_t len = strlen(values[i].name);
			uint64_t us;

			if (strncmp(text, values[i].name, len))
				continue;
			us = strtoull(text + len, NULL, 10);
			if (us <= SINCE_BOOT_MAX_US)
				*values[i].to = us;
		}
}

static void ask_systemd(struct machine *m, struct arrival *a)
{
	static const char *const itself[] = {
		"systemctl", "show", "--property=UserspaceTimestampMonotonic", "--no-pager", NULL};
	static const char *const unit[] = {"systemctl", "show",
		"--property=ActiveEnterTimestampMonotonic", "--no-pager",
		"systemd-user-sessions.service", NULL};
	const char *const *const questions[] = {itself, unit};

	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		_cleanup_talloc_ char *text = NULL;

		if (tool_ask(m, NULL, questions[i], &text, NULL) == 0)
			arrival_parse(text, a);
	}
}

static void read_utmp(struct machine *m, struct arrival *a)
{
	_cleanup_fd_ int fd = machine_openat(m, "run/utmp", O_RDONLY | O_NONBLOCK);
	struct utmp u;

	for (int i = 0; fd >= 0 && i < UTMP_ENTRIES_MAX; i++) {
		uint64_t at;

		if (read(fd, &u, sizeof(u)) != (ssize_t)sizeof(u))
			return;
		at = (uint64_t)(uint32_t)u.ut_tv.tv_sec * 1000000 +
		     (uint64_t)(uint32_t)u.ut_tv.tv_usec % 1000000;
		/* A getty that came back after somebody's logout asked again. */
		if (u.ut_type == LOGIN_PROCESS && at > a->kernel_us &&
			at - a->kernel_us <= SINCE_BOOT_MAX_US &&
			(!a->login_us || at - a->kernel_us < a->login_us))
			a->login_us = at - a->kernel_us;
	}
}

void arrival_read(struct machine *m, struct arrival *a)
{
	*a = (struct arrival){.kernel_us = kernel_us(m)};
	if (!*m->root && systemd_runs(m))
		ask_systemd(m, a);
	if (!a->login_us && a->kernel_us)
		read_utmp(m, a);
}
