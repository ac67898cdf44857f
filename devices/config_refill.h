/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_CONFIG_REFILL_H
#define DEVICES_CONFIG_REFILL_H

/*
 * Give a function that was reset the settings back that the firmware had made and the reset has cleared:
 * those that nobody else will make. A register is written only where it has the value now that a reset
 * leaves, and the firmware had left another one.
 *
 * By turn (config_registers.h), and why:
 *
 *   put back   LTR latencies                what the platform can bear; the kernel only reads them
 *              completion timeout           of Device Control 2; the kernel never sets it
 *              AER masks, severities, ECRC  the platform's own choice of what is an error
 *              Interrupt Line, Latency      written by the firmware alone
 *              Timer, Cache Line Size
 *   never      addresses: BARs, their sizes, windows, bus numbers, ROMs. This kernel has assigned them
 *              Command, MSI, MSI-X          the driver's
 *              the rest of Device Control   this kernel has chosen payload and read request sizes to
 *              and Device Control 2         fit the way to the device, tags and ordering by its quirks
 *              Link Control, L1 substates   take both ends of the link
 *              slots, DPC, PTM, ACS,        the kernel's own
 *              SR-IOV, ATS, PRI, PASID, VC
 *
 * Values after a reset: PCIe Base Specification 5.0, 7.5.3.16 (Device Control 2), 7.8.2 (LTR), 7.8.4 (AER; its
 * registers survive all but a loss of power), PCI Local Bus Specification 3.0, 6.2.
 */

#include "devices/config_registers.h"
#include "devices/pci.h"

/* One register that was written. */
struct config_refilled {
	const char *name;
	unsigned int offset;
	uint32_t was, is; /* all of its bits */
};

#define CONFIG_REFILLS_MAX 16

/* Refill f from these bytes, which its firmware left; nobody may be using it. Returns how many registers were
 * written, told in refilled; -ENODEV when another device stands there, -EPERM when the kernel is locked down,
 * -EIO with the first register that did not take. *count tells of those written also after an error. */
int config_refill(struct machine *m, const struct pci_function *f, const uint8_t *firmware,
	size_t len, struct config_refilled refilled[CONFIG_REFILLS_MAX], size_t *count,
	struct err *err);

#endif
