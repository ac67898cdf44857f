/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_H
#define DEVICES_USAGE_H

/*
 * Who needs a function now. Unbinding never refuses: a mounted disk unbinds with return code 0 and
 * its dirty data is lost, so it is ours to know.
 *
 * A disk is in use when a filesystem on it or on one of its partitions is mounted in any mount
 * namespace, when it is swapped to, when sysfs names a holder (device mapper, md), when an exclusive
 * open finds it busy, or when a loop device on it is in use; but not for what we hold ourselves
 * (machine.h, held). The network, vfio and nodes
 * held open have pages of their own (usage_network.h, usage_interface.h, usage_vfio.h,
 * usage_open.h). The console is the UART that the kernel prints to, as far as it is a PCI function.
 * Every watchdog counts, armed or not. A framebuffer or a connector marks a display.
 *
 * Devices on other buses are no part of the snapshot: for them it keeps the users themselves, with
 * their way through sysfs (struct pci_user), also those that are behind no function.
 */

#include "devices/pci.h"

/* Fill in uses and use of the snapshot's functions, and its users. */
int usage_read(struct machine *m, struct pci_snapshot *s, struct err *err);

/* Mark one function as used, and with it those above it that are no bridges (Intel's VMD has a whole
 * PCI domain below it): their drivers would take it with them. NULL functions are passed over; the
 * first reason stays. The text is borrowed. */
void usage_mark(struct pci_function *f, enum pci_use use, const char *text);

/* Mark the function behind a link of sysfs, if there is one, and note the user that stands there.
 * Returns the function. The text is borrowed. */
struct pci_function *usage_mark_link(struct machine *m, struct pci_snapshot *s, const char *link,
	enum pci_use use, const char *text);

#endif
