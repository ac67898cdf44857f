// SPDX-License-Identifier: GPL-2.0-or-later
/* What resets have cleared is put back, where nobody has it or hangs. */
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>

#include "tests/unit/preinit_bench.h"

static int (*scripted_write)(
	struct machine *m, const char *path, const char *value, struct err *err);

/* A reset that the kernel restores nothing after, as one did that kernels do not know of. */
static int forgetful(struct machine *m, const char *path, const char *value, struct err *err)
{
	struct scripted *s = m->state;
	int rc = scripted_write(m, path, value, err);

	if (rc == 0 && !strcmp(path, "sys/bus/pci/devices/" NVME "/reset"))
		memset(s->functions[1].config + PCI_BASE_ADDRESS_0, 0, 44);
	return rc;
}

static void what_a_reset_has_cleared(void **state)
{
	struct preinit_bench *b = preinit_bench_new(BOOT_CRASH, 0, 0);
	struct pci_function *f = pci_find(b->snapshot, NVME), was = *f;
	uint8_t firmware[256];

	(void)state;
	memcpy(firmware, f->config, sizeof(firmware));
	firmware[PCI_INTERRUPT_LINE] = 11;
	firmware[PCI_BASE_ADDRESS_0 + 3] = 0xdd; /* this kernel has given it another one */
	was.config = firmware;
	f->baseline = &was;
	scripted_write = b->s->effects.write_attr;
	b->s->effects.write_attr = forgetful;
	assert_int_equal(preinit_bench_run(b), 0);
	assert_int_equal(b->s->functions[1].config[PCI_BASE_ADDRESS_0 + 3], 0xfe);
	assert_int_equal(b->s->functions[1].config[PCI_INTERRUPT_LINE], 11);
	assert_int_equal(b->s->functions[1].config[PCI_COMMAND] & PCI_COMMAND_MASTER, 0);
	assert_int_equal(b->record->restored_count, 3);
	assert_string_equal(b->record->restored[0].reg, "BAR 0");
	assert_int_equal(b->record->restored[0].source, PREINIT_BEFORE);
	assert_string_equal(b->record->restored[2].reg, "Interrupt Line");
	assert_int_equal(b->record->restored[2].source, PREINIT_BASELINE);
	preinit_bench_free(b);
}

/* As soon as drivers may bind again one may have it: on a system that runs, the one that waits for it. */
static int forgetful_and_taken(
	struct machine *m, const char *path, const char *value, struct err *err)
{
	int rc = forgetful(m, path, value, err);

	if (rc == 0 && !strcmp(path, AUTOPROBE) && *value == '1')
		scripted_file(m->state, "sys/bus/pci/devices/" NVME "/driver/unbind", "");
	return rc;
}

static void what_has_a_driver_again(void **state)
{
	struct preinit_bench *b = preinit_bench_new(BOOT_CRASH, 0, 0);
	struct pci_function *f = pci_find(b->snapshot, NVME), was = *f;
	uint8_t firmware[256];

	(void)state;
	memcpy(firmware, f->config, sizeof(firmware));
	firmware[PCI_INTERRUPT_LINE] = 11;
	was.config = firmware;
	f->baseline = &was;
	scripted_write = b->s->effects.write_attr;
	b->s->effects.write_attr = forgetful_and_taken;
	assert_int_equal(preinit_bench_run(b), 0);
	assert_int_equal(preinit_bench_verdict(b, NVME), VERDICT_STILL);
	assert_int_equal(b->s->functions[1].config[PCI_BASE_ADDRESS_0 + 3], 0);
	assert_int_equal(b->s->functions[1].config[PCI_INTERRUPT_LINE], 0);
	assert_int_equal(b->record->restored_count, 0);
	preinit_bench_free(b);
}

/* What the previous kernel has reset lost its settings there; through the port all that stand below it. */
static void what_was_reset_before_the_jump(void **state)
{
	struct journal_entry step = {NET2, STEP_SUBORDINATE, "", 0, 0, JOURNAL_OK, ""};
	struct handoff handoff = {.journal = {.entries = &step, .count = 1}};
	struct preinit_bench *b = preinit_bench_new(BOOT_KEXEC, 0, 0);
	struct pci_function was[3];
	uint8_t firmware[3][256];

	(void)state;
	b->facts.handoff = &handoff;
	for (size_t i = 0; i < 3; i++) {
		struct pci_function *f = &b->snapshot->functions[i + 3];

		((uint8_t *)f->config)[PCI_COMMAND] = PCI_COMMAND_MEMORY;
		memcpy(firmware[i], f->config, 256);
		firmware[i][PCI_INTERRUPT_LINE] = 11;
		was[i] = *f;
		was[i].config = firmware[i];
		f->baseline = &was[i];
	}
	assert_int_equal(preinit_plan(&b->facts, b, &b->plan, NULL), 0);
	assert_int_equal(preinit_bench_run(b), 0);
	assert_int_equal(b->s->functions[1].config[PCI_INTERRUPT_LINE], 0);
	assert_int_equal(b->s->functions[2].config[PCI_INTERRUPT_LINE], 11);
	assert_int_equal(b->s->functions[3].config[PCI_INTERRUPT_LINE], 11);
	assert_int_equal(b->record->restored_count, 2);
	preinit_bench_free(b);
}

/* One that is still, and was reset before the jump, stands below a port whose reset hangs for its neighbour: to
 * look at it now would wait for that reset. */
static void a_port_reset_that_hangs(void **state)
{
	struct journal_entry step = {NET2, STEP_PM, "", 0, 0, JOURNAL_OK, ""};
	struct handoff handoff = {.journal = {.entries = &step, .count = 1}};
	struct preinit_bench *b = preinit_bench_new(BOOT_KEXEC, 0, 0);
	struct pci_function *net2 = pci_find(b->snapshot, NET2), was = *net2;
	uint8_t firmware[256];

	(void)state;
	b->facts.handoff = &handoff;
	((uint8_t *)net2->config)[PCI_COMMAND] = PCI_COMMAND_MEMORY;
	b->s->functions[3].config[PCI_COMMAND] = PCI_COMMAND_MEMORY;
	memcpy(firmware, net2->config, sizeof(firmware));
	firmware[PCI_INTERRUPT_LINE] = 11;
	was.config = firmware;
	net2->baseline = &was;
	assert_int_equal(preinit_plan(&b->facts, b, &b->plan, NULL), 0);
	for (size_t i = 0; i < b->plan->count; i++)
		b->plan->devices[i].reset_deadline_ms = 400;
	b->s->hangs = "write sys/bus/pci/devices/0000:00:03.0/reset_subordinate";
	assert_int_equal(preinit_bench_run(b), 0);
	assert_int_equal(b->record->hung, 1);
	assert_int_equal(preinit_bench_verdict(b, NET), VERDICT_LOUD);
	assert_int_equal(preinit_bench_verdict(b, NET2), VERDICT_LOUD);
	assert_string_equal(preinit_bench_why(b, NET2), "it waits for a step elsewhere that hangs");
	assert_int_equal(preinit_bench_verdict(b, NVME), VERDICT_STILL);
	assert_int_equal(b->s->functions[3].config[PCI_INTERRUPT_LINE], 0);
	assert_int_equal(b->record->restored_count, 0);
	preinit_bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_reset_has_cleared),
		cmocka_unit_test(what_has_a_driver_again),
		cmocka_unit_test(what_was_reset_before_the_jump),
		cmocka_unit_test(a_port_reset_that_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
