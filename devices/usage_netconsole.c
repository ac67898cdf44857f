// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage_netconsole.h"

#include <stdio.h>
#include <string.h>

#include "devices/cleanup.h"
#include "devices/route.h"
#include "devices/usage_interface.h"

#define FILE_MAX 65536
#define DEFAULT_INTERFACE "eth0" /* drivers/net/netconsole.c, alloc_and_init() */

struct netconsole {
	struct machine *m;
	struct pci_snapshot *s;
	void *tmp;
	const struct route_list *routes;
	int found; /* targets */
};

static void mark(struct netconsole *n, const char *interface)
{
	usage_mark_interface(n->m, n->s, n->routes, interface, "netconsole");
	n->found++;
}

static void read_configfs(struct netconsole *n)
{
	char **targets = machine_list_names(n->m, n->tmp, "sys/kernel/config/netconsole");

	for (char **t = targets; t && *t; t++) {
		char path[320], *enabled, *interface;

		snprintf(path, sizeof(path), "sys/kernel/config/netconsole/%.255s/enabled", *t);
		if (machine_read_file(n->m, n->tmp, path, 64, &enabled, NULL) < 0 ||
			enabled[0] != '1')
			continue;
		snprintf(path, sizeof(path), "sys/kernel/config/netconsole/%.255s/dev_name", *t);
		if (machine_read_file(n->m, n->tmp, path, 64, &interface, NULL) == 0)
			mark(n, interface);
	}
}

/* "netconsole=[+][r][src-port]@[src-ip]/[dev],...", several separated by semicolons. */
static void read_cmdline(struct netconsole *n)
{
	char *cmdline, *targets, *target;

	if (machine_read_file(n->m, n->tmp, "proc/cmdline", FILE_MAX, &cmdline, NULL) < 0)
		return;
	targets = strstr(cmdline, "netconsole=");
	if (targets)
		targets[strcspn(targets, " \n")] = '\0';
	while ((target = strsep(&targets, ";"))) {
		char *interface = strchr(target, '/');

		if (!interface)
			continue;
		interface++;
		interface[strcspn(interface, ",")] = '\0';
		mark(n, *interface ? interface : DEFAULT_INTERFACE);
	}
}

void usage_read_netconsole(struct machine *m, struct pci_snapshot *s)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct netconsole n = {.m = m, .s = s, .tmp = tmp};
	char *consoles;

	if (machine_read_file(m, tmp, "proc/consoles", FILE_MAX, &consoles, NULL) < 0 ||
		!strstr(consoles, "netcon"))
		return;
	n.routes = routes_read(m, tmp);
	if (!n.routes)
		return;
	read_configfs(&n);
	read_cmdline(&n);
	if (!n.found)
		usage_mark_address(m, s, n.routes, NULL, "netconsole");
}
