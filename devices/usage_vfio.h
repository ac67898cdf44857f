/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_VFIO_H
#define DEVICES_USAGE_VFIO_H

/*
 * Functions that user space drives through vfio: a process has the node of its group ("dev/vfio/12"
 * for IOMMU group 12, "dev/vfio/noiommu-3") or of the device ("dev/vfio/devices/vfio0") open. To
 * unbind one blocks until that process lets go (drivers/vfio/vfio_main.c,
 * vfio_unregister_group_dev). Of a group count: every function with a vfio driver, the one that
 * mediated devices of the group are part of, and devices of other buses.
 */

#include "devices/pci.h"

/* Is there any node of vfio? */
int usage_has_vfio(struct machine *m);

/* A process has this node open ("vfio/12"): if it is one of vfio, mark what it stands for with
 * PCI_USE_VFIO. */
void usage_mark_vfio(struct machine *m, struct pci_snapshot *s, const char *node, const char *pid);

#endif
