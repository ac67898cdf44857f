// SPDX-License-Identifier: GPL-2.0-or-later
/* The language of rules: what is an error and how it reads, and what becomes of what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/scene.h"

static const struct device_rule *accept_rule(struct scene *scene, const char *text)
{
	const struct policy *p = scene_load(scene, SCENE_RULES, text);

	assert_true(p->device_count > 0);
	return &p->devices[p->device_count - 1];
}

static const struct bad {
	const char *text, *error;
} bad_fields[] = {
	{"\n\ndevice { clas = \"bridge\", leave = true }",
		"x.lua:3: device has no field \"clas\"; did you mean \"class\"?"},
	{"device { leave = true, zebra = 1, apple = 2 }",
		"x.lua:1: device has no field \"apple\" (and 1 more error)"},
	{"device { vendor = \"8086\", leave = true }",
		"x.lua:1: vendor must be a number up to 0xffff or a string like \"0x8086\", or a "
		"list of these, not \"8086\""},
	{"device { device = 0x10000, leave = true }",
		"x.lua:1: device must be a number up to 0xffff or a string like \"0x8086\", or a "
		"list of these, not 65536"},
	{"device { device = 1.5, leave = true }",
		"x.lua:1: device must be a number up to 0xffff or a string like \"0x8086\", or a "
		"list of these, not 1.5"},
	{"device { class = \"netwrok\", leave = true }",
		"x.lua:1: class must be the name of a PCI class or a code like \"0x01\", 0x0108 or "
		"0x010802, not \"netwrok\"; did you mean \"network\"?"},
	{"device { class = 0x03, leave = true }",
		"x.lua:1: class must be the name of a PCI class or a code like \"0x01\", 0x0108 or "
		"0x010802, not 3"},
	{"device { class = \"0x030\", leave = true }",
		"x.lua:1: class must be the name of a PCI class or a code like \"0x01\", 0x0108 or "
		"0x010802, not \"0x030\""},
	{"device { driver = \"\", leave = true }",
		"x.lua:1: driver must be a short string, in which * and ? match anything, or a "
		"list of these, not \"\""},
	{"device { driver = \"nv\\0me\", leave = true }",
		"x.lua:1: driver must be a short string, in which * and ? match anything, or a "
		"list of these, not \"nv\""},
	{"device { place = \"prot\", leave = true }",
		"x.lua:1: place must be one of \"root\", \"port\", \"legacy\", \"switch\", not "
		"\"prot\"; did you mean \"port\"?"},
	{"device { use = \"disc\", leave = true }",
		"x.lua:1: use must be one of \"any\", \"disk\", \"console\", \"watchdog\", "
		"\"framebuffer\", \"network\", \"vfio\", \"open\", not \"disc\"; did you mean "
		"\"disk\"?"},
	{"device { leave = \"yes\" }", "x.lua:1: leave must be true or false, not \"yes\""},
	{"device { leave = true, why = \"a\\nb\" }",
		"x.lua:1: why must be a text in one line, of at most 200 bytes, not \"a b\""},
	{"device { deadline = 0 }",
		"x.lua:1: deadline must be a number of seconds up to 3600, not 0"},
	{"device { deadline = 1e999 }",
		"x.lua:1: deadline must be a number of seconds up to 3600, not inf"},
	{"device { deadline = \"30\" }",
		"x.lua:1: deadline must be a number of seconds up to 3600, not \"30\""},
};

static const struct bad bad_lists[] = {
	{"device { vendor = {}, leave = true }",
		"x.lua:1: vendor must be a number up to 0xffff or a string like \"0x8086\", or a "
		"list of these, not a table"},
	{"device { vendor = { 0x8086, \"0x10000\" }, leave = true }",
		"x.lua:1: vendor must be a number up to 0xffff or a string like \"0x8086\", or a "
		"list of these, not \"0x10000\""},
	{"device { vendor = { 0x8086, nil, 3 }, leave = true }",
		"x.lua:1: vendor must be a number up to 0xffff or a string like \"0x8086\", or a "
		"list of these, not a table"},
	{"device { driver = { a = \"x\" }, leave = true }",
		"x.lua:1: driver must be a short string, in which * and ? match anything, or a "
		"list of these, not a table"},
	{"device { driver = (\"x\"):rep(65), leave = true }",
		"x.lua:1: driver must be a short string, in which * and ? match anything, or a "
		"list of these, not \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\""},
	{"device { driver = \"\\xff\", leave = true }",
		"x.lua:1: driver must be a short string, in which * and ? match anything, or a "
		"list of these, not \"?\""},
	{"device { kernel = \"6.x\", leave = true }",
		"x.lua:1: kernel must be a version like \"6.1\" or a range like \">= 5.10, < "
		"6.4\", not \"6.x\""},
	{"device { kernel = \"\", leave = true }", "x.lua:1: kernel must be a version like \"6.1\" "
						   "or a range like \">= 5.10, < 6.4\", not \"\""},
	{"device { kernel = \">= 5.10 < 6\", leave = true }",
		"x.lua:1: kernel must be a version like \"6.1\" or a range like \">= 5.10, < "
		"6.4\", not \">= 5.10 < 6\""},
	{"device { kernel = \"> 1, > 2, > 3, > 4, > 5\", leave = true }",
		"x.lua:1: kernel must be a version like \"6.1\" or a range like \">= 5.10, < "
		"6.4\", not \"> 1, > 2, > 3, > 4, > 5\""},
	{"device { kernel = 6.1, leave = true }", "x.lua:1: kernel must be a version like \"6.1\" "
						  "or a range like \">= 5.10, < 6.4\", not 6.1"},
	{"device { lockdown = \"on\", leave = true }",
		"x.lua:1: lockdown must be one of \"none\", \"integrity\", \"confidentiality\", "
		"not \"on\""},
	{"device { port = \"rootport\", leave = true }",
		"x.lua:1: port must be one of \"endpoint\", \"legacy_endpoint\", "
		"\"root_complex_endpoint\", \"event_collector\", \"root_port\", \"upstream\", "
		"\"downstream\", \"pcie_to_pci\", \"pci_to_pcie\", \"none\", not \"rootport\"; did "
		"you mean \"root_port\"?"},
};

static const struct bad bad_steps[] = {
	{"device {\n\tsteps = { \"unbnd\" }\n}",
		"x.lua:2: there is no step \"unbnd\"; did you mean \"unbind\"?"},
	{"device { steps = { \"explode\" } }", "x.lua:1: there is no step \"explode\""},
	{"device { steps = { \"bus\", \"unbind\", \"bus\" } }",
		"x.lua:1: steps names \"bus\" twice"},
	{"device { steps = {} }", "x.lua:1: steps must be a list of steps, as in { \"unbind\", "
				  "\"bus\" }, not a table"},
	{"device { steps = { \"bus\", first = \"unbind\" } }",
		"x.lua:1: steps must be a list of steps, as in { \"unbind\", \"bus\" }, not a "
		"table"},
	{"device { steps = \"unbind\" }", "x.lua:1: steps must be a list of steps, as in { "
					  "\"unbind\", \"bus\" }, not \"unbind\""},
	{"device { slot = \"eth0\" }",
		"x.lua:1: slot must be a slot like \"0000:01:00.0\" or \"01:00.0\", or a glob of "
		"slots like \"01:*\", or a list of these, not \"eth0\""},
	{"device { slot = \"eth*\" }",
		"x.lua:1: slot must be a slot like \"0000:01:00.0\" or \"01:00.0\", or a glob of "
		"slots like \"01:*\", or a list of these, not \"eth*\""},
	{"device { slot = \"05\" }",
		"x.lua:1: slot must be a slot like \"0000:01:00.0\" or \"01:00.0\", or a glob of "
		"slots like \"01:*\", or a list of these, not \"05\""},
	{"device { slot = \"05:20.0\" }",
		"x.lua:1: slot must be a slot like \"0000:01:00.0\" or \"01:00.0\", or a glob of "
		"slots like \"01:*\", or a list of these, not \"05:20.0\""},
	{"device { steps = { 7 } }",
		"x.lua:1: steps must be a list of steps, as in { \"unbind\", \"bus\" }, not 7"},
};

static const struct bad bad_declarations[] = {
	{"device { leave = true }\ndevice { leave = true, steps = { \"bus\" } }",
		"x.lua:2: device has leave = true and steps: it can only be one of them"},
	{"device { driver = \"nvme\", why = \"slow\" }",
		"x.lua:1: device needs one of leave, steps, deadline, options_add, options_remove: "
		"as it stands it does nothing"},
	{"device {}", "x.lua:1: device needs one of leave, steps, deadline, options_add, "
		      "options_remove: as it stands it does nothing"},
	{"device \"nvme\"", "x.lua:1: device takes one table of fields: device { ... }"},
	{"device()", "x.lua:1: device takes one table of fields: device { ... }"},
	{"device { \"nvme\", leave = true }",
		"x.lua:1: device takes fields with names, as in vendor = ..."},
};

static const struct bad bad_others[] = {
	{"device { bus = \"a/b\", leave = true }",
		"x.lua:1: bus must be the name of a bus, not \"a/b\""},
	{"device { bus = \"..\", leave = true }",
		"x.lua:1: bus must be the name of a bus, not \"..\""},
	{"device { bus = \"usb\", class = \"serial\", leave = true }",
		"x.lua:1: vendor, device, class, slot, place and port are of PCI functions: on "
		"another bus a device has a name and a driver"},
	{"device { bus = \"usb\", steps = { \"unbind\", \"bus\" } }",
		"x.lua:1: on a bus other than PCI the only step is \"unbind\""},
	{"device { name = \"i2c*\", leave = true }",
		"x.lua:1: name is of devices on another bus: say which by bus, or use slot"},
	{"device { options_add = \"a b\" }", "x.lua:1: options_add takes one word in each string: "
					     "write { \"a\", \"b\" } for several"},
	{"device { options_add = \"a=\\\"b\" }",
		"x.lua:1: options_add has a quote that is never closed"},
	{"device { when = true, leave = true }",
		"x.lua:1: when must be a function of the file's own, not true"},
	{"device { when = tostring, leave = true }",
		"x.lua:1: when must be a function of the file's own, not a function"},
};

static const struct bad bad_machines[] = {
	{"machine { include = \"../x.lua\" }",
		"x.lua:1: include must be the name of a file, NAME.lua, not \"../x.lua\""},
	{"machine { include = \"x.txt\" }",
		"x.lua:1: include must be the name of a file, NAME.lua, not \"x.txt\""},
	{"machine { include = \"x.lua\" }", "x.lua:1: x.lua cannot be included here"},
	{"machine { vendor = \"x\" }",
		"x.lua:1: machine needs one of include, jump, quiesce, settle, offline_cpus, "
		"load_retries, options_add, options_remove: as it stands it does nothing"},
	{"machine { load_retries = 6 }",
		"x.lua:1: load_retries must be a whole number up to 5, not 6"},
	{"machine { load_retries = 1.5 }",
		"x.lua:1: load_retries must be a whole number up to 5, not 1.5"},
	{"machine { settle = 0 }", "x.lua:1: settle must be a number of seconds up to 3600, not 0"},
};

static const struct bad bad_entries[] = {
	{"entry { title = \"x\" }", "x.lua:1: entry needs one of hide, options_add, "
				    "options_remove: as it stands it does nothing"},
	{"entry { hide = 1 }", "x.lua:1: hide must be true or false, not 1"},
	{"boot {}", "x.lua:1: boot needs one of default, timeout, on_hang, require_still: as it "
		    "stands it does nothing"},
	{"boot { timeout = -1 }",
		"x.lua:1: timeout must be a number of seconds up to 3600, or 0, not -1"},
	{"boot { on_hang = \"crash\" }", "x.lua:1: on_hang must be one of \"emergency-restart\", "
					 "\"crash-kernel\", not \"crash\""},
	{"boot { default = \"\" }",
		"x.lua:1: default must be a text in one line, of at most 200 bytes, not \"\""},
	{"arrange()", "x.lua:1: arrange takes one function: arrange(function(machine, steps) ... "
		      "return steps end)"},
	{"arrange { }", "x.lua:1: arrange takes one function: arrange(function(machine, steps) ... "
			"return steps end)"},
	{"arrange(tostring)", "x.lua:1: arrange takes one function: arrange(function(machine, "
			      "steps) ... return steps end)"},
};

static void expect_errors(struct scene *scene, const struct bad *bad, size_t count)
{
	for (size_t i = 0; i < count; i++)
		scene_fails(scene, bad[i].text, bad[i].error);
}

#define EXPECT_ERRORS(scene, table) expect_errors(scene, table, sizeof(table) / sizeof(*(table)))

static void names_what_is_wrong_with_a_field(void **state)
{
	EXPECT_ERRORS(*state, bad_fields);
}

static void names_what_is_wrong_with_a_list_or_a_range(void **state)
{
	EXPECT_ERRORS(*state, bad_lists);
}

static void names_what_is_wrong_on_other_buses_and_with_options(void **state)
{
	EXPECT_ERRORS(*state, bad_others);
}

static void names_what_is_wrong_with_a_machine(void **state)
{
	EXPECT_ERRORS(*state, bad_machines);
}

static void names_what_is_wrong_with_entry_boot_and_arrange(void **state)
{
	EXPECT_ERRORS(*state, bad_entries);
}

static void names_what_is_wrong_with_steps(void **state)
{
	EXPECT_ERRORS(*state, bad_steps);
}

static void names_what_is_wrong_with_a_declaration(void **state)
{
	EXPECT_ERRORS(*state, bad_declarations);
}

static void keeps_what_a_rule_says(void **state)
{
	const struct device_rule *r = accept_rule(*state,
		"-- a comment\n"
		"device {\n"
		"	vendor = 0x8086, device = \"0x10D3\", class = \"0x0200\",\n"
		"	driver = \"e1000*\", slot = \"0000:0A:00.?\", place = "
		"\"port\", use = \"any\",\n"
		"	steps = { \"unbind\", \"bus\" }, deadline = 1.5, why = "
		"\"slow to let go\",\n"
		"}\n");

	assert_string_equal(r->declared.where, "x.lua:2");
	assert_int_equal(r->vendor.count, 1);
	assert_int_equal(r->vendor.ids[0], 0x8086);
	assert_int_equal(r->device.ids[0], 0x10d3);
	assert_int_equal(r->class.code, 0x020000);
	assert_int_equal(r->class.mask, 0xffff00);
	assert_null(r->class.is);
	assert_string_equal(r->driver[0], "e1000*");
	assert_null(r->driver[1]);
	assert_string_equal(r->slot[0], "0000:0a:00.?");
	assert_int_equal(r->place, PCI_PLACE_PORT);
	assert_int_equal(r->steps.count, 2);
	assert_int_equal(r->steps.steps[0], STEP_UNBIND);
	assert_int_equal(r->steps.steps[1], STEP_BUS);
	assert_int_equal(r->deadline, 1500);
	assert_string_equal(r->why, "slow to let go");
	assert_false(declared_says(&r->declared, DEVICE_LEAVE));
	assert_true(declared_says(&r->declared, DEVICE_WHY));
}

static void numbers_rules_by_the_line_that_declares(void **state)
{
	const struct policy *p = scene_load(*state, SCENE_RULES,
		"for _, name in ipairs { \"nvme\", \"mlx5_core\" } do\n"
		"	device { driver = name, leave = true }\n"
		"end\n"
		"local function leave(slot)\n"
		"	device { slot = slot, leave = true }\n"
		"end\n"
		"leave \"01:00.0\"\n"
		"return device { leave = true }\n");
	assert_int_equal(p->device_count, 4);
	assert_string_equal(p->devices[0].declared.where, "x.lua:2");
	assert_string_equal(p->devices[1].declared.where, "x.lua:2");
	assert_string_equal(p->devices[1].driver[0], "mlx5_core");
	assert_string_equal(p->devices[2].declared.where, "x.lua:5");
	assert_string_equal(p->devices[3].declared.where, "x.lua:8");
}

static void reads_class_names_and_codes(void **state)
{
	static const struct {
		const char *text;
		uint32_t code, mask;
	} classes[] = {
		{"\"storage\"", 0x010000, 0xff0000},
		{"\"accelerator\"", 0x120000, 0xff0000},
		{"\"0x03\"", 0x030000, 0xff0000},
		{"0x0302", 0x030200, 0xffff00},
		{"0x010802", 0x010802, 0xffffff},
		{"\"0x0C0330\"", 0x0c0330, 0xffffff},
	};
	char text[80];

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		snprintf(
			text, sizeof(text), "device { class = %s, leave = true }", classes[i].text);
		const struct device_rule *r = accept_rule(*state, text);

		assert_int_equal(r->class.code, classes[i].code);
		assert_int_equal(r->class.mask, classes[i].mask);
	}
	assert_ptr_equal(
		accept_rule(*state, "device { class = \"bridge\", leave = true }")->class.is,
		pci_is_bridge);
	assert_ptr_equal(
		accept_rule(*state, "device { class = \"display\", leave = true }")->class.is,
		pci_is_display);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			names_what_is_wrong_with_a_field, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			names_what_is_wrong_with_a_list_or_a_range, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(names_what_is_wrong_on_other_buses_and_with_options,
			scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			names_what_is_wrong_with_a_machine, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(names_what_is_wrong_with_entry_boot_and_arrange,
			scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			names_what_is_wrong_with_steps, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			names_what_is_wrong_with_a_declaration, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			keeps_what_a_rule_says, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			numbers_rules_by_the_line_that_declares, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			reads_class_names_and_codes, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
