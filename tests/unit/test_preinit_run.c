// SPDX-License-Identifier: GPL-2.0-or-later
/* preinit on the scripted machine: whatever fails or hangs, the boot goes on, and drivers bind. */
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "devices/baseline.h"
#include "devices/clock.h"
#include "devices/crew.h"
#include "tests/unit/preinit_bench.h"

#define PROBE "write sys/bus/pci/drivers_probe "

static int drivers_may_bind(const struct preinit_bench *b)
{
	char *text = NULL;

	assert_int_equal(
		machine_read_file(&b->s->machine, (void *)b, AUTOPROBE, 8, &text, NULL), 0);
	return !strcmp(text, "1");
}

static void what_is_loud_is_stopped(void **state)
{
	struct preinit_bench *b = preinit_bench_new(BOOT_KEXEC, TRAIT_ASSERTS, 0);
	int cured, reset;

	(void)state;
	assert_int_equal(preinit_bench_run(b), 0);
	assert_int_equal(preinit_bench_verdict(b, NVME), VERDICT_STILL);
	assert_int_equal(preinit_bench_verdict(b, NET), VERDICT_STILL);
	assert_int_equal(preinit_bench_verdict(b, NET2), VERDICT_STILL);
	assert_int_equal(preinit_bench_verdict(b, SATA), VERDICT_STILL);
	assert_int_equal(preinit_bench_verdict(b, "0000:00:02.0"), VERDICT_LEFT);
	/* Somebody owns the line while it is lowered, and then each device is reset once. */
	cured = scripted_find(b->s, "write sys/bus/pci/drivers/uio_pci_generic/bind " NVME);
	reset = scripted_find(b->s, "write sys/bus/pci/devices/" NVME "/reset 1");
	assert_true(cured >= 0 && cured < reset);
	for (size_t i = 1; i < b->s->function_count; i++)
		assert_int_equal(b->s->functions[i].resets, 1);
	assert_int_equal(b->s->functions[0].resets, 0);
	assert_true(drivers_may_bind(b) && b->record->hung == 0 && b->troubles == 0);
	preinit_bench_free(b);
}

/* Workers and a second look cost time, and there is nothing to gain. */
static void a_quiet_machine_is_not_touched(void **state)
{
	struct preinit_bench *b = preinit_bench_new(BOOT_KEXEC, 0, 0);

	(void)state;
	for (size_t i = 1; i < b->s->function_count; i++)
		((uint8_t *)b->snapshot->functions[i + 2].config)[PCI_COMMAND] = PCI_COMMAND_MEMORY;
	assert_int_equal(preinit_plan(&b->facts, b, &b->plan, NULL), 0);
	assert_int_equal(preinit_bench_run(b), 0);
	assert_int_equal(b->s->log_count, 0);
	assert_int_equal(preinit_bench_verdict(b, NVME), VERDICT_STILL);
	preinit_bench_free(b);
}

static void a_crash_resets_all(void **state)
{
	struct preinit_bench *b = preinit_bench_new(BOOT_CRASH, TRAIT_STUBBORN, TRAIT_ASSERTS);

	(void)state;
	assert_int_equal(preinit_bench_run(b), 0);
	for (size_t i = 0; i < b->s->function_count; i++)
		assert_true(b->s->functions[i].resets >= 1);
	assert_int_equal(preinit_bench_verdict(b, NET), VERDICT_STILL);
	assert_true(drivers_may_bind(b));
	preinit_bench_free(b);
}

static void whatever_fails(void **state)
{
	size_t effects;

	(void)state;
	for (size_t at = 1;; at++) {
		struct preinit_bench *b = preinit_bench_new(BOOT_CRASH, TRAIT_ASSERTS, 0);

		b->s->fail_at = at;
		assert_int_equal(preinit_bench_run(b), 0);
		effects = b->s->log_count;
		/* The way back is one write, and no other. */
		assert_true(drivers_may_bind(b) ||
			    (at <= effects && !strcmp(b->s->log[at - 1], "write " AUTOPROBE " 1")));
		/* One failure is no reason to be loud: there is another way. */
		assert_int_equal(preinit_bench_verdict(b, NVME), VERDICT_STILL);
		assert_int_equal(preinit_bench_verdict(b, NET2), VERDICT_STILL);
		preinit_bench_free(b);
		if (at > effects)
			break;
	}
	assert_true(effects > 10);
}

static void a_reset_that_hangs(void **state)
{
	struct preinit_bench *b = preinit_bench_new(BOOT_CRASH, 0, 0);
	uint64_t begin = clock_now_us();

	(void)state;
	b->s->hangs = "write sys/bus/pci/devices/" NVME "/reset 1";
	for (size_t i = 0; i < b->plan->count; i++)
		b->plan->devices[i].reset_deadline_ms = 400;
	assert_int_equal(preinit_bench_run(b), 0);
	assert_true(clock_now_us() - begin < 5000000);
	assert_int_equal(b->record->hung, 1);
	assert_int_equal(preinit_bench_verdict(b, NVME), VERDICT_LOUD);
	assert_int_equal(preinit_bench_verdict(b, NET), VERDICT_STILL);
	assert_true(drivers_may_bind(b));
	/* What is locked is not touched any more. */
	assert_int_equal(strncmp(b->s->log[b->s->log_count - 1], "write " AUTOPROBE, 10), 0);
	preinit_bench_free(b);
}

/* Somebody has the lock of a device already: that one is left, and not waited for; the others are stilled. */
static void a_device_that_is_held(void **state)
{
	struct preinit_bench *b = preinit_bench_new(BOOT_CRASH, 0, TRAIT_HELD);

	(void)state;
	scripted_file(b->s, "sys/bus/pci/devices/" NET "/power/control", "auto\n");
	assert_int_equal(preinit_bench_run(b), 0);
	assert_true(drivers_may_bind(b));
	assert_int_equal(b->record->hung, 1);
	assert_int_equal(preinit_bench_verdict(b, NET), VERDICT_LEFT);
	assert_string_equal(
		preinit_bench_why(b, NET), "somebody holds it: a driver that is coming, or hangs");
	assert_int_equal(b->s->functions[2].resets, 0);
	assert_int_equal(preinit_bench_verdict(b, NVME), VERDICT_STILL);
	assert_int_equal(b->s->functions[1].resets, 1);
	preinit_bench_free(b);
}

/* A driver took it between the look and the work: it is the driver's now, its port not reset under it. */
static void a_driver_that_came(void **state)
{
	struct journal_entry step = {NET, STEP_SUBORDINATE, "", 0, 0, JOURNAL_OK, ""};
	struct handoff handoff = {.journal = {.entries = &step, .count = 1}};
	struct preinit_bench *b = preinit_bench_new(BOOT_CRASH, 0, 0);
	struct pci_function *net = pci_find(b->snapshot, NET), was = *net;
	uint8_t firmware[256];

	(void)state;
	memcpy(firmware, net->config, sizeof(firmware));
	firmware[PCI_INTERRUPT_LINE] = 11;
	was.config = firmware;
	net->baseline = &was;
	b->facts.handoff = &handoff;
	scripted_link(
		b->s, "sys/bus/pci/devices/" NET "/driver", "../../../bus/pci/drivers/e1000e");
	assert_int_equal(preinit_bench_run(b), 0);
	assert_int_equal(b->record->hung, 0);
	assert_int_equal(preinit_bench_verdict(b, NET), VERDICT_LEFT);
	assert_string_equal(preinit_bench_why(b, NET), "the driver e1000e took it meanwhile");
	assert_int_equal(b->s->functions[2].resets, 0);
	assert_int_equal(b->s->functions[2].config[PCI_INTERRUPT_LINE], 0);
	assert_int_equal(b->s->port_resets[1], 0);
	assert_int_equal(preinit_bench_verdict(b, NVME), VERDICT_STILL);
	assert_true(drivers_may_bind(b));
	preinit_bench_free(b);
}

/* What appears meanwhile may have its driver: that is what a boot is for. */
static void a_newcomer(void **state)
{
	struct preinit_bench *b = preinit_bench_new(BOOT_CRASH, 0, 0);

	(void)state;
	scripted_file(b->s, "sys/bus/pci/devices/0000:09:00.0/driver/unbind", "");
	assert_int_equal(preinit_bench_run(b), 0);
	assert_int_equal(preinit_bench_verdict(b, "0000:09:00.0"), VERDICT_LEFT);
	assert_string_equal(preinit_bench_why(b, "0000:09:00.0"),
		"it appeared meanwhile: its driver may have it");
	assert_int_equal(scripted_find(b->s, "write sys/bus/pci/devices/0000:09:00.0"), -1);
	preinit_bench_free(b);
}

/* A crash kernel has little memory: few workers, and none of them before others. */
static void few_workers(void **state)
{
	struct plan_device devices[300] = {{.step_count = 1}, {.step_count = 0}, {.step_count = 2}};
	struct plan plan = {.purpose = PLAN_FOR_BOOT, .devices = devices, .count = 300};
	struct preinit_bench *b = preinit_bench_new(BOOT_CRASH, 0, 0);
	char *text;

	(void)state;
	assert_int_equal(crew_wanted(&plan), 3);
	for (size_t i = 0; i < 300; i++)
		devices[i].step_count = 1;
	assert_int_equal(crew_wanted(&plan), CREW_BOOT_MAX + 1);
	plan.purpose = PLAN_FOR_JUMP;
	assert_int_equal(crew_wanted(&plan), 301);
	scripted_file(b->s, "proc/self/oom_score_adj", "0\n");
	assert_int_equal(preinit_bench_run(b), 0);
	assert_int_equal(
		machine_read_file(&b->s->machine, b, "proc/self/oom_score_adj", 16, &text, NULL),
		0);
	assert_string_equal(text, "0");
	preinit_bench_free(b);
}

/* A driver that is built in has failed on it: asked again, it may take it. */
static void drivers_are_asked_again(void **state)
{
	static const char net2[] = "sys/bus/pci/devices/" NET2 "/driver/unbind";

	(void)state;
	for (int off = 0; off < 2; off++) {
		struct preinit_bench *b = preinit_bench_new(BOOT_KEXEC, 0, 0);
		struct preinit_work w = preinit_bench_work(b);

		assert_int_equal(preinit_bench_run(b), 0);
		scripted_file(b->s, net2, "");
		if (off)
			scripted_file(b->s, AUTOPROBE, "0\n");
		preinit_probe(&w);
		assert_int_equal(scripted_find(b->s, PROBE NVME) >= 0, !off);
		/* Not reset; with a driver. */
		assert_int_equal(scripted_find(b->s, PROBE SATA), -1);
		assert_int_equal(scripted_find(b->s, PROBE NET2), -1);
		preinit_bench_free(b);
	}
}

/* One that hangs is left behind. */
static void a_driver_asked_again_hangs(void **state)
{
	struct preinit_bench *b = preinit_bench_new(BOOT_KEXEC, 0, 0);
	struct preinit_work w = preinit_bench_work(b);
	uint64_t begin;

	(void)state;
	assert_int_equal(preinit_bench_run(b), 0);
	b->s->hangs = PROBE NVME;
	begin = clock_now_us();
	preinit_probe(&w);
	assert_in_range(clock_now_us() - begin, 0, (PREINIT_PROBE_MS + 3000) * 1000);
	preinit_bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_loud_is_stopped),
		cmocka_unit_test(a_quiet_machine_is_not_touched),
		cmocka_unit_test(a_crash_resets_all),
		cmocka_unit_test(whatever_fails),
		cmocka_unit_test(a_reset_that_hangs),
		cmocka_unit_test(a_device_that_is_held),
		cmocka_unit_test(a_driver_that_came),
		cmocka_unit_test(a_newcomer),
		cmocka_unit_test(few_workers),
		cmocka_unit_test(drivers_are_asked_again),
		cmocka_unit_test(a_driver_asked_again_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
