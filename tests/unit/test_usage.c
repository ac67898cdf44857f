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

#include "devices/usage.h"
#include "tests/unit/scripted.h"

struct fixture {
	struct scripted *s;
	struct pci_snapshot *snap;
};

static void disk(struct scripted *s, const char *name, const char *on, const char *dev)
{
	char path[128], target[160];

	snprintf(path, sizeof(path), "sys/class/block/%s", name);
	snprintf(target, sizeof(target), "../../devices/pci0000:00/%s/block/%s", on, name);
	scripted_link(s, path, target);
	snprintf(path, sizeof(path), "sys/devices/pci0000:00/%s/block/%s/dev", on, name);
	scripted_file(s, path, dev);
}

static struct fixture make(void)
{
	static const char *const slots[] = {"0000:00:01.0", "0000:00:02.0", "0000:00:03.0",
		"0000:00:04.0", "0000:00:05.0", "0000:00:06.0"};
	struct fixture f = {scripted_new(), snapshot_new(NULL)};

	for (size_t i = 0; i < 6; i++)
		snapshot_add(f.snap, slots[i], 0x010802, "driver");
	pci_link_tree(f.snap);
	disk(f.s, "sda1", "0000:00:01.0", "8:1\n");
	disk(f.s, "sdb", "0000:00:02.0", "8:16\n");
	disk(f.s, "sdc2", "0000:00:03.0", "8:34\n");
	disk(f.s, "sdd", "0000:00:04.0", "8:48\n");
	return f;
}

static void end(struct fixture *f)
{
	talloc_free(f->snap);
	scripted_free(f->s);
}

static const char *use(const struct fixture *f, size_t i)
{
	return f->snap->functions[i].use;
}

static void test_mount_swap_holder(void **state)
{
	struct fixture f = make();

	(void)state;
	scripted_file(f.s, "proc/7/ns/mnt", "");
	scripted_file(f.s, "proc/7/mountinfo", "1 1 8:1 / /srv rw - xfs /dev/sda1 rw\n");
	scripted_file(f.s, "proc/swaps", "Filename\n/dev/sdb partition\n");
	scripted_file(f.s, "sys/devices/pci0000:00/0000:00:03.0/block/sdc2/holders/dm-0", "");
	assert_int_equal(usage_read(&f.s->machine, f.snap, NULL), 0);
	assert_string_equal(use(&f, 0), "sda1 is mounted on /srv");
	assert_string_equal(use(&f, 1), "sdb is swap");
	assert_string_equal(use(&f, 2), "sdc2 is part of dm-0");
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(f.snap->functions[i].uses, PCI_USE_DISK);
	assert_null(use(&f, 3));
	assert_int_equal(f.snap->functions[3].uses, 0);
	end(&f);
}

static void test_btrfs_by_its_source(void **state)
{
	struct fixture f = make();

	(void)state;
	scripted_file(f.s, "proc/self/mountinfo", "1 1 0:30 / /b rw - btrfs /dev/sdd rw\n");
	scripted_file(f.s, "proc/version", "");
	assert_int_equal(usage_read(&f.s->machine, f.snap, NULL), 0);
	assert_string_equal(use(&f, 3), "sdd is mounted on /b");
	end(&f);
}

/* Behind NVMe multipath the disk is a child of a virtual subsystem that links its controllers. */
static void test_nvme_subsystem(void **state)
{
	struct fixture f = make();
	const char *sub = "sys/devices/virtual/nvme-subsystem/nvme-subsys0";
	char path[160];

	(void)state;
	snprintf(path, sizeof(path), "%s/nvme0n1/nvme0n1p1/dev", sub);
	scripted_file(f.s, path, "259:1\n");
	snprintf(path, sizeof(path), "%s/nvme0n1/dev", sub);
	scripted_file(f.s, path, "259:0\n");
	snprintf(path, sizeof(path), "%s/nvme0n1/device", sub);
	scripted_link(f.s, path, "../../nvme-subsys0");
	snprintf(path, sizeof(path), "%s/nvme0", sub);
	scripted_link(f.s, path, "../../../pci0000:00/0000:00:05.0/nvme/nvme0");
	scripted_link(f.s, "sys/class/block/nvme0n1",
		"../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");
	scripted_link(f.s, "sys/class/block/nvme0n1p1",
		"../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/nvme0n1p1");
	scripted_file(f.s, "proc/self/mountinfo", "1 1 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n");
	assert_int_equal(usage_read(&f.s->machine, f.snap, NULL), 0);
	assert_string_equal(use(&f, 4), "nvme0n1p1 is mounted on /");
	end(&f);
}

static void test_console_watchdog_display(void **state)
{
	struct fixture f = make();

	(void)state;
	scripted_file(
		f.s, "proc/consoles", "tty0   -WU (EC p  )  4:7\nttyS4  -W- (E  p  )  4:68\n");
	scripted_link(
		f.s, "sys/class/tty/ttyS4", "../../devices/pci0000:00/0000:00:04.0/tty/ttyS4");
	scripted_link(f.s, "sys/class/watchdog/watchdog0",
		"../../devices/pci0000:00/0000:00:05.0/watchdog/watchdog0");
	scripted_link(
		f.s, "sys/class/drm/card0", "../../devices/pci0000:00/0000:00:01.0/drm/card0");
	scripted_link(f.s, "sys/class/drm/card1-VGA-1",
		"../../devices/pci0000:00/0000:00:06.0/drm/card1/card1-VGA-1");
	assert_int_equal(usage_read(&f.s->machine, f.snap, NULL), 0);
	assert_int_equal(f.snap->functions[3].uses, PCI_USE_CONSOLE);
	assert_int_equal(f.snap->functions[4].uses, PCI_USE_WATCHDOG);
	assert_string_equal(use(&f, 4), "carries watchdog0");
	assert_int_equal(f.snap->functions[5].uses, PCI_USE_FRAMEBUFFER);
	assert_int_equal(f.snap->functions[0].uses, 0);
	end(&f);
}

/* i6300esb gives its watchdog no parent: it is known by its name, or by its module. */
static void test_virtual_watchdog(void **state)
{
	struct fixture f = make();

	(void)state;
	f.snap->functions[1].driver = "i6300ESB timer";
	f.snap->functions[2].driver = "other";
	scripted_link(
		f.s, "sys/class/watchdog/watchdog0", "../../devices/virtual/watchdog/watchdog0");
	scripted_file(f.s, "sys/devices/virtual/watchdog/watchdog0/identity", "i6300ESB timer\n");
	scripted_link(f.s, "sys/bus/pci/drivers/other/module", "../../../../module/other_wdt");
	scripted_link(f.s, "sys/module/watchdog/holders/other_wdt", "../../other_wdt");
	assert_int_equal(usage_read(&f.s->machine, f.snap, NULL), 0);
	assert_int_equal(f.snap->functions[0].uses, 0);
	assert_int_equal(f.snap->functions[1].uses, PCI_USE_WATCHDOG);
	assert_int_equal(f.snap->functions[2].uses, PCI_USE_WATCHDOG);
	end(&f);
}

/* A disk in a PCI domain of its own, below Intel's VMD: both are in use. */
static void test_disk_below_vmd(void **state)
{
	struct fixture f = make();
	struct pci_function *nvme;

	(void)state;
	nvme = snapshot_add(f.snap, "10000:e1:00.0", 0x010802, "nvme");
	nvme->parent = &f.snap->functions[5];
	scripted_link(f.s, "sys/class/block/nvme0n1",
		"../../devices/pci0000:00/0000:00:06.0/pci10000:e1/10000:e1:00.0/nvme/nvme0/"
		"nvme0n1");
	scripted_file(f.s,
		"sys/devices/pci0000:00/0000:00:06.0/pci10000:e1/10000:e1:00.0/nvme/nvme0/nvme0n1/"
		"dev",
		"259:0\n");
	scripted_file(f.s, "proc/self/mountinfo", "1 1 259:0 / / rw - ext4 /dev/nvme0n1 rw\n");
	assert_int_equal(usage_read(&f.s->machine, f.snap, NULL), 0);
	assert_string_equal(nvme->use, "nvme0n1 is mounted on /");
	assert_int_equal(f.snap->functions[5].uses, PCI_USE_DISK);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mount_swap_holder),
		cmocka_unit_test(test_btrfs_by_its_source),
		cmocka_unit_test(test_nvme_subsystem),
		cmocka_unit_test(test_console_watchdog_display),
		cmocka_unit_test(test_virtual_watchdog),
		cmocka_unit_test(test_disk_below_vmd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
