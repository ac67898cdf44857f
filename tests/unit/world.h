/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

/*
 * The whole engine, from the default policy to the verdicts, on trees of the scripted machine: what
 * must never happen aborts there (see scripted.h), the rest is checked here.
 */

#include "devices/quiesce.h"
#include "tests/unit/scripted.h"

struct world { /* a talloc context */
	struct scripted *s;
	struct pci_snapshot *snapshot;
	struct plan *plan;
	struct quiesce *quiesce;
	uint32_t seed;
};

struct world *world_new(uint32_t seed);
void world_free(struct world *w);

/* A number below that, the next of the seed's. */
unsigned int world_pick(struct world *w, unsigned int below);

/* An endpoint with these resets; physical functions and consumers are joined after linking. */
struct pci_function *world_endpoint(
	struct world *w, unsigned int bus, unsigned int dev, unsigned int func, const char *driver);
struct pci_function *world_port(struct world *w, unsigned int bus, unsigned int dev, int express,
	unsigned int secondary, unsigned int subordinate);

/* Kinds of trees: without anything odd, with a switch and a display, as an old kernel sees one. */
enum { WORLD_PLAIN, WORLD_SWITCH, WORLD_OLD, WORLD_TREES };
extern void (*const world_trees[WORLD_TREES])(struct world *w);

/* Link the tree, give every function its place in the machine, and make the plan by the default policy
 * and these rules; traits() chooses those of each function. */
void world_settle(struct world *w, const char *rules, unsigned int (*traits)(struct world *w));
unsigned int world_no_trouble(struct world *w);
unsigned int world_some_trouble(struct world *w);

/* Add one errand of each kind before, between and after what the functions do. */
void world_give_errands(struct world *w);

/* Carry the plan out. */
const struct journal *world_still(struct world *w);

struct scripted_function *world_function(struct world *w, const char *slot);

/* Every function has a verdict with a reason, and "still" is said of none that is not. */
void world_check_verdicts(struct world *w, const struct journal *j);
/* What the journal says was done is what the machine saw, in both directions. */
void world_check_journal(struct world *w, const struct journal *j);
/* Virtual functions are unbound before their physical one is, as far as they were at all. */
void world_check_order(struct world *w);

#endif
