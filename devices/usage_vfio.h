/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_VFIO_H
#define DEVICES_USAGE_VFIO_H

/*
 * Functions that user space drives through vfio: a process has the node of its group ("dev/vfio/12"
 * for IOMMU group 12, "dev/vfio/noiommu-3") or of the device ("dev/vfio/devices/vfio0") open. To
 * unbind one blocks until that process lets go (drivers/vfio/vfio_main.c,
 * vfio_unregister_group_dev). Of a group count: every function with a vfio driver, the one that
 * mediated devices of the group are part of, and devices of other buses. Who has it open,
 * usage_open.h finds out.
 */

#include "devices/pci.h"

/* Mark the functions behind a node with PCI_USE_VFIO. node is what it is called below dev/vfio/: "12",
 * "noiommu-3", "devices/vfio0", or "vfio", which stands for no device; holder who has it open, in
 * words. */
void usage_vfio_node(
	struct machine *m, struct pci_snapshot *s, const char *node, const char *holder);

#endif
