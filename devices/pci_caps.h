/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_PCI_CAPS_H
#define DEVICES_PCI_CAPS_H

/*
 * What a function's configuration space says about it, as far as stilling it depends on it. Read
 * from bytes, so that a running machine, a captured tree and a dump of somebody else's machine go
 * the same way. Pure; owns nothing.
 */

#include <stddef.h>
#include <stdint.h>

enum pci_feature {
	PCI_HAS_FLR = 1 << 0,           /* PCIe function level reset (DevCap bit 28) */
	PCI_HAS_AF_FLR = 1 << 1,        /* the same by Advanced Features, for conventional PCI */
	PCI_HAS_PM = 1 << 2,            /* power management */
	PCI_HAS_NO_SOFT_RESET = 1 << 3, /* D3hot to D0 keeps its state: no reset by pm */
	PCI_HAS_MSI = 1 << 4,
	PCI_HAS_MSI_ON = 1 << 5,
	PCI_HAS_MSIX = 1 << 6,
	PCI_HAS_MSIX_ON = 1 << 7,
	PCI_HAS_AER = 1 << 8,
	PCI_HAS_DPC = 1 << 9,
	PCI_HAS_DPC_ON = 1 << 10,
	PCI_HAS_SRIOV = 1 << 11,
	PCI_HAS_HOTPLUG = 1 << 12, /* a slot that things are plugged into while it runs */
	PCI_HAS_SURPRISE = 1 << 13,
	PCI_HAS_POWER_CONTROL = 1 << 14,
	PCI_HAS_ATS = 1 << 15,
	PCI_HAS_ATS_ON = 1 << 16,
	PCI_HAS_REBAR = 1 << 17,
	PCI_HAS_ACS = 1 << 18,
	PCI_HAS_CXL = 1 << 19,  /* bus reset of its port may be masked */
	PCI_HAS_INTX = 1 << 20, /* it has an interrupt pin */
};

struct pci_caps {
	unsigned int has; /* enum pci_feature */
	int power_state;  /* 0 to 3 for D0 to D3hot, -1 without power management */
	/* Of SR-IOV, 0 without it (Single Root I/O Virtualization, 3.3): */
	uint16_t vf_total, vf_enabled, vf_offset, vf_stride, vf_device;
};

/* Whatever lies is taken as absent. len may be anything from 0 to CONFIG_SPACE_SIZE. */
void pci_caps_read(const uint8_t *config, size_t len, struct pci_caps *caps);

/* PCIe device/port type (PCI_EXP_TYPE_*), -1 without the capability. */
int pci_express_type(const uint8_t *config, size_t len);

/* The name of one capability ("flr", "msi-x"), for --json; NULL beyond the last bit. */
const char *pci_cap_name(unsigned int bit);

#endif
