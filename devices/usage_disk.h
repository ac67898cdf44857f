/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_DISK_H
#define DEVICES_USAGE_DISK_H

#include "devices/usage_scan.h"

/* Mark the functions whose disks are in use (usage.h says what that means) with PCI_USE_DISK. */
void usage_read_disks(const struct usage_scan *scan);

/* In words why this block device ("sda1", "dm-0") is in use: a mount, swap, a holder; NULL if it is
 * not. (Who merely holds it open is not asked.) The words belong to the snapshot. */
char *usage_of_disk(const struct usage_scan *scan, const char *name);

/* Mark what is behind this block device ("sda1", "nvme0n1") as used for the reason given, which is
 * borrowed; what has a reason keeps it. */
void usage_mark_disk(struct machine *m, struct pci_snapshot *s, const char *name, const char *use);

#endif
