/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_PCI_DUMP_H
#define DEVICES_PCI_DUMP_H

/*
 * Configuration space as text, as `lspci -D -xxxx` prints it: of a machine that is not here
 * (--pci-dump), and of this one as the firmware left it (the baseline of `stillboot save`). One
 * format, so that other people's tools read ours.
 */

#include "devices/pci.h"

/* Larger dumps, in bytes, are refused: 65,536 functions do not fit, 4,000 with all they say do. */
#define PCI_DUMP_MAX (64 << 20)

/* Make a snapshot of what lspci printed, with or without -v, -k, -n; text need not be terminated.
 * Function headers, hexadecimal lines and, where they are there, "Kernel driver in use", "IOMMU
 * group", "NUMA node" and "Physical Slot" are used; all other lines are passed over. What only a
 * running kernel knows is concluded (pci_derive.h): reset methods are what the capabilities allow.
 * The snapshot is a talloc context below ctx. -EINVAL with the line where something is not as lspci
 * prints it, or where a function is there for the second time; -EFBIG beyond PCI_DUMP_MAX. */
int pci_dump_parse(const char *text, size_t len, const char *name, void *ctx,
	struct pci_snapshot **snapshot, struct err *err);

/* Write the snapshot's bytes in that format as a talloc string of ctx; NULL when memory ran out. */
char *pci_dump_format(void *ctx, const struct pci_snapshot *s);

#endif
