/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_INTERFACE_H
#define DEVICES_USAGE_INTERFACE_H

/*
 * From a network interface or an address to the functions that carry it. Bonds, teams, bridges,
 * VLANs and the like name the interfaces below them (the lower_ links of sysfs); a tunnel names
 * none, and then every interface with a route counts. Only interfaces of our own network namespace
 * are in sysfs: what was moved into a container's is not found.
 *
 * What is carried is a phrase ("nfs server:/export on /mnt"); the reason becomes "eth0 carries ...".
 */

#include "devices/pci.h"

struct route_list;

/* Mark the functions below an interface with PCI_USE_NETWORK. */
void usage_mark_interface(struct machine *m, struct pci_snapshot *s,
	const struct route_list *routes, const char *interface, const char *what);

/* Mark the functions that lead to an address, as routes_to() finds them; on a machine without any
 * route all of them. */
void usage_mark_address(struct machine *m, struct pci_snapshot *s, const struct route_list *routes,
	const char *address, const char *what);

#endif
