/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_USAGE_SCAN_H
#define DEVICES_USAGE_SCAN_H

/* What the parts of usage_read() share; it lives as long as that runs. */

#include "devices/mounts.h"
#include "devices/pci.h"

struct usage_scan {
	struct machine *m;
	struct pci_snapshot *s;    /* whose functions are marked; the reasons belong to it */
	struct mount_list *mounts; /* of all mount namespaces */
	char **swaps;              /* NULL-terminated */
};

#endif
