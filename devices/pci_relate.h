/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_PCI_RELATE_H
#define DEVICES_PCI_RELATE_H

/*
 * What ties functions to each other and to slots, beyond the bridges: only sysfs tells it. The last
 * part of reading a snapshot.
 */

#include "devices/pci.h"

/* Fill in physical, consumers, hotplug_slot and the parent of VMD's domains. The snapshot is
 * ordered and linked (pci_link_tree). Fails only with -ENOMEM, or when a directory that is there
 * cannot be read. */
int pci_relate(struct machine *m, struct pci_snapshot *s, struct err *err);

#endif
