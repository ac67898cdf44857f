/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_HOST_BUS_H
#define DEVICES_HOST_BUS_H

#include "devices/host.h"

/* Fill in the others of a host, which own what they say. -ENOMEM is the only error. */
int host_read_buses(struct machine *m, const struct pci_snapshot *s, struct host *h);

#endif
