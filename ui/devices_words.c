// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/pci_regs.h>

#include "ui/devices.h"

static const char *const port_types[16] = {
	[PCI_EXP_TYPE_ENDPOINT] = "endpoint",
	[PCI_EXP_TYPE_LEG_END] = "legacy endpoint",
	[PCI_EXP_TYPE_ROOT_PORT] = "root port",
	[PCI_EXP_TYPE_UPSTREAM] = "upstream port",
	[PCI_EXP_TYPE_DOWNSTREAM] = "downstream port",
	[PCI_EXP_TYPE_PCI_BRIDGE] = "PCIe to PCI bridge",
	[PCI_EXP_TYPE_PCIE_BRIDGE] = "PCI to PCIe bridge",
	[PCI_EXP_TYPE_RC_END] = "root complex endpoint",
	[PCI_EXP_TYPE_RC_EC] = "root complex event collector",
};

static const char *const power_states[] = {"D0", "D1", "D2", "D3hot", "D3cold"};

static const char *const lockdowns[] = {
	[PCI_LOCKDOWN_NONE] = "none",
	[PCI_LOCKDOWN_INTEGRITY] = "integrity",
	[PCI_LOCKDOWN_CONFIDENTIALITY] = "confidentiality",
};

const char *devices_port_type(int express)
{
	return express >= 0 && express < 16 ? port_types[express] : NULL;
}

const char *devices_power_state(int state)
{
	return state >= 0 && state < 5 ? power_states[state] : NULL;
}

const char *devices_lockdown(enum pci_lockdown lockdown)
{
	return lockdowns[lockdown];
}
