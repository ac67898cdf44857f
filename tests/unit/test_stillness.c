// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "devices/config_space.h"
#include "devices/stillness.h"

static const struct pci_function edu = {.slot = "0000:01:00.0", .vendor = 0x1234, .device = 0x11e8};

/* An endpoint with MSI at 0x40, MSI-X at 0x50 and PCIe at 0x60, everything quiet. */
static void quiet(uint8_t config[256])
{
	memset(config, 0, 256);
	memcpy(config, (const uint8_t[]){0x34, 0x12, 0xe8, 0x11, PCI_COMMAND_MEMORY}, 5);
	config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	config[PCI_CAPABILITY_LIST] = 0x40;
	config[0x40] = PCI_CAP_ID_MSI;
	config[0x41] = 0x50;
	config[0x50] = PCI_CAP_ID_MSIX;
	config[0x51] = 0x60;
	config[0x60] = PCI_CAP_ID_EXP;
}

static const struct {
	const char *what;
	unsigned int offset;
	uint8_t value;
	const char *why; /* NULL: still */
} cases[] = {
	{"nothing", 0x70, 0, NULL},
	{"bus master", PCI_COMMAND, PCI_COMMAND_MASTER, "bus master is on"},
	{"interrupt", PCI_STATUS, PCI_STATUS_CAP_LIST | PCI_STATUS_INTERRUPT,
		"its interrupt is asserted"},
	{"pending", 0x60 + PCI_EXP_DEVSTA, PCI_EXP_DEVSTA_TRPND, "transactions are pending"},
	{"other device", PCI_DEVICE_ID, 0xe9, "it answers as 1234:11e9 instead of 1234:11e8"},
	{"header", PCI_HEADER_TYPE, 0x81, "its header type is 1 instead of 0"},
	{"multi-function bit", PCI_HEADER_TYPE, 0x80, NULL},
};

static void test_judge(void **state)
{
	uint8_t config[256];
	struct proof proof;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		quiet(config);
		config[cases[i].offset] = cases[i].value;
		stillness_judge(&edu, config, sizeof(config), &proof);
		assert_int_equal(proof.stillness, cases[i].why ? LOUD : STILL);
		assert_string_equal(proof.why, cases[i].why ? cases[i].why : "");
	}
}

static void test_does_not_answer(void **state)
{
	uint8_t config[256];
	struct proof proof;

	(void)state;
	memset(config, 0xff, sizeof(config));
	stillness_judge(&edu, config, sizeof(config), &proof);
	assert_int_equal(proof.stillness, LOUD);
	stillness_judge(&edu, config, 16, &proof);
	assert_int_equal(proof.stillness, LOUD);
	assert_int_equal(stillness_asserts_intx(config, sizeof(config)), 0);
}

/* A virtual function has no ids of its own; everything else about it counts as usual. */
static void test_virtual(void **state)
{
	struct pci_function vf = {.vendor = 0x1234, .device = 0x11e8};
	uint8_t config[256];
	struct proof proof;

	(void)state;
	quiet(config);
	memset(config, 0xff, 4);
	stillness_judge(&vf, config, sizeof(config), &proof);
	assert_string_equal(proof.why, "it answers as ffff:ffff instead of 1234:11e8");
	vf.physical = (struct pci_function *)&edu;
	stillness_judge(&vf, config, sizeof(config), &proof);
	assert_int_equal(proof.stillness, STILL);
	config[PCI_COMMAND] = PCI_COMMAND_MASTER;
	stillness_judge(&vf, config, sizeof(config), &proof);
	assert_string_equal(proof.why, "bus master is on");
	memset(config, 0xff, sizeof(config));
	stillness_judge(&vf, config, sizeof(config), &proof);
	assert_string_equal(proof.why, "it does not answer (configuration space reads all ones)");
}

static void test_intx_only_where_it_is_the_way(void **state)
{
	uint8_t config[256];

	(void)state;
	quiet(config);
	config[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
	assert_int_equal(stillness_asserts_intx(config, sizeof(config)), 1);
	config[PCI_COMMAND + 1] = PCI_COMMAND_INTX_DISABLE >> 8;
	assert_int_equal(stillness_asserts_intx(config, sizeof(config)), 0);
	config[PCI_COMMAND + 1] = 0;
	config[0x40 + PCI_MSI_FLAGS] = PCI_MSI_FLAGS_ENABLE;
	assert_int_equal(stillness_asserts_intx(config, sizeof(config)), 0);
	config[0x40 + PCI_MSI_FLAGS] = 0;
	config[0x50 + PCI_MSIX_FLAGS + 1] = PCI_MSIX_FLAGS_ENABLE >> 8;
	assert_int_equal(stillness_asserts_intx(config, sizeof(config)), 0);
}

/* Lists that loop, lead into the header or beyond the end. */
static void test_lying_capabilities(void **state)
{
	uint8_t config[256];

	(void)state;
	quiet(config);
	assert_int_equal(config_find_capability(config, 256, PCI_CAP_ID_EXP), 0x60);
	assert_int_equal(config_find_capability(config, 0x60, PCI_CAP_ID_EXP), 0);
	config[0x51] = 0x40;
	assert_int_equal(config_find_capability(config, 256, PCI_CAP_ID_EXP), 0);
	config[0x51] = 0x10;
	assert_int_equal(config_find_capability(config, 256, PCI_CAP_ID_EXP), 0);
	config[PCI_STATUS] = 0;
	assert_int_equal(config_find_capability(config, 256, PCI_CAP_ID_MSI), 0);
	assert_int_equal(config_read16(config, 256, 255), 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_does_not_answer),
		cmocka_unit_test(test_virtual),
		cmocka_unit_test(test_intx_only_where_it_is_the_way),
		cmocka_unit_test(test_lying_capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
