// SPDX-License-Identifier: GPL-2.0-or-later
/* From rules and a hand-built snapshot to the plan: the default policy on the tree of the lab, and
 * which rule wins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/scripted.h"
#include "tests/unit/sketch.h"

static void default_policy_on_the_lab_s_tree(void **state)
{
	struct plan *plan = SKETCH_PLAN(*state, "", sketch_lab);
	static const char *const bridges[] = {"00:00.0", "00:02.0", "00:03.0", "00:04.0", "00:05.0",
		"00:06.0", "00:1f.0", "02:00.0", "03:00.0", "03:01.0", "07:00.0"};

	assert_int_equal(plan->count, sizeof(sketch_lab) / sizeof(*sketch_lab));
	for (size_t i = 0; i < sizeof(bridges) / sizeof(*bridges); i++)
		expect_steps(plan, bridges[i], "left");
	expect_steps(plan, "00:01.0", "left"); /* display */
	expect_steps(plan, "00:07.0", "left"); /* watchdog */
	expect_steps(plan, "01:00.0", "left"); /* in use */
	expect_steps(plan, "00:1f.2", "unbind flr pm disable mask");
	expect_steps(plan, "00:1f.3", "disable mask");
	expect_steps(plan, "04:00.0", "unbind bus flr disable mask");
	expect_steps(plan, "05:00.0", "unbind bus disable mask");
	expect_steps(plan, "06:00.0", "unbind bus disable mask");
	expect_steps(plan, "08:00.0", "unbind disable mask");
	expect_steps(plan, "09:00.0", "unbind bus pm disable mask");
}

static void default_policy_gives_its_reasons(void **state)
{
	struct plan *plan = SKETCH_PLAN(*state, "", sketch_lab);

	expect_reason(plan, "00:01.0", "a monitor blacks out when its controller is reset");
	expect_reason(plan, "01:00.0", "it is in use: nvme0n1p2 is mounted on /");
	expect_reason(plan, "08:00.0", "it must be still before the jump; legacy PCI is not reset");
	expect_reason(plan, "09:00.0", "it must be still before the jump");
	assert_non_null(strstr(
		plan_at(plan, "00:1f.3")->reason, "no driver is bound; the kernel lists no reset"));
	assert_memory_equal(plan_at(plan, "09:00.0")->rule, "default.lua:", 12);
	assert_int_equal(plan_at(plan, "09:00.0")->unbind_deadline_ms, 30000);
	assert_int_equal(plan_at(plan, "09:00.0")->reset_deadline_ms, 70000);
}

/* A rule for a driver does not mean the disk that is mounted; one that speaks of use does. */
static void what_is_in_use_needs_a_rule_that_says_so(void **state)
{
	static const char *const rules[] = {
		"device { driver = \"nvme\", steps = { \"unbind\", \"bus\" } }",
		"device { leave = false }",
		"device { driver = \"nvme\", use = \"disk\", steps = { \"unbind\" } }",
	};

	for (size_t i = 0; i < 3; i++) {
		struct scene *scene = scene_new(*state);
		struct pci_function *f = snapshot_add(
			scene->snapshot, "0000:00:04.0", 0x010802, "nvme");
		struct plan *plan;

		f->uses = PCI_USE_DISK;
		f->use = "nvme0n1 is mounted on /";
		pci_link_tree(scene->snapshot);
		plan = scene_plan(scene, SCENE_DEFAULTS, rules[i]);
		expect_steps(plan, "00:04.0", i < 2 ? "left" : "unbind");
		if (i < 2)
			assert_non_null(strstr(plan->devices[0].reason, "nvme0n1 is mounted on /"));
	}
}

/* A rule about a driver stills what guards or shows something, not what data or a guest hangs on. */
static void which_uses_protect(void **state)
{
	static const struct {
		enum pci_use use;
		const char *action;
	} cases[] = {
		{PCI_USE_DISK, "left"},
		{PCI_USE_CONSOLE, "left"},
		{PCI_USE_NETWORK, "left"},
		{PCI_USE_VFIO, "left"},
		{PCI_USE_OPEN, "left"},
		{PCI_USE_WATCHDOG, "unbind"},
		{PCI_USE_FRAMEBUFFER, "unbind"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct sketch tree[] = {{"04:00.0", 0x020000, ENDPOINT, 0, 0, "mlx5_core", 0,
			cases[i].use, "somebody"}};

		expect_steps(
			SKETCH_PLAN(*state,
				"device { driver = \"mlx5_core\", steps = { \"unbind\" } }", tree),
			"04:00.0", cases[i].action);
		expect_steps(SKETCH_PLAN(*state,
				     "device { use = \"any\", steps = { \"unbind\" } }"
				     "device { use = \"network\", steps = { \"unbind\" } }"
				     "device { use = \"vfio\", steps = { \"unbind\" } }",
				     tree),
			"04:00.0", "unbind");
		expect_steps(SKETCH_PLAN(*state, "", tree), "04:00.0", "left");
	}
}

static void the_last_rule_that_matches_wins(void **state)
{
	struct plan *plan = SKETCH_PLAN(*state,
		"device { deadline = 5 } device { driver = \"nvme\", deadline = 90 }\n"
		"device { driver = \"xhci*\", leave = true, why = \"keyboard\" }\n"
		"device { slot = \"05:00.0\", steps = { \"unbind\" } }\n"
		"device { class = \"network\", leave = true }\n"
		"device { driver = \"e1000e\", leave = false }\n"
		"device { slot = \"0000:04:*\", steps = { \"unbind\", \"flr\" }, why = \"mine\" "
		"}\n",
		sketch_lab);

	expect_steps(plan, "05:00.0", "unbind");
	assert_string_equal(plan_at(plan, "05:00.0")->rule, "x.lua:3");
	expect_reason(plan, "05:00.0", "a rule stills it");
	expect_steps(plan, "08:00.0", "left");
	assert_string_equal(plan_at(plan, "08:00.0")->rule, "x.lua:4");
	expect_reason(plan, "08:00.0", "a rule leaves it");
	expect_steps(plan, "09:00.0",
		"unbind bus pm disable mask"); /* the default's steps, after leave = false */
	assert_string_equal(plan_at(plan, "09:00.0")->rule, "x.lua:5");
	expect_reason(plan, "09:00.0", "it must be still before the jump");
	expect_steps(plan, "04:00.0", "unbind flr");
	expect_reason(plan, "04:00.0", "mine");
	assert_int_equal(plan_at(plan, "04:00.0")->unbind_deadline_ms, 90000);
	assert_int_equal(plan_at(plan, "05:00.0")->unbind_deadline_ms, 5000);
	expect_steps(plan, "01:00.0", "left"); /* a deadline is no action */
}

static void a_function_without_a_rule_is_left(void **state)
{
	static const char rules[] = "device { class = \"network\", steps = { \"unbind\" } }"
				    "device { class = \"storage\", leave = false }";
	struct plan *plan;

	scene_draw(*state, sketch_lab, sizeof(sketch_lab) / sizeof(*sketch_lab));
	plan = scene_plan(*state, SCENE_RULES, rules);
	expect_steps(plan, "09:00.0", "unbind");
	expect_steps(plan, "05:00.0", "left");
	expect_reason(plan, "05:00.0", "no rule speaks about it");
	assert_string_equal(plan_at(plan, "05:00.0")->rule, "built-in");
	expect_steps(plan, "04:00.0", "left");
	expect_reason(plan, "04:00.0", "no rule says what to do with it");
}

static void an_empty_machine_has_an_empty_plan(void **state)
{
	struct plan *plan = sketch_plan(*state, "", NULL, 0);

	assert_int_equal(plan->count, 0);
}

static void matches_by_every_field(void **state)
{
	static const char *const fields[] = {"vendor = 0", "device = \"0x0\"", "class = \"0x0c03\"",
		"class = \"serial\"", "driver = \"xhci?hcd\"", "slot = \"0000:05:00.0\"",
		"slot = \"05:*\"", "slot = \"5:0.0\"", "place = \"port\""};
	static const char *const others[] = {"vendor = 1", "device = 1", "class = \"0x0c05\"",
		"class = \"storage\"", "driver = \"xhci\"", "slot = \"0000:05:00.1\"",
		"slot = \"05:*1\"", "place = \"root\"", "use = \"any\""};
	char rule[80];

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		snprintf(rule, sizeof(rule), "device { %s, leave = true }", fields[i]);
		expect_steps(SKETCH_PLAN(*state, rule, sketch_lab), "05:00.0", "left");
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		snprintf(rule, sizeof(rule), "device { %s, leave = true }", others[i]);
		expect_steps(SKETCH_PLAN(*state, rule, sketch_lab), "05:00.0",
			"unbind bus disable mask");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			default_policy_on_the_lab_s_tree, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			default_policy_gives_its_reasons, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_in_use_needs_a_rule_that_says_so, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(which_uses_protect, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			the_last_rule_that_matches_wins, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_function_without_a_rule_is_left, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			an_empty_machine_has_an_empty_plan, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			matches_by_every_field, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
