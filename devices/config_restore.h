/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_CONFIG_RESTORE_H
#define DEVICES_CONFIG_RESTORE_H

/*
 * Put the settings of a configuration space back, in the order and with the patience of the
 * kernel's own pci_restore_state() (drivers/pci/pci.c): power state, LTR, PCI Express, resizable
 * BARs, DPC, AER, then the header from its end, addresses before Command, ACS last. MSI-X tables
 * live in the device's memory and are not put back; a driver that binds writes its own.
 */

#include "devices/pci.h"

/* Write back what differs from the saved bytes, and check that it took; where nothing differs
 * nothing is written. Bus master, MSI and MSI-X stay off, whatever was saved, and decoding is off
 * meanwhile: nobody may be using the function. Allocates nothing. -ENODEV when another device stands
 * there, -EPERM when the kernel is locked down, -EIO with the first register that did not take; the
 * others are put back all the same, but decoding stays off where an address is missing (the next
 * kernel gives it one and switches it on: drivers/pci/setup-res.c, pci_enable_resources). */
int config_restore(struct machine *m, const struct pci_function *f, const uint8_t *saved,
	size_t len, struct err *err);

#endif
