/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_NETCONSOLE_H
#define DEVICES_USAGE_NETCONSOLE_H

/*
 * The interfaces that the kernel prints to with netconsole (Documentation/networking/netconsole.rst):
 * those of targets made in configfs and switched on, and those that the kernel's command line names.
 * What modprobe was given cannot be read back: if procfs lists the console and nothing names an
 * interface, every one with a route counts.
 */

#include "devices/pci.h"

/* Mark the functions with PCI_USE_NETWORK. */
void usage_read_netconsole(struct machine *m, struct pci_snapshot *s);

#endif
