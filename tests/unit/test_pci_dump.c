// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/pci_dump.h"

#define NAME "some.lspci"

/* A dump being written: the lines of a function, then its bytes. */
static char *put(char *dump, const char *lines, const uint8_t *config, size_t len)
{
	dump = talloc_asprintf_append(dump, "%s\n", lines);
	for (size_t i = 0; i < len; i++) {
		if (i % 16 == 0)
			dump = talloc_asprintf_append(dump, "%s%02zx:", i ? "\n" : "", i);
		dump = talloc_asprintf_append(dump, " %02x", config[i]);
	}
	return talloc_strdup_append(dump, len ? "\n\n" : "\n");
}

static char *put_bridge(char *text, const char *slot, uint8_t secondary, uint8_t subordinate)
{
	const uint8_t bridge[256] = {0x86, 0x80, 0x30,
		0x20, [PCI_STATUS] = PCI_STATUS_CAP_LIST, [PCI_CLASS_DEVICE] = 0x04,
		[PCI_CLASS_DEVICE + 1] = 0x06, [PCI_HEADER_TYPE] = 1,
		[PCI_SECONDARY_BUS] = secondary, [PCI_SUBORDINATE_BUS] = subordinate,
		[PCI_CAPABILITY_LIST] = 0x40, [0x40] = PCI_CAP_ID_EXP, [0x42] = 0x42};

	return put(text, slot, bridge, sizeof(bridge));
}

static struct pci_snapshot *parse(const char *text)
{
	struct pci_snapshot *s = NULL;
	struct err err = {""};
	int rc = pci_dump_parse(text, strlen(text), NAME, NULL, &s, &err);

	if (rc < 0)
		fail_msg("%s", err.text);
	return s;
}

static void assert_same(const struct pci_function *a, const struct pci_function *b)
{
	assert_string_equal(a->slot, b->slot);
	assert_int_equal(a->vendor, b->vendor);
	assert_int_equal(a->device, b->device);
	assert_int_equal(a->class, b->class);
	assert_int_equal(a->header, b->header);
	assert_int_equal(a->resets, b->resets);
	assert_int_equal(a->place, b->place);
	assert_int_equal(a->iommu_group, b->iommu_group);
	assert_int_equal(a->numa_node, b->numa_node);
	assert_int_equal(a->parent ? a->parent->bus : -1, b->parent ? b->parent->bus : -1);
	assert_int_equal(a->physical ? a->physical->bus : -1, b->physical ? b->physical->bus : -1);
	assert_int_equal(!a->driver, !b->driver);
	if (a->driver)
		assert_string_equal(a->driver, b->driver);
	assert_int_equal(!a->hotplug_slot, !b->hotplug_slot);
	if (a->hotplug_slot)
		assert_string_equal(a->hotplug_slot, b->hotplug_slot);
	assert_int_equal(a->config_len, b->config_len);
	if (a->config_len)
		assert_memory_equal(a->config, b->config, a->config_len);
}

/* What is written is read as the same. */
static void assert_round_trip(const struct pci_snapshot *s)
{
	char *text = pci_dump_format(NULL, s);
	struct pci_snapshot *again = parse(text);

	assert_int_equal(again->count, s->count);
	for (size_t i = 0; i < s->count; i++)
		assert_same(&s->functions[i], &again->functions[i]);
	talloc_free(again);
	talloc_free(text);
}

static const uint8_t nvme[64] = {0x4d, 0x14, 0x0a,
	0xa8, [PCI_REVISION_ID] = 3, [PCI_CLASS_PROG] = 0x02, [PCI_CLASS_DEVICE] = 0x08,
	[PCI_CLASS_DEVICE + 1] = 0x01};

/* Every way in which lspci prints the same function. */
static void test_forms(void **state)
{
	static const char *const headers[] = {
		"0000:01:00.0 Non-Volatile memory controller: Samsung X (rev 03)",
		"01:00.0 Non-Volatile memory controller: Samsung [A:B] X [1:2]",
		"01:00.0 0108: 144d:a80a (rev 03)\r",
		"0000:01:00.0 Non-Volatile memory controller [0108]: Samsung X [144d:a80a]",
		"pcilib: sysfs_read_vpd: read failed: Input/output error\n01:00.0 x",
		"# lspci -xxx\n\n01:00.0",
		"0000:01:00.0 x\n\tCapabilities: <access denied>\n\tLnkCap: Port #0, Speed 8GT/s",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		char *text = put(talloc_strdup(NULL, ""), headers[i], nvme, sizeof(nvme));
		struct pci_snapshot *s = parse(text);
		const struct pci_function *f = pci_find(s, "0000:01:00.0");

		assert_int_equal(s->count, 1);
		assert_int_equal(f->vendor, 0x144d);
		assert_int_equal(f->device, 0xa80a);
		assert_int_equal(f->class, 0x010802);
		assert_int_equal(f->config_len, 64);
		assert_null(f->driver);
		assert_int_equal(f->iommu_group, -1);
		assert_round_trip(s);
		talloc_free(s);
		talloc_free(text);
	}
}

static void test_details(void **state)
{
	static const char *const details[] = {
		"01:00.0 x\n\tPhysical Slot: 3-1\n\tNUMA node: 1\n\tIOMMU group: 42\n"
		"\tKernel driver in use: nvme\n\tKernel modules: other",
		"01:00.0 x\n\tPhysical Slot: 3-1\n\tFlags: fast devsel, IRQ 1, NUMA node 1, "
		"IOMMU group 42\n\tKernel driver in use: nvme\r",
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *text = put(talloc_strdup(NULL, ""), details[i], nvme, sizeof(nvme));
		struct pci_snapshot *s = parse(text);

		assert_string_equal(s->functions[0].hotplug_slot, "3-1");
		assert_string_equal(s->functions[0].driver, "nvme");
		assert_true(s->functions[0].can_unbind);
		assert_int_equal(s->functions[0].numa_node, 1);
		assert_int_equal(s->functions[0].iommu_group, 42);
		assert_round_trip(s);
		talloc_free(s);
		talloc_free(text);
	}
}

#define ZEROS "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"

static void test_refusals(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"", NAME " is not what lspci -xxx prints: it has no functions"},
		{"hello\n\tworld\n", NAME " is not what lspci -xxx prints: it has no functions"},
		{"00:00.0 0600: 8086:1237\n00:01.0 x\n", "no bytes"},
		{"-[0000:00]-+-00.0  Intel\n", NAME ":1: a tree (lspci -t)"},
		{"-+-[0000:ff]-+-00.0  Intel\n", "lspci -D -xxxx"},
		{"00: " ZEROS "\n", NAME ":1: bytes before"},
		{"00:00.0 x\n10: " ZEROS "\n", NAME ":2: bytes from 0x10 on, where 0x0 was"},
		{"00:00.0 x\n00: " ZEROS "\n00: " ZEROS "\n", NAME ":3: bytes from 0x0 on"},
		{"00:00.0 x\n00: " ZEROS " 00\n", NAME ":2: these are not"},
		{"00:00.0 x\n00: 0\n", NAME ":2: these are not"},
		{"00:00.0 x\n00: xx\n", NAME ":2: these are not"},
		{"00:00.0 x\n00:\n", NAME ":2: these are not"},
		{"00:20.0 x\n", NAME ":1: '00:20.0' is no slot"},
		{"123456789:00:00.0 x\n", "is no slot"},
		{"00:00.0 x\n00: " ZEROS "\n\n00:01.0 y\n0000:00:00.0 z\n",
			NAME ":5: this function is already in line 1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pci_snapshot *s = NULL;
		struct err err;

		assert_int_equal(
			pci_dump_parse(cases[i].text, strlen(cases[i].text), NAME, NULL, &s, &err),
			-EINVAL);
		assert_null(s);
		if (!strstr(err.text, cases[i].error))
			fail_msg("%zu: %s", i, err.text);
	}
	assert_int_equal(pci_dump_parse("a\0b", 3, NAME, NULL, NULL, NULL), -EINVAL);
	assert_int_equal(pci_dump_parse("", PCI_DUMP_MAX + 1UL, NAME, NULL, NULL, NULL), -EFBIG);
}

/* A network card whose two virtual functions are on: offset 16, stride 2. Only what is in the
 * pattern is one of them. */
static void test_virtual(void **state)
{
	const uint8_t card[4096] = {0x86, 0x80, 0x72, 0x15,
		[PCI_CLASS_DEVICE + 1] = 0x02, [0x100] = PCI_EXT_CAP_ID_SRIOV, [0x102] = 1,
		[0x108] = PCI_SRIOV_CTRL_VFE, [0x10e] = 64, [0x110] = 2, [0x114] = 16, [0x116] = 2,
		[0x11a] = 0x4c, [0x11b] = 0x15};
	const uint8_t vf[256] = {0xff, 0xff, 0xff, 0xff, [PCI_CLASS_DEVICE + 1] = 0x02};
	char *text = put_bridge(talloc_strdup(NULL, ""), "00:01.0 x", 3, 3);
	struct pci_snapshot *s;

	(void)state;
	text = put(text, "0000:03:00.0 x", card, sizeof(card));
	text = put(text, "0000:03:02.0 x", vf, sizeof(vf));
	text = put(text, "0000:03:02.2 0200: 8086:1889", vf, sizeof(vf));
	s = parse(text);
	assert_int_equal(pci_find(s, "03:00.0")->resets, PCI_RESET_BUS);
	assert_int_equal(pci_find(s, "03:02.0")->resets, 0);
	talloc_free(s);
	text = put(text, "0000:03:02.1 x", vf, sizeof(vf));
	text = put(text, "0000:03:02.4 x", vf, sizeof(vf));
	text = put(text, "0001:03:02.0 x", vf, sizeof(vf));
	s = parse(text);
	assert_int_equal(pci_find(s, "03:00.0")->vf_count, 2);
	assert_null(pci_find(s, "03:00.0")->physical);
	assert_ptr_equal(pci_find(s, "03:02.0")->physical, pci_find(s, "03:00.0"));
	assert_int_equal(pci_find(s, "03:02.0")->vendor, 0x8086);
	assert_int_equal(pci_find(s, "03:02.0")->device, 0x154c);
	assert_int_equal(pci_find(s, "03:02.0")->class, 0x020000);
	assert_ptr_equal(pci_find(s, "03:02.2")->physical, pci_find(s, "03:00.0"));
	assert_int_equal(pci_find(s, "03:02.2")->device, 0x1889);
	assert_null(pci_find(s, "03:02.1")->physical);
	assert_int_equal(pci_find(s, "03:02.1")->vendor, 0xffff);
	assert_null(pci_find(s, "03:02.4")->physical);
	assert_null(pci_find(s, "0001:03:02.0")->physical);
	assert_round_trip(s);
	talloc_free(s);
	talloc_free(text);
}

/* Two controllers of Intel's, and a domain behind each. */
static void test_vmd(void **state)
{
	const uint8_t vmd[64] = {
		0x86, 0x80, 0xc0, 0x28, [PCI_CLASS_DEVICE] = 0x04, [PCI_CLASS_DEVICE + 1] = 0x01};
	char *text = put(talloc_strdup(NULL, ""), "0000:00:0e.0 x", vmd, sizeof(vmd));
	struct pci_snapshot *s;

	(void)state;
	text = put(text, "0000:80:0e.0 x", vmd, sizeof(vmd));
	text = put_bridge(text, "10000:00:02.0 x", 1, 1);
	text = put(text, "10000:01:00.0 x", nvme, sizeof(nvme));
	text = put_bridge(text, "10001:00:02.0 x", 1, 1);
	s = parse(text);
	assert_ptr_equal(pci_find(s, "10000:00:02.0")->parent, pci_find(s, "00:0e.0"));
	assert_ptr_equal(pci_find(s, "10001:00:02.0")->parent, pci_find(s, "80:0e.0"));
	assert_ptr_equal(pci_find(s, "10000:01:00.0")->parent, pci_find(s, "10000:00:02.0"));
	assert_int_equal(pci_find(s, "10000:00:02.0")->place, PCI_PLACE_ROOT);
	assert_round_trip(s);
	talloc_free(s);
	/* A third domain, and nobody knows which is whose. */
	text = put(text, "10002:00:00.0 x", nvme, sizeof(nvme));
	s = parse(text);
	assert_null(pci_find(s, "10000:00:02.0")->parent);
	talloc_free(s);
	talloc_free(text);
}

static void test_resets(void **state)
{
	/* PM at 0x40, AF at 0x50, PCIe with FLR at 0x60. */
	uint8_t all[256] = {0x86, 0x80, 0x01, 0x00, [PCI_STATUS] = PCI_STATUS_CAP_LIST,
		[PCI_CLASS_DEVICE + 1] = 0x02, [PCI_CAPABILITY_LIST] = 0x40, [0x40] = PCI_CAP_ID_PM,
		[0x41] = 0x50, [0x50] = PCI_CAP_ID_AF, [0x51] = 0x60,
		[0x53] = PCI_AF_CAP_TP | PCI_AF_CAP_FLR, [0x60] = PCI_CAP_ID_EXP, [0x67] = 0x10};
	char *text = put_bridge(talloc_strdup(NULL, ""), "00:01.0 x", 1, 1);
	struct pci_snapshot *s;

	(void)state;
	text = put_bridge(text, "00:02.0 x", 2, 2);
	text = put(text, "01:00.0 x", all, sizeof(all));
	text = put(text, "02:00.0 x", nvme, sizeof(nvme));
	text = put(text, "02:00.1 x", nvme, sizeof(nvme));
	all[0x40 + PCI_PM_CTRL] = PCI_PM_CTRL_NO_SOFT_RESET;
	text = put(text, "00:03.0 x", all, sizeof(all));
	s = parse(text);
	assert_string_equal(pci_find(s, "01:00.0")->reset_method, "flr af_flr pm bus");
	assert_int_equal(pci_find(s, "01:00.0")->resets,
		PCI_RESET_FLR | PCI_RESET_AF_FLR | PCI_RESET_PM | PCI_RESET_BUS);
	assert_string_equal(pci_find(s, "00:03.0")->reset_method, "flr af_flr");
	/* The first one's list is made when it is still alone. */
	assert_string_equal(pci_find(s, "02:00.0")->reset_method, "bus");
	assert_null(pci_find(s, "02:00.1")->reset_method);
	assert_null(pci_find(s, "00:01.0")->reset_method);
	talloc_free(s);
	talloc_free(text);
}

/* What does not answer is there all the same, and bridges that lie make no circle. */
static void test_odd(void **state)
{
	uint8_t dead[256];
	char *text;
	struct pci_snapshot *s;

	(void)state;
	memset(dead, 0xff, sizeof(dead));
	text = put(talloc_strdup(NULL, ""), "05:00.0 0302: 10de:20b0 (rev ff) (prog-if ff)", dead,
		sizeof(dead));
	text = put(text, "05:00.1 !!! Unknown header type 7f", dead, 64);
	text = put(text, "06:00.0 0108: 144d:a80a (prog-if 02)", NULL, 0);
	text = put_bridge(text, "02:00.0 x", 1, 255);
	text = put_bridge(text, "01:00.0 x", 0, 255);
	text = put_bridge(text, "03:00.0 x", 3, 3);
	s = parse(text);
	assert_int_equal(s->count, 6);
	assert_int_equal(pci_find(s, "05:00.0")->vendor, 0x10de);
	assert_int_equal(pci_find(s, "05:00.0")->class, 0x0302ff);
	assert_int_equal(pci_find(s, "05:00.1")->class, 0xffffff);
	assert_int_equal(pci_find(s, "05:00.1")->caps.has, 0);
	assert_int_equal(pci_find(s, "06:00.0")->class, 0x010802);
	assert_int_equal(pci_find(s, "06:00.0")->device, 0xa80a);
	for (size_t i = 0; i < s->count; i++)
		assert_null(s->functions[i].parent);
	assert_round_trip(s);
	talloc_free(s);
	talloc_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_virtual),
		cmocka_unit_test(test_vmd),
		cmocka_unit_test(test_resets),
		cmocka_unit_test(test_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
