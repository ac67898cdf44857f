// SPDX-License-Identifier: GPL-2.0-or-later
/* A policy file out of any bytes, behind the built-in one, and its plan for a small machine. */
#include <stdlib.h>

#include <linux/pci_regs.h>
#include <talloc.h>

#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A root port with two functions, a bridge to legacy PCI behind another, a disk in use. */
static struct pci_snapshot *build(void *ctx)
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	struct policy *p;
	struct plan *plan;
	struct err err;

	if (policy_load_builtin(ctx, &p, &err) < 0)
		abort();
	if (policy_add_chunk(p, (const char *)data, size, "fuzz.lua", &err) == 0) {
		if (policy_decide(p, build(ctx), ctx, &plan, &err) < 0)
			abort();
		for (size_t i = 0; i < plan->count; i++)
			if (!plan->devices[i].reason || !plan->devices[i].rule)
				abort();
	}
	talloc_free(ctx);
	return 0;
}
