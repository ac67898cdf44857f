// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/fuzz/small_machine.h"

#include <linux/pci_regs.h>
#include <talloc.h>

/* A root port with two functions, a bridge to legacy PCI behind another, a disk in use. */
static struct pci_snapshot *functions_of(void *ctx)
{
	static const struct pci_function functions[] = {
		{.slot = "0000:00:01.0",
			.dev = 1,
			.class = 0x060400,
			.header = 1,
			.express = PCI_EXP_TYPE_ROOT_PORT,
			.secondary = 1,
			.subordinate = 1},
		{.slot = "0000:00:02.0",
			.dev = 2,
			.class = 0x060400,
			.header = 1,
			.express = PCI_EXP_TYPE_ROOT_PORT,
			.secondary = 2,
			.subordinate = 3},
		{.slot = "0000:00:03.0",
			.dev = 3,
			.class = 0x060400,
			.header = 1,
			.express = PCI_EXP_TYPE_ROOT_PORT,
			.secondary = 4,
			.subordinate = 4},
		{.slot = "0000:01:00.0",
			.bus = 1,
			.class = 0x030200,
			.resets = PCI_RESET_FLR,
			.driver = "nvidia",
			.can_unbind = 1},
		{.slot = "0000:01:00.1", .bus = 1, .func = 1, .class = 0x040300},
		{.slot = "0000:02:00.0",
			.bus = 2,
			.class = 0x060400,
			.header = 1,
			.express = PCI_EXP_TYPE_PCI_BRIDGE,
			.secondary = 3,
			.subordinate = 3},
		{.slot = "0000:03:00.0",
			.bus = 3,
			.class = 0x020000,
			.driver = "8139cp",
			.can_unbind = 1},
		{.slot = "0000:04:00.0",
			.bus = 4,
			.class = 0x010802,
			.driver = "nvme",
			.can_unbind = 1,
			.resets = PCI_RESET_BUS,
			.uses = PCI_USE_DISK,
			.use = "nvme0n1 is swap"},
	};
	struct pci_snapshot *s = talloc_zero(ctx, struct pci_snapshot);

	s->functions = talloc_memdup(s, functions, sizeof(functions));
	s->count = sizeof(functions) / sizeof(*functions);
	pci_link_tree(s);
	return s;
}

static struct bus_device others[] = {
	{"platform", "i2c-0", "i2c_designware", 1, 0, NULL, "0000:01:00.1"},
	{"usb", "1-1:1.0", "usb-storage", 1, PCI_USE_DISK, "sda1 is mounted on /mnt", NULL},
};

static struct host_driver drivers[] = {{"8139cp", "8139cp"}, {"nvme", "nvme"}};

static const struct host host = {"Maker", "Product", "1", "Board maker", "Board", "BIOS maker",
	"1.2", "6.1.0-42-amd64", "root=/dev/sda1 ro", .drivers = drivers, .driver_count = 2,
	.others = others, .other_count = 2};

struct policy_facts *small_machine(void *ctx)
{
	struct policy_facts *facts = talloc_zero(ctx, struct policy_facts);

	facts->snapshot = functions_of(facts);
	facts->host = &host;
	return facts;
}
