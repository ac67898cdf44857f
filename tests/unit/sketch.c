// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/sketch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <talloc.h>

const struct sketch sketch_lab[21] = {
	{"00:00.0", 0x060000, NO_EXPRESS, 0, 0, NULL, 0, 0, NULL},
	{"00:01.0", 0x030000, NO_EXPRESS, 0, 0, "bochs-drm", 0, PCI_USE_FRAMEBUFFER, "shows fb0"},
	{"00:02.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
	{"00:03.0", 0x060400, PORT, 2, 5, "pcieport", 0, 0, NULL},
	{"00:04.0", 0x060400, PORT, 6, 6, "pcieport", 0, 0, NULL},
	{"00:05.0", 0x060400, PORT, 7, 8, "pcieport", 0, 0, NULL},
	{"00:06.0", 0x060400, PORT, 9, 9, "pcieport", 0, 0, NULL},
	{"00:07.0", 0x088000, NO_EXPRESS, 0, 0, "i6300ESB timer", 0, PCI_USE_WATCHDOG,
		"carries watchdog0"},
	{"00:1f.0", 0x060100, NO_EXPRESS, 0, 0, "lpc_ich", 0, 0, NULL},
	{"00:1f.2", 0x010601, NO_EXPRESS, 0, 0, "ahci", PCI_RESET_FLR | PCI_RESET_PM, 0, NULL},
	{"00:1f.3", 0x0c0500, NO_EXPRESS, 0, 0, NULL, 0, 0, NULL},
	{"01:00.0", 0x010802, ENDPOINT, 0, 0, "nvme", PCI_RESET_FLR | PCI_RESET_BUS, PCI_USE_DISK,
		"nvme0n1p2 is mounted on /"},
	{"02:00.0", 0x060400, UP, 3, 5, "pcieport", PCI_RESET_FLR, 0, NULL},
	{"03:00.0", 0x060400, DOWN, 4, 4, "pcieport", PCI_RESET_FLR, 0, NULL},
	{"03:01.0", 0x060400, DOWN, 5, 5, "pcieport", PCI_RESET_FLR, 0, NULL},
	{"04:00.0", 0x010802, ENDPOINT, 0, 0, "nvme", PCI_RESET_FLR | PCI_RESET_BUS, 0, NULL},
	{"05:00.0", 0x0c0330, ENDPOINT, 0, 0, "xhci_hcd", PCI_RESET_BUS, 0, NULL},
	{"06:00.0", 0x00ff00, NO_EXPRESS, 0, 0, "faulty", PCI_RESET_BUS, 0, NULL},
	{"07:00.0", 0x060400, TO_PCI, 8, 8, NULL, 0, 0, NULL},
	{"08:00.0", 0x020000, NO_EXPRESS, 0, 0, "8139cp", PCI_RESET_PM | PCI_RESET_BUS, 0, NULL},
	{"09:00.0", 0x020000, ENDPOINT, 0, 0, "e1000e", PCI_RESET_PM | PCI_RESET_BUS, 0, NULL},
};

void scene_draw(struct scene *scene, const struct sketch *sketch, size_t count)
{
	struct pci_snapshot *s = talloc_zero(scene, struct pci_snapshot);

	s->functions = talloc_zero_array(s, struct pci_function, count);
	s->count = count;
	for (size_t i = 0; i < count; i++) {
		struct pci_function *f = &s->functions[i];
		struct pci_slot slot;

		assert_int_equal(pci_parse_slot(sketch[i].slot, &slot), 0);
		snprintf(f->slot, sizeof(f->slot), "0000:%.7s", sketch[i].slot);
		f->bus = (uint8_t)slot.bus;
		f->dev = (uint8_t)slot.dev;
		f->func = (uint8_t)slot.func;
		f->class = sketch[i].class;
		f->header = sketch[i].secondary ? PCI_HEADER_TYPE_BRIDGE : PCI_HEADER_TYPE_NORMAL;
		f->express = sketch[i].express;
		f->secondary = sketch[i].secondary;
		f->subordinate = sketch[i].subordinate;
		f->driver = sketch[i].driver;
		f->can_unbind = f->driver != NULL;
		f->resets = sketch[i].resets;
		f->uses = sketch[i].uses;
		f->use = sketch[i].use;
	}
	pci_link_tree(s);
	scene->snapshot = s;
	scene->facts.snapshot = s;
}

struct plan *sketch_plan(
	struct scene *scene, const char *rules, const struct sketch *sketch, size_t count)
{
	scene_draw(scene, sketch, count);
	return scene_plan(scene, SCENE_DEFAULTS, rules);
}
