// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The whole engine, from the default policy to the verdicts, on trees of the scripted machine: what
 * must never happen aborts there (see scripted.h), the rest is asserted here in the words.
 */
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

#include "devices/quiesce.h"
#include "tests/unit/scene.h"
#include "tests/unit/scripted.h"

struct world {
	struct scripted *s;
	struct pci_snapshot *snapshot;
	struct plan *plan;
	struct quiesce *quiesce;
	uint32_t seed;
};

static unsigned int pick(struct world *w, unsigned int below)
{
	w->seed = w->seed * 1664525 + 1013904223;
	return (w->seed >> 8) % below;
}

static struct world *world_new(uint32_t seed)
{
	struct world *w = talloc_zero(NULL, struct world);

	w->s = scripted_new();
	w->snapshot = snapshot_new(w);
	w->seed = seed;
	return w;
}

static void world_free(struct world *w)
{
	scripted_free(w->s);
	talloc_free(w);
}

/* An endpoint with these resets; physical functions and consumers are joined after linking. */
static struct pci_function *endpoint(
	struct world *w, unsigned int bus, unsigned int dev, unsigned int func, const char *driver)
{
	char slot[32];
	struct pci_function *f;

	snprintf(slot, sizeof(slot), "0000:%02x:%02x.%x", bus & 255, dev & 31, func & 7);
	f = snapshot_add(w->snapshot, slot, 0x020000, driver);
	f->express = PCI_EXP_TYPE_ENDPOINT;
	f->resets = PCI_RESET_FLR | PCI_RESET_BUS;
	f->caps.has = PCI_HAS_INTX;
	return f;
}

static struct pci_function *port(struct world *w, unsigned int bus, unsigned int dev, int express,
	unsigned int secondary, unsigned int subordinate)
{
	char slot[32];
	struct pci_function *f;

	snprintf(slot, sizeof(slot), "0000:%02x:%02x.0", bus & 255, dev & 31);
	f = snapshot_bridge(w->snapshot, slot, express, (uint8_t)secondary, (uint8_t)subordinate);
	f->has_subordinate_reset = 1;
	return f;
}

/* Link the tree, give every function its place in the machine, and make the plan. */
static void settle(struct world *w, const char *rules, unsigned int (*traits)(struct world *w))
{
	struct scene *scene;

	pci_link_tree(w->snapshot);
	for (size_t i = 0; i < w->snapshot->count; i++) {
		struct pci_function *f = &w->snapshot->functions[i];
		struct pci_function *first = f->func ? pci_find(w->snapshot, f->slot) : NULL;

		scripted_add(w->s, f, pci_is_bridge(f) ? 0 : traits(w));
		/* Functions 4 and up of a device are virtual ones of its first. */
		if (f->func < 4)
			continue;
		while (first->func && first > w->snapshot->functions)
			first--;
		f->physical = first;
		f->physical->vf_count++;
	}
	w->s->snapshot = w->snapshot;
	scripted_file(w->s, "sys/bus/pci/drivers/uio_pci_generic/bind", "");
	scene = scene_new(w);
	scene->snapshot = w->snapshot;
	scene->facts.snapshot = w->snapshot;
	w->plan = scene_plan(scene, SCENE_DEFAULTS, rules);
}

static unsigned int none(struct world *w)
{
	(void)w;
	return 0;
}

static unsigned int some_trouble(struct world *w)
{
	static const unsigned int traits[] = {TRAIT_LAZY_REMOVE, TRAIT_ASSERTS, TRAIT_RESET_FAILS,
		TRAIT_STUBBORN, TRAIT_UNPLUGGED, TRAIT_SERVICED, TRAIT_NO_BUS,
		TRAIT_UNBIND_REFUSED};

	return pick(w, 3) ? 0 : traits[pick(w, 8)] | traits[pick(w, 8)];
}

static void ignore(void *ctx, const struct journal_entry *e)
{
	(void)ctx;
	(void)e;
}

static const struct journal *still(struct world *w)
{
	const struct quiesce_watch watch = {ignore, ignore, NULL};

	assert_int_equal(quiesce_prepare(&w->s->machine, w->plan, w, &w->quiesce, NULL), 0);
	assert_int_equal(quiesce_run(w->quiesce, &watch), 0);
	return quiesce_journal(w->quiesce);
}

static struct scripted_function *scripted_at(struct world *w, const char *slot)
{
	for (size_t i = 0; i < w->s->function_count; i++)
		if (!strcmp(w->s->functions[i].slot, slot))
			return &w->s->functions[i];
	return NULL;
}

/* Every function has a verdict with a reason, and "still" is said of none that is not. */
static void check_verdicts(struct world *w, const struct journal *j)
{
	assert_int_equal(j->verdict_count, w->plan->count);
	for (size_t i = 0; i < j->verdict_count; i++) {
		const struct journal_verdict *v = &j->verdicts[i];
		const struct plan_device *d = &w->plan->devices[i];
		const struct scripted_function *sf = scripted_at(w, v->slot);

		assert_string_equal(v->slot, d->function->slot);
		if (d->action == PLAN_LEFT)
			assert_int_equal(v->verdict, VERDICT_LEFT);
		if (v->verdict != VERDICT_STILL) {
			assert_int_not_equal(v->why[0], '\0');
			continue;
		}
		/* Virtual functions may be still, and then gone. */
		assert_true(sf || d->function->physical);
		if (sf)
			assert_false(sf->bound || sf->config[PCI_COMMAND] & PCI_COMMAND_MASTER);
	}
}

/* What the journal says was done is what the machine saw, in both directions. */
static void check_journal(struct world *w, const struct journal *j)
{
	char line[160];
	size_t unbinds = 0, logged = 0;

	for (size_t i = 0; i < j->count; i++) {
		const struct journal_entry *e = &j->entries[i];

		assert_int_not_equal(e->result, JOURNAL_RUNNING);
		assert_true(!i || e->start_us >= j->entries[i - 1].start_us);
		if (e->result == JOURNAL_FAILED || e->result == JOURNAL_SKIPPED)
			assert_int_not_equal(e->detail[0], '\0');
		if (e->step != STEP_UNBIND || e->result == JOURNAL_SKIPPED ||
			!strncmp(e->slot, "platform:", 9))
			continue;
		unbinds++;
		snprintf(line, sizeof(line), "write sys/bus/pci/drivers/%s/unbind %s", "test",
			e->slot);
		assert_true(scripted_find(w->s, line) >= 0);
	}
	for (size_t i = 0; i < w->s->log_count; i++)
		logged += !strncmp(w->s->log[i], "write sys/bus/pci/drivers/test/unbind", 37);
	assert_int_equal(unbinds, logged);
}

/* Virtual functions are unbound before their physical one is, as far as they were at all. */
static void check_order(struct world *w)
{
	char vf[160], pf[160];

	for (size_t i = 0; i < w->snapshot->count; i++) {
		const struct pci_function *f = &w->snapshot->functions[i];
		int first, second;

		if (!f->physical)
			continue;
		snprintf(vf, sizeof(vf), "write sys/bus/pci/drivers/test/unbind %s", f->slot);
		snprintf(pf, sizeof(pf), "write sys/bus/pci/drivers/test/unbind %s",
			f->physical->slot);
		first = scripted_find(w->s, vf);
		second = scripted_find(w->s, pf);
		assert_true(first < 0 || second < 0 || first < second);
	}
}

/* Below a root port: one function; several; a physical function with virtual ones. */
static void grow_plain(struct world *w)
{
	for (unsigned int i = 1; i <= 3; i++)
		port(w, 0, i, PCI_EXP_TYPE_ROOT_PORT, i, i);
	endpoint(w, 1, 0, 0, "test");
	endpoint(w, 2, 0, 0, "test");
	endpoint(w, 2, 0, 1, "test");
	endpoint(w, 2, 0, 2, NULL);
	endpoint(w, 3, 0, 0, "test");
	endpoint(w, 3, 0, 4, "test");
	endpoint(w, 3, 0, 5, "test");
	endpoint(w, 0, 31, 2, "test");
}

/* A switch with two devices, one of several functions, and a display beside an audio function. */
static void grow_switch(struct world *w)
{
	port(w, 0, 1, PCI_EXP_TYPE_ROOT_PORT, 1, 5);
	port(w, 1, 0, PCI_EXP_TYPE_UPSTREAM, 2, 5);
	for (unsigned int i = 0; i < 3; i++)
		port(w, 2, i, PCI_EXP_TYPE_DOWNSTREAM, 3 + i, 3 + i);
	endpoint(w, 3, 0, 0, "test");
	endpoint(w, 4, 0, 0, "test");
	endpoint(w, 4, 0, 1, "test");
	endpoint(w, 5, 0, 0, "test")->class = 0x030000;
	endpoint(w, 5, 0, 1, "test");
}

/* An old kernel without reset_subordinate, legacy PCI, a disk in use, and a consumer. */
static void grow_old(struct world *w)
{
	static struct pci_function *consumers[1];

	port(w, 0, 1, PCI_EXP_TYPE_ROOT_PORT, 1, 2);
	port(w, 1, 0, PCI_EXP_TYPE_PCI_BRIDGE, 2, 2);
	port(w, 0, 2, PCI_EXP_TYPE_ROOT_PORT, 3, 3)->has_subordinate_reset = 0;
	port(w, 0, 3, PCI_EXP_TYPE_ROOT_PORT, 4, 4);
	endpoint(w, 2, 1, 0, "test")->express = -1;
	endpoint(w, 2, 2, 0, "test")->express = -1;
	endpoint(w, 3, 0, 0, "test")->resets = PCI_RESET_BUS;
	endpoint(w, 3, 0, 1, "test")->resets = 0;
	endpoint(w, 4, 0, 0, "test")->uses = PCI_USE_DISK;
	endpoint(w, 0, 4, 0, "test");
	pci_link_tree(w->snapshot);
	consumers[0] = pci_find(w->snapshot, "0000:03:00.0");
	pci_find(w->snapshot, "0000:00:04.0")->consumers = consumers;
	pci_find(w->snapshot, "0000:00:04.0")->consumer_count = 1;
}

static void (*const trees[])(struct world *w) = {grow_plain, grow_switch, grow_old};

/* One of each kind before, between and after what the functions do: all but letting go is stage 1. */
static void give_errands(struct world *w)
{
	static const char *const words[] = {"true", "with", "arguments", NULL};
	static const struct plan_errand errands[] = {
		{.step = STEP_RUN, .subject = "true", .argv = (const char **)words},
		{.step = STEP_LINK_DOWN, .subject = "eth0"},
		{.step = STEP_UNLOAD, .stage = 1, .subject = "snd-pcsp"},
		{.step = STEP_SETTLE, .stage = 1, .settle_ms = 20},
		{.step = STEP_UNBIND, .stage = 2, .subject = "platform:i2c.0"},
		{.step = STEP_WRITE, .stage = 2, .subject = "proc/sys/kernel/x", .value = "1"},
		{.step = STEP_OFFLINE_CPUS, .stage = 2},
	};
	size_t count = sizeof(errands) / sizeof(*errands);

	w->plan->errands = talloc_memdup(w->plan, errands, sizeof(errands));
	w->plan->errand_count = count;
	for (size_t i = 0; i < count; i++) {
		w->plan->errands[i].rule = w->plan->errands[i].reason = "test";
		w->plan->errands[i].deadline_ms = 1000;
	}
	for (size_t i = 0; i < w->plan->count; i++)
		for (size_t s = 0; s < w->plan->devices[i].step_count; s++)
			w->plan->devices[i].stages[s] = w->plan->devices[i].steps[s] !=
								STEP_UNBIND &&
							w->plan->devices[i].steps[s] != STEP_VFS;
	scripted_file(w->s, "sys/devices/system/cpu/cpu1/online", "1\n");
	scripted_file(w->s, "sys/devices/system/cpu/cpu10/online", "1\n");
}

static void every_effect_failing_on_three_trees(void **state)
{
	(void)state;
	for (size_t t = 0; t < 6; t++)
		for (size_t k = 0, effects = 1; k <= effects; k++) {
			struct world *w = world_new((uint32_t)t % 3 + 1);
			const struct journal *j;

			trees[t % 3](w);
			settle(w, "", t % 3 ? some_trouble : none);
			if (t >= 3)
				give_errands(w);
			w->s->fail_at = k;
			j = still(w);
			if (k == 0) {
				effects = w->s->log_count;
				assert_true(effects > 8);
			}
			check_verdicts(w, j);
			check_journal(w, j);
			check_order(w);
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
	grow_plain(w);
	settle(w, "", none);
	j = still(w);
	assert_int_equal(journal_count(j, VERDICT_LOUD), 0);
	assert_true(was_done(j, "0000:01:00.0", STEP_BUS));
	assert_true(was_done(j, "0000:02:00.0", STEP_SUBORDINATE));
	assert_true(was_done(j, "0000:03:00.0", STEP_VFS));
	assert_null(scripted_at(w, "0000:03:00.4"));
	assert_true(was_done(j, "0000:03:00.0", STEP_BUS));
	world_free(w);

	w = world_new(1);
	grow_old(w);
	settle(w, "", none);
	j = still(w);
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
	grow_plain(w);
	settle(w, "", none);
	scripted_at(w, "0000:03:00.0")->traits = TRAIT_KEEPS_VFS;
	j = still(w);
	assert_false(was_done(j, "0000:03:00.0", STEP_VFS));
	assert_false(was_done(j, "0000:03:00.0", STEP_UNBIND));
	assert_true(scripted_at(w, "0000:03:00.0")->bound);
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
		endpoint(w, 3, 0, 0, NULL)->resets = PCI_RESET_FLR;
		endpoint(w, 3, 0, 4, "test")->resets = PCI_RESET_FLR;
		settle(w, "", none);
		if (refuses)
			scripted_at(w, "0000:03:00.4")->traits = TRAIT_UNBIND_REFUSED;
		j = still(w);
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
		unsigned int below = 4 + pick(w, 8), first = bus;

		if (pick(w, 3)) {
			port(w, 0, dev++, PCI_EXP_TYPE_ROOT_PORT, bus, bus + below + 1);
			port(w, bus, 0, PCI_EXP_TYPE_UPSTREAM, bus + 1, bus + below + 1);
			bus += 2;
		} else {
			port(w, 0, dev++, PCI_EXP_TYPE_ROOT_PORT, bus, bus);
			below = 1;
			bus += 1;
		}
		for (unsigned int i = 0; i < below && w->snapshot->count < functions; i++) {
			unsigned int at = bus - (below == 1 && first + 1 == bus),
				     wide = 2 + pick(w, 3);

			if (at == bus) {
				port(w, first + 1, i, PCI_EXP_TYPE_DOWNSTREAM, bus, bus);
				bus++;
			}
			for (unsigned int func = 0; func < wide; func++)
				endpoint(w, at, 0, func, pick(w, 5) ? "test" : NULL);
			for (unsigned int vf = 4; vf < 4 + pick(w, 4); vf++)
				endpoint(w, at, 0, vf, pick(w, 2) ? "test" : NULL);
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
		settle(w, seed % 2 ? "" : "device { slot = \"*.3\", leave = true }",
			seed % 3 ? some_trouble : none);
		j = still(w);
		check_verdicts(w, j);
		check_journal(w, j);
		check_order(w);
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
		size_t other = i + 1 + pick(w, (unsigned int)(w->plan->count - i - 1)) % 4;

		if (pick(w, 3) || other >= w->plan->count || supplier->physical ||
			w->snapshot->functions[other].physical ||
			pci_is_bridge(&w->snapshot->functions[other]))
			continue;
		consumers[i] = &w->snapshot->functions[other];
		supplier->consumers = &consumers[i];
		supplier->consumer_count = 1;
	}
	w->plan->errands = talloc_zero_array(w->plan, struct plan_errand, 4);
	w->plan->errand_count = pick(w, 5);
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
				(unsigned char)(pick(w, 2) +
						(s ? w->plan->devices[i].stages[s - 1] : 0));
}

static void nobody_waits_for_ever(void **state)
{
	size_t unbound = 0;

	(void)state;
	for (uint32_t seed = 1; seed <= 60; seed++) {
		struct world *w = world_new(seed);
		const struct journal *j;

		grow_random(w, 20 + pick(w, 60));
		for (size_t i = 0; i < w->snapshot->count; i++)
			if (pick(w, 2))
				w->snapshot->functions[i].resets &= PCI_RESET_BUS;
		settle(w, "", seed % 3 ? some_trouble : none);
		tangle(w);
		j = still(w);
		check_verdicts(w, j);
		check_journal(w, j);
		check_order(w);
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

/* 256 devices, each a chain of remove() and reset of 200 ms: all at once. */
static void as_fast_as_the_slowest_chain(void **state)
{
	struct world *w = world_new(1);
	const struct journal *j;
	uint64_t slowest = 0;

	(void)state;
	for (unsigned int bus = 1; bus < 32; bus++) {
		port(w, 0, bus, PCI_EXP_TYPE_ROOT_PORT, bus, bus);
		endpoint(w, bus, 0, 0, "test");
	}
	for (unsigned int i = 0; i < 225; i++)
		endpoint(w, 100 + i / 8, i % 8, 0, "test");
	settle(w, "", none);
	for (size_t i = 0; i < w->s->function_count; i++)
		w->s->functions[i].traits = TRAIT_STEP_SLOW;
	w->s->effects.parallel = 1;
	j = still(w);
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
	assert_true(j->duration_us * 10 < slowest * 13);
	world_free(w);
}

static unsigned int some_assert(struct world *w)
{
	return pick(w, 3) ? 0 : TRAIT_ASSERTS;
}

/* The configuration spaces as files, which is where a dry run reads them. */
static void write_config_files(struct world *w)
{
	for (size_t i = 0; i < w->s->function_count; i++) {
		const struct scripted_function *sf = &w->s->functions[i];
		char path[96];
		int fd;

		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/config", sf->slot);
		scripted_file(w->s, path, "");
		fd = openat(w->s->machine.root_fd, path, O_WRONLY);
		assert_int_equal(write(fd, sf->config, sf->config_size), sf->config_size);
		close(fd);
	}
}

/* A line of the dry run in the words of the scripted machine's log. */
static void translate(const char *told, char line[160])
{
	static const struct {
		const char *told, *logged, *end;
	} words[] = {{"would run ", "run", "\n"}, {"would unload the module ", "unload", "\n"},
		{"would take the interface ", "down", " "}, {"would wait ", "settle", " "}};
	char value[48], path[96], slot[PCI_SLOT_MAX];
	unsigned int offset;

	line[0] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i].told);

		if (!strncmp(told, words[i].told, n))
			snprintf(line, 160, "%s %.*s", words[i].logged,
				(int)strcspn(told + n, words[i].end), told + n);
	}
	if (sscanf(told, "would write \"%47[^\"]\" to /%95s", value, path) == 2)
		snprintf(line, 160, "write %s %s", path, value);
	else if (sscanf(told, "would write %47s to register 0x%x of %15s", value, &offset, slot) ==
		 3)
		snprintf(line, 160, "config %s 0x%02x %s", slot, offset, value);
}

/* What a dry run tells is what a real run does, line by line and in order. */
static void a_dry_run_tells_what_a_real_one_does(void **state)
{
	size_t compared = 0;

	(void)state;
	for (size_t t = 0; t < 4; t++) {
		struct world *w = world_new(7);
		const struct machine_effects *real;
		FILE *told = tmpfile();
		char text[256], line[160];
		size_t at = 0;

		trees[t % 2](w);
		w->snapshot->lockdown = t < 2 ? PCI_LOCKDOWN_NONE : PCI_LOCKDOWN_INTEGRITY;
		settle(w, "", t < 2 ? some_assert : none);
		write_config_files(w);
		if (t % 2)
			give_errands(w);
		real = w->s->machine.effects;
		assert_int_equal(machine_make_dryrun(&w->s->machine, w, NULL), 0);
		log_setup(fileno(told), STDERR_FILENO, LOG_INFO);
		still(w);
		log_setup(STDOUT_FILENO, STDERR_FILENO, LOG_WARN);
		w->s->machine.effects = real;
		still(w);
		rewind(told);
		while (fgets(text, sizeof(text), told)) {
			translate(text, line);
			assert_true(at < w->s->log_count);
			assert_string_equal(line, w->s->log[at++]);
		}
		assert_int_equal(at, w->s->log_count);
		compared += at;
		fclose(told);
		world_free(w);
	}
	assert_true(compared > 30);
}

/* A card that nobody is bound to, and that is loud: its port is reset for all of it, as if that had
 * worked, so no rung after that is told of. */
static void a_dry_run_of_a_port_reset(void **state)
{
	(void)state;
	for (int by_hand = 0; by_hand < 2; by_hand++) {
		struct world *w = world_new(1);
		const struct machine_effects *real;

		port(w, 0, 1, PCI_EXP_TYPE_ROOT_PORT, 1, 1)->has_subordinate_reset = !by_hand;
		for (unsigned int func = 0; func < 2; func++)
			endpoint(w, 1, 0, func, NULL)->resets = PCI_RESET_BUS;
		settle(w, "", none);
		for (size_t i = 1; i <= 2; i++)
			w->s->functions[i].config[PCI_COMMAND] |= PCI_COMMAND_MASTER;
		w->s->functions[0].config[PCI_SECONDARY_BUS] = 1;
		write_config_files(w);
		real = w->s->machine.effects;
		assert_int_equal(machine_make_dryrun(&w->s->machine, w, NULL), 0);
		log_setup(STDOUT_FILENO, STDERR_FILENO, LOG_WARN);
		for (int dry = 1; dry >= 0; dry--) {
			const struct journal *j = still(w);

			assert_int_equal(journal_count(j, VERDICT_STILL), 2);
			assert_int_equal(j->count, 1);
			assert_int_equal(j->entries[0].step, by_hand ? STEP_SBR : STEP_SUBORDINATE);
			w->s->machine.effects = real;
		}
		world_free(w);
	}
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
		cmocka_unit_test(a_dry_run_tells_what_a_real_one_does),
		cmocka_unit_test(a_dry_run_of_a_port_reset),
		cmocka_unit_test(as_fast_as_the_slowest_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
