// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/pci_caps.h"

#include <linux/pci_regs.h>

#include "devices/config_space.h"

#define EXT_CAP_ID_DVSEC 0x23 /* Designated Vendor-Specific */
#define VENDOR_CXL 0x1e98

static const char *const names[] = {"flr", "af-flr", "pm", "no-soft-reset", "msi", "msi-on",
	"msi-x", "msi-x-on", "aer", "dpc", "dpc-on", "sr-iov", "hotplug", "surprise",
	"power-control", "ats", "ats-on", "resizable-bar", "acs", "cxl", "intx"};

const char *pci_cap_name(unsigned int bit)
{
	return bit < sizeof(names) / sizeof(*names) ? names[bit] : 0;
}

/* One flag of one register: register offset within its capability, the bits, what they say. */
struct flag {
	uint8_t id, offset;
	uint16_t bits;
	unsigned int has;
};

static const struct flag normal[] = {
	{PCI_CAP_ID_PM, 0, 0, PCI_HAS_PM},
	{PCI_CAP_ID_PM, PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET, PCI_HAS_NO_SOFT_RESET},
	{PCI_CAP_ID_MSI, 0, 0, PCI_HAS_MSI},
	{PCI_CAP_ID_MSI, PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE, PCI_HAS_MSI_ON},
	{PCI_CAP_ID_MSIX, 0, 0, PCI_HAS_MSIX},
	{PCI_CAP_ID_MSIX, PCI_MSIX_FLAGS, PCI_MSIX_FLAGS_ENABLE, PCI_HAS_MSIX_ON},
};

static const struct flag extended[] = {
	{PCI_EXT_CAP_ID_ERR, 0, 0, PCI_HAS_AER},
	{PCI_EXT_CAP_ID_DPC, 0, 0, PCI_HAS_DPC},
	{PCI_EXT_CAP_ID_DPC, PCI_EXP_DPC_CTL,
		PCI_EXP_DPC_CTL_EN_FATAL | PCI_EXP_DPC_CTL_EN_NONFATAL, PCI_HAS_DPC_ON},
	{PCI_EXT_CAP_ID_SRIOV, 0, 0, PCI_HAS_SRIOV},
	{PCI_EXT_CAP_ID_ATS, 0, 0, PCI_HAS_ATS},
	{PCI_EXT_CAP_ID_ATS, PCI_ATS_CTRL, PCI_ATS_CTRL_ENABLE, PCI_HAS_ATS_ON},
	{PCI_EXT_CAP_ID_REBAR, 0, 0, PCI_HAS_REBAR},
	{PCI_EXT_CAP_ID_ACS, 0, 0, PCI_HAS_ACS},
};

/* A register that is cut off reads as all ones, which would mean everything: it means nothing. */
static uint16_t bits_at(const uint8_t *config, size_t len, unsigned int offset)
{
	return offset + 2 <= len ? config_read16(config, len, offset) : 0;
}

int pci_express_type(const uint8_t *config, size_t len)
{
	unsigned int at = config_find_capability(config, len, PCI_CAP_ID_EXP);

	if (!at || at + PCI_EXP_FLAGS + 2 > len)
		return -1;
	return (bits_at(config, len, at + PCI_EXP_FLAGS) & PCI_EXP_FLAGS_TYPE) >> 4;
}

static void read_express(const uint8_t *config, size_t len, struct pci_caps *caps)
{
	unsigned int at = config_find_capability(config, len, PCI_CAP_ID_EXP);
	int type = pci_express_type(config, len);
	uint16_t slot;

	if (at && bits_at(config, len, at + PCI_EXP_DEVCAP + 2) & PCI_EXP_DEVCAP_FLR >> 16)
		caps->has |= PCI_HAS_FLR;
	if ((type != PCI_EXP_TYPE_ROOT_PORT && type != PCI_EXP_TYPE_DOWNSTREAM) ||
		!(bits_at(config, len, at + PCI_EXP_FLAGS) & PCI_EXP_FLAGS_SLOT))
		return;
	slot = bits_at(config, len, at + PCI_EXP_SLTCAP);
	caps->has |= slot & PCI_EXP_SLTCAP_HPC ? PCI_HAS_HOTPLUG : 0;
	caps->has |= slot & PCI_EXP_SLTCAP_HPS ? PCI_HAS_SURPRISE : 0;
	caps->has |= slot & PCI_EXP_SLTCAP_PCP ? PCI_HAS_POWER_CONTROL : 0;
}

static void read_sriov(const uint8_t *config, size_t len, struct pci_caps *caps)
{
	unsigned int at = config_find_extended(config, len, PCI_EXT_CAP_ID_SRIOV);

	if (!at || at + 64 > len)
		return;
	caps->vf_total = bits_at(config, len, at + PCI_SRIOV_TOTAL_VF);
	caps->vf_offset = bits_at(config, len, at + PCI_SRIOV_VF_OFFSET);
	caps->vf_stride = bits_at(config, len, at + PCI_SRIOV_VF_STRIDE);
	caps->vf_device = bits_at(config, len, at + PCI_SRIOV_VF_DID);
	if (bits_at(config, len, at + PCI_SRIOV_CTRL) & PCI_SRIOV_CTRL_VFE)
		caps->vf_enabled = bits_at(config, len, at + PCI_SRIOV_NUM_VF);
}

/* A CXL device says so by a vendor-specific capability of the consortium's (CXL 2.0, 8.1.3). */
static int has_cxl(const uint8_t *config, size_t len)
{
	unsigned int at = config_find_extended(config, len, EXT_CAP_ID_DVSEC);

	return at && bits_at(config, len, at + 4) == VENDOR_CXL;
}

void pci_caps_read(const uint8_t *config, size_t len, struct pci_caps *caps)
{
	unsigned int at;

	*caps = (struct pci_caps){.power_state = -1};
	if (len < 64)
		return;
	for (size_t i = 0; i < sizeof(normal) / sizeof(*normal); i++) {
		at = config_find_capability(config, len, normal[i].id);
		if (at && (!normal[i].bits ||
				  bits_at(config, len, at + normal[i].offset) & normal[i].bits))
			caps->has |= normal[i].has;
	}
	for (size_t i = 0; i < sizeof(extended) / sizeof(*extended); i++) {
		at = config_find_extended(config, len, extended[i].id);
		if (at && (!extended[i].bits ||
				  bits_at(config, len, at + extended[i].offset) & extended[i].bits))
			caps->has |= extended[i].has;
	}
	at = config_find_capability(config, len, PCI_CAP_ID_AF);
	if (at && bits_at(config, len, at + PCI_AF_CAP - 1) >> 8 & PCI_AF_CAP_FLR)
		caps->has |= PCI_HAS_AF_FLR;
	at = config_find_capability(config, len, PCI_CAP_ID_PM);
	if (at && at + PCI_PM_CTRL + 2 <= len)
		caps->power_state = bits_at(config, len, at + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK;
	caps->has |= config[PCI_INTERRUPT_PIN] && config[PCI_INTERRUPT_PIN] <= 4 ? PCI_HAS_INTX : 0;
	caps->has |= has_cxl(config, len) ? PCI_HAS_CXL : 0;
	read_express(config, len, caps);
	read_sriov(config, len, caps);
}
