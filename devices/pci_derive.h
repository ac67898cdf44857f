/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_PCI_DERIVE_H
#define DEVICES_PCI_DERIVE_H

/*
 * What a running kernel tells of its functions, and what has to be concluded from their bytes where
 * there is none: which are virtual functions, what stands behind Intel's VMD, which resets there
 * are.
 */

#include "devices/pci.h"

/* Fill in physical (with the ids of virtual functions that have none), vf_count, the parent of VMD's
 * domains, resets and reset_method. The snapshot is ordered and linked (pci_link_tree). -ENOMEM is
 * the only error.
 *
 * Resets are those of the kernel's generic methods (drivers/pci/pci.c, pci_init_reset_methods) that
 * can be done: what its quirks and ACPI add or take away is not known. A running kernel also lists
 * "bus" for bridges and for the first of several functions on a bus, because it looks before there
 * is anything else; the reset itself then fails with ENOTTY.
 *
 * Of VMD's domains the first is taken to be behind the first controller and so on, if they are as
 * many. */
int pci_derive(struct pci_snapshot *s);

#endif
