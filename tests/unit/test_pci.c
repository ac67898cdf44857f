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

#include "devices/pci.h"
#include "tests/unit/scripted.h"

static void test_slots(void **state)
{
	static const char *const bad[] = {"", "0000:00:00", "0000:00:00.8", "0000:00:20.0",
		"0000:00:00.0x", "00:00:0.0.0", "x", "0000:00:00.0 ", "serial8250:0.0",
		"0000:-1:00.0", "0000: 1:00.0", "10000000:00:00.0"};
	struct pci_slot slot = {.bus = 77};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(pci_parse_slot(bad[i], &slot), -EINVAL);
		assert_int_equal(slot.bus, 77);
	}
	assert_int_equal(pci_parse_slot("10000:E1:1f.7", &slot), 0);
	assert_int_equal(slot.domain, 0x10000);
	assert_int_equal(slot.bus, 0xe1);
	assert_int_equal(pci_parse_slot("3:0.1", &slot), 0);
	assert_int_equal(slot.domain, 0);
	assert_int_equal(slot.func, 1);
}

static void test_places(void **state)
{
	struct pci_snapshot *s = snapshot_new(NULL);

	(void)state;
	/* Not in order: linking sorts. */
	snapshot_add(s, "0000:05:00.0", 0x0c0330, NULL);
	snapshot_bridge(s, "0000:00:02.0", PCI_EXP_TYPE_ROOT_PORT, 1, 5);
	snapshot_bridge(s, "0000:01:00.0", PCI_EXP_TYPE_UPSTREAM, 2, 5);
	snapshot_bridge(s, "0000:02:01.0", PCI_EXP_TYPE_DOWNSTREAM, 5, 5);
	snapshot_bridge(s, "0000:00:03.0", PCI_EXP_TYPE_PCI_BRIDGE, 6, 7);
	snapshot_add(s, "0000:06:01.0", 0x020000, NULL);
	snapshot_bridge(s, "0000:06:02.0", -1, 7, 7);
	snapshot_add(s, "0000:07:00.0", 0x020000, NULL);
	snapshot_add(s, "0000:00:01.0", 0x030000, NULL);
	snapshot_add(s, "0001:05:00.0", 0x030000, NULL); /* another domain */
	pci_link_tree(s);
	assert_string_equal(s->functions[0].slot, "0000:00:01.0");
	assert_int_equal(pci_find(s, "00:01.0")->place, PCI_PLACE_ROOT);
	assert_int_equal(pci_find(s, "01:00.0")->place, PCI_PLACE_PORT);
	assert_int_equal(pci_find(s, "02:01.0")->place, PCI_PLACE_SWITCH);
	assert_int_equal(pci_find(s, "05:00.0")->place, PCI_PLACE_PORT);
	assert_int_equal(pci_find(s, "06:01.0")->place, PCI_PLACE_LEGACY);
	assert_int_equal(pci_find(s, "07:00.0")->place, PCI_PLACE_LEGACY);
	assert_ptr_equal(pci_find(s, "07:00.0")->parent, pci_find(s, "06:02.0"));
	assert_null(pci_find(s, "0001:05:00.0")->parent);
	assert_true(pci_is_below(pci_find(s, "05:00.0"), pci_find(s, "00:02.0")));
	assert_false(pci_is_below(pci_find(s, "05:00.0"), pci_find(s, "00:03.0")));
	talloc_free(s);
}

/* Bridges whose bus numbers lie must not make a cycle. */
static void test_lying_bridges(void **state)
{
	struct pci_snapshot *s = snapshot_new(NULL);

	(void)state;
	snapshot_bridge(s, "0000:01:00.0", PCI_EXP_TYPE_ROOT_PORT, 2, 2);
	snapshot_bridge(s, "0000:02:00.0", PCI_EXP_TYPE_ROOT_PORT, 1, 1);
	snapshot_bridge(s, "0000:03:00.0", PCI_EXP_TYPE_ROOT_PORT, 3, 3);
	snapshot_bridge(s, "0000:04:00.0", PCI_EXP_TYPE_ROOT_PORT, 0, 255);
	pci_link_tree(s);
	for (size_t i = 0; i < s->count; i++) {
		size_t depth = 0;

		for (struct pci_function *f = &s->functions[i]; f; f = f->parent)
			assert_true(depth++ < s->count);
	}
	talloc_free(s);
}

static void test_display_and_bridge(void **state)
{
	struct pci_function f = {.class = 0x030000};

	(void)state;
	assert_true(pci_is_display(&f));
	f.class = 0x030200;
	assert_false(pci_is_display(&f));
	f.uses = PCI_USE_FRAMEBUFFER;
	assert_true(pci_is_display(&f));
	f = (struct pci_function){.class = 0x060100};
	assert_true(pci_is_bridge(&f));
	f = (struct pci_function){.class = 0x010802};
	assert_false(pci_is_bridge(&f) || pci_is_display(&f));
}

static void put_config(struct scripted *s, const char *slot, const uint8_t *config, size_t len)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/config", slot);
	scripted_file(s, path, "");
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/config", s->root, slot);
	file = fopen(path, "w");
	assert_int_equal(fwrite(config, 1, len, file), len);
	fclose(file);
}

static void put_attributes(struct scripted *s, const char *slot, const char *class)
{
	static const char *const names[][2] = {
		{"vendor", "0x1234\n"}, {"device", "0x11e8\n"}, {"irq", "11\n"}, {"resource", ""}};
	char path[128];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s", slot, names[i][0]);
		scripted_file(s, path, names[i][1]);
	}
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/class", slot);
	scripted_file(s, path, class);
}

/* A root port and an endpoint, as files, read by libpci. */
static void test_read(void **state)
{
	struct scripted *s = scripted_new();
	uint8_t port[256] = {0x34, 0x12, 0xe8,
		0x11, [PCI_STATUS] = PCI_STATUS_CAP_LIST, [PCI_CLASS_DEVICE] = 0x04,
		[PCI_CLASS_DEVICE + 1] = 0x06, [PCI_HEADER_TYPE] = 0x81, [PCI_SECONDARY_BUS] = 1,
		[PCI_SUBORDINATE_BUS] = 1, [PCI_CAPABILITY_LIST] = 0x40, [0x40] = PCI_CAP_ID_EXP,
		[0x42] = 0x42};
	uint8_t endpoint[256] = {0x34, 0x12, 0xe8, 0x11, [PCI_CLASS_DEVICE] = 0xff};
	struct pci_snapshot *snapshot;
	const struct pci_function *f;

	(void)state;
	put_config(s, "0000:00:02.0", port, sizeof(port));
	put_attributes(s, "0000:00:02.0", "0x060400\n");
	put_config(s, "0000:01:00.0", endpoint, sizeof(endpoint));
	put_attributes(s, "0000:01:00.0", "0x00ff00\n");
	scripted_file(s, "sys/bus/pci/devices/0000:01:00.0/reset_method", "flr bus\n");
	scripted_link(s, "sys/bus/pci/devices/0000:01:00.0/driver", "../../drivers/edu");
	assert_int_equal(pci_snapshot_read(&s->machine, NULL, &snapshot, NULL), 0);
	assert_int_equal(snapshot->count, 2);
	f = pci_find(snapshot, "0000:01:00.0");
	assert_string_equal(f->slot, "0000:01:00.0");
	assert_string_equal(f->driver, "edu");
	assert_int_equal(f->vendor, 0x1234);
	assert_int_equal(f->resets, PCI_RESET_FLR | PCI_RESET_BUS);
	assert_int_equal(f->express, -1);
	assert_int_equal(f->place, PCI_PLACE_PORT);
	assert_int_equal(f->parent->express, PCI_EXP_TYPE_ROOT_PORT);
	assert_int_equal(f->parent->class, 0x060400);
	assert_int_equal(f->parent->header, PCI_HEADER_TYPE_BRIDGE);
	talloc_free(snapshot);
	scripted_free(s);
}

static void test_no_pci(void **state)
{
	struct scripted *s = scripted_new();
	struct pci_snapshot *snapshot;

	(void)state;
	assert_int_equal(pci_snapshot_read(&s->machine, NULL, &snapshot, NULL), 0);
	assert_int_equal(snapshot->count, 0);
	talloc_free(snapshot);
	scripted_free(s);
}

static void test_behind(void **state)
{
	struct scripted *s = scripted_new();
	struct pci_snapshot *snap = snapshot_new(NULL);

	(void)state;
	snapshot_add(snap, "0000:00:00.0", 0x060000, NULL);
	snapshot_add(snap, "0000:00:02.0", 0x060400, NULL);
	snapshot_add(snap, "0000:01:00.0", 0x010802, NULL);
	scripted_link(s, "sys/class/block/nvme0n1",
		"../../devices/pci0000:00/0000:00:02.0/0000:01:00.0/nvme/nvme0/nvme0n1");
	scripted_link(
		s, "sys/class/tty/ttyS0", "../../devices/pnp0/00:00/00:00:0/00:00:0.0/tty/ttyS0");
	assert_ptr_equal(
		pci_behind(&s->machine, snap, "sys/class/block/nvme0n1"), &snap->functions[2]);
	assert_null(pci_behind(&s->machine, snap, "sys/class/tty/ttyS0"));
	assert_null(pci_behind(&s->machine, snap, "sys/class/none"));
	assert_string_equal(pci_device_path(&s->machine, snap, "sys/class/tty/ttyS0"),
		"pnp0/00:00/00:00:0/00:00:0.0/tty/ttyS0");
	scripted_link(s, "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0",
		"../../../pci0000:00/0000:00:02.0/nvme/nvme0");
	assert_string_equal(pci_device_path(&s->machine, snap,
				    "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0"),
		"pci0000:00/0000:00:02.0/nvme/nvme0");
	assert_null(pci_device_path(&s->machine, snap, "sys/class/none"));
	talloc_free(snap);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_lying_bridges),
		cmocka_unit_test(test_display_and_bridge),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_no_pci),
		cmocka_unit_test(test_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
