// SPDX-License-Identifier: GPL-2.0-or-later
/* What must hold for every plan, whatever the machine and the rules: random trees and rules, each
 * repeatable by its seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <linux/pci_regs.h>
#include <talloc.h>

#include "tests/unit/scene.h"

#define FUNCTIONS_MAX 120
#define TREES 2000

struct grower {
	struct pci_snapshot *s;
	uint32_t seed;
	unsigned int last_bus;
};

static unsigned int pick(struct grower *g, unsigned int below)
{
	g->seed = g->seed * 1664525u + 1013904223u;
	return (g->seed >> 8) % below;
}

static struct pci_function *add(
	struct grower *g, unsigned int bus, unsigned int dev, unsigned int func)
{
	struct pci_function *f = &g->s->functions[g->s->count++];

	snprintf(f->slot, sizeof(f->slot), "0000:%02x:%02x.%x", bus & 0xff, dev & 0x1f, func & 7);
	f->bus = (uint8_t)bus;
	f->dev = (uint8_t)dev;
	f->func = (uint8_t)func;
	f->express = -1;
	return f;
}

static void add_endpoint(struct grower *g, unsigned int bus, unsigned int dev, unsigned int func)
{
	static const uint32_t classes[] = {
		0x010802, 0x020000, 0x030000, 0x030200, 0x0c0330, 0x120000, 0x080700, 0x060100};
	static const char *const drivers[] = {NULL, "nvme", "igb", "faulty"};
	struct pci_function *f = add(g, bus, dev, func);

	f->class = classes[pick(g, 8)];
	f->driver = drivers[pick(g, 4)];
	f->can_unbind = f->driver != NULL;
	f->express = pick(g, 2) ? PCI_EXP_TYPE_ENDPOINT : -1;
	f->resets = pick(g, 2) ? pick(g, 1 << 7) : 0;
	if (!pick(g, 8)) {
		f->uses = 1u << pick(g, 4);
		f->use = "somebody needs it";
	}
}

static void add_device(struct grower *g, unsigned int bus, unsigned int dev)
{
	unsigned int functions = pick(g, 8) ? 1 : 3;

	for (unsigned int func = 0; func < functions; func++)
		add_endpoint(g, bus, dev, func);
}

static void fill_bus(struct grower *g, unsigned int bus, int express, unsigned int depth);

static void add_bridge(
	struct grower *g, unsigned int bus, unsigned int dev, int express, unsigned int depth)
{
	struct pci_function *f = add(g, bus, dev, 0);

	f->class = 0x060400;
	f->header = PCI_HEADER_TYPE_BRIDGE;
	f->driver = "pcieport";
	f->express = express;
	f->resets = pick(g, 2) ? PCI_RESET_FLR : 0;
	f->secondary = (uint8_t)++g->last_bus;
	fill_bus(g, f->secondary, express, depth + 1);
	f->subordinate = (uint8_t)g->last_bus;
	f->has_subordinate_reset = (int)pick(g, 2);
}

/* Put something on the bus below a bridge of this type; on a root bus for -1. */
static void fill_bus(struct grower *g, unsigned int bus, int express, unsigned int depth)
{
	int wide = express == -1 || express == PCI_EXP_TYPE_UPSTREAM;
	unsigned int devices = wide ? 2 + pick(g, 6) : 1 + !pick(g, 4);
	int deeper = depth < 6;

	for (unsigned int dev = 0; dev < devices && g->s->count < FUNCTIONS_MAX - 4; dev++) {
		if (deeper && express == -1 && pick(g, 2))
			add_bridge(g, bus, dev, PCI_EXP_TYPE_ROOT_PORT, depth);
		else if (deeper && express == PCI_EXP_TYPE_UPSTREAM && pick(g, 8))
			add_bridge(g, bus, dev, PCI_EXP_TYPE_DOWNSTREAM, depth);
		else if (deeper && express != PCI_EXP_TYPE_UPSTREAM && !pick(g, 4))
			add_bridge(g, bus, dev,
				pick(g, 3) ? PCI_EXP_TYPE_UPSTREAM : PCI_EXP_TYPE_PCI_BRIDGE,
				depth);
		else
			add_device(g, bus, dev);
	}
}

static struct pci_snapshot *grow(void *ctx, struct grower *g)
{
	g->s = talloc_zero(ctx, struct pci_snapshot);
	g->s->functions = talloc_zero_array(g->s, struct pci_function, FUNCTIONS_MAX);
	g->last_bus = 0;
	fill_bus(g, 0, -1, 0);
	pci_link_tree(g->s);
	return g->s;
}

/* A few random rules. */
static const char *write_rules(void *ctx, struct grower *g)
{
	static const char *const matches[] = {"slot = \"0000:01:*\"", "driver = \"nvme\"",
		"class = \"display\"", "class = \"bridge\"", "place = \"legacy\"", "use = \"any\"",
		"place = \"port\"", "vendor = 0"};
	static const char *const actions[] = {"leave = true", "leave = false", "steps = {\"bus\"}",
		"steps = {\"flr\", \"unbind\", \"bus\"}",
		"steps = {\"unbind\", \"subordinate\", \"sbr\", \"power\", \"mask\"}",
		"deadline = 5"};
	char *rules = talloc_strdup(ctx, "");

	for (unsigned int n = pick(g, 4); n; n--) {
		unsigned int match = pick(g, 8);

		rules = talloc_asprintf_append(
			rules, "device { %s, %s }\n", matches[match], actions[pick(g, 6)]);
	}
	if (!pick(g, 4))
		rules = talloc_asprintf_append(rules,
			"arrange(function(m, s) table.sort(s, function(a, b) return "
			"(a.slot or \"\") < (b.slot or \"\") end) return s end)\n");
	return rules;
}

/* Said again in the words of the issue and without the code under test. */
static void check_port_reset(const struct plan *plan, const struct plan_device *d, enum step step)
{
	const struct pci_function *port = d->function->parent;

	assert_non_null(port);
	assert_true(pci_is_port(port));
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_device *other = &plan->devices[i];

		if (!pci_is_below(other->function, port))
			continue;
		assert_false(pci_is_bridge(other->function));
		assert_false(pci_is_display(other->function));
		assert_int_equal(other->action, PLAN_QUIESCE);
		if (step == STEP_BUS)
			assert_ptr_equal(other, d);
	}
}

static void check_device(const struct plan *plan, const struct plan_device *d)
{
	int unbound = !d->function->driver;

	assert_true(d->reason && *d->reason && d->rule && *d->rule);
	assert_true(d->unbind_deadline_ms && d->reset_deadline_ms);
	assert_true(d->step_count <= PLAN_STEPS_MAX);
	assert_true(d->action == PLAN_QUIESCE || !d->step_count);
	for (size_t i = 0; i < d->step_count; i++) {
		enum step step = d->steps[i];

		if (step == STEP_UNBIND) {
			assert_non_null(d->function->driver);
			unbound = 1;
		}
		if (step_kind(step) & STEP_IS_PORT)
			check_port_reset(plan, d, step);
		if (step == STEP_SBR)
			assert_false(d->function->parent->has_subordinate_reset);
		if (!(step_kind(step) & STEP_IS_RESET))
			continue;
		assert_true(unbound);
		assert_false(pci_is_bridge(d->function));
		assert_int_not_equal(d->function->place, PCI_PLACE_LEGACY);
	}
}

static void every_plan_is_safe_and_says_why(void **state)
{
	size_t port_resets = 0, left = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= TREES; seed++) {
		struct grower g = {.seed = seed};
		struct scene *scene = scene_new(NULL);
		struct pci_snapshot *s = grow(scene, &g);
		struct plan *plan;

		scene->facts.snapshot = s;
		plan = scene_plan(
			scene, seed % 3 ? SCENE_DEFAULTS : SCENE_RULES, write_rules(scene, &g));
		assert_int_equal(plan->count, s->count);
		for (size_t i = 0; i < plan->count; i++) {
			const struct plan_device *d = &plan->devices[i];

			assert_ptr_equal(d->function, &s->functions[i]);
			check_device(plan, d);
			for (size_t n = 0; n < d->step_count; n++)
				port_resets += (step_kind(d->steps[n]) & STEP_IS_PORT) != 0;
			left += d->action == PLAN_LEFT;
		}
		talloc_free(scene);
	}
	/* The trees are worth something only if both occur often. */
	assert_true(port_resets > TREES / 2);
	assert_true(left > TREES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_plan_is_safe_and_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
