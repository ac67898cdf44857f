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
	static const enum step port[] = {STEP_UNBIND, STEP_SUBORDINATE, STEP_FLR, STEP_MASK};
	static const enum step root[] = {STEP_UNBIND, STEP_FLR, STEP_MASK};
	static const enum step single[] = {STEP_UNBIND, STEP_BUS, STEP_FLR, STEP_MASK};
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
	s->snapshot = snap;
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
			plan_steps(d, i == 3 ? root : i == 6 ? single : port, i == 3 ? 3 : 4);
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
	const struct journal *j = run(f, 0);

	(void)state;
	assert_true(before(f, "write sys/bus/pci/drivers/e1000e/unbind 0000:01:00.1", reset));
	assert_true(before(f, "write sys/bus/pci/drivers/e1000e/unbind 0000:01:00.0", reset));
	assert_true(before(f, "write sys/bus/pci/devices/0000:02:00.0/reset_method bus",
		"write sys/bus/pci/devices/0000:02:00.0/reset 1"));
	assert_int_equal(f->s->functions[1].resets, 1);
	assert_int_equal(f->s->functions[2].resets, 1);
	assert_null(entry(j, "0000:01:00.1", STEP_SUBORDINATE));
	assert_string_equal(entry(j, "0000:01:00.0", STEP_SUBORDINATE)->detail,
		"for all 2 functions below 0000:00:02.0");
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

/* The first reset that ends well is enough; after one that failed comes the next. */
static void test_ladder_goes_on_after_a_failed_reset(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_PORT_FAILS});
	const struct journal *j = run(f, 0);

	(void)state;
	assert_int_equal(entry(j, "0000:02:00.0", STEP_BUS)->result, JOURNAL_FAILED);
	assert_non_null(strstr(entry(j, "0000:02:00.0", STEP_BUS)->detail, "ENOTTY"));
	assert_int_equal(entry(j, "0000:02:00.0", STEP_FLR)->result, JOURNAL_OK);
	assert_null(entry(j, "0000:02:00.0", STEP_MASK));
	assert_int_equal(entry(j, "0000:01:00.0", STEP_SUBORDINATE)->result, JOURNAL_OK);
	assert_null(entry(j, "0000:01:00.0", STEP_FLR));
	assert_int_equal(journal_count(j, VERDICT_STILL), 4);
	fixture_free(f);
}

/* What every reset leaves loud is masked, rung by rung, and only then. */
static void test_ladder_to_its_end(void **state)
{
	struct fixture *f = fixture_new(
		(const unsigned int[4]){0, TRAIT_STUBBORN, 0, TRAIT_RESET_FAILS | TRAIT_STUBBORN});
	const struct journal *j = run(f, 0);

	(void)state;
	assert_int_equal(entry(j, "0000:01:00.0", STEP_SUBORDINATE)->result, JOURNAL_OK);
	assert_int_equal(entry(j, "0000:01:00.0", STEP_FLR)->result, JOURNAL_OK);
	assert_int_equal(entry(j, "0000:01:00.0", STEP_MASK)->result, JOURNAL_OK);
	assert_int_equal(entry(j, "0000:02:00.0", STEP_BUS)->result, JOURNAL_FAILED);
	assert_int_equal(entry(j, "0000:02:00.0", STEP_FLR)->result, JOURNAL_FAILED);
	assert_int_equal(entry(j, "0000:02:00.0", STEP_MASK)->result, JOURNAL_OK);
	assert_null(entry(j, "0000:01:00.1", STEP_MASK));
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
	plan_steps(&f->plan.devices[4], asked, 4);
	plan_steps(&f->plan.devices[5], asked, 4);
	j = run(f, 0);
	assert_int_equal(entry(j, "0000:01:00.0", STEP_SUBORDINATE)->result, JOURNAL_FAILED);
	assert_int_equal(entry(j, "0000:01:00.0", STEP_SBR)->result, JOURNAL_SKIPPED);
	assert_non_null(strstr(entry(j, "0000:01:00.0", STEP_SBR)->detail, "quirk"));
	assert_int_equal(entry(j, "0000:01:00.1", STEP_SUBORDINATE)->result, JOURNAL_SKIPPED);
	assert_int_equal(entry(j, "0000:01:00.1", STEP_SBR)->result, JOURNAL_SKIPPED);
	assert_int_equal(entry(j, "0000:01:00.1", STEP_FLR)->result, JOURNAL_OK);
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
	j = run(f, 0);
	assert_null(entry(j, "0000:02:00.0", STEP_INTX));
	assert_int_equal(entry(j, "0000:02:00.0", STEP_UIO)->result, JOURNAL_OK);
	assert_true(before(f, "write sys/bus/pci/drivers/nvme/unbind 0000:02:00.0",
		"write sys/bus/pci/drivers/uio_pci_generic/bind 0000:02:00.0"));
	assert_true(before(f, "write sys/bus/pci/drivers/uio_pci_generic/unbind 0000:02:00.0",
		"write sys/bus/pci/devices/0000:02:00.0/driver_override \n"));
	assert_true(before(f, "write sys/bus/pci/devices/0000:02:00.0/driver_override \n",
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
		run(f, 0);
		snprintf(line, sizeof(line),
			"write sys/bus/pci/devices/0000:02:00.0/driver_override %s", is[i]);
		assert_true(before(
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
	j = run(f, 0);
	assert_int_equal(entry(j, "0000:01:00.1", STEP_UIO)->result, JOURNAL_OK);
	assert_true(before(f, "write sys/bus/pci/drivers/uio_pci_generic/unbind 0000:01:00.1",
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
	j = run(f, 0);
	assert_int_equal(entry(j, "0000:02:00.0", STEP_UIO)->result, JOURNAL_FAILED);
	assert_non_null(strstr(entry(j, "0000:02:00.0", STEP_UIO)->detail, "uio_pci_generic"));
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
	assert_int_equal(entry(j, "0000:01:00.0", STEP_SUBORDINATE)->result, JOURNAL_SKIPPED);
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
	assert_int_equal(entry(j, "0000:01:00.0", STEP_SUBORDINATE)->result, JOURNAL_OK);
	assert_int_equal(entry(j, "0000:01:00.1", STEP_SUBORDINATE)->result, JOURNAL_SKIPPED);
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

/* A driver took a function while the plan was made: what is planned would be done to it. */
static void test_hold_finds_a_driver_that_came(void **state)
{
	(void)state;
	for (int changed = 0; changed < 3; changed++) {
		struct fixture *f = fixture_new((const unsigned int[4]){0});
		struct err err;

		if (changed != 1)
			f->snapshot->functions[6].driver = NULL;
		if (changed == 2)
			f->plan.devices[6].action = PLAN_LEFT;
		scripted_link(f->s, "sys/bus/pci/devices/0000:01:00.0/driver",
			"../../../bus/pci/drivers/e1000e");
		scripted_link(f->s, "sys/bus/pci/devices/0000:02:00.0/driver",
			"../../../bus/pci/drivers/vfio-pci");
		assert_int_equal(
			quiesce_prepare(&f->s->machine, &f->plan, f, &f->quiesce, NULL), 0);
		assert_int_equal(quiesce_hold(f->quiesce, &err), changed == 2 ? 0 : -EBUSY);
		assert_true(changed == 2 || strstr(err.text, "0000:02:00.0"));
		assert_true(changed == 2 || strstr(err.text, "vfio-pci"));
		fixture_free(f);
	}
}

/* Also where nothing is stilled at all: what hangs must not take this process with it. */
static void test_hold_where_all_is_left(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_HELD});
	struct err err;

	(void)state;
	f->s->effects.parallel = 1;
	for (size_t i = 0; i < f->plan.count; i++)
		f->plan.devices[i].action = PLAN_LEFT;
	make_control(f, "0000:02:00.0");
	assert_int_equal(quiesce_prepare(&f->s->machine, &f->plan, f, &f->quiesce, NULL), 0);
	assert_int_equal(quiesce_hold(f->quiesce, &err), -ETIME);
	assert_non_null(strstr(err.text, "0000:02:00.0"));
	fixture_free(f);
}

/* Where stilling is switched off, what appears is not stilled either. */
static void test_newcomer_with_stilling_off(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});
	const struct journal *j;

	(void)state;
	f->plan.off = "command line";
	f->plan.off_why = "the kernel's command line says stillboot.quiesce=off";
	for (size_t i = 0; i < f->plan.count; i++)
		f->plan.devices[i].action = PLAN_LEFT;
	scripted_file(f->s, "sys/bus/pci/devices/0000:09:00.0/driver/unbind", "");
	j = run(f, 0);
	assert_int_equal(f->s->log_count, 0);
	assert_int_equal(verdict(j, "0000:09:00.0"), VERDICT_LEFT);
	assert_int_equal(journal_count(j, VERDICT_LOUD), 0);
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

/* Plugged in while the others were stilled, and the kernel bound a driver to it. */
static void test_newcomers(void **state)
{
	static const char *const slots[] = {"0000:09:00.0", "0000:0a:00.0"};
	static const unsigned int traits[] = {0, TRAIT_LAZY_REMOVE};

	(void)state;
	for (int parallel = 0; parallel < 2; parallel++) {
		struct fixture *f = fixture_new((const unsigned int[4]){0});
		struct pci_snapshot *others = snapshot_new(f);
		const struct journal *j;

		f->s->effects.parallel = parallel;
		for (size_t i = 0; i < 2; i++) {
			char path[96];

			scripted_add(
				f->s, snapshot_add(others, slots[i], 0x020000, "test"), traits[i]);
			snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver/unbind",
				slots[i]);
			scripted_file(f->s, path, "");
		}
		j = run(f, 0);
		assert_int_equal(j->verdict_count, f->plan.count + 2);
		assert_int_equal(verdict(j, slots[0]), VERDICT_STILL);
		assert_int_equal(verdict(j, slots[1]), VERDICT_STILL);
		assert_non_null(strstr(j->verdicts[f->plan.count].why, "it appeared meanwhile"));
		assert_true(before(f, "write sys/bus/pci/devices/0000:0a:00.0/driver/unbind",
			"config 0000:0a:00.0 0x04"));
		assert_int_equal(journal_count(j, VERDICT_STILL), 6);
		fixture_free(f);
	}
}

/* A consumer waits for the reset of its port, for which its supplier on the same card has to let go:
 * that must not wait for the consumer's reset in turn. */
static void test_consumer_on_the_same_card(void **state)
{
	for (size_t c = 4; c <= 5; c++) {
		struct fixture *f = fixture_new((const unsigned int[4]){0});
		struct pci_function *consumers[] = {&f->snapshot->functions[c]};
		struct pci_function *supplier = &f->snapshot->functions[9 - c];
		char first[96], second[96];
		const struct journal *j;

		(void)state;
		supplier->consumers = consumers;
		supplier->consumer_count = 1;
		j = run(f, 0);
		assert_int_equal(journal_count(j, VERDICT_STILL), 4);
		snprintf(first, sizeof(first), "write sys/bus/pci/drivers/e1000e/unbind %s",
			consumers[0]->slot);
		snprintf(second, sizeof(second), "write sys/bus/pci/drivers/e1000e/unbind %s",
			supplier->slot);
		assert_true(before(f, first, second));
		assert_int_equal(f->s->functions[1].resets, 1);
		assert_int_equal(f->s->functions[2].resets, 1);
		fixture_free(f);
	}
}

/* Its driver went before its turn came (an errand took the module out): that is what was wanted. */
static void test_driver_that_is_gone(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_DRIVER_GONE});
	const struct journal *j = run(f, 0);

	(void)state;
	assert_int_equal(entry(j, "0000:02:00.0", STEP_UNBIND)->result, JOURNAL_OK);
	assert_int_equal(entry(j, "0000:02:00.0", STEP_BUS)->result, JOURNAL_OK);
	assert_int_equal(verdict(j, "0000:02:00.0"), VERDICT_STILL);
	fixture_free(f);
}

/* Another driver took it meanwhile: that one lets go too, before anything is reset. */
static void test_driver_that_changed(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_DRIVER_CHANGED});
	const struct journal *j;

	(void)state;
	scripted_file(f->s, "sys/bus/pci/devices/0000:02:00.0/driver/unbind", "");
	j = run(f, 0);
	assert_true(before(f, "write sys/bus/pci/devices/0000:02:00.0/driver/unbind 0000:02:00.0",
		"write sys/bus/pci/devices/0000:02:00.0/reset 1"));
	assert_int_equal(verdict(j, "0000:02:00.0"), VERDICT_STILL);
	fixture_free(f);
}

/* The slot's power, off and on: the kernel binds a driver to each function of the card. */
static void test_power_brings_drivers_back(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});

	(void)state;
	for (size_t i = 4; i <= 5; i++) {
		f->snapshot->functions[i].hotplug_slot = "7";
		f->plan.devices[i].steps[1] = STEP_POWER;
	}
	scripted_file(f->s, "sys/bus/pci/devices/0000:01:00.0/driver/unbind", "");
	scripted_file(f->s, "sys/bus/pci/devices/0000:01:00.1/driver/unbind", "");
	run(f, 0);
	assert_true(before(f, "write sys/bus/pci/slots/7/power 1",
		"write sys/bus/pci/devices/0000:01:00.0/driver/unbind 0000:01:00.0"));
	assert_true(before(f, "write sys/bus/pci/slots/7/power 1",
		"write sys/bus/pci/devices/0000:01:00.1/driver/unbind 0000:01:00.1"));
	fixture_free(f);
}

/* A reset looked like an unplugging: the kernel took the function away, found it again in the same
 * slot, and bound its driver. What only stands as it stood is no newcomer. */
static void test_found_again_in_its_slot(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});
	const struct quiesce_watch watch = {begun, ended, f};
	const struct journal *j;

	(void)state;
	scripted_file(f->s, "sys/bus/pci/devices/0000:01:00.1/driver/unbind", "");
	scripted_file(f->s, "sys/bus/pci/devices/0000:02:00.0/driver/unbind", "");
	assert_int_equal(quiesce_prepare(&f->s->machine, &f->plan, f, &f->quiesce, NULL), 0);
	assert_int_equal(renameat(f->s->machine.root_fd, "sys/bus/pci/devices/0000:02:00.0",
				 f->s->machine.root_fd, "sys/gone"),
		0);
	scripted_file(f->s, "sys/bus/pci/devices/0000:02:00.0/driver/unbind", "");
	assert_int_equal(quiesce_run(f->quiesce, &watch), 0);
	j = quiesce_journal(f->quiesce);
	assert_true(before(f, "write sys/bus/pci/devices/0000:02:00.0/reset 1",
		"write sys/bus/pci/devices/0000:02:00.0/driver/unbind 0000:02:00.0"));
	assert_int_equal(
		scripted_find(f->s, "write sys/bus/pci/devices/0000:01:00.1/driver/unbind"), -1);
	assert_int_equal(j->verdict_count, f->plan.count + 1);
	assert_non_null(strstr(j->verdicts[f->plan.count].why, "it appeared meanwhile"));
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
		cmocka_unit_test(test_worker_that_dies),
		cmocka_unit_test(test_driver_that_is_gone),
		cmocka_unit_test(test_driver_that_changed),
		cmocka_unit_test(test_power_brings_drivers_back),
		cmocka_unit_test(test_found_again_in_its_slot),
		cmocka_unit_test(test_consumer_on_the_same_card),
		cmocka_unit_test(test_newcomers),
		cmocka_unit_test(test_late_remove),
		cmocka_unit_test(test_serviced_line_is_not_lowered),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_hold_finds_a_lock_that_is_taken),
		cmocka_unit_test(test_hold_where_all_is_left),
		cmocka_unit_test(test_hold_finds_a_driver_that_came),
		cmocka_unit_test(test_newcomer_with_stilling_off),
		cmocka_unit_test(test_domain_below_a_function),
		cmocka_unit_test(test_every_effect_failing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
