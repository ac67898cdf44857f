// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/usage_interface.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/route.h"
#include "devices/usage.h"

#define DEPTH_MAX 8 /* include/linux/netdevice.h, MAX_NEST_DEV */

/* Is there hardware below, on PCI or elsewhere? */
static int mark_down(struct machine *m, struct pci_snapshot *s, const char *interface,
	const char *what, int depth)
{
	_cleanup_talloc_ char **names = NULL;
	char path[320], device[330];
	int found;

	snprintf(path, sizeof(path), "sys/class/net/%.255s", interface);
	snprintf(device, sizeof(device), "%s/device", path);
	found = faccessat(m->root_fd, device, F_OK, 0) == 0;
	usage_mark_link(
		m, s, path, PCI_USE_NETWORK, talloc_asprintf(s, "%s carries %s", interface, what));
	names = depth < DEPTH_MAX ? machine_list_names(m, NULL, path) : NULL;
	for (char **n = names; n && *n; n++)
		if (!strncmp(*n, "lower_", 6))
			found |= mark_down(m, s, *n + 6, what, depth + 1);
	return found;
}

void usage_mark_interface(struct machine *m, struct pci_snapshot *s,
	const struct route_list *routes, const char *interface, const char *what)
{
	_cleanup_talloc_ char **all = NULL;

	if (!strcmp(interface, "lo") || mark_down(m, s, interface, what, 0))
		return;
	all = routes_to(routes, NULL, NULL);
	for (char **name = all; name && *name; name++)
		mark_down(m, s, *name, what, 0);
}

void usage_mark_address(struct machine *m, struct pci_snapshot *s, const struct route_list *routes,
	const char *address, const char *what)
{
	_cleanup_talloc_ char **names = routes->count
						? routes_to(routes, NULL, address)
						: machine_list_names(m, NULL, "sys/class/net");

	for (char **name = names; name && *name; name++)
		usage_mark_interface(m, s, routes, *name, what);
}
