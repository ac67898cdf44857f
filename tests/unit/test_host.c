// SPDX-License-Identifier: GPL-2.0-or-later
/* What machine it is, and who needs what is on its other buses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "devices/host.h"
#include "devices/utf8.h"
#include "tests/unit/tree.h"

#define XHCI "pci0000:00/0000:00:14.0"
#define STICK XHCI "/usb1/1-1/1-1.2/1-1.2:1.0/host6/target6:0:0/6:0:0:0"
#define SOC "platform/soc"

static struct tree new_tree(void)
{
	struct tree t;

	tree_new(&t);
	return t;
}

/* A device of a bus, at its place, with its driver. */
static void device(const struct tree *t, const char *bus, const char *place, const char *driver)
{
	const char *name = strrchr(place, '/') + 1;
	char path[256], target[256];

	snprintf(path, sizeof(path), "sys/devices/%s", place);
	tree_file(t, strcat(path, "/uevent"), "");
	snprintf(path, sizeof(path), "sys/bus/%s/devices/%s", bus, name);
	snprintf(target, sizeof(target), "../../../devices/%s", place);
	tree_link(t, path, target);
	if (!driver)
		return;
	snprintf(path, sizeof(path), "sys/devices/%s/driver", place);
	snprintf(target, sizeof(target), "../../bus/%s/drivers/%s", bus, driver);
	tree_link(t, path, target);
	snprintf(path, sizeof(path), "sys/bus/%s/drivers/%s/unbind", bus, driver);
	tree_file(t, path, "");
}

static void class(const struct tree *t, const char *class, const char *place)
{
	char path[256], target[256];

	snprintf(path, sizeof(path), "sys/class/%s/%s", class, strrchr(place, '/') + 1);
	snprintf(target, sizeof(target), "../../devices/%s", place);
	tree_link(t, path, target);
}

static void block(const struct tree *t, const char *place, const char *dev)
{
	char path[256];

	snprintf(path, sizeof(path), "sys/devices/%s/dev", place);
	tree_file(t, path, dev);
	class(t, "block", place);
}

static struct host *read_host(const struct tree *t)
{
	struct pci_snapshot *s = NULL;
	struct host *h = NULL;
	struct machine m;

	tree_machine(t, &m);
	assert_int_equal(pci_snapshot_read(&m, NULL, &s, NULL), 0);
	assert_int_equal(host_read(&m, s, NULL, &h, NULL), 0);
	machine_close(&m);
	talloc_free(s); /* the host does not need it */
	return h;
}

static const struct bus_device *other(const struct host *h, const char *bus, const char *name)
{
	for (size_t i = 0; i < h->other_count; i++)
		if (!strcmp(h->others[i].bus, bus) && !strcmp(h->others[i].name, name))
			return &h->others[i];
	fail_msg("no %s:%s", bus, name);
	return NULL;
}

static void check_use(const struct host *h, const char *bus, const char *name, unsigned int uses)
{
	assert_int_equal(other(h, bus, name)->uses, uses);
	assert_int_equal(other(h, bus, name)->use != NULL, uses != 0);
}

static void test_nothing(void **state)
{
	struct tree t = new_tree();
	struct host *h = read_host(&t);

	(void)state;
	assert_string_equal(h->vendor, "");
	assert_string_equal(h->bios, "");
	assert_string_equal(h->kernel, "");
	assert_string_equal(h->cmdline, "");
	assert_int_equal(h->other_count, 0);
	assert_int_equal(h->lockdown, PCI_LOCKDOWN_NONE);
	talloc_free(h);
	tree_remove(&t);
}

static void test_texts(void **state)
{
	struct tree t = new_tree();
	struct host *h;
	char longest[513];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[512] = '\0';
	memcpy(longest + 127, "\xc3\xa9", 2);
	tree_file(&t, "sys/class/dmi/id/sys_vendor", "Dell Inc.   \n");
	tree_file(&t, "sys/class/dmi/id/product_name", "Caf\xc3\xa9 \xff\x1b[1m\xc2\x9b \t\n");
	tree_file(&t, "sys/class/dmi/id/product_version", longest);
	tree_node(&t, "sys/class/dmi/id/board_name", S_IFDIR);
	tree_file(&t, "sys/class/dmi/id/bios_version", "   \n");
	tree_file(&t, "proc/sys/kernel/osrelease", "6.1.0-42-amd64\n");
	tree_file(&t, "proc/cmdline", "quiet  root=\xff \n");
	tree_file(&t, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	h = read_host(&t);
	assert_string_equal(h->vendor, "Dell Inc.");
	assert_string_equal(h->product, "Caf\xc3\xa9 ??[1m?");
	assert_int_equal(strlen(h->version), 127);
	assert_string_equal(h->board, "");
	assert_string_equal(h->bios, "");
	assert_string_equal(h->kernel, "6.1.0-42-amd64");
	assert_string_equal(h->cmdline, "quiet  root=\xff ");
	assert_int_equal(h->lockdown, PCI_LOCKDOWN_INTEGRITY);
	talloc_free(h);
	tree_remove(&t);
}

/* A stick that is mounted and a keyboard on hubs of one controller. */
static void test_usb(void **state)
{
	struct tree t = new_tree();
	struct host *h;

	(void)state;
	tree_node(&t, "sys/devices/pci0000:00", S_IFDIR);
	tree_link(&t, "sys/bus/pci/devices/0000:00:14.0", "../../../devices/" XHCI);
	tree_file(&t, "sys/devices/" XHCI "/class", "0x0c0330\n");
	device(&t, "usb", XHCI "/usb1", "usb");
	device(&t, "usb", XHCI "/usb1/1-0:1.0", "hub");
	device(&t, "usb", XHCI "/usb1/1-1", "usb");
	device(&t, "usb", XHCI "/usb1/1-1/1-1:1.0", "hub");
	device(&t, "usb", XHCI "/usb1/1-1/1-1.2", "usb");
	device(&t, "usb", XHCI "/usb1/1-1/1-1.2/1-1.2:1.0", "usb-storage");
	device(&t, "scsi", STICK, "sd");
	device(&t, "usb", XHCI "/usb1/1-2", "usb");
	device(&t, "usb", XHCI "/usb1/1-2/1-2:1.0", "usbhid");
	device(&t, "usb", XHCI "/usb1/1-3", NULL);
	device(&t, "usb", XHCI "/usb1/1-20", "usb");
	device(&t, "usb", XHCI "/usb1/1-20/1-20:1.0", "hub");
	block(&t, STICK "/block/sda/sda1", "8:1\n");
	tree_file(&t, "proc/self/mountinfo", "1 1 8:1 / /mnt rw - ext4 /dev/sda1 rw\n");
	h = read_host(&t);
	assert_int_equal(h->other_count, 11);
	check_use(h, "scsi", "6:0:0:0", PCI_USE_DISK);
	check_use(h, "usb", "1-1.2:1.0", PCI_USE_DISK);
	check_use(h, "usb", "1-1.2", PCI_USE_DISK);
	check_use(h, "usb", "1-1:1.0", PCI_USE_DISK);
	check_use(h, "usb", "1-1", PCI_USE_DISK);
	check_use(h, "usb", "1-0:1.0", PCI_USE_DISK);
	check_use(h, "usb", "usb1", PCI_USE_DISK);
	check_use(h, "usb", "1-2", 0);
	check_use(h, "usb", "1-2:1.0", 0);
	check_use(h, "usb", "1-20:1.0", 0);
	assert_string_equal(other(h, "usb", "1-1.2")->use, "sda1 is mounted on /mnt");
	assert_string_equal(other(h, "usb", "1-1.2")->driver, "usb");
	assert_string_equal(other(h, "usb", "1-2:1.0")->behind, "0000:00:14.0");
	talloc_free(h);
	tree_remove(&t);
}

/* No PCI at all: an SD card, a virtio disk, a serial console, a watchdog, and what is unused. */
static void test_platform(void **state)
{
	struct tree t = new_tree();
	struct host *h;

	(void)state;
	device(&t, "platform", SOC "/fe340000.mmc", "sdhci-iproc");
	device(&t, "mmc", SOC "/fe340000.mmc/mmc_host/mmc0/mmc0:0001", "mmcblk");
	block(&t, SOC "/fe340000.mmc/mmc_host/mmc0/mmc0:0001/block/mmcblk0/mmcblk0p2", "179:2\n");
	device(&t, "platform", SOC "/fe340000.mmc2", "sdhci-iproc");
	device(&t, "platform", "platform/a003e00.virtio_mmio", "virtio-mmio");
	device(&t, "virtio", "platform/a003e00.virtio_mmio/virtio0", "virtio_blk");
	block(&t, "platform/a003e00.virtio_mmio/virtio0/block/vda", "254:0\n");
	device(&t, "platform", SOC "/fe201000.serial", "uart-pl011");
	class(&t, "tty", SOC "/fe201000.serial/tty/ttyAMA0");
	device(&t, "platform", SOC "/fe100000.watchdog", "bcm2835-wdt");
	class(&t, "watchdog", SOC "/fe100000.watchdog/watchdog/watchdog0");
	tree_file(&t, "proc/self/mountinfo",
		"1 1 179:2 / / rw - ext4 /dev/mmcblk0p2 rw\n"
		"2 1 254:0 / /srv rw - ext4 /dev/vda rw\n");
	tree_file(&t, "proc/consoles", "ttyAMA0  -W- (EC p a)  204:64\n");
	h = read_host(&t);
	check_use(h, "platform", "fe340000.mmc", PCI_USE_DISK);
	check_use(h, "mmc", "mmc0:0001", PCI_USE_DISK);
	check_use(h, "platform", "fe340000.mmc2", 0);
	check_use(h, "platform", "a003e00.virtio_mmio", PCI_USE_DISK);
	check_use(h, "virtio", "virtio0", PCI_USE_DISK);
	check_use(h, "platform", "fe201000.serial", PCI_USE_CONSOLE);
	check_use(h, "platform", "fe100000.watchdog", PCI_USE_WATCHDOG);
	assert_null(other(h, "mmc", "mmc0:0001")->behind);
	assert_true(other(h, "mmc", "mmc0:0001")->can_unbind);
	talloc_free(h);
	tree_remove(&t);
}

/* The interface stands below the function; its driver is bound to a device beside it. A second
 * function has a user below a device, and one that nothing leads to. */
static void test_shared(void **state)
{
	struct tree t = new_tree();
	struct host *h;

	(void)state;
	tree_node(&t, "sys/devices/pci0000:00", S_IFDIR);
	tree_link(
		&t, "sys/bus/pci/devices/0000:00:01.0", "../../../devices/pci0000:00/0000:00:01.0");
	tree_file(&t, "sys/devices/pci0000:00/0000:00:01.0/class", "0x020000\n");
	device(&t, "auxiliary", "pci0000:00/0000:00:01.0/mlx5_core.eth.0", "mlx5_core.eth");
	class(&t, "net", "pci0000:00/0000:00:01.0/net/eth0");
	tree_node(&t, "sys/devices/pci0000:00/0000:00:01.0/net", S_IFDIR);
	tree_file(&t, "sys/devices/pci0000:00/0000:00:01.0/net/eth0/device", "");
	tree_file(&t, "proc/consoles", "netcon0  -W- (E  p  )\n");
	tree_file(&t, "proc/cmdline", "netconsole=@/eth0,@192.0.2.1/");
	tree_link(
		&t, "sys/bus/pci/devices/0000:00:02.0", "../../../devices/pci0000:00/0000:00:02.0");
	tree_file(&t, "sys/devices/pci0000:00/0000:00:02.0/class", "0x060100\n");
	tree_link(&t, "sys/devices/pci0000:00/0000:00:02.0/driver", "../../bus/pci/drivers/wdt");
	device(&t, "platform", "pci0000:00/0000:00:02.0/serial.0", "serial8250");
	device(&t, "platform", "pci0000:00/0000:00:02.0/gpio.0", "gpio");
	class(&t, "tty", "pci0000:00/0000:00:02.0/serial.0/tty/netcon0");
	class(&t, "watchdog", "virtual/watchdog/watchdog0");
	tree_file(&t, "sys/devices/virtual/watchdog/watchdog0/identity", "wdt\n");
	h = read_host(&t);
	check_use(h, "auxiliary", "mlx5_core.eth.0", PCI_USE_NETWORK);
	check_use(h, "platform", "serial.0", PCI_USE_CONSOLE | PCI_USE_WATCHDOG);
	check_use(h, "platform", "gpio.0", PCI_USE_WATCHDOG);
	talloc_free(h);
	tree_remove(&t);
}

/* Links that lead in circles, out of the tree, or nowhere; names that no kernel makes. */
static void test_hostile(void **state)
{
	struct tree t = new_tree();
	struct host *h;
	char longest[400];

	(void)state;
	memset(longest, 'd', sizeof(longest));
	longest[399] = '\0';
	tree_link(&t, "sys/bus/a/devices/loop", "loop");
	tree_link(&t, "sys/bus/b/devices", "../b/devices");
	tree_link(&t, "sys/bus/c/devices/out/driver", "/etc/passwd/");
	tree_link(&t, "sys/bus/c/devices/long/driver", longest);
	tree_file(&t, "sys/bus/c/devices/file/driver", "no link");
	tree_link(&t, "sys/bus/d/devices/nowhere", "../../../devices/nowhere");
	tree_link(&t, "sys/class/block/odd", "////..//");
	tree_file(&t, "sys/bus/e", "");
	tree_file(&t, "proc/swaps", "Filename\n/dev/odd partition\n");
	/* A directory and no link: it has no place. */
	tree_link(&t, "sys/bus/z/devices/real/driver", "../drivers/real");
	h = read_host(&t);
	assert_int_equal(h->other_count, 1);
	check_use(h, "z", "real", 0);
	talloc_free(h);
	tree_remove(&t);
}

static void test_many(void **state)
{
	struct tree t = new_tree();
	struct host *h;
	char path[64];

	(void)state;
	for (int i = 0; i < HOST_OTHERS_MAX + 3; i++) {
		snprintf(path, sizeof(path), "sys/bus/%c/devices/d%04d", i % 2 ? 'b' : 'a', i);
		tree_link(&t, path, "../../../devices/one");
	}
	tree_link(&t, "sys/devices/one/driver", "../../drivers/x");
	h = read_host(&t);
	assert_int_equal(h->other_count, HOST_OTHERS_MAX);
	assert_int_equal(h->left_out, 3);
	for (size_t i = 1; i < h->other_count; i++) {
		int order = strcmp(h->others[i - 1].bus, h->others[i].bus);

		assert_true(order < 0 ||
			    (order == 0 && strcmp(h->others[i - 1].name, h->others[i].name) < 0));
	}
	talloc_free(h);
	tree_remove(&t);
}

static void test_clean(void **state)
{
	static const struct {
		const char *text;
		size_t limit;
		const char *clean;
	} cases[] = {
		{"", 8, ""},
		{" a ", 8, " a"},
		{"\t\n", 8, ""},
		{"a\tb", 8, "a?b"},
		{"\xc3", 8, "?"},
		{"\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80"},
		{"\xf0\x9f\x98\x80", 3, ""},
		{"abc d", 4, "abc"},
		{"\xc0\x80\xed\xa0\x80\xf5", 16, "??????"},
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		strcpy(text, cases[i].text);
		utf8_clean(text, cases[i].limit);
		assert_string_equal(text, cases[i].clean);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_usb),
		cmocka_unit_test(test_platform),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
