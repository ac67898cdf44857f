// SPDX-License-Identifier: GPL-2.0-or-later
/* The whole engine on trees of the scripted machine: failures, order, and how long it takes. */
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "tests/unit/world.h"

static void every_effect_failing_on_three_trees(void **state)
{
	(void)state;
	for (size_t t = 0; t < 6; t++)
		for (size_t k = 0, effects = 1; k <= effects; k++) {
			struct world *w = world_new((uint32_t)t % 3 + 1);
			const struct journal *j;

			world_trees[t % 3](w);
			world_settle(w, "", t % 3 ? world_some_trouble : world_no_trouble);
			if (t >= 3)
				world_give_errands(w);
			w->s->fail_at = k;
			j = world_still(w);
			if (k == 0) {
				effects = w->s->log_count;
				assert_true(effects > 8);
			}
			world_check_verdicts(w, j);
			world_check_journal(w, j);
			world_check_order(w);
			world_free(w);
		}
}

static int was_done(const struct journal *j, const char *slot, enum step step)
{
	for (size_t i = 0; i < j->count; i++)
		if (!strcmp(j->entries[i].slot, slot) && j->entries[i].step == step)
			return j->entries[i].result == JOURNAL_OK;
	return 0;
}

static void what_each_tree_needs(void **state)
{
	struct world *w = world_new(1);
	const struct journal *j;

	(void)state;
	world_trees[WORLD_PLAIN](w);
	world_settle(w, "", world_no_trouble);
	j = world_still(w);
	assert_int_equal(journal_count(j, VERDICT_LOUD), 0);
	assert_true(was_done(j, "0000:01:00.0", STEP_BUS));
	assert_true(was_done(j, "0000:02:00.0", STEP_SUBORDINATE));
	assert_true(was_done(j, "0000:03:00.0", STEP_VFS));
	assert_null(world_function(w, "0000:03:00.4"));
	assert_true(was_done(j, "0000:03:00.0", STEP_BUS));
	world_free(w);

	w = world_new(1);
	world_trees[WORLD_OLD](w);
	world_settle(w, "", world_no_trouble);
	j = world_still(w);
	assert_int_equal(journal_count(j, VERDICT_LOUD), 0);
	assert_true(was_done(j, "0000:03:00.0", STEP_SBR));
	assert_true(was_done(j, "0000:02:01.0", STEP_UNBIND));
	assert_false(was_done(j, "0000:04:00.0", STEP_UNBIND));
	world_free(w);
}

/* Somebody holds a virtual function so that the kernel does not take it away: then its physical one
 * keeps its driver, which might wait for it for ever. */
static void virtual_functions_that_stay(void **state)
{
	struct world *w = world_new(1);
	const struct journal *j;

	(void)state;
	world_trees[WORLD_PLAIN](w);
	world_settle(w, "", world_no_trouble);
	world_function(w, "0000:03:00.0")->traits = TRAIT_KEEPS_VFS;
	j = world_still(w);
	assert_false(was_done(j, "0000:03:00.0", STEP_VFS));
	assert_false(was_done(j, "0000:03:00.0", STEP_UNBIND));
	assert_true(world_function(w, "0000:03:00.0")->bound);
	assert_int_equal(journal_count(j, VERDICT_LOUD), 1);
	world_free(w);
}

/* A physical function whose driver left its virtual ones switched on: its own reset takes them away,
 * so it waits until they have let go, and does not come at all where one does not. */
static void virtual_functions_without_their_driver(void **state)
{
	for (int refuses = 0; refuses < 2; refuses++) {
		struct world *w = world_new(1);
		const struct journal *j;

		(void)state;
		world_endpoint(w, 3, 0, 0, NULL)->resets = PCI_RESET_FLR;
		world_endpoint(w, 3, 0, 4, "test")->resets = PCI_RESET_FLR;
		world_settle(w, "", world_no_trouble);
		if (refuses)
			world_function(w, "0000:03:00.4")->traits = TRAIT_UNBIND_REFUSED;
		j = world_still(w);
		assert_true(was_done(j, "0000:03:00.0", STEP_FLR) == !refuses);
		assert_true(refuses ||
			    scripted_find(w->s, "write sys/bus/pci/devices/0000:03:00.0/reset 1") >
				    scripted_find(w->s,
					    "write sys/bus/pci/drivers/test/unbind 0000:03:00.4"));
		world_free(w);
	}
}

/* A random tree: ports with one to four functions and sometimes virtual ones, switches, root bus. */
static void grow_random(struct world *w, size_t functions)
{
	unsigned int bus = 1, dev = 0;

	while (w->snapshot->count < functions - 16 && dev < 32 && bus < 250) {
		unsigned int below = 4 + world_pick(w, 8), first = bus;

		if (world_pick(w, 3)) {
			world_port(w, 0, dev++, PCI_EXP_TYPE_ROOT_PORT, bus, bus + below + 1);
			world_port(w, bus, 0, PCI_EXP_TYPE_UPSTREAM, bus + 1, bus + below + 1);
			bus += 2;
		} else {
			world_port(w, 0, dev++, PCI_EXP_TYPE_ROOT_PORT, bus, bus);
			below = 1;
			bus += 1;
		}
		for (unsigned int i = 0; i < below && w->snapshot->count < functions; i++) {
			unsigned int at = bus - (below == 1 && first + 1 == bus),
				     wide = 2 + world_pick(w, 3);

			if (at == bus) {
				world_port(w, first + 1, i, PCI_EXP_TYPE_DOWNSTREAM, bus, bus);
				bus++;
			}
			for (unsigned int func = 0; func < wide; func++)
				world_endpoint(w, at, 0, func, world_pick(w, 5) ? "test" : NULL);
			for (unsigned int vf = 4; vf < 4 + world_pick(w, 4); vf++)
				world_endpoint(w, at, 0, vf, world_pick(w, 2) ? "test" : NULL);
		}
	}
}

#define RANDOM_TREES 6

static void random_trees_of_a_thousand(void **state)
{
	size_t functions = 0, largest = 0, skipped = 0, resets = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= RANDOM_TREES || functions < 1000; seed++) {
		struct world *w = world_new(seed);
		const struct journal *j;

		grow_random(w, 1000);
		largest = w->snapshot->count > largest ? w->snapshot->count : largest;
		world_settle(w, seed % 2 ? "" : "device { slot = \"*.3\", leave = true }",
			seed % 3 ? world_some_trouble : world_no_trouble);
		j = world_still(w);
		world_check_verdicts(w, j);
		world_check_journal(w, j);
		world_check_order(w);
		functions += w->snapshot->count;
		for (size_t i = 0; i < j->count; i++)
			skipped += j->entries[i].result == JOURNAL_SKIPPED;
		for (size_t i = 0; i < w->snapshot->count; i++)
			resets += w->s->port_resets[i];
		world_free(w);
	}
	/* Worth something only if much happened. */
	assert_true(largest >= 1000);
	assert_true(functions > 5000);
	assert_true(resets > 100);
	assert_true(skipped > 100);
}

/* Device links to what stands later in the tree, and stages at random: nobody may wait for ever. */
static void tangle(struct world *w)
{
	struct pci_function **consumers = talloc_array(w, struct pci_function *, w->plan->count);

	for (size_t i = 0; i + 1 < w->plan->count; i++) {
		struct pci_function *supplier = &w->snapshot->functions[i];
		size_t other = i + 1 + world_pick(w, (unsigned int)(w->plan->count - i - 1)) % 4;

		if (world_pick(w, 3) || other >= w->plan->count || supplier->physical ||
			w->snapshot->functions[other].physical ||
			pci_is_bridge(&w->snapshot->functions[other]))
			continue;
		consumers[i] = &w->snapshot->functions[other];
		supplier->consumers = &consumers[i];
		supplier->consumer_count = 1;
	}
	w->plan->errands = talloc_zero_array(w->plan, struct plan_errand, 4);
	w->plan->errand_count = world_pick(w, 5);
	for (size_t i = 0; i < w->plan->errand_count; i++)
		w->plan->errands[i] = (struct plan_errand){.step = STEP_UNLOAD,
			.stage = (unsigned int)i,
			.subject = "floppy",
			.rule = "test",
			.reason = "test",
			.deadline_ms = 1000};
	for (size_t i = 0; i < w->plan->count; i++)
		for (size_t s = 0; s < w->plan->devices[i].step_count; s++)
			w->plan->devices[i].stages[s] =
				(unsigned char)(world_pick(w, 2) +
						(s ? w->plan->devices[i].stages[s - 1] : 0));
}

static void nobody_waits_for_ever(void **state)
{
	size_t unbound = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= 60; seed++) {
		struct world *w = world_new(seed);
		const struct journal *j;

		grow_random(w, 20 + world_pick(w, 60));
		for (size_t i = 0; i < w->snapshot->count; i++)
			if (world_pick(w, 2))
				w->snapshot->functions[i].resets &= PCI_RESET_BUS;
		world_settle(w, "", seed % 3 ? world_some_trouble : world_no_trouble);
		tangle(w);
		j = world_still(w);
		world_check_verdicts(w, j);
		world_check_journal(w, j);
		world_check_order(w);
		for (size_t i = 0; i < j->verdict_count; i++) {
			assert_null(strstr(j->verdicts[i].why, "elsewhere"));
			assert_null(strstr(j->verdicts[i].why, "never begun"));
		}
		for (size_t i = 0; i < j->count; i++)
			unbound += j->entries[i].step == STEP_UNBIND;
		world_free(w);
	}
	assert_true(unbound > 500);
}

/* The whole quiesce of 256 devices, each a chain of remove() and reset of 200 ms, against the slowest of these
 * chains: in percent. */
static unsigned int percent_of_the_slowest_chain(void)
{
	struct world *w = world_new(1);
	const struct journal *j;
	uint64_t slowest = 0, percent;

	for (unsigned int bus = 1; bus < 32; bus++) {
		world_port(w, 0, bus, PCI_EXP_TYPE_ROOT_PORT, bus, bus);
		world_endpoint(w, bus, 0, 0, "test");
	}
	for (unsigned int i = 0; i < 225; i++)
		world_endpoint(w, 100 + i / 8, i % 8, 0, "test");
	world_settle(w, "", world_no_trouble);
	for (size_t i = 0; i < w->s->function_count; i++)
		w->s->functions[i].traits = TRAIT_STEP_SLOW;
	w->s->effects.parallel = 1;
	j = world_still(w);
	assert_int_equal(journal_count(j, VERDICT_STILL), 256);
	for (size_t i = 0; i < w->plan->count; i++) {
		uint64_t chain = 0;

		for (size_t e = 0; e < j->count; e++)
			if (!strcmp(j->entries[e].slot, w->plan->devices[i].function->slot))
				chain += j->entries[e].duration_us;
		slowest = chain > slowest ? chain : slowest;
	}
	print_message("256 devices: %llu ms, the slowest chain %llu ms\n",
		(unsigned long long)j->duration_us / 1000, (unsigned long long)slowest / 1000);
	assert_true(slowest >= 400000);
	percent = j->duration_us * 100 / slowest;
	world_free(w);
	return (unsigned int)percent;
}

/* All at once. On a host that has other things to do it may take some tries to show. */
static void as_fast_as_the_slowest_chain(void **state)
{
	unsigned int best = ~0u;

	(void)state;
	for (int tries = 0; tries < 8 && best >= 130; tries++) {
		unsigned int percent = percent_of_the_slowest_chain();

		best = percent < best ? percent : best;
	}
	assert_in_range(best, 100, 129);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_each_tree_needs),
		cmocka_unit_test(every_effect_failing_on_three_trees),
		cmocka_unit_test(virtual_functions_that_stay),
		cmocka_unit_test(virtual_functions_without_their_driver),
		cmocka_unit_test(random_trees_of_a_thousand),
		cmocka_unit_test(nobody_waits_for_ever),
		cmocka_unit_test(as_fast_as_the_slowest_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
