// SPDX-License-Identifier: GPL-2.0-or-later
/* What changes while devices are stilled: locks that are taken, drivers and functions that come and go. */
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
	assert_string_equal(err.text,
		"0000:02:00.0: its driver nvme hangs already (the device stays locked), and a "
		"kexec would wait for it for ever");
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
	f->snapshot->functions[6].driver = NULL;
	make_control(f, "0000:02:00.0");
	assert_int_equal(quiesce_prepare(&f->s->machine, &f->plan, f, &f->quiesce, NULL), 0);
	assert_int_equal(quiesce_hold(f->quiesce, &err), -ETIME);
	assert_string_equal(err.text,
		"0000:02:00.0: somebody holds it already (the device stays locked), and a kexec "
		"would wait for it for ever");
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
	j = fixture_run(f, 0);
	assert_int_equal(f->s->log_count, 0);
	assert_int_equal(fixture_verdict(j, "0000:09:00.0"), VERDICT_LEFT);
	assert_int_equal(journal_count(j, VERDICT_LOUD), 0);
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
		j = fixture_run(f, 0);
		assert_int_equal(j->verdict_count, f->plan.count + 2);
		assert_int_equal(fixture_verdict(j, slots[0]), VERDICT_STILL);
		assert_int_equal(fixture_verdict(j, slots[1]), VERDICT_STILL);
		assert_non_null(strstr(j->verdicts[f->plan.count].why, "it appeared meanwhile"));
		assert_true(
			fixture_before(f, "write sys/bus/pci/devices/0000:0a:00.0/driver/unbind",
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
		j = fixture_run(f, 0);
		assert_int_equal(journal_count(j, VERDICT_STILL), 4);
		snprintf(first, sizeof(first), "write sys/bus/pci/drivers/e1000e/unbind %s",
			consumers[0]->slot);
		snprintf(second, sizeof(second), "write sys/bus/pci/drivers/e1000e/unbind %s",
			supplier->slot);
		assert_true(fixture_before(f, first, second));
		assert_int_equal(f->s->functions[1].resets, 1);
		assert_int_equal(f->s->functions[2].resets, 1);
		fixture_free(f);
	}
}

/* Its driver went before its turn came (an errand took the module out): that is what was wanted. */
static void test_driver_that_is_gone(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_DRIVER_GONE});
	const struct journal *j = fixture_run(f, 0);

	(void)state;
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_UNBIND)->result, JOURNAL_OK);
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_BUS)->result, JOURNAL_OK);
	assert_int_equal(fixture_verdict(j, "0000:02:00.0"), VERDICT_STILL);
	fixture_free(f);
}

/* Another driver took it meanwhile: that one lets go too, before anything is reset. */
static void test_driver_that_changed(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0, 0, 0, TRAIT_DRIVER_CHANGED});
	const struct journal *j;

	(void)state;
	scripted_file(f->s, "sys/bus/pci/devices/0000:02:00.0/driver/unbind", "");
	j = fixture_run(f, 0);
	assert_true(fixture_before(f,
		"write sys/bus/pci/devices/0000:02:00.0/driver/unbind 0000:02:00.0",
		"write sys/bus/pci/devices/0000:02:00.0/reset 1"));
	assert_int_equal(fixture_verdict(j, "0000:02:00.0"), VERDICT_STILL);
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
	fixture_run(f, 0);
	assert_true(fixture_before(f, "write sys/bus/pci/slots/7/power 1",
		"write sys/bus/pci/devices/0000:01:00.0/driver/unbind 0000:01:00.0"));
	assert_true(fixture_before(f, "write sys/bus/pci/slots/7/power 1",
		"write sys/bus/pci/devices/0000:01:00.1/driver/unbind 0000:01:00.1"));
	fixture_free(f);
}

/* A reset looked like an unplugging: the kernel took the function away, found it again in the same
 * slot, and bound its driver. What only stands as it stood is no newcomer. */
static void test_found_again_in_its_slot(void **state)
{
	struct fixture *f = fixture_new((const unsigned int[4]){0});
	const struct quiesce_watch watch = fixture_watch(f);
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
	assert_true(fixture_before(f, "write sys/bus/pci/devices/0000:02:00.0/reset 1",
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
	j = fixture_run(f, 1);
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_UNBIND)->result, JOURNAL_HUNG);
	assert_int_equal(fixture_entry(j, "0000:02:00.0", STEP_BUS)->result, JOURNAL_SKIPPED);
	assert_int_equal(fixture_verdict(j, "0000:02:00.0"), VERDICT_LOUD);
	assert_int_equal(journal_count(j, VERDICT_STILL), 3);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worker_that_dies),
		cmocka_unit_test(test_driver_that_is_gone),
		cmocka_unit_test(test_driver_that_changed),
		cmocka_unit_test(test_power_brings_drivers_back),
		cmocka_unit_test(test_found_again_in_its_slot),
		cmocka_unit_test(test_consumer_on_the_same_card),
		cmocka_unit_test(test_newcomers),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_hold_finds_a_lock_that_is_taken),
		cmocka_unit_test(test_hold_where_all_is_left),
		cmocka_unit_test(test_hold_finds_a_driver_that_came),
		cmocka_unit_test(test_newcomer_with_stilling_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
