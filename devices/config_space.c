// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/config_space.h"

#include <linux/pci_regs.h>

static int is_there(size_t len, unsigned int offset, unsigned int width)
{
	return offset < len && len - offset >= width;
}

uint8_t config_read8(const uint8_t *config, size_t len, unsigned int offset)
{
	return is_there(len, offset, 1) ? config[offset] : 0xff;
}

uint16_t config_read16(const uint8_t *config, size_t len, unsigned int offset)
{
	if (!is_there(len, offset, 2))
		return 0xffff;
	return (uint16_t)(config[offset] | config[offset + 1] << 8);
}

uint32_t config_read32(const uint8_t *config, size_t len, unsigned int offset)
{
	if (!is_there(len, offset, 4))
		return 0xffffffff;
	return config_read16(config, len, offset) | (uint32_t)config_read16(config, len, offset + 2)
							    << 16;
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

unsigned int config_find_extended(const uint8_t *config, size_t len, uint16_t id)
{
	/* At least eight bytes each (include/linux/pci.h, pci_find_next_ext_capability). */
	unsigned int steps = (4096 - 256) / 8;
	unsigned int at = 256;

	while (at >= 256 && steps--) {
		uint32_t header = config_read32(config, len, at);

		if (header == 0 || header == 0xffffffff)
			return 0;
		if (PCI_EXT_CAP_ID(header) == id)
			return at;
		at = PCI_EXT_CAP_NEXT(header);
	}
	return 0;
}
