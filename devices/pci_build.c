// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/pci_build.h"

#include <linux/pci_regs.h>
#include <stdio.h>
#include <talloc.h>

#include "devices/config_space.h"

static void begin(struct pci_function *f, const struct pci_slot *slot)
{
	*f = (struct pci_function){
		.domain = slot->domain,
		.bus = (uint8_t)slot->bus,
		.dev = (uint8_t)slot->dev,
		.func = (uint8_t)slot->func,
		.vendor = 0xffff,
		.device = 0xffff,
		.class = 0xffffff,
		.express = -1,
		.caps = {.power_state = -1},
		.power_state = -1,
		.iommu_group = -1,
		.numa_node = -1,
	};
	snprintf(f->slot, sizeof(f->slot), "%04x:%02x:%02x.%x", f->domain & PCI_DOMAIN_MAX, f->bus,
		f->dev & 0x1fU, f->func & 7U);
}

struct pci_function *pci_snapshot_add(struct pci_snapshot *s, const struct pci_slot *slot)
{
	size_t room = talloc_array_length(s->functions);
	struct pci_function *grown;

	if (s->count == room) {
		grown = talloc_realloc(s, s->functions, struct pci_function, room ? 2 * room : 64);
		if (!grown)
			return NULL;
		s->functions = grown;
	}
	begin(&s->functions[s->count], slot);
	return &s->functions[s->count++];
}

/* Both kinds of bridges keep their numbers in the same place (PCI_CB_CARD_BUS is 0x19 too). */
static void decode_buses(struct pci_function *f)
{
	if (f->header != PCI_HEADER_TYPE_BRIDGE && f->header != PCI_HEADER_TYPE_CARDBUS)
		return;
	f->secondary = f->config[PCI_SECONDARY_BUS];
	f->subordinate = f->config[PCI_SUBORDINATE_BUS];
}

/* Where the ids of the card stand, by type of header: PCI Local Bus Specification 3.0, 6.1; PC Card
 * Standard 8.0, volume 4, 3.2; PCI-to-PCI Bridge Architecture 1.2, 3.2.5.13 (a capability, because
 * a bridge's header has no room for them). 0 where nothing says. */
static unsigned int find_subsystem(const struct pci_function *f)
{
	unsigned int at;

	switch (f->header) {
	case PCI_HEADER_TYPE_NORMAL:
		return PCI_SUBSYSTEM_VENDOR_ID;
	case PCI_HEADER_TYPE_CARDBUS:
		return PCI_CB_SUBSYSTEM_VENDOR_ID;
	case PCI_HEADER_TYPE_BRIDGE:
		at = config_find_capability(f->config, f->config_len, PCI_CAP_ID_SSVID);
		return at ? at + PCI_SSVID_VENDOR_ID : 0;
	default:
		return 0;
	}
}

static void decode_subsystem(struct pci_function *f)
{
	unsigned int at = find_subsystem(f);

	if (at && at + 4 <= f->config_len)
		pci_function_set_subsystem(f, config_read16(f->config, f->config_len, at),
			config_read16(f->config, f->config_len, at + 2));
}

void pci_function_set_subsystem(struct pci_function *f, uint16_t vendor, uint16_t device)
{
	if (vendor == 0 || vendor == 0xffff)
		return;
	f->subsystem_vendor = vendor;
	f->subsystem_device = device;
}

void pci_function_decode(struct pci_function *f, const uint8_t *config, size_t len)
{
	f->config = config;
	f->config_len = len;
	pci_caps_read(config, len, &f->caps);
	f->express = pci_express_type(config, len);
	f->power_state = f->caps.power_state;
	if (len < 64)
		return;
	if (config_read16(config, len, PCI_VENDOR_ID) != 0xffff) {
		f->vendor = config_read16(config, len, PCI_VENDOR_ID);
		f->device = config_read16(config, len, PCI_DEVICE_ID);
	}
	if (config[PCI_HEADER_TYPE] == 0xff)
		return;
	f->class = config_read32(config, len, PCI_CLASS_REVISION) >> 8;
	f->header = config[PCI_HEADER_TYPE] & 0x7f;
	decode_buses(f);
	decode_subsystem(f);
}

static int before(const struct pci_function *f, const struct pci_slot *slot)
{
	if (f->domain != slot->domain)
		return f->domain < slot->domain;
	return (f->bus << 8 | f->dev << 3 | f->func) <
	       (int)(slot->bus << 8 | slot->dev << 3 | slot->func);
}

size_t pci_lower_bound(const struct pci_snapshot *s, const struct pci_slot *slot)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (before(&s->functions[middle], slot))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
