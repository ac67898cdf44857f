/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_NO_RESET_H
#define POLICY_NO_RESET_H

/*
 * Devices that do not come back from a bus reset, as published: the kernel's own list of quirks
 * (drivers/pci/quirks.c, quirk_no_bus_reset and quirk_nvidia_no_bus_reset, Linux 6.1 to 7.3). The
 * kernel obeys it in its own resets; a raw one has to know it.
 */

#include "devices/pci.h"

/* Is the function on the list? */
int no_reset_is_listed(const struct pci_function *f);

#endif
