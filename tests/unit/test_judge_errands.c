// SPDX-License-Identifier: GPL-2.0-or-later
/* Errands must not do by another way what a device is protected from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scene.h"
#include "tests/unit/scripted.h"

/* A network card that carries a disk, one that does not, and their drivers' modules. */
static void draw(struct scene *scene)
{
	static const struct host_driver drivers[] = {
		{"e1000e", "e1000e"}, {"virtio-pci", "virtio_pci"}, {"ehci-pci", ""}};
	static struct pci_user users[] = {{.path = "pci0000:00/0000:00:02.0/net/eth0",
		.uses = PCI_USE_NETWORK,
		.use = "eth0 carries sda"}};
	struct pci_function *f = snapshot_add(scene->snapshot, "0000:00:02.0", 0x020000, "e1000e");

	f->uses = PCI_USE_NETWORK;
	f->use = "eth0 carries sda";
	snapshot_add(scene->snapshot, "0000:00:03.0", 0x020000, "virtio-pci");
	pci_link_tree(scene->snapshot);
	scene->snapshot->users = users;
	scene->snapshot->user_count = 1;
	scene->host.drivers = (struct host_driver *)(uintptr_t)drivers;
	scene->host.driver_count = 3;
}

/* What is said about the one errand; NULL if it is run. */
static const char *refusal(struct scene *scene, const char *rules, const char *step)
{
	char *text = talloc_asprintf(scene,
		"device { steps = { \"unbind\" } }\n%s\n"
		"arrange(function(m, s) table.insert(s, { %s }) return s end)\n",
		rules, step);
	struct plan *plan = scene_plan(scene, SCENE_RULES, text);

	assert_int_equal(plan->errand_count + plan->dropped_count, 1);
	return plan->dropped_count ? plan->dropped[0].reason : NULL;
}

static void a_module_stays_whose_device_is_left(void **state)
{
	struct scene *scene = *state;

	draw(scene);
	assert_string_equal(refusal(scene, "", "step = \"unload\", module = \"e1000e\""),
		"0000:00:02.0 is left, and e1000e, its driver, is in that module");
	assert_null(refusal(scene, "", "step = \"unload\", module = \"virtio-pci\""));
	assert_string_equal(refusal(scene, "device { slot = \"00:03.0\", leave = true }",
				    "step = \"unload\", module = \"virtio-pci\""),
		"0000:00:03.0 is left, and virtio-pci, its driver, is in that module");
	assert_null(refusal(scene, "device { use = \"network\", steps = { \"unbind\" } }",
		"step = \"unload\", module = \"e1000e\""));
}

static void an_interface_stays_up_that_carries_something(void **state)
{
	struct scene *scene = *state;

	draw(scene);
	assert_string_equal(refusal(scene, "", "step = \"link_down\", interface = \"eth0\""),
		"it is in use: eth0 carries sda");
	assert_null(refusal(scene, "", "step = \"link_down\", interface = \"eth1\""));
}

/* A rule that speaks of one use does not still what is in another. */
static void a_use_counts_for_itself_only(void **state)
{
	static const struct {
		unsigned int uses;
		const char *rule_use, *steps;
	} cases[] = {
		{PCI_USE_NETWORK, "network", "unbind"},
		{PCI_USE_NETWORK, "disk", "left"},
		{PCI_USE_NETWORK | PCI_USE_DISK, "network", "left"},
		{PCI_USE_NETWORK | PCI_USE_DISK, "any", "unbind"},
		{PCI_USE_NETWORK | PCI_USE_FRAMEBUFFER, "network", "unbind"},
		{PCI_USE_OPEN, "open", "unbind"},
		{PCI_USE_OPEN | PCI_USE_VFIO, "vfio", "left"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene *scene = scene_new(*state);
		char *rules = talloc_asprintf(scene,
			"device { leave = true } device { use = \"%s\", steps = { \"unbind\" } }",
			cases[i].rule_use);

		draw(scene);
		scene->snapshot->functions[0].uses = cases[i].uses;
		expect_steps(scene_plan(scene, SCENE_RULES, rules), "00:02.0", cases[i].steps);
	}
}

static void no_attribute_is_written_that_is_a_step(void **state)
{
	static const char *const names[] = {"driver/unbind", "reset", "remove", "enable",
		"sriov_numvfs", "driver_override", "config"};
	struct scene *scene = *state;

	draw(scene);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		scene_fails(scene,
			talloc_asprintf(scene,
				"arrange(function() return { { step = \"write\", value = \"1\", "
				"path = \"/sys/bus/pci/devices/0000:00:02.0/%s\" } } end)",
				names[i]),
			"x.lua:1: arrange returned as step 1 something wrong: path must be none by "
			"which a device is bound, unbound, reset or removed: there are steps for "
			"that, or it is nobody's to do");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_module_stays_whose_device_is_left, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			an_interface_stays_up_that_carries_something, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_use_counts_for_itself_only, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			no_attribute_is_written_that_is_a_step, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
