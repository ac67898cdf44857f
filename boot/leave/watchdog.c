// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/leave/watchdog.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"

#define DESCRIPTORS "proc/1/fd"
#define NODE "/dev/watchdog"

/* Open, and yet switched off? Where the kernel does not tell (CONFIG_WATCHDOG_SYSFS), open is on. */
static int is_off(struct machine *m, const char *node)
{
	_cleanup_talloc_ char *state = NULL;
	const char *number = node + strlen(NODE);
	char path[64];

	/* The one without a number is the first (drivers/watchdog/watchdog_dev.c). */
	snprintf(path, sizeof(path), "sys/class/watchdog/watchdog%.8s/state",
		*number ? number : "0");
	return machine_read_file(m, NULL, path, 64, &state, NULL) == 0 && strcmp(state, "active");
}

char *watchdog_of_init(struct machine *m, void *ctx)
{
	_cleanup_talloc_ char **names = machine_list_names(m, NULL, DESCRIPTORS);

	for (char **name = names; name && *name; name++) {
		char path[64], target[64];
		ssize_t len;

		snprintf(path, sizeof(path), DESCRIPTORS "/%.20s", *name);
		len = readlinkat(m->root_fd, path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		if (!strncmp(target, NODE, strlen(NODE)) && !is_off(m, target))
			return talloc_strdup(ctx, target);
	}
	return NULL;
}
