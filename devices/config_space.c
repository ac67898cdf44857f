// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/config_space.h"

#include <linux/pci_regs.h>

uint16_t config_read16(const uint8_t *config, size_t len, unsigned int offset)
{
	if (offset >= len || len - offset < 2)
		return 0xffff;
	return (uint16_t)(config[offset] | config[offset + 1] << 8);
}

unsigned int config_find_capability(const uint8_t *config, size_t len, uint8_t id)
{
	/* At least four bytes each in the 192 behind the header: more steps are a loop. */
	unsigned int steps = (256 - 64) / 4;
	unsigned int at;

	if (!(config_read16(config, len, PCI_STATUS) & PCI_STATUS_CAP_LIST) || len < 64)
		return 0;
	if ((config[PCI_HEADER_TYPE] & 0x7f) == PCI_HEADER_TYPE_CARDBUS)
		at = config[PCI_CB_CAPABILITY_LIST];
	else
		at = config[PCI_CAPABILITY_LIST];
	for (at &= ~3U; at >= 64 && at + 1 < len && steps--; at = config[at + 1] & ~3U)
		if (config[at] == id)
			return at;
	return 0;
}
