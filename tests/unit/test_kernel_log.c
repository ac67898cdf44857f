// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "devices/kernel_log.h"
#include "tests/unit/scripted.h"

static const struct {
	const char *text, *kind, *slot;
} lines[] = {
	{"DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0xfffff000 [fault reason "
	 "0x06] PTE Read access is not set",
		"iommu", "0000:01:00.0"},
	{"DMAR: DRHD: handling fault status reg 2", "iommu", NULL},
	{"AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:03:00.1 domain=0x000c address=0x0 "
	 "flags=0x0000]",
		"iommu", "0000:03:00.1"},
	{"irq 16: nobody cared (try booting with the \"irqpoll\" option)", "interrupt", NULL},
	{"pcieport 0000:00:1c.0: AER: Corrected error message received from 0000:00:1c.0", "aer",
		"0000:00:1c.0"},
	{"nvme 10000:E1:00.0: Device not ready; aborting initialisation, CSTS=0x0", "reset",
		"10000:e1:00.0"},
	{"NETDEV WATCHDOG: eth0 (8139cp): transmit queue 0 timed out", "timeout", NULL},
	{"Uhhuh. NMI received for unknown reason 2c on CPU 0.", "nmi", NULL},
	{"e1000e: probe of 0000:00:19.0 failed with error -2", "probe", "0000:00:19.0"},
	{"pci 0000:00:1f.0: [8086:2918] type 00 class 0x060100", NULL, "0000:00:1f.0"},
	{"pci 0000:00:01.0: BAR 0 [mem 0xfe000000-0xfe000fff]", NULL, "0000:00:01.0"},
	{"rtc_cmos 00:04: RTC can wake from S4", NULL, NULL},
	{"i6300ESB timer 0000:00:02.0: initialized. heartbeat=30 sec (nowayout=0), timeout 3", NULL,
		"0000:00:02.0"},
	{"Command line: BOOT_IMAGE=/vmlinuz stillboot.timeout=5 stillboot.leave=0000:01:00.0", NULL,
		"0000:01:00.0"},
	{"Kernel command line: x timeout stillboot.leave=0000:01:00.0", NULL, "0000:01:00.0"},
	{"Unknown kernel command line parameters \"a timeout\", will be passed to user space.",
		NULL, NULL},
	{"nvme 0000:01:00.0: no timeouts here", NULL, "0000:01:00.0"},
	{"x 0000:01:00.0: timeout=30, timeouts 3, then a timeout!", "timeout", "0000:01:00.0"},
	{"nvme nvme0: I/O 5 QID 1 timeout, aborting", "timeout", NULL},
	{"Calibrating 12:34.9x 99:99.9", NULL, NULL},
	{"", NULL, NULL},
};

static void test_lines(void **state)
{
	char slot[PCI_SLOT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		const char *kind = kernel_log_kind(lines[i].text);
		int rc = kernel_log_slot(lines[i].text, slot);

		assert_string_equal(kind ? kind : "-", lines[i].kind ? lines[i].kind : "-");
		assert_string_equal(rc == 0 ? slot : "-", lines[i].slot ? lines[i].slot : "-");
	}
}

/* What the machine knows by other names. */
static void test_tie(void **state)
{
	struct scripted *s = scripted_new();
	char slot[PCI_SLOT_MAX];

	(void)state;
	scripted_file(
		s, "sys/devices/pci0000:00/0000:00:1c.0/0000:03:00.0/net/eth0/address", "x\n");
	scripted_link(s, "sys/class/net/eth0",
		"../../devices/pci0000:00/0000:00:1c.0/0000:03:00.0/net/eth0");
	scripted_file(s, "sys/devices/pci0000:00/0000:00:03.0/irq", "16\n");
	scripted_link(
		s, "sys/bus/pci/devices/0000:00:03.0", "../../../devices/pci0000:00/0000:00:03.0");
	assert_int_equal(kernel_log_tie(&s->machine, lines[6].text, slot), 0);
	assert_string_equal(slot, "0000:03:00.0");
	assert_int_equal(kernel_log_tie(&s->machine, lines[3].text, slot), 0);
	assert_string_equal(slot, "0000:00:03.0");
	assert_int_equal(kernel_log_tie(&s->machine, "Disabling IRQ #16", slot), 0);
	/* A shared line is nobody's. */
	scripted_file(s, "sys/devices/pci0000:00/0000:00:04.0/irq", "16\n");
	scripted_link(
		s, "sys/bus/pci/devices/0000:00:04.0", "../../../devices/pci0000:00/0000:00:04.0");
	assert_int_equal(kernel_log_tie(&s->machine, lines[3].text, slot), -ENOENT);
	assert_string_equal(slot, "");
	assert_int_equal(
		kernel_log_tie(&s->machine, "../../../etc timed out . .. /", slot), -ENOENT);
	scripted_free(s);
}

static void test_log(void **state)
{
	struct scripted *s = scripted_new();
	struct kernel_log *log;
	char text[16384] = "";
	size_t n = 0;

	(void)state;
	assert_int_equal(kernel_log_read(&s->machine, NULL, &log, NULL), -ENOENT);
	for (int i = 0; i < 70; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
			"4,%d,%d,-;nvme 0000:01:00.0: I/O %d timeout\n SUBSYSTEM=pci\n", i,
			1000000 + i, i);
	/* A program's words, a line that is none, one that is too long, and one without its end. */
	n += (size_t)snprintf(text + n, sizeof(text) - n,
		"12,71,5,-;DMAR: [fake]\nnonsense\n3,72,2000000,-;AER: %0300d \x1b\n6,73,1,-;AER: "
		"x",
		7);
	scripted_file(s, "dev/kmsg", text);
	assert_int_equal(kernel_log_read(&s->machine, NULL, &log, NULL), 0);
	assert_int_equal(log->total, 71);
	assert_int_equal(log->count, KERNEL_MESSAGES_MAX);
	assert_string_equal(log->messages[0].text, "nvme 0000:01:00.0: I/O 7 timeout");
	assert_int_equal(log->messages[0].time_us, 1000007);
	assert_string_equal(log->messages[0].slot, "0000:01:00.0");
	assert_string_equal(log->messages[0].kind, "timeout");
	assert_string_equal(log->messages[63].kind, "aer");
	assert_int_equal(strlen(log->messages[63].text), KERNEL_MESSAGE_MAX);
	talloc_free(log);
	scripted_free(s);
}

/* A long log is not looked up in sysfs line by line, but for the few that are kept. */
static void test_only_what_is_kept_is_tied(void **state)
{
	struct scripted *s = scripted_new();
	struct kernel_log *log;
	struct timespec begin, end;
	char *text = talloc_strdup(NULL, "");

	(void)state;
	for (int i = 0; i < 20000; i++)
		text = talloc_asprintf_append_buffer(
			text, "4,%d,%d,-;a b c d e irq 16 of eth0 timed out\n", i, i);
	scripted_file(s, "dev/kmsg", text);
	for (int i = 0; i < 200; i++) {
		char name[64];

		snprintf(name, sizeof(name), "sys/bus/pci/devices/0000:%02x:00.0/irq", i);
		scripted_file(s, name, "17\n");
	}
	scripted_file(
		s, "sys/devices/pci0000:00/0000:00:1c.0/0000:03:00.0/net/eth0/address", "x\n");
	scripted_link(s, "sys/class/net/eth0",
		"../../devices/pci0000:00/0000:00:1c.0/0000:03:00.0/net/eth0");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	assert_int_equal(kernel_log_read(&s->machine, NULL, &log, NULL), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	assert_int_equal(log->total, 20000);
	assert_string_equal(log->messages[0].slot, "0000:03:00.0");
	assert_string_equal(log->messages[KERNEL_MESSAGES_MAX - 1].slot, "0000:03:00.0");
	/* Each looks into 200 functions: 64 take a part of a second, 20,000 half a minute. */
	assert_in_range(end.tv_sec - begin.tv_sec, 0, 5);
	talloc_free(log);
	talloc_free(text);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_tie),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_only_what_is_kept_is_tied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
