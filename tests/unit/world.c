// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/world.h"

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

#include "tests/unit/scene.h"

unsigned int world_pick(struct world *w, unsigned int below)
{
	w->seed = w->seed * 1664525 + 1013904223;
	return (w->seed >> 8) % below;
}

struct world *world_new(uint32_t seed)
{
	struct world *w = talloc_zero(NULL, struct world);

	w->s = scripted_new();
	w->snapshot = snapshot_new(w);
	w->seed = seed;
	return w;
}

void world_free(struct world *w)
{
	scripted_free(w->s);
	talloc_free(w);
}

/* An endpoint with these resets; physical functions and consumers are joined after linking. */
struct pci_function *world_endpoint(
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

struct pci_function *world_port(struct world *w, unsigned int bus, unsigned int dev, int express,
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
void world_settle(struct world *w, const char *rules, unsigned int (*traits)(struct world *w))
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

unsigned int world_no_trouble(struct world *w)
{
	(void)w;
	return 0;
}

unsigned int world_some_trouble(struct world *w)
{
	static const unsigned int traits[] = {TRAIT_LAZY_REMOVE, TRAIT_ASSERTS, TRAIT_RESET_FAILS,
		TRAIT_STUBBORN, TRAIT_UNPLUGGED, TRAIT_SERVICED, TRAIT_NO_BUS,
		TRAIT_UNBIND_REFUSED};

	return world_pick(w, 3) ? 0 : traits[world_pick(w, 8)] | traits[world_pick(w, 8)];
}

static void ignore(void *ctx, const struct journal_entry *e)
{
	(void)ctx;
	(void)e;
}

const struct journal *world_still(struct world *w)
{
	const struct quiesce_watch watch = {ignore, ignore, NULL};

	assert_int_equal(quiesce_prepare(&w->s->machine, w->plan, w, &w->quiesce, NULL), 0);
	assert_int_equal(quiesce_run(w->quiesce, &watch), 0);
	return quiesce_journal(w->quiesce);
}

struct scripted_function *world_function(struct world *w, const char *slot)
{
	for (size_t i = 0; i < w->s->function_count; i++)
		if (!strcmp(w->s->functions[i].slot, slot))
			return &w->s->functions[i];
	return NULL;
}

/* Every function has a verdict with a reason, and "still" is said of none that is not. */
void world_check_verdicts(struct world *w, const struct journal *j)
{
	assert_int_equal(j->verdict_count, w->plan->count);
	for (size_t i = 0; i < j->verdict_count; i++) {
		const struct journal_verdict *v = &j->verdicts[i];
		const struct plan_device *d = &w->plan->devices[i];
		const struct scripted_function *sf = world_function(w, v->slot);

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
void world_check_journal(struct world *w, const struct journal *j)
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
void world_check_order(struct world *w)
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
		world_port(w, 0, i, PCI_EXP_TYPE_ROOT_PORT, i, i);
	world_endpoint(w, 1, 0, 0, "test");
	world_endpoint(w, 2, 0, 0, "test");
	world_endpoint(w, 2, 0, 1, "test");
	world_endpoint(w, 2, 0, 2, NULL);
	world_endpoint(w, 3, 0, 0, "test");
	world_endpoint(w, 3, 0, 4, "test");
	world_endpoint(w, 3, 0, 5, "test");
	world_endpoint(w, 0, 31, 2, "test");
}

/* A switch with two devices, one of several functions, and a display beside an audio function. */
static void grow_switch(struct world *w)
{
	world_port(w, 0, 1, PCI_EXP_TYPE_ROOT_PORT, 1, 5);
	world_port(w, 1, 0, PCI_EXP_TYPE_UPSTREAM, 2, 5);
	for (unsigned int i = 0; i < 3; i++)
		world_port(w, 2, i, PCI_EXP_TYPE_DOWNSTREAM, 3 + i, 3 + i);
	world_endpoint(w, 3, 0, 0, "test");
	world_endpoint(w, 4, 0, 0, "test");
	world_endpoint(w, 4, 0, 1, "test");
	world_endpoint(w, 5, 0, 0, "test")->class = 0x030000;
	world_endpoint(w, 5, 0, 1, "test");
}

/* An old kernel without reset_subordinate, legacy PCI, a disk in use, and a consumer. */
static void grow_old(struct world *w)
{
	static struct pci_function *consumers[1];

	world_port(w, 0, 1, PCI_EXP_TYPE_ROOT_PORT, 1, 2);
	world_port(w, 1, 0, PCI_EXP_TYPE_PCI_BRIDGE, 2, 2);
	world_port(w, 0, 2, PCI_EXP_TYPE_ROOT_PORT, 3, 3)->has_subordinate_reset = 0;
	world_port(w, 0, 3, PCI_EXP_TYPE_ROOT_PORT, 4, 4);
	world_endpoint(w, 2, 1, 0, "test")->express = -1;
	world_endpoint(w, 2, 2, 0, "test")->express = -1;
	world_endpoint(w, 3, 0, 0, "test")->resets = PCI_RESET_BUS;
	world_endpoint(w, 3, 0, 1, "test")->resets = 0;
	world_endpoint(w, 4, 0, 0, "test")->uses = PCI_USE_DISK;
	world_endpoint(w, 0, 4, 0, "test");
	pci_link_tree(w->snapshot);
	consumers[0] = pci_find(w->snapshot, "0000:03:00.0");
	pci_find(w->snapshot, "0000:00:04.0")->consumers = consumers;
	pci_find(w->snapshot, "0000:00:04.0")->consumer_count = 1;
}

void (*const world_trees[WORLD_TREES])(struct world *w) = {grow_plain, grow_switch, grow_old};

/* One of each kind before, between and after what the functions do: all but letting go is stage 1. */
void world_give_errands(struct world *w)
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
