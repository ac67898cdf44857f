// SPDX-License-Identifier: GPL-2.0-or-later
/* A quiesce from plan to verdicts: order, ladder, interrupt lines, deadlines. */
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "tests/unit/fixture.h"

static void test_all_still(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});
	const struct journal *j = fixture_run(f, 0);

	(void)state;
	assert_int_equal(journal_count(j, VERDICT_STILL), 4);
	assert_int_equal(journal_count(j, VERDICT_LEFT), 3);
	assert_int_equal(j->count, 7);
	assert_int_equal(f->begun, 7);
	assert_int_equal(f->ended, 7);
	for (size_t i = 0; i < j->count; i++)
		assert_int_equal(j->entries[i].result, JOURNAL_OK);
	assert_string_equal(j->entries[0].rule, "test:1");
	fixture_free(f);
}

/* Once for both, when both have let go. */
static void test_port_waits_for_all_below_it(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});
	const char *reset = "write sys/bus/pci/devices/0000:00:02.0/reset_subordinate 1";
	const struct journal *j = fixture_run(f, 0);

	(void)state;
	assert_true(
		fixture_before(f, "write sys/bus/pci/drivers/e1000e/unbind 0000:01:00.1", reset));
	assert_true(
		fixture_before(f, "write sys/bus/pci/drivers/e1000e/unbind 0000:01:00.0", reset));
	assert_true(fixture_before(f, "write sys/bus/pci/devices/0000:02:00.0/reset_method bus",
		"write sys/bus/pci/devices/0000:02:00.0/reset 1"));
	assert_int_equal(f->s->functions[1].resets, 1);
	assert_int_equal(f->s->functions[2].resets, 1);
	assert_null(fixture_entry(j, "0000:01:00.1", STEP_SUBORDINATE));
	assert_string_equal(fixture_entry(j, "0000:01:00.0", STEP_SUBORDINATE)->detail,
		"for all 2 functions below 0000:00:02.0");
	fixture_free(f);
}

static void test_line_is_lowered_before_unbind(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_ASSERTS});
	const struct journal *j = fixture_run(f, 0);

	(void)state;
	assert_true(fixture_before(f, "config 0000:02:00.0 0x04 0x0406",
		"write sys/bus/pci/drivers/nvme/unbind 0000:02:00.0"));
	assert_non_null(fixture_entry(j, "0000:02:00.0", STEP_INTX));
	assert_null(fixture_entry(j, "0000:01:00.0", STEP_INTX));
	assert_int_equal(fixture_verdict(j, "0000:02:00.0"), VERDICT_STILL);
	fixture_free(f);
}

static void test_bus_master_left_on_is_masked(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_STUBBORN});
	const struct journal *j = fixture_run(f, 0);
	const struct journal_entry *mask = fixture_entry(j, "0000:02:00.0", STEP_MASK);

	(void)state;
	assert_non_null(mask);
	assert_int_equal(mask->result, JOURNAL_OK);
	assert_null(fixture_entry(j, "0000:01:00.0", STEP_MASK));
	assert_int_equal(fixture_verdict(j, "0000:02:00.0"), VERDICT_STILL);
	fixture_free(f);
}

/* The first reset that ends well is enough; after one that failed comes the next. */
static void test_ladder_goes_on_after_a_failed_reset(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_PORT_FAILS});
	const struct journal *j = fixture_run(f, 0);

	(void)state;
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_BUS)->result, JOURNAL_FAILED);
	assert_non_null(strstr(fixture_entry(j, "0000:02:00.0", STEP_BUS)->detail, "ENOTTY"));
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_FLR)->result, JOURNAL_OK);
	assert_null(fixture_entry(j, "0000:02:00.0", STEP_MASK));
	assert_int_equal(fixture_entry(j, "0000:01:00.0", STEP_SUBORDINATE)->result, JOURNAL_OK);
	assert_null(fixture_entry(j, "0000:01:00.0", STEP_FLR));
	assert_int_equal(journal_count(j, VERDICT_STILL), 4);
	fixture_free(f);
}

/* What every reset leaves loud is masked, rung by rung, and only then. */
static void test_ladder_to_its_end(void **state)
{
	struct fixture *f = fixture_new(
		(const unsigned int[4]){0, TRAIT_STUBBORN, 0, TRAIT_RESET_FAILS | TRAIT_STUBBORN});
	const struct journal *j = fixture_run(f, 0);

	(void)state;
	assert_int_equal(fixture_entry(j, "0000:01:00.0", STEP_SUBORDINATE)->result, JOURNAL_OK);
	assert_int_equal(fixture_entry(j, "0000:01:00.0", STEP_FLR)->result, JOURNAL_OK);
	assert_int_equal(fixture_entry(j, "0000:01:00.0", STEP_MASK)->result, JOURNAL_OK);
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_BUS)->result, JOURNAL_FAILED);
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_FLR)->result, JOURNAL_FAILED);
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_MASK)->result, JOURNAL_OK);
	assert_null(fixture_entry(j, "0000:01:00.1", STEP_MASK));
	assert_int_equal(journal_count(j, VERDICT_STILL), 4);
	fixture_free(f);
}

/* Refused at once: a quirk. No other way around it is tried, on behalf of nobody below the port. */
static void test_quirk_is_obeyed(void **state)
{
	static const enum step asked[] = {STEP_UNBIND, STEP_SUBORDINATE, STEP_SBR, STEP_FLR};
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, TRAIT_NO_BUS, 0});
	const struct journal *j;

	(void)state;
	fixture_plan(&f->plan.devices[4], asked, 4);
	fixture_plan(&f->plan.devices[5], asked, 4);
	j = fixture_run(f, 0);
	assert_int_equal(
		fixture_entry(j, "0000:01:00.0", STEP_SUBORDINATE)->result, JOURNAL_FAILED);
	assert_int_equal(fixture_entry(j, "0000:01:00.0", STEP_SBR)->result, JOURNAL_SKIPPED);
	assert_non_null(strstr(fixture_entry(j, "0000:01:00.0", STEP_SBR)->detail, "quirk"));
	assert_int_equal(
		fixture_entry(j, "0000:01:00.1", STEP_SUBORDINATE)->result, JOURNAL_SKIPPED);
	assert_int_equal(fixture_entry(j, "0000:01:00.1", STEP_SBR)->result, JOURNAL_SKIPPED);
	assert_int_equal(fixture_entry(j, "0000:01:00.1", STEP_FLR)->result, JOURNAL_OK);
	assert_int_equal(journal_count(j, VERDICT_STILL), 4);
	fixture_free(f);
}

/* Locked down: the line is let go asserted, and lowered afterwards inside the kernel, before the
 * reset. */
static void test_uio_lowers_the_line_under_lockdown(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_ASSERTS});
	const struct journal *j;

	(void)state;
	f->plan.lockdown = PCI_LOCKDOWN_INTEGRITY;
	f->snapshot->functions[6].caps.has = PCI_HAS_INTX;
	scripted_file(f->s, "sys/bus/pci/drivers/uio_pci_generic/bind", "");
	j = fixture_run(f, 0);
	assert_null(fixture_entry(j, "0000:02:00.0", STEP_INTX));
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_UIO)->result, JOURNAL_OK);
	assert_true(fixture_before(f, "write sys/bus/pci/drivers/nvme/unbind 0000:02:00.0",
		"write sys/bus/pci/drivers/uio_pci_generic/bind 0000:02:00.0"));
	assert_true(
		fixture_before(f, "write sys/bus/pci/drivers/uio_pci_generic/unbind 0000:02:00.0",
			"write sys/bus/pci/devices/0000:02:00.0/driver_override \n"));
	assert_true(fixture_before(f, "write sys/bus/pci/devices/0000:02:00.0/driver_override \n",
		"write sys/bus/pci/devices/0000:02:00.0/reset 1"));
	assert_int_equal(scripted_find(f->s, "config"), -1);
	assert_int_equal(journal_count(j, VERDICT_STILL), 4);
	fixture_free(f);
}

/* So that rebind finds a driver that takes it: vfio-pci binds by nothing else. */
static void test_uio_keeps_the_override(void **state)
{
	static const char *const was[] = {"vfio-pci\n", "(null)\n"}, *const is[] = {
									     "vfio-pci", "\n"};
	char line[96];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_ASSERTS});

		f->plan.lockdown = PCI_LOCKDOWN_INTEGRITY;
		f->snapshot->functions[6].caps.has = PCI_HAS_INTX;
		scripted_file(f->s, "sys/bus/pci/drivers/uio_pci_generic/bind", "");
		scripted_file(f->s, "sys/bus/pci/devices/0000:02:00.0/driver_override", was[i]);
		fixture_run(f, 0);
		snprintf(line, sizeof(line),
			"write sys/bus/pci/devices/0000:02:00.0/driver_override %s", is[i]);
		assert_true(fixture_before(
			f, "write sys/bus/pci/drivers/uio_pci_generic/unbind 0000:02:00.0", line));
		fixture_free(f);
	}
}

/* Somebody unbound it earlier and left its line asserted. Its neighbour's reset has to wait too. */
static void test_uio_before_a_neighbour_resets_the_port(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, TRAIT_ASSERTS, 0});
	const struct journal *j;

	(void)state;
	f->snapshot->functions[5].driver = NULL;
	f->s->functions[2].config[PCI_COMMAND] = PCI_COMMAND_MEMORY;
	f->snapshot->functions[5].caps.has = PCI_HAS_INTX;
	f->s->functions[2].bound = 0;
	scripted_file(f->s, "sys/bus/pci/drivers/uio_pci_generic/bind", "");
	j = fixture_run(f, 0);
	assert_int_equal(fixture_entry(j, "0000:01:00.1", STEP_UIO)->result, JOURNAL_OK);
	assert_true(
		fixture_before(f, "write sys/bus/pci/drivers/uio_pci_generic/unbind 0000:01:00.1",
			"write sys/bus/pci/devices/0000:00:02.0/reset_subordinate 1"));
	fixture_free(f);
}

/* Not there: the failure names it, and the function is what it is. */
static void test_no_uio(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_ASSERTS});
	const struct journal *j;

	(void)state;
	f->plan.lockdown = PCI_LOCKDOWN_INTEGRITY;
	f->snapshot->functions[6].caps.has = PCI_HAS_INTX;
	j = fixture_run(f, 0);
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_UIO)->result, JOURNAL_FAILED);
	assert_non_null(
		strstr(fixture_entry(j, "0000:02:00.0", STEP_UIO)->detail, "uio_pci_generic"));
	fixture_free(f);
}

static void test_unplugged_is_left_and_named(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_UNPLUGGED});
	const struct journal *j = fixture_run(f, 0);

	(void)state;
	assert_int_equal(fixture_verdict(j, "0000:02:00.0"), VERDICT_LEFT);
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
	j = fixture_run(f, 1);
	assert_int_equal(fixture_entry(j, "0000:01:00.1", STEP_UNBIND)->result, JOURNAL_HUNG);
	assert_int_equal(
		fixture_entry(j, "0000:01:00.0", STEP_SUBORDINATE)->result, JOURNAL_SKIPPED);
	assert_int_equal(fixture_verdict(j, "0000:01:00.1"), VERDICT_LOUD);
	assert_non_null(fixture_entry(j, "0000:00:1f.2", STEP_FLR));
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_UNBIND)->result, JOURNAL_OK);
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
	j = fixture_run(f, 0);
	assert_int_equal(fixture_entry(j, "0000:01:00.0", STEP_UNBIND)->result, JOURNAL_LATE);
	assert_int_equal(fixture_entry(j, "0000:01:00.0", STEP_SUBORDINATE)->result, JOURNAL_OK);
	assert_int_equal(
		fixture_entry(j, "0000:01:00.1", STEP_SUBORDINATE)->result, JOURNAL_SKIPPED);
	assert_int_equal(journal_count(j, VERDICT_STILL), 4);
	/* Side by side: the slowest is the whole. */
	assert_true(j->duration_us < 880000);
	fixture_free(f);
}

/* A line that somebody services is left to him: its remove() may wait for it. */
static void test_serviced_line_is_not_lowered(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_SERVICED});
	const struct journal *j = fixture_run(f, 0);

	(void)state;
	assert_null(fixture_entry(j, "0000:02:00.0", STEP_INTX));
	assert_int_equal(scripted_find(f->s, "config 0000:02:00.0"), -1);
	fixture_free(f);
}

/* Intel's VMD: a function with others below it lets go last, and not above one that is left. */
static void test_domain_below_a_function(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});

	(void)state;
	f->snapshot->functions[6].parent = &f->snapshot->functions[3];
	fixture_run(f, 0);
	assert_true(fixture_before(f, "write sys/bus/pci/drivers/nvme/unbind",
		"write sys/bus/pci/drivers/ahci/unbind"));
	fixture_free(f);

	f = fixture_new((const unsigned int[4]){0});
	f->snapshot->functions[6].parent = &f->snapshot->functions[3];
	f->plan.devices[6].action = PLAN_LEFT;
	fixture_run(f, 0);
	assert_int_equal(scripted_find(f->s, "write sys/bus/pci/drivers/ahci/unbind"), -1);
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
			j = fixture_run(f, 0);
			if (k == 0)
				effects = f->s->log_count;
			assert_int_equal(j->verdict_count, f->plan.count);
			assert_int_equal(f->ended, j->count);
			for (size_t i = 0; i < f->s->function_count; i++) {
				struct scripted_function *sf = &f->s->functions[i];
				int still = !sf->bound &&
					    !(sf->config[PCI_COMMAND] & PCI_COMMAND_MASTER);

				assert_int_equal(
					fixture_verdict(j, sf->slot) == VERDICT_STILL, still);
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
		cmocka_unit_test(test_port_waits_for_all_below_it),
		cmocka_unit_test(test_line_is_lowered_before_unbind),
		cmocka_unit_test(test_bus_master_left_on_is_masked),
		cmocka_unit_test(test_ladder_goes_on_after_a_failed_reset),
		cmocka_unit_test(test_ladder_to_its_end),
		cmocka_unit_test(test_quirk_is_obeyed),
		cmocka_unit_test(test_uio_lowers_the_line_under_lockdown),
		cmocka_unit_test(test_uio_keeps_the_override),
		cmocka_unit_test(test_uio_before_a_neighbour_resets_the_port),
		cmocka_unit_test(test_no_uio),
		cmocka_unit_test(test_unplugged_is_left_and_named),
		cmocka_unit_test(test_hung_remove),
		cmocka_unit_test(test_late_remove),
		cmocka_unit_test(test_serviced_line_is_not_lowered),
		cmocka_unit_test(test_domain_below_a_function),
		cmocka_unit_test(test_every_effect_failing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
