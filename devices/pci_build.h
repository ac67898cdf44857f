/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_PCI_BUILD_H
#define DEVICES_PCI_BUILD_H

/*
 * What the makers of snapshots share (pci_read.c from sysfs, pci_dump.c from text): a function is
 * begun by its slot, told by its bytes, and completed by what its maker knows besides. In this
 * order, so that what is never told reads as unknown.
 */

#include "devices/pci.h"

/* Domains from here on stand below one of Intel's VMD controllers (drivers/pci/controller/vmd.c,
 * vmd_find_free_domain); firmware numbers its own below. */
#define PCI_VMD_DOMAIN 0x10000

/* Begin a function at the end of the snapshot: nothing is known but where it is. Numbers read 0xffff
 * or -1, as of a function that does not answer. The pointer holds until the next is added; NULL
 * when memory ran out. slot->domain is at most PCI_DOMAIN_MAX. */
struct pci_function *pci_snapshot_add(struct pci_snapshot *s, const struct pci_slot *slot);

/* Take what the bytes say, which stay where they are: ids, class, header, buses, port type,
 * capabilities, power state. What reads as all ones (the ids of virtual functions, everything of a
 * function that is switched off) stays as it was. */
void pci_function_decode(struct pci_function *f, const uint8_t *config, size_t len);

/* The ids of the card; a vendor 0 or 0xffff, which is nobody's, leaves them unknown. */
void pci_function_set_subsystem(struct pci_function *f, uint16_t vendor, uint16_t device);

/* In an ordered snapshot the index of the first function not before this slot; count if there is
 * none. */
size_t pci_lower_bound(const struct pci_snapshot *s, const struct pci_slot *slot);

#endif
