// SPDX-License-Identifier: GPL-2.0-or-later
/* Functions that a process holds through vfio. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "devices/usage.h"
#include "tests/unit/scripted.h"

struct fixture {
	struct scripted *s;
	struct pci_snapshot *snap;
};

static void join(struct fixture *f, const char *group, const char *member, const char *device)
{
	char path[160], target[200];

	snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%s/devices/%s", group, member);
	snprintf(target, sizeof(target), "../../../../devices/pci0000:00/%s", device);
	scripted_link(f->s, path, target);
}

/* Group 12: a port, a function with vfio-pci and one that has no driver; group 13: a virtual
 * function; group 20: a mediated device of the last function. */
static int setup(void **state)
{
	static const char *const drivers[] = {
		"pcieport", "vfio-pci", NULL, "mlx5_vfio_pci", "mlx5_core", "i915"};
	struct fixture *f = talloc_zero(NULL, struct fixture);

	f->s = scripted_new();
	f->snap = snapshot_new(f);
	for (int i = 0; i < 6; i++) {
		char slot[PCI_SLOT_MAX];

		snprintf(slot, sizeof(slot), "0000:00:%02x.0", i + 1);
		snapshot_add(f->snap, slot, 0x020000, drivers[i]);
		if (i < 4)
			join(f, i < 3 ? "12" : "13", slot, slot);
	}
	pci_link_tree(f->snap);
	f->snap->functions[3].physical = &f->snap->functions[4];
	join(f, "20", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001",
		"0000:00:06.0/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001");
	scripted_link(f->s, "sys/class/vfio-dev/vfio0",
		"../../devices/pci0000:00/0000:00:02.0/vfio-dev/vfio0");
	scripted_file(f->s, "proc/4711/comm", "qemu-system-x86\n");
	scripted_link(f->s, "proc/4711/fd/0", "/dev/null");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	scripted_free(f->s);
	return talloc_free(f);
}

/* Open a node in process 4711; then the functions that are marked, as in "2 3". */
static const char *marked_with(struct fixture *f, const char *node)
{
	char *text = talloc_strdup(f, "");

	scripted_link(f->s, "proc/4711/fd/9", node);
	assert_int_equal(usage_read(&f->s->machine, f->snap, NULL), 0);
	for (size_t i = 0; i < f->snap->count; i++)
		if (f->snap->functions[i].uses & PCI_USE_VFIO)
			text = talloc_asprintf_append(text, *text ? " %zu" : "%zu", i + 1);
	return text;
}

static void a_group(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(marked_with(f, "/dev/vfio/12"), "2");
	assert_string_equal(f->snap->functions[1].use,
		"held by a virtual machine or another vfio user (pid 4711 qemu-system-x86)");
}

static void a_group_without_iommu(void **state)
{
	assert_string_equal(marked_with(*state, "/dev/vfio/noiommu-12"), "2");
}

static void a_group_in_another_root(void **state)
{
	assert_string_equal(marked_with(*state, "/srv/jail/dev/vfio/12"), "2");
}

static void a_device_by_its_own_node(void **state)
{
	assert_string_equal(marked_with(*state, "/dev/vfio/devices/vfio0"), "2");
}

static void a_virtual_function_and_its_physical_one(void **state)
{
	assert_string_equal(marked_with(*state, "/dev/vfio/13"), "4 5");
}

static void the_parent_of_a_mediated_device(void **state)
{
	assert_string_equal(marked_with(*state, "/dev/vfio/20"), "6");
}

/* The container's node stands for no device, and a driver that nobody uses holds nothing. */
static void nothing_is_held(void **state)
{
	assert_string_equal(marked_with(*state, "/dev/vfio/vfio"), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_group),
		TEST(a_group_without_iommu),
		TEST(a_group_in_another_root),
		TEST(a_device_by_its_own_node),
		TEST(a_virtual_function_and_its_physical_one),
		TEST(the_parent_of_a_mediated_device),
		TEST(nothing_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
