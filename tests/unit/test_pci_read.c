// SPDX-License-Identifier: GPL-2.0-or-later
/* A machine of files, read whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/pci.h"
#include "tests/unit/tree.h"

#define DEVICES "sys/bus/pci/devices/"

static void attribute(const struct tree *t, const char *slot, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), DEVICES "%s/%s", slot, name);
	tree_file(t, path, text);
}

static void link_to(const struct tree *t, const char *slot, const char *name, const char *target)
{
	char path[256];

	snprintf(path, sizeof(path), DEVICES "%s/%s", slot, name);
	tree_link(t, path, target);
}

static void config(const struct tree *t, const char *slot, const void *bytes, size_t len)
{
	char path[256];
	int fd;

	attribute(t, slot, "config", "");
	snprintf(path, sizeof(path), DEVICES "%s/config", slot);
	fd = openat(t->fd, path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static struct pci_snapshot *read_machine(const struct tree *t)
{
	struct pci_snapshot *s = NULL;
	struct machine m;

	tree_machine(t, &m);
	assert_int_equal(pci_snapshot_read(&m, NULL, &s, NULL), 0);
	machine_close(&m);
	return s;
}

/* A root port with a network card of one virtual function, and a controller with its own domain. */
static void make_functions(const struct tree *t)
{
	uint8_t port[256] = {0x86, 0x80, 0x34,
		0x12, [PCI_STATUS] = PCI_STATUS_CAP_LIST, [PCI_CLASS_DEVICE] = 0x04,
		[PCI_CLASS_DEVICE + 1] = 0x06, [PCI_HEADER_TYPE] = 0x81, [PCI_SECONDARY_BUS] = 1,
		[PCI_SUBORDINATE_BUS] = 2, [PCI_CAPABILITY_LIST] = 0x40, [0x40] = PCI_CAP_ID_EXP,
		[0x42] = 0x42};
	uint8_t card[4096] = {0x86, 0x80, 0x72, 0x15, [PCI_STATUS] = PCI_STATUS_CAP_LIST,
		[PCI_CLASS_DEVICE + 1] = 0x02, [PCI_CAPABILITY_LIST] = 0x40,
		[0x40] = PCI_CAP_ID_EXP, [0x42] = 0x02, [0x47] = 0x10,
		[0x100] = PCI_EXT_CAP_ID_SRIOV, [0x102] = 0x01, [0x108] = PCI_SRIOV_CTRL_VFE,
		[0x10e] = 8, [0x110] = 1};
	uint8_t vf[256] = {0xff, 0xff, 0xff, 0xff, [PCI_CLASS_DEVICE + 1] = 0x02};
	uint8_t nvme[64] = {0x4d, 0x14, 0x80,
		0xa8, [PCI_CLASS_PROG] = 0x02, [PCI_CLASS_DEVICE] = 0x08,
		[PCI_CLASS_DEVICE + 1] = 0x01};

	config(t, "0000:00:02.0", port, sizeof(port));
	config(t, "0000:01:00.0", card, sizeof(card));
	config(t, "0000:02:02.0", vf, sizeof(vf));
	config(t, "0000:00:0e.0", nvme, sizeof(nvme));
	tree_link(t, DEVICES "10000:00:00.0",
		"../../../devices/pci0000:00/0000:00:0e.0/pci10000:00/10000:00:00.0");
	tree_node(t, "sys/devices", S_IFDIR);
	tree_file(t, "sys/devices/pci0000:00/0000:00:0e.0/pci10000:00/10000:00:00.0/class",
		"0x060400\n");
}

static void make_attributes(const struct tree *t)
{
	attribute(t, "0000:00:02.0", "reset_subordinate", "");
	attribute(t, "0000:01:00.0", "reset_method", "flr bus made_up pm\n");
	attribute(t, "0000:01:00.0", "power_state", "D3hot\n");
	attribute(t, "0000:01:00.0", "numa_node", "1\n");
	attribute(t, "0000:01:00.0", "sriov_numvfs", "1\n");
	link_to(t, "0000:01:00.0", "iommu_group", "../../../kernel/iommu_groups/13");
	link_to(t, "0000:01:00.0", "driver", "../../drivers/igb");
	link_to(t, "0000:01:00.0", "consumer:pci:0000:00:0e.0", "../../x");
	link_to(t, "0000:01:00.0", "consumer:pci:0000:77:00.0", "../../x");
	link_to(t, "0000:01:00.0", "consumer:platform:x", "../../x");
	/* Only for power management: nobody is unbound for it. */
	link_to(t, "0000:01:00.0", "consumer:pci:0000:00:02.0", "../../link");
	tree_file(t, "sys/bus/pci/link/status", "not tracked\n");
	tree_file(t, "sys/bus/pci/drivers/igb/unbind", "");
	link_to(t, "0000:00:0e.0", "driver", "../../drivers/fixed");
	tree_node(t, "sys/bus/pci/drivers/fixed", S_IFDIR);
	attribute(t, "0000:02:02.0", "vendor", "0x8086\n");
	attribute(t, "0000:02:02.0", "device", "0x154c\n");
	link_to(t, "0000:02:02.0", "physfn", "../0000:01:00.0");
	tree_file(t, "sys/bus/pci/slots/7-1/address", "0000:01:00\n");
	tree_file(t, "sys/bus/pci/slots/8/address", "0000:02\n");
	tree_file(t, "sys/bus/pci/slots/9/address", "nonsense\n");
	tree_file(t, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	tree_link(t, DEVICES "0000:05:00.0", "../../../devices/gone");
	tree_file(t, DEVICES "readme", "");
}

static void check_card(const struct pci_snapshot *s)
{
	const struct pci_function *f = pci_find(s, "01:00.0");

	assert_int_equal(f->vendor, 0x8086);
	assert_int_equal(f->class, 0x020000);
	assert_int_equal(f->express, PCI_EXP_TYPE_ENDPOINT);
	assert_int_equal(f->config_len, 4096);
	assert_int_equal(f->config[0x100], PCI_EXT_CAP_ID_SRIOV);
	assert_true(f->caps.has & PCI_HAS_SRIOV && f->caps.has & PCI_HAS_FLR);
	assert_string_equal(f->reset_method, "flr bus made_up pm");
	assert_int_equal(f->resets, PCI_RESET_FLR | PCI_RESET_BUS | PCI_RESET_PM);
	assert_int_equal(f->power_state, 3);
	assert_int_equal(f->numa_node, 1);
	assert_int_equal(f->vf_count, 1);
	assert_int_equal(f->iommu_group, 13);
	assert_string_equal(f->driver, "igb");
	assert_true(f->can_unbind);
	assert_string_equal(f->hotplug_slot, "7-1");
	assert_int_equal(f->consumer_count, 1);
	assert_ptr_equal(f->consumers[0], pci_find(s, "00:0e.0"));
	assert_int_equal(f->place, PCI_PLACE_PORT);
}

static void test_whole(void **state)
{
	struct tree t;
	struct pci_snapshot *s;
	const struct pci_function *f;

	(void)state;
	tree_new(&t);
	make_functions(&t);
	make_attributes(&t);
	s = read_machine(&t);
	assert_int_equal(s->count, 5);
	assert_int_equal(s->lockdown, PCI_LOCKDOWN_INTEGRITY);
	check_card(s);
	f = pci_find(s, "00:02.0");
	assert_true(f->has_subordinate_reset);
	assert_null(f->reset_method);
	assert_int_equal(f->power_state, -1);
	assert_int_equal(f->iommu_group, -1);
	f = pci_find(s, "02:02.0");
	assert_int_equal(f->device, 0x154c);
	assert_ptr_equal(f->physical, pci_find(s, "01:00.0"));
	assert_ptr_equal(f->parent, pci_find(s, "00:02.0"));
	assert_string_equal(f->hotplug_slot, "8");
	f = pci_find(s, "00:0e.0");
	assert_string_equal(f->driver, "fixed");
	assert_false(f->can_unbind);
	assert_null(f->hotplug_slot);
	/* Its configuration space cannot be read: sysfs knows the class. */
	f = pci_find(s, "10000:00:00.0");
	assert_int_equal(f->class, 0x060400);
	assert_int_equal(f->config_len, 0);
	assert_int_equal(f->vendor, 0xffff);
	assert_ptr_equal(f->parent, pci_find(s, "00:0e.0"));
	assert_int_equal(f->place, PCI_PLACE_ROOT);
	talloc_free(s);
	tree_remove(&t);
}

static void check_subsystem(
	const struct pci_snapshot *s, const char *slot, uint16_t vendor, uint16_t device)
{
	assert_int_equal(pci_find(s, slot)->subsystem_vendor, vendor);
	assert_int_equal(pci_find(s, slot)->subsystem_device, device);
}

/* The card's ids: in each kind of header, in a bridge's capability, and from sysfs where the bytes
 * cannot be read or say nothing. */
static void test_subsystem(void **state)
{
	uint8_t nic[256] = {0x86, 0x80, 0x72, 0x15, [0x2c] = 0x28, 0x10, 0x34, 0x12};
	uint8_t nobody[256] = {0x86, 0x80, 0x72, 0x15, [0x2c] = 0xff, 0xff, 0xff, 0xff};
	uint8_t cardbus[128] = {
		0x80, 0x11, 0x76, 0x04, [PCI_HEADER_TYPE] = 2, [0x40] = 0xaa, 0x17, 0xcb, 0x20};
	uint8_t bridge[256] = {0x86, 0x80, 0x34,
		0x12, [PCI_STATUS] = PCI_STATUS_CAP_LIST, [PCI_HEADER_TYPE] = 1,
		[PCI_CAPABILITY_LIST] = 0x40, [0x40] = PCI_CAP_ID_SSVID, [0x44] = 0x36, 0x1b, 0x02};
	uint8_t plain[256] = {
		0x86, 0x80, 0x34, 0x12, [PCI_HEADER_TYPE] = 1, [0x2c] = 0x11, 0x22, 0x33, 0x44};
	uint8_t off[256];
	struct tree t;
	struct pci_snapshot *s;

	(void)state;
	memset(off, 0xff, sizeof(off));
	tree_new(&t);
	config(&t, "0000:00:01.0", nic, sizeof(nic));
	attribute(&t, "0000:00:01.0", "subsystem_vendor", "0x9999\n");
	config(&t, "0000:00:02.0", nobody, sizeof(nobody));
	config(&t, "0000:00:03.0", cardbus, sizeof(cardbus));
	config(&t, "0000:00:04.0", bridge, sizeof(bridge));
	config(&t, "0000:00:05.0", plain, sizeof(plain));
	config(&t, "0000:00:06.0", bridge, 64);
	config(&t, "0000:00:07.0", cardbus, 64);
	config(&t, "0000:00:08.0", off, sizeof(off));
	bridge[0x40] = PCI_CAP_ID_PM; /* its SSVID would end beyond the last byte */
	bridge[0x41] = 0xfc;
	bridge[0xfc] = PCI_CAP_ID_SSVID;
	config(&t, "0000:00:09.0", bridge, sizeof(bridge));
	for (char slot[] = "0000:00:06.0"; slot[9] < '9'; slot[9]++) {
		attribute(&t, slot, "subsystem_vendor", "0x1af4\n");
		attribute(&t, slot, "subsystem_device", "0x0008\n");
	}
	s = read_machine(&t);
	check_subsystem(s, "00:01.0", 0x1028, 0x1234);
	check_subsystem(s, "00:02.0", 0, 0);
	check_subsystem(s, "00:03.0", 0x17aa, 0x20cb);
	check_subsystem(s, "00:04.0", 0x1b36, 0x0002);
	check_subsystem(s, "00:05.0", 0, 0);
	for (const char *const *slot = (const char *const[]){"00:06.0", "00:07.0", "00:08.0", NULL};
		*slot; slot++)
		check_subsystem(s, *slot, 0x1af4, 8);
	check_subsystem(s, "00:09.0", 0, 0);
	talloc_free(s);
	tree_remove(&t);
}

/* Links that lie must not make a circle. */
static void test_circles(void **state)
{
	struct tree t;
	struct pci_snapshot *s;

	(void)state;
	tree_new(&t);
	attribute(&t, "0000:00:01.0", "class", "0x020000\n");
	attribute(&t, "0000:00:02.0", "class", "0x020000\n");
	link_to(&t, "0000:00:01.0", "physfn", "../0000:00:02.0");
	link_to(&t, "0000:00:02.0", "physfn", "../0000:00:02.0");
	link_to(&t, "0000:00:02.0", "consumer:pci:0000:00:02.0", "x");
	tree_file(&t, "sys/devices/10001:00:00.0/class", "");
	tree_link(&t, DEVICES "10001:00:00.0", "../../../devices/10001:00:00.0/10001:00:00.0");
	tree_file(&t, "sys/devices/10001:00:00.0/10001:00:00.0/class", "");
	s = read_machine(&t);
	assert_int_equal(s->count, 3);
	for (size_t i = 0; i < s->count; i++) {
		assert_null(s->functions[i].physical);
		assert_null(s->functions[i].parent);
		assert_int_equal(s->functions[i].consumer_count, 0);
	}
	talloc_free(s);
	tree_remove(&t);
}

static void test_lockdown(void **state)
{
	static const struct {
		const char *text;
		enum pci_lockdown lockdown;
	} cases[] = {
		{"[none] integrity confidentiality\n", PCI_LOCKDOWN_NONE},
		{"none integrity [confidentiality]\n", PCI_LOCKDOWN_CONFIDENTIALITY},
		{"", PCI_LOCKDOWN_NONE},
	};
	struct tree t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pci_snapshot *s;

		tree_new(&t);
		tree_file(&t, "sys/kernel/security/lockdown", cases[i].text);
		s = read_machine(&t);
		assert_int_equal(s->count, 0);
		assert_int_equal(s->lockdown, cases[i].lockdown);
		talloc_free(s);
		tree_remove(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_subsystem),
		cmocka_unit_test(test_circles),
		cmocka_unit_test(test_lockdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
