/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_DISK_H
#define DEVICES_USAGE_DISK_H

#include "devices/pci.h"

/* Mark the functions whose disks are in use (usage.h says what that means) with PCI_USE_DISK. */
int usage_read_disks(struct machine *m, struct pci_snapshot *s, struct err *err);

/* Mark the function or functions behind this block device ("sda1", "nvme0n1") as used for the reason
 * given, which is borrowed; one that has a reason keeps it. */
void usage_mark_disk(struct machine *m, struct pci_snapshot *s, const char *name, const char *use);

#endif
