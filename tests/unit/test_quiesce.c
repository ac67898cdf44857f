// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/quiesce.h"
#include "tests/unit/scripted.h"

/* Two functions below one port, one below another, one on the root bus, and a display. */
struct fixture {
	struct scripted *s;
	struct pci_snapshot *snapshot;
	struct plan plan;
	struct quiesce *quiesce;
	size_t begun, ended;
};

static void begun(void *ctx, const struct journal_entry *e)
{
	(void)e;
	((struct fixture *)ctx)->begun++;
}

static void ended(void *ctx, const struct journal_entry *e)
{
	(void)e;
	((struct fixture *)ctx)->ended++;
}

static void plan_steps(struct plan_device *d, const enum step *steps, size_t count)
{
	memcpy(d->steps, steps, count * sizeof(*steps));
	d->step_count = count;
	d->action = PLAN_QUIESCE;
	d->reason = "test";
}

static struct fixture *fixture_new(const unsigned int traits[4])
{
	static const enum step unbind_bus[] = {STEP_UNBIND, STEP_BUS};
	static const enum step unbind_flr[] = {STEP_UNBIND, STEP_FLR};
	struct scripted *s = scripted_new();
	struct fixture *f = talloc_zero(NULL, struct fixture);
	struct pci_snapshot *snap = snapshot_new(f);
	size_t endpoint = 0;

	f->s = s;
	f->snapshot = snap;
	snapshot_add(snap, "0000:00:01.0", 0x030000, "bochs");
	snapshot_bridge(snap, "0000:00:02.0", PCI_EXP_TYPE_ROOT_PORT, 1, 1);
	snapshot_bridge(snap, "0000:00:03.0", PCI_EXP_TYPE_ROOT_PORT, 2, 2);
	snapshot_add(snap, "0000:00:1f.2", 0x010601, "ahci")->resets = PCI_RESET_FLR;
	snapshot_add(snap, "0000:01:00.0", 0x020000, "e1000e");
	snapshot_add(snap, "0000:01:00.1", 0x020000, "e1000e");
	snapshot_add(snap, "0000:02:00.0", 0x010802, "nvme");
	pci_link_tree(snap);
	f->plan.count = snap->count;
	f->plan.devices = talloc_zero_array(f, struct plan_device, snap->count);
	for (size_t i = 0; i < snap->count; i++) {
		struct plan_device *d = &f->plan.devices[i];

		*d = (struct plan_device){.function = &snap->functions[i],
			.action = PLAN_LEFT,
			.reason = "left by the test",
			.rule = "test:1",
			.unbind_deadline_ms = 30000,
			.reset_deadline_ms = 70000};
		if (i >= 3) {
			plan_steps(d, i == 3 ? unbind_flr : unbind_bus, 2);
			scripted_add(s, d->function, traits[endpoint++]);
		}
	}
	return f;
}

static void fixture_free(struct fixture *f)
{
	scripted_free(f->s);
	talloc_free(f);
}

static const struct journal *run(struct fixture *f, size_t hung_expected)
{
	const struct quiesce_watch watch = {begun, ended, f};

	assert_int_equal(quiesce_prepare(&f->s->machine, &f->plan, f, &f->quiesce, NULL), 0);
	assert_int_equal(quiesce_run(f->quiesce, &watch), hung_expected);
	return quiesce_journal(f->quiesce);
}

static const struct journal_entry *entry(const struct journal *j, const char *slot, enum step step)
{
	for (size_t i = 0; i < j->count; i++)
		if (!strcmp(j->entries[i].slot, slot) && j->entries[i].step == step)
			return &j->entries[i];
	return NULL;
}

static int verdict(const struct journal *j, const char *slot)
{
	for (size_t i = 0; i < j->verdict_count; i++)
		if (!strcmp(j->verdicts[i].slot, slot))
			return (int)j->verdicts[i].verdict;
	fail_msg("no verdict for %s", slot);
	return -1;
}

static int before(const struct fixture *f, const char *first, const char *second)
{
	int a = scripted_find(f->s, first), b = scripted_find(f->s, second);

	return a >= 0 && b >= 0 && a < b;
}

static void test_all_still(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});
	const struct journal *j = run(f, 0);

	(void)state;
	assert_int_equal(journal_count(j, VERDICT_STILL), 4);
	assert_int_equal(journal_count(j, VERDICT_LEFT), 3);
	assert_int_equal(j->count, 8);
	assert_int_equal(f->begun, 8);
	assert_int_equal(f->ended, 8);
	for (size_t i = 0; i < j->count; i++)
		assert_int_equal(j->entries[i].result, JOURNAL_OK);
	assert_string_equal(j->entries[0].rule, "test:1");
	fixture_free(f);
}

static void test_bus_waits_for_all_on_it(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});

	(void)state;
	run(f, 0);
	assert_true(before(f, "write sys/bus/pci/drivers/e1000e/unbind 0000:01:00.1",
		"write sys/bus/pci/devices/0000:01:00.0/reset 1"));
	assert_true(before(f, "write sys/bus/pci/drivers/e1000e/unbind 0000:01:00.0",
		"write sys/bus/pci/devices/0000:01:00.1/reset 1"));
	assert_true(before(f, "write sys/bus/pci/devices/0000:01:00.0/reset_method bus",
		"write sys/bus/pci/devices/0000:01:00.0/reset 1"));
	fixture_free(f);
}

static void test_line_is_lowered_before_unbind(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_ASSERTS});
	const struct journal *j = run(f, 0);

	(void)state;
	assert_true(before(f, "config 0000:02:00.0 0x04 0x0406",
		"write sys/bus/pci/drivers/nvme/unbind 0000:02:00.0"));
	assert_non_null(entry(j, "0000:02:00.0", STEP_INTX));
	assert_null(entry(j, "0000:01:00.0", STEP_INTX));
	assert_int_equal(verdict(j, "0000:02:00.0"), VERDICT_STILL);
	fixture_free(f);
}

static void test_bus_master_left_on_is_masked(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_STUBBORN});
	const struct journal *j = run(f, 0);
	const struct journal_entry *mask = entry(j, "0000:02:00.0", STEP_MASK);

	(void)state;
	assert_non_null(mask);
	assert_int_equal(mask->result, JOURNAL_OK);
	assert_null(entry(j, "0000:01:00.0", STEP_MASK));
	assert_int_equal(verdict(j, "0000:02:00.0"), VERDICT_STILL);
	fixture_free(f);
}

static void test_failed_reset_stops_nobody(void **state)
{
	struct fixture *f = fixture_new(
		(const unsigned int[4]){0, 0, 0, TRAIT_LAZY_REMOVE | TRAIT_RESET_FAILS});
	const struct journal *j = run(f, 0);

	(void)state;
	assert_int_equal(entry(j, "0000:02:00.0", STEP_BUS)->result, JOURNAL_FAILED);
	assert_non_null(strstr(entry(j, "0000:02:00.0", STEP_BUS)->detail, "ENOTTY"));
	assert_int_equal(entry(j, "0000:01:00.0", STEP_BUS)->result, JOURNAL_OK);
	assert_int_equal(journal_count(j, VERDICT_STILL), 4);
	fixture_free(f);
}

static void test_unplugged_is_left_and_named(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_UNPLUGGED});
	const struct journal *j = run(f, 0);

	(void)state;
	assert_int_equal(verdict(j, "0000:02:00.0"), VERDICT_LEFT);
	assert_int_equal(journal_count(j, VERDICT_STILL), 3);
	fixture_free(f);
}

/* In real workers: one remove() never returns; the bus it is on is not reset, all others are. */
static void test_hung_remove(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, TRAIT_UNBIND_HANGS, 0});
	const struct journal *j;

	(void)state;
	f->s->effects.parallel = 1;
	f->plan.devices[5].unbind_deadline_ms = 200;
	j = run(f, 1);
	assert_int_equal(entry(j, "0000:01:00.1", STEP_UNBIND)->result, JOURNAL_HUNG);
	assert_int_equal(entry(j, "0000:01:00.0", STEP_BUS)->result, JOURNAL_SKIPPED);
	assert_int_equal(verdict(j, "0000:01:00.1"), VERDICT_LOUD);
	assert_non_null(entry(j, "0000:00:1f.2", STEP_FLR));
	assert_int_equal(entry(j, "0000:02:00.0", STEP_UNBIND)->result, JOURNAL_OK);
	fixture_free(f);
}

/* Late, not hung: it came back while another one was still at it, and went its way to the end. */
static void test_late_remove(void **state)
{
	struct fixture *f = fixture_new(
		(const unsigned int[4]){0, TRAIT_UNBIND_SLOW, 0, TRAIT_UNBIND_SLOWER});
	const struct journal *j;

	(void)state;
	f->s->effects.parallel = 1;
	f->plan.devices[4].unbind_deadline_ms = 100;
	j = run(f, 0);
	assert_int_equal(entry(j, "0000:01:00.0", STEP_UNBIND)->result, JOURNAL_LATE);
	assert_int_equal(entry(j, "0000:01:00.0", STEP_BUS)->result, JOURNAL_OK);
	assert_int_equal(entry(j, "0000:01:00.1", STEP_BUS)->result, JOURNAL_SKIPPED);
	assert_int_equal(journal_count(j, VERDICT_STILL), 4);
	/* Side by side: the slowest is the whole. */
	assert_true(j->duration_us < 880000);
	fixture_free(f);
}

/* A line that somebody services is left to him: its remove() may wait for it. */
static void test_serviced_line_is_not_lowered(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_SERVICED});
	const struct journal *j = run(f, 0);

	(void)state;
	assert_null(entry(j, "0000:02:00.0", STEP_INTX));
	assert_int_equal(scripted_find(f->s, "config 0000:02:00.0"), -1);
	fixture_free(f);
}

static void make_control(struct fixture *f, const char *slot)
{
	char path[96];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/power/control", slot);
	scripted_file(f->s, path, "auto\n");
}

static void test_hold(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});

	(void)state;
	make_control(f, "0000:00:02.0");
	make_control(f, "0000:02:00.0");
	assert_int_equal(quiesce_prepare(&f->s->machine, &f->plan, f, &f->quiesce, NULL), 0);
	assert_int_equal(quiesce_hold(f->quiesce, NULL), 0);
	assert_int_equal(f->s->log_count, 3);
	assert_string_equal(
		f->s->log[0], "write sys/bus/pci/devices/0000:00:02.0/power/control on");
	assert_string_equal(f->s->log[2], "write sys/bus/pci/drivers_autoprobe 0");
	fixture_free(f);
}

/* Somebody hangs in this device already: found before anything is touched. */
static void test_hold_finds_a_lock_that_is_taken(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_HELD});
	struct err err;

	(void)state;
	f->s->effects.parallel = 1;
	make_control(f, "0000:02:00.0");
	make_control(f, "0000:01:00.0");
	assert_int_equal(quiesce_prepare(&f->s->machine, &f->plan, f, &f->quiesce, NULL), 0);
	assert_int_equal(quiesce_hold(f->quiesce, &err), -ETIME);
	assert_non_null(strstr(err.text, "0000:02:00.0"));
	assert_int_equal(scripted_find(f->s, "write sys/bus/pci/drivers"), -1);
	fixture_free(f);
}

/* Intel's VMD: a function with others below it lets go last, and not above one that is left. */
static void test_domain_below_a_function(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});

	(void)state;
	f->snapshot->functions[6].parent = &f->snapshot->functions[3];
	run(f, 0);
	assert_true(before(f, "write sys/bus/pci/drivers/nvme/unbind",
		"write sys/bus/pci/drivers/ahci/unbind"));
	fixture_free(f);

	f = fixture_new((const unsigned int[4]){0});
	f->snapshot->functions[6].parent = &f->snapshot->functions[3];
	f->plan.devices[6].action = PLAN_LEFT;
	run(f, 0);
	assert_int_equal(scripted_find(f->s, "write sys/bus/pci/drivers/ahci/unbind"), -1);
	fixture_free(f);
}

/* An oops in remove() kills the worker and leaves the device locked: as bad as a hang. */
static void test_worker_that_dies(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_UNBIND_KILLS});
	const struct journal *j;

	(void)state;
	f->s->effects.parallel = 1;
	j = run(f, 1);
	assert_int_equal(entry(j, "0000:02:00.0", STEP_UNBIND)->result, JOURNAL_HUNG);
	assert_int_equal(entry(j, "0000:02:00.0", STEP_BUS)->result, JOURNAL_SKIPPED);
	assert_int_equal(verdict(j, "0000:02:00.0"), VERDICT_LOUD);
	assert_int_equal(journal_count(j, VERDICT_STILL), 3);
	fixture_free(f);
}

/* Whatever effect fails: everybody gets a verdict, nothing bound is reset (the scripted machine
 * aborts then), and what is not still is called loud. */
static void test_every_effect_failing(void **state)
{
	static const unsigned int traits[][4] = {
		{0, 0, 0, 0},
		{TRAIT_ASSERTS, TRAIT_STUBBORN, TRAIT_LAZY_REMOVE, 0},
		{TRAIT_RESET_FAILS, TRAIT_RESET_FAILS | TRAIT_STUBBORN, 0, TRAIT_ASSERTS},
	};

	(void)state;
	for (size_t t = 0; t < 3; t++) {
		size_t effects = 1;

		for (size_t k = 0; k <= effects; k++) {
			struct fixture *f = fixture_new(traits[t]);
			const struct journal *j;

			f->s->fail_at = k;
			j = run(f, 0);
			if (k == 0)
				effects = f->s->log_count;
			assert_int_equal(j->verdict_count, f->plan.count);
			assert_int_equal(f->ended, j->count);
			for (size_t i = 0; i < f->s->function_count; i++) {
				struct scripted_function *sf = &f->s->functions[i];
				int still = !sf->bound &&
					    !(sf->config[PCI_COMMAND] & PCI_COMMAND_MASTER);

				assert_int_equal(verdict(j, sf->slot) == VERDICT_STILL, still);
			}
			fixture_free(f);
		}
		assert_true(effects > 10);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_still),
		cmocka_unit_test(test_bus_waits_for_all_on_it),
		cmocka_unit_test(test_line_is_lowered_before_unbind),
		cmocka_unit_test(test_bus_master_left_on_is_masked),
		cmocka_unit_test(test_failed_reset_stops_nobody),
		cmocka_unit_test(test_unplugged_is_left_and_named),
		cmocka_unit_test(test_hung_remove),
		cmocka_unit_test(test_worker_that_dies),
		cmocka_unit_test(test_late_remove),
		cmocka_unit_test(test_serviced_line_is_not_lowered),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_hold_finds_a_lock_that_is_taken),
		cmocka_unit_test(test_domain_below_a_function),
		cmocka_unit_test(test_every_effect_failing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
