// SPDX-License-Identifier: GPL-2.0-or-later
/* Snapshots made by hand. */
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "tests/unit/scripted.h"

struct pci_snapshot *snapshot_new(void *ctx)
{
	struct pci_snapshot *s = talloc_zero(ctx, struct pci_snapshot);

	s->functions = talloc_zero_array(s, struct pci_function, SCRIPTED_FUNCTIONS_MAX);
	return s;
}

struct pci_function *snapshot_add(
	struct pci_snapshot *s, const char *slot, uint32_t class, const char *driver)
{
	struct pci_function *f = &s->functions[s->count++];
	struct pci_slot number;

	if (pci_parse_slot(slot, &number) < 0)
		abort();
	*f = (struct pci_function){
		.domain = number.domain,
		.bus = (uint8_t)number.bus,
		.dev = (uint8_t)number.dev,
		.func = (uint8_t)number.func,
		.vendor = 0x1234,
		.device = 0x11e8,
		.class = class,
		.express = -1,
		.driver = driver,
		.can_unbind = driver != NULL,
	};
	strcpy(f->slot, slot);
	return f;
}

struct pci_function *snapshot_bridge(struct pci_snapshot *s, const char *slot, int express,
	uint8_t secondary, uint8_t subordinate)
{
	struct pci_function *f = snapshot_add(s, slot, 0x060400, express < 0 ? NULL : "pcieport");

	f->header = PCI_HEADER_TYPE_BRIDGE;
	f->express = express;
	f->secondary = secondary;
	f->subordinate = subordinate;
	return f;
}
