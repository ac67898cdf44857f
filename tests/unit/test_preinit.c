// SPDX-License-Identifier: GPL-2.0-or-later
/* What kind of boot this is, what preinit would do, and the record that it leaves. */
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/preinit.h"
#include "devices/config_refill.h"
#include "policy/preinit_plan.h"
#include "tests/unit/scripted.h"

static void kinds_of_boot(void **state)
{
	struct scripted *s = scripted_new();
	struct machine *m = &s->machine;

	(void)state;
	assert_int_equal(boot_kind(m), BOOT_FIRMWARE);
	scripted_file(s, "proc/sys/kernel/bootloader_type", "176\n");
	scripted_file(s, "proc/cmdline", "quiet stillboot.handoff=00\n");
	assert_int_equal(boot_kind(m), BOOT_FIRMWARE);
	scripted_file(s, "proc/sys/kernel/bootloader_type", "209\n");
	assert_int_equal(boot_kind(m), BOOT_KEXEC);
	scripted_file(s, "proc/cmdline", "quiet elfcorehdr=0x1000\n");
	assert_int_equal(boot_kind(m), BOOT_CRASH);
	scripted_file(s, "proc/cmdline", "quiet\n");
	scripted_file(s, "proc/vmcore", "");
	assert_int_equal(boot_kind(m), BOOT_CRASH);
	scripted_free(s);
	s = scripted_new();
	scripted_file(s, "proc/device-tree/chosen/linux,booted-from-kexec", "");
	assert_int_equal(boot_kind(&s->machine), BOOT_KEXEC);
	scripted_free(s);
}

/* A display, three ports (one function; two; a bridge to legacy PCI), and two functions on the root bus. Each
 * has bus mastering on or off. */
static struct pci_snapshot *snapshot(void *ctx, uint8_t command)
{
	struct pci_snapshot *s = snapshot_new(ctx);

	snapshot_add(s, "0000:00:01.0", 0x030000, NULL);
	snapshot_bridge(s, "0000:00:02.0", PCI_EXP_TYPE_ROOT_PORT, 1, 1);
	snapshot_bridge(s, "0000:00:03.0", PCI_EXP_TYPE_ROOT_PORT, 2, 2)->has_subordinate_reset = 1;
	snapshot_bridge(s, "0000:00:04.0", PCI_EXP_TYPE_PCI_BRIDGE, 3, 3);
	snapshot_add(s, "0000:00:1e.0", 0x0c0330, NULL);
	snapshot_add(s, "0000:00:1f.2", 0x010601, "ahci");
	snapshot_add(s, "0000:01:00.0", 0x010802, NULL)->resets = PCI_RESET_FLR | PCI_RESET_BUS;
	snapshot_add(s, "0000:02:00.0", 0x020000, NULL)->resets = PCI_RESET_PM | PCI_RESET_BUS;
	snapshot_add(s, "0000:02:00.1", 0x020000, NULL)->resets = PCI_RESET_PM;
	snapshot_add(s, "0000:03:00.0", 0x020000, NULL);
	for (size_t i = 0; i < s->count; i++) {
		struct pci_function *f = &s->functions[i];
		uint8_t *config = talloc_zero_size(s, 256);

		memcpy(config, (uint8_t[]){0x34, 0x12, 0xe8, 0x11, command}, 5);
		config[PCI_HEADER_TYPE] = f->header;
		f->config = config;
		f->config_len = 256;
	}
	pci_link_tree(s);
	return s;
}

static const struct plan_device *at(const struct plan *plan, const char *slot)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!strcmp(plan->devices[i].function->slot + 5, slot))
			return &plan->devices[i];
	fail();
	return NULL;
}

/* The steps in words, or the reason why it is left. */
static void expect(const struct plan *plan, const char *slot, const char *words)
{
	const struct plan_device *d = at(plan, slot);
	char text[256] = "";

	for (size_t i = 0; i < d->step_count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, step_name(d->steps[i]));
	}
	assert_string_equal(d->action == PLAN_LEFT ? d->reason : text, words);
}

static struct plan *plan_of(struct preinit_facts *facts)
{
	struct plan *plan = NULL;

	assert_int_equal(preinit_plan(facts, (void *)facts->snapshot, &plan, NULL), 0);
	for (size_t i = 0; i < plan->count; i++)
		assert_true(plan->devices[i].reason && plan->devices[i].rule);
	return plan;
}

static void only_what_is_loud(void **state)
{
	struct preinit_facts facts = {.snapshot = snapshot(NULL, 0x02), .boot = BOOT_KEXEC};
	struct journal_verdict verdict = {"0000:01:00.0", VERDICT_LOUD, "bus master is on"};
	struct handoff handoff = {.journal = {.verdicts = &verdict, .verdict_count = 1}};
	struct plan *plan = plan_of(&facts);

	(void)state;
	assert_int_equal(preinit_plan_count(plan), 0);
	expect(plan, "01:00.0", "");
	assert_string_equal(at(plan, "01:00.0")->reason, "it is still");
	/* Its shutdown has switched bus mastering off: that proves nothing. */
	facts.handoff = &handoff;
	plan = plan_of(&facts);
	assert_int_equal(preinit_plan_count(plan), 1);
	assert_string_equal(
		at(plan, "01:00.0")->reason, "the previous kernel left it loud: bus master is on");
	/* What policy left is looked at like the others. */
	verdict.verdict = VERDICT_LEFT;
	assert_int_equal(preinit_plan_count(plan_of(&facts)), 0);
	talloc_free((void *)facts.snapshot);

	facts = (struct preinit_facts){.snapshot = snapshot(NULL, 0x06), .boot = BOOT_KEXEC};
	plan = plan_of(&facts);
	expect(plan, "00:01.0", "a monitor blacks out when its controller is reset");
	expect(plan, "00:02.0", "its driver pcieport holds it");
	expect(plan, "00:1f.2", "its driver ahci holds it");
	expect(plan, "00:1e.0", "mask disable disable mask");
	expect(plan, "01:00.0", "mask disable bus flr disable mask");
	expect(plan, "02:00.0", "mask disable subordinate pm disable mask");
	expect(plan, "02:00.1", "mask disable subordinate pm disable mask");
	expect(plan, "03:00.0", "mask disable");
	assert_string_equal(at(plan, "01:00.0")->reason, "bus master is on");
	talloc_free((void *)facts.snapshot);
}

static void everything_after_a_crash(void **state)
{
	struct preinit_facts facts = {.snapshot = snapshot(NULL, 0x02), .boot = BOOT_CRASH};
	struct plan *plan = plan_of(&facts);

	(void)state;
	expect(plan, "00:01.0", "a monitor blacks out when its controller is reset");
	expect(plan, "00:1f.2", "its driver ahci holds it");
	expect(plan, "01:00.0", "mask disable bus flr disable mask");
	expect(plan, "02:00.1", "mask disable subordinate pm disable mask");
	expect(plan, "03:00.0", "mask disable"); /* no reset; only where it is loud */
	assert_string_equal(at(plan, "01:00.0")->reason, "nobody has shut it down");
	talloc_free((void *)facts.snapshot);
}

static void nothing_after_the_firmware(void **state)
{
	struct preinit_facts facts = {.snapshot = snapshot(NULL, 0x06), .boot = BOOT_FIRMWARE};

	(void)state;
	assert_int_equal(preinit_plan_count(plan_of(&facts)), 0);
	expect(plan_of(&facts), "01:00.0", "the firmware has left it");
	talloc_free((void *)facts.snapshot);
}

/* Who is left keeps its neighbours from a reset that would hit it too. */
static void what_is_left(void **state)
{
	struct pci_snapshot *s = snapshot(NULL, 0x06);
	const char *leave[] = {"0000:02:00.1"};
	const struct host_optouts optouts = {.leave = leave, .leave_count = 1};
	struct preinit_facts facts = {.snapshot = s, .boot = BOOT_CRASH, .optouts = &optouts};
	struct pci_function *console = pci_find(s, "0000:00:1e.0");
	struct pci_function *unread = pci_find(s, "0000:01:00.0");
	struct plan *plan;

	(void)state;
	console->uses = PCI_USE_CONSOLE;
	console->use = "the kernel's console";
	unread->config_len = 0;
	pci_find(s, "0000:03:00.0")->class = 0x080600;
	plan = plan_of(&facts);
	assert_int_equal(plan->purpose, PLAN_FOR_BOOT);
	expect(plan, "03:00.0", "the kernel itself drives it");
	expect(plan, "02:00.1", "the kernel's command line says stillboot.leave=0000:02:00.1");
	assert_string_equal(at(plan, "02:00.1")->rule, "command line");
	expect(plan, "02:00.0", "mask disable pm disable mask");
	expect(plan, "00:1e.0", "it is in use: the kernel's console");
	expect(plan, "01:00.0", "its configuration space cannot be read");
	/* In a kernel that is locked down nothing is written by hand. */
	s->lockdown = PCI_LOCKDOWN_INTEGRITY;
	expect(plan_of(&facts), "02:00.0", "disable pm disable");
	talloc_free(s);
}

/* Interrupts, memory and the machine's management go on; a watchdog, too. */
static void parts_of_the_machine(void **state)
{
	static const struct {
		uint32_t class;
		const char *left;
	} cases[] = {{0x080010, "interrupts come through it"},
		{0x080020, "interrupts come through it"}, {0x050210, "it is memory"},
		{0x0c0701, "the machine is managed through it"},
		{0x080600, "the kernel itself drives it"}, {0x088000, ""}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pci_snapshot *s = snapshot(NULL, 0x02);
		struct preinit_facts facts = {.snapshot = s, .boot = BOOT_CRASH};

		pci_find(s, "0000:01:00.0")->class = cases[i].class;
		expect(plan_of(&facts), "01:00.0", cases[i].left);
		talloc_free(s);
	}
}

static void the_record_comes_back(void **state)
{
	struct scripted *s = scripted_new();
	struct journal_entry entry = {"0000:01:00.0", STEP_BUS, "preinit", 10, 20, JOURNAL_OK, ""};
	struct journal_verdict verdict = {"0000:01:00.0", VERDICT_LOUD, "it\x01is"};
	struct preinit_restored restored = {
		"0000:01:00.0", "Interrupt Line", 0x3c, PREINIT_BEFORE, 0, 11};
	struct preinit p = {.boot = BOOT_CRASH,
		.begin_us = 1,
		.end_us = 2,
		.uptime_us = 3,
		.hung = 4,
		.off = "off",
		.handoff = "damaged",
		.journal = {&entry, 1, 1, &verdict, 1, 1, 77},
		.restored = &restored,
		.restored_count = 1};
	void *ctx = talloc_new(NULL);
	struct preinit *back;
	struct err err;

	(void)state;
	assert_int_equal(preinit_read(&s->machine, ctx, &back, &err), -ENOENT);
	assert_int_equal(preinit_write(&s->machine, &p, &err), 0);
	assert_int_equal(preinit_read(&s->machine, ctx, &back, &err), 0);
	assert_int_equal(back->boot, BOOT_CRASH);
	assert_true(back->begin_us == 1 && back->end_us == 2 && back->uptime_us == 3);
	assert_int_equal(back->hung, 4);
	assert_string_equal(back->off, "off");
	assert_string_equal(back->handoff, "damaged");
	assert_int_equal(back->journal.duration_us, 77);
	assert_memory_equal(back->journal.entries, &entry, sizeof(entry));
	assert_string_equal(back->journal.verdicts[0].why, "it?is");
	assert_int_equal(back->journal.verdicts[0].verdict, VERDICT_LOUD);
	assert_memory_equal(back->restored, &restored, sizeof(restored));
	scripted_file(s, PREINIT_FILE, "{\"boot\": \"kexec\", \"restored\": [7, {}], \"new\": 1}");
	assert_int_equal(preinit_read(&s->machine, ctx, &back, &err), 0);
	assert_null(back->off);
	scripted_file(s, PREINIT_FILE, "{\"boot\": \"by hand\"}");
	assert_int_equal(preinit_read(&s->machine, ctx, &back, &err), -EBADMSG);
	assert_string_equal(
		err.text, "the record in /" PREINIT_FILE ": it is no record of a preinit");
	talloc_free(ctx);
	scripted_free(s);
}

/* With PCI Express at 0x40, LTR at 0x100. */
static void made_by_the_firmware(uint8_t config[CONFIG_SPACE_SIZE])
{
	memset(config, 0, CONFIG_SPACE_SIZE);
	memcpy(config, (uint8_t[]){0x34, 0x12, 0xe8, 0x11, 6, 0, 0x10}, 7);
	config[PCI_CAPABILITY_LIST] = 0x40;
	config[PCI_INTERRUPT_LINE] = 11;
	config[PCI_CACHE_LINE_SIZE] = 16;
	config[PCI_BASE_ADDRESS_0 + 3] = 0xfe;
	memcpy(config + 0x40, (uint8_t[]){0x10, 0, 2, 0}, 4);
	config[0x40 + PCI_EXP_DEVCTL] = 0x3f;
	config[0x40 + PCI_EXP_DEVCTL2] = 0x06;
	config[0x40 + PCI_EXP_DEVCTL2 + 1] = 0x04;
	memcpy(config + 0x100, (uint8_t[]){0x18, 0, 1, 0, 0x46, 0x10, 0x46, 0x10}, 8);
}

static void settings_of_the_firmware_come_back(void **state)
{
	const struct pci_function f = {.slot = "0000:01:00.0", .vendor = 0x1234, .device = 0x11e8};
	struct config_refilled refilled[CONFIG_REFILLS_MAX];
	struct scripted *s = scripted_new();
	struct scripted_function *sf = scripted_add(s, &f, 0);
	uint8_t firmware[CONFIG_SPACE_SIZE];
	struct err err;
	size_t count;

	(void)state;
	made_by_the_firmware(firmware);
	/* The same device, reset: but for LTR's first latency, which the kernel has made anew. */
	memcpy(sf->config, firmware, sizeof(firmware));
	sf->config_size = CONFIG_SPACE_SIZE;
	sf->config[PCI_INTERRUPT_LINE] = 0xff;
	sf->config[PCI_CACHE_LINE_SIZE] = 0;
	sf->config[PCI_BASE_ADDRESS_0 + 3] = 0;
	sf->config[0x40 + PCI_EXP_DEVCTL] = 0x10;
	sf->config[0x40 + PCI_EXP_DEVCTL2] = 0x00;
	sf->config[0x40 + PCI_EXP_DEVCTL2 + 1] = 0x00;
	sf->config[0x104] = 0x03;
	sf->config[0x106] = sf->config[0x107] = 0;
	assert_int_equal(
		config_refill(&s->machine, &f, firmware, sizeof(firmware), refilled, &count, &err),
		4);
	assert_int_equal(count, 4);
	assert_int_equal(s->log_count, 4);
	assert_int_equal(sf->config[PCI_INTERRUPT_LINE], 11);
	assert_int_equal(sf->config[PCI_CACHE_LINE_SIZE], 16);
	assert_int_equal(sf->config[0x40 + PCI_EXP_DEVCTL2], 0x06);
	assert_int_equal(sf->config[0x106], 0x46);
	/* What is the kernel's. */
	assert_int_equal(sf->config[0x40 + PCI_EXP_DEVCTL2 + 1], 0);
	assert_int_equal(sf->config[0x40 + PCI_EXP_DEVCTL], 0x10);
	assert_int_equal(sf->config[PCI_BASE_ADDRESS_0 + 3], 0);
	assert_int_equal(sf->config[0x104], 0x03);
	/* Once is enough; and another device is not written to. */
	assert_int_equal(
		config_refill(&s->machine, &f, firmware, sizeof(firmware), refilled, &count, &err),
		0);
	sf->config[PCI_DEVICE_ID] = 1;
	sf->config[PCI_INTERRUPT_LINE] = 0;
	assert_int_equal(
		config_refill(&s->machine, &f, firmware, sizeof(firmware), refilled, &count, &err),
		-ENODEV);
	assert_int_equal(s->log_count, 4);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_of_boot),
		cmocka_unit_test(only_what_is_loud),
		cmocka_unit_test(everything_after_a_crash),
		cmocka_unit_test(nothing_after_the_firmware),
		cmocka_unit_test(what_is_left),
		cmocka_unit_test(parts_of_the_machine),
		cmocka_unit_test(the_record_comes_back),
		cmocka_unit_test(settings_of_the_firmware_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
