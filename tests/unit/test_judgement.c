// SPDX-License-Identifier: GPL-2.0-or-later
/* What C takes away from rules that ask for too much: topology, kernel, quirks, and what hangs on
 * what is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/scripted.h"
#include "tests/unit/sketch.h"

static void a_display_blocks_only_its_own_port(void **state)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 4, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x060400, UP, 2, 4, "pcieport", 0, 0, NULL},
		{"02:00.0", 0x060400, DOWN, 3, 3, "pcieport", 0, 0, NULL},
		{"02:01.0", 0x060400, DOWN, 4, 4, "pcieport", 0, 0, NULL},
		{"03:00.0", 0x030000, ENDPOINT, 0, 0, "amdgpu", 0, PCI_USE_FRAMEBUFFER,
			"shows fb0"},
		{"03:00.1", 0x040300, ENDPOINT, 0, 0, "snd_hda_intel", 0, 0, NULL},
		{"04:00.0", 0x010802, ENDPOINT, 0, 0, "nvme", PCI_RESET_BUS, 0, NULL},
	};
	struct plan *plan = SKETCH_PLAN(*state, "", tree);

	expect_steps(plan, "03:00.0", "left");
	expect_steps(plan, "03:00.1", "unbind disable mask");
	expect_reason(plan, "03:00.1",
		"it must be still before the jump; no bus: its port also leads to a display");
	expect_steps(plan, "04:00.0", "unbind bus disable mask");
}

static void a_bridge_blocks_its_port_even_when_a_rule_gives_it_up(void **state)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 2, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x060400, UP, 2, 2, "pcieport", PCI_RESET_BUS, 0, NULL},
		{"01:00.1", 0x088000, ENDPOINT, 0, 0, "dma", PCI_RESET_BUS, 0, NULL},
	};
	struct plan *plan = SKETCH_PLAN(
		*state, "device { class = \"bridge\", leave = false }", tree);

	expect_steps(plan, "01:00.0", "unbind");
	expect_steps(plan, "01:00.1", "unbind disable mask");
	expect_reason(plan, "01:00.1",
		"it must be still before the jump; no bus: its port also leads to a bridge");
}

static void a_controller_that_only_computes_is_no_display(void **state)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
		{"00:02.0", 0x060400, PORT, 2, 2, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x030200, ENDPOINT, 0, 0, "habanalabs", PCI_RESET_BUS, 0, NULL},
		{"02:00.0", 0x030200, ENDPOINT, 0, 0, "habanalabs", PCI_RESET_BUS,
			PCI_USE_FRAMEBUFFER, "drives the connector card0-eDP-1"},
	};
	struct plan *plan = SKETCH_PLAN(*state, "", tree);

	expect_steps(plan, "01:00.0", "unbind bus disable mask");
	expect_steps(plan, "02:00.0", "left");
}

static const struct sketch multifunction[] = {
	{"00:01.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
	{"00:02.0", 0x060400, PORT, 2, 2, "pcieport", 0, 0, NULL},
	{"01:00.0", 0x020000, ENDPOINT, 0, 0, "igb", PCI_RESET_FLR | PCI_RESET_BUS, 0, NULL},
	{"01:00.1", 0x020000, ENDPOINT, 0, 0, "igb", PCI_RESET_PM, 0, NULL},
	{"01:00.2", 0x020000, ENDPOINT, 0, 0, NULL, 0, 0, NULL},
	{"02:00.0", 0x010802, ENDPOINT, 0, 0, "nvme", PCI_RESET_BUS, PCI_USE_DISK, "sda is swap"},
	{"02:00.1", 0x088000, ENDPOINT, 0, 0, "other", PCI_RESET_AF_FLR | PCI_RESET_BUS, 0, NULL},
};

#define MULTIFUNCTION (sizeof(multifunction) / sizeof(*multifunction))

/* The same with what a sketch has no room for, then the default policy's plan. */
static struct plan *decide_multifunction(
	struct scene *scene, void (*change)(struct pci_snapshot *s), const char *rules)
{
	scene_draw(scene, multifunction, MULTIFUNCTION);
	change(scene->snapshot);
	return scene_plan(scene, SCENE_DEFAULTS, rules);
}

static void nothing(struct pci_snapshot *s)
{
	(void)s;
}

static void with_reset_subordinate(struct pci_snapshot *s)
{
	s->functions[0].has_subordinate_reset = s->functions[1].has_subordinate_reset = 1;
}

static void locked_down(struct pci_snapshot *s)
{
	with_reset_subordinate(s);
	s->lockdown = PCI_LOCKDOWN_INTEGRITY;
}

static void locked_down_hotplug(struct pci_snapshot *s)
{
	locked_down(s);
	s->functions[0].caps.has = PCI_HAS_HOTPLUG;
}

static void with_atheros(struct pci_snapshot *s)
{
	s->functions[4].vendor = 0x168c;
	s->functions[4].device = 0x003e;
}

static void with_quirk(struct pci_snapshot *s)
{
	with_reset_subordinate(s);
	s->functions[2].resets = PCI_RESET_FLR;
}

static void several_functions_below_a_port_are_reset_together(void **state)
{
	struct plan *plan = decide_multifunction(*state, with_reset_subordinate, "");

	expect_steps(plan, "01:00.0", "unbind subordinate flr disable mask");
	expect_reason(plan, "01:00.0", "it must be still before the jump");
	expect_steps(plan, "01:00.1", "unbind subordinate pm disable mask");
	expect_steps(plan, "01:00.2", "subordinate disable mask");
	expect_steps(plan, "02:00.0", "left");
	expect_steps(plan, "02:00.1", "unbind flr disable mask");
	plan = decide_multifunction(*state, nothing, "");
	expect_steps(plan, "01:00.0", "unbind flr sbr disable mask");
	expect_steps(plan, "01:00.1", "unbind pm sbr disable mask");
	plan = decide_multifunction(*state, nothing, "device { steps = { \"unbind\", \"bus\" } }");
	expect_steps(plan, "01:00.0", "unbind");
	expect_reason(
		plan, "01:00.0", "a rule stills it; no bus: its port leads to several functions");
}

static void raw_steps_are_not_tried_under_lockdown(void **state)
{
	struct plan *plan = decide_multifunction(*state, locked_down, "");

	expect_steps(plan, "01:00.0", "unbind subordinate flr disable");
	assert_int_equal(plan->lockdown, PCI_LOCKDOWN_INTEGRITY);
	plan = decide_multifunction(*state, locked_down_hotplug, "");
	expect_steps(plan, "01:00.0", "unbind flr disable");
	plan = decide_multifunction(
		*state, locked_down, "device { steps = { \"unbind\", \"sbr\", \"mask\" } }");
	expect_steps(plan, "01:00.0", "unbind");
	expect_reason(plan, "01:00.0", "a rule stills it; no sbr: the kernel is locked down");
}

static void a_quirk_against_bus_resets_is_obeyed(void **state)
{
	struct plan *plan = decide_multifunction(*state, with_atheros, "");

	expect_steps(plan, "01:00.0", "unbind flr disable mask");
	expect_steps(plan, "01:00.2", "disable mask");
	expect_reason(plan, "01:00.2",
		"it must be still before the jump; no driver is bound; "
		"no bus: it does not survive a bus reset (a quirk)");
	plan = decide_multifunction(*state, with_quirk, "");
	expect_steps(plan, "01:00.1", "unbind pm disable mask");
}

/* A PF, two VFs of which a rule leaves one, and what hangs on a supplier. */
static void what_somebody_left_hangs_on_is_left(void **state)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x020000, ENDPOINT, 0, 0, "ixgbe", PCI_RESET_FLR, 0, NULL},
		{"01:10.0", 0x020000, ENDPOINT, 0, 0, "ixgbevf", PCI_RESET_FLR, 0, NULL},
		{"01:10.2", 0x020000, ENDPOINT, 0, 0, "ixgbevf", PCI_RESET_FLR, 0, NULL},
		{"00:02.0", 0x0c0330, NO_EXPRESS, 0, 0, "xhci_hcd", PCI_RESET_PM, 0, NULL},
	};
	static const char *const rules[] = {"", "device { slot = \"01:10.2\", leave = true }"};

	for (size_t i = 0; i < 2; i++) {
		struct scene *scene = scene_new(*state);
		struct pci_function *consumers[1];
		struct pci_snapshot *s;
		struct plan *plan;

		scene_draw(scene, tree, 5);
		s = scene->snapshot;
		/* Sorted: port, xhci, PF, VF, VF. */
		s->functions[2].vf_count = 2;
		s->functions[3].physical = s->functions[4].physical = &s->functions[2];
		consumers[0] = &s->functions[2];
		s->functions[1].consumers = consumers;
		s->functions[1].consumer_count = 1;
		plan = scene_plan(scene, SCENE_DEFAULTS, rules[i]);
		expect_steps(
			plan, "01:10.0", i ? "unbind flr disable mask" : "unbind disable mask");
		expect_steps(plan, "01:00.0", i ? "left" : "vfs unbind flr disable mask");
		expect_steps(plan, "00:02.0", i ? "left" : "unbind pm disable mask");
		if (!i)
			continue;
		expect_reason(plan, "01:00.0", "its virtual function 0000:01:10.2 is left");
		expect_reason(plan, "00:02.0", "its consumer 0000:01:00.0 is left");
	}
}

static void resets_that_a_rule_asks_for_in_vain(void **state)
{
	struct plan *plan = SKETCH_PLAN(*state,
		"device { steps = { \"unbind\", \"bus\", \"mask\" } }\n"
		"device { slot = \"04:00.0\", steps = { \"bus\", \"unbind\" } }\n"
		"device { slot = \"05:00.0\", steps = { \"flr\", \"bus\" } }\n",
		sketch_lab);

	expect_steps(plan, "00:1f.2", "unbind mask");
	expect_reason(plan, "00:1f.2",
		"a rule stills it; no bus: it stands on a root bus, without a port above it");
	expect_steps(plan, "08:00.0", "unbind mask");
	expect_reason(plan, "08:00.0", "a rule stills it; no bus: legacy PCI is not reset");
	expect_steps(plan, "07:00.0", "");
	expect_reason(plan, "07:00.0",
		"a rule stills it; no driver is bound; no bus: a bridge is never reset");
	expect_steps(plan, "03:00.0", "unbind");
	expect_steps(plan, "00:01.0", "unbind mask");
	expect_steps(plan, "04:00.0", "unbind");
	expect_reason(plan, "04:00.0", "a rule stills it; no bus: its driver has not let go yet");
	expect_steps(plan, "05:00.0", "");
}

static void a_display_that_a_rule_gives_up_keeps_its_port(void **state)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x030000, ENDPOINT, 0, 0, "ast", PCI_RESET_BUS, 0, NULL},
	};
	struct plan *plan = SKETCH_PLAN(*state, "device { steps = { \"unbind\", \"bus\" } }", tree);

	expect_steps(plan, "01:00.0", "unbind");
	expect_reason(plan, "01:00.0", "a rule stills it; no bus: its port leads to a display");
}

static void a_bus_reset_follows_the_kernel_s_list(void **state)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
		{"00:02.0", 0x060400, PORT, 2, 2, "pcieport", 0, 0, NULL},
		{"00:03.0", 0x060400, PORT, 3, 3, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x028000, ENDPOINT, 0, 0, "ath10k_pci", PCI_RESET_PM, 0, NULL},
		{"02:00.0", 0x020000, ENDPOINT, 0, 0, "old", 0, 0, NULL},
		{"03:00.0", 0x020000, ENDPOINT, 0, 0, NULL, PCI_RESET_BUS, 0, NULL},
	};
	struct plan *plan = SKETCH_PLAN(*state, "", tree);

	expect_steps(plan, "01:00.0", "unbind pm disable mask"); /* a quirk forbids bus */
	expect_steps(plan, "02:00.0", "unbind disable mask");    /* likewise */
	expect_steps(plan, "03:00.0", "bus disable mask");
	expect_reason(plan, "03:00.0", "it must be still before the jump; no driver is bound");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_display_blocks_only_its_own_port, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_bridge_blocks_its_port_even_when_a_rule_gives_it_up, scene_setup,
			scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_controller_that_only_computes_is_no_display, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(several_functions_below_a_port_are_reset_together,
			scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			raw_steps_are_not_tried_under_lockdown, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_quirk_against_bus_resets_is_obeyed, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			what_somebody_left_hangs_on_is_left, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			resets_that_a_rule_asks_for_in_vain, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_display_that_a_rule_gives_up_keeps_its_port, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_bus_reset_follows_the_kernel_s_list, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
