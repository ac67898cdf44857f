/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_SKETCH_H
#define TESTS_UNIT_SKETCH_H

/* Machines drawn by hand: one line for each function. */

#include <linux/pci_regs.h>

#include "tests/unit/scene.h"

#define PORT PCI_EXP_TYPE_ROOT_PORT
#define UP PCI_EXP_TYPE_UPSTREAM
#define DOWN PCI_EXP_TYPE_DOWNSTREAM
#define TO_PCI PCI_EXP_TYPE_PCI_BRIDGE
#define ENDPOINT PCI_EXP_TYPE_ENDPOINT
#define NO_EXPRESS (-1)

/* One function of a hand-built machine. Bridges have buses below; the tree follows from them. */
struct sketch {
	const char *slot;
	uint32_t class;
	int express;
	uint8_t secondary, subordinate;
	const char *driver;
	unsigned int resets, uses;
	const char *use;
};

/* The machine of the lab and the demo. */
extern const struct sketch sketch_lab[21];

/* The functions of a sketch, linked as a tree, take the place of those that the scene has. */
void scene_draw(struct scene *scene, const struct sketch *sketch, size_t count);

/* Draw, then plan by the default policy and the given rules after it. */
struct plan *sketch_plan(
	struct scene *scene, const char *rules, const struct sketch *sketch, size_t count);

#define SKETCH_PLAN(scene, rules, table)                                                           \
	sketch_plan(scene, rules, table, sizeof(table) / sizeof(*(table)))

#endif
