// SPDX-License-Identifier: GPL-2.0-or-later
/* The language of rules: what is an error and how it reads, and what the sandbox withholds. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <talloc.h>

#include "policy/policy.h"
#include "policy/rule.h"
#include "policy/sandbox.h"

static int setup(void **state)
{
	return policy_new(NULL, (struct policy **)state);
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static void expect_error(struct policy *p, const char *text, const char *error)
{
	size_t before = p->set.count, blocks = talloc_total_blocks(p);
	struct err err;

	if (policy_add_chunk(p, text, strlen(text), "x.lua", &err) == 0)
		fail_msg("accepted: %s", text);
	assert_string_equal(err.text, error);
	assert_int_equal(p->set.count, before);
	assert_int_equal(talloc_total_blocks(p), blocks);
}

static const struct rule *accept_rule(struct policy *p, const char *text)
{
	struct err err;

	if (policy_add_chunk(p, text, strlen(text), "x.lua", &err) < 0)
		fail_msg("%s", err.text);
	assert_true(p->set.count > 0);
	return &p->set.rules[p->set.count - 1];
}

static const struct bad {
	const char *text, *error;
} bad_fields[] = {
	{"\n\ndevice { clas = \"bridge\", leave = true }",
		"x.lua:3: device has no field \"clas\"; did you mean \"class\"?"},
	{"device { leave = true, zebra = 1, apple = 2 }", "x.lua:1: device has no field \"apple\""},
	{"device { vendor = \"8086\", leave = true }",
		"x.lua:1: vendor must be a number up to 0xffff or a string like \"0x8086\", "
		"not \"8086\""},
	{"device { device = 0x10000, leave = true }",
		"x.lua:1: device must be a number up to 0xffff or a string like \"0x8086\", "
		"not 65536"},
	{"device { device = 1.5, leave = true }",
		"x.lua:1: device must be a number up to 0xffff or a string like \"0x8086\", "
		"not 1.5"},
	{"device { class = \"netwrok\", leave = true }",
		"x.lua:1: class must be the name of a PCI class or a code like \"0x01\", 0x0108 or "
		"0x010802, not \"netwrok\"; did you mean \"network\"?"},
	{"device { class = 0x03, leave = true }",
		"x.lua:1: class must be the name of a PCI class or a code like \"0x01\", 0x0108 or "
		"0x010802, not 3"},
	{"device { class = \"0x030\", leave = true }",
		"x.lua:1: class must be the name of a PCI class or a code like \"0x01\", 0x0108 or "
		"0x010802, not \"0x030\""},
	{"device { driver = { \"nvme\" }, leave = true }",
		"x.lua:1: driver must be a short string, in which * and ? match anything, "
		"not a table"},
	{"device { driver = \"\", leave = true }", "x.lua:1: driver must be a short string, in "
						   "which * and ? match anything, not \"\""},
	{"device { driver = \"nv\\0me\", leave = true }",
		"x.lua:1: driver must be a short string, in which * and ? match anything, "
		"not \"nv\""},
	{"device { place = \"prot\", leave = true }",
		"x.lua:1: place must be one of \"root\", \"port\", \"legacy\", \"switch\", "
		"not \"prot\"; did you mean \"port\"?"},
	{"device { use = \"disc\", leave = true }",
		"x.lua:1: use must be one of \"any\", \"disk\", \"console\", \"watchdog\", "
		"\"framebuffer\", \"network\", \"vfio\", \"open\", not \"disc\"; did you mean "
		"\"disk\"?"},
	{"device { leave = \"yes\" }", "x.lua:1: leave must be true or false, not \"yes\""},
	{"device { leave = true, why = \"a\\nb\" }",
		"x.lua:1: why must be a sentence of at most 200 bytes, not \"a b\""},
	{"device { deadline = 0 }",
		"x.lua:1: deadline must be a number of seconds up to 3600, not 0"},
	{"device { deadline = 1e999 }",
		"x.lua:1: deadline must be a number of seconds up to 3600, not inf"},
	{"device { deadline = \"30\" }",
		"x.lua:1: deadline must be a number of seconds up to 3600, not \"30\""},
};

static const struct bad bad_steps[] = {
	{"device {\n\tsteps = { \"unbnd\" }\n}",
		"x.lua:1: there is no step \"unbnd\"; did you mean \"unbind\"?"},
	{"device { steps = { \"explode\" } }", "x.lua:1: there is no step \"explode\""},
	{"device { steps = { \"bus\", \"unbind\", \"bus\" } }",
		"x.lua:1: steps names \"bus\" twice"},
	{"device { steps = {} }",
		"x.lua:1: steps must be a list of steps, as in { \"unbind\", \"bus\" }, "
		"not a table"},
	{"device { steps = { \"bus\", first = \"unbind\" } }",
		"x.lua:1: steps must be a list of steps, as in { \"unbind\", \"bus\" }, "
		"not a table"},
	{"device { steps = \"unbind\" }",
		"x.lua:1: steps must be a list of steps, as in { \"unbind\", \"bus\" }, "
		"not \"unbind\""},
	{"device { slot = \"eth0\" }",
		"x.lua:1: slot must be a slot like \"0000:01:00.0\" or \"01:00.0\", or a glob of "
		"slots like \"01:*\", not \"eth0\""},
	{"device { slot = \"eth*\" }",
		"x.lua:1: slot must be a slot like \"0000:01:00.0\" or \"01:00.0\", or a glob of "
		"slots like \"01:*\", not \"eth*\""},
	{"device { slot = \"05\" }", "x.lua:1: slot must be a slot like \"0000:01:00.0\" or "
				     "\"01:00.0\", or a glob of slots like \"01:*\", not \"05\""},
	{"device { slot = \"05:20.0\" }",
		"x.lua:1: slot must be a slot like \"0000:01:00.0\" or \"01:00.0\", or a glob of "
		"slots like \"01:*\", not \"05:20.0\""},
	{"device { steps = { 7 } }",
		"x.lua:1: steps must be a list of steps, as in { \"unbind\", \"bus\" }, not 7"},
};

static const struct bad bad_declarations[] = {
	{"device { leave = true }\ndevice { leave = true, steps = { \"bus\" } }",
		"x.lua:2: device has leave = true and steps: it can only be one of them"},
	{"device { driver = \"nvme\", why = \"slow\" }",
		"x.lua:1: device needs leave, steps or deadline: as it stands it does nothing"},
	{"device {}",
		"x.lua:1: device needs leave, steps or deadline: as it stands it does nothing"},
	{"device \"nvme\"", "x.lua:1: device takes one table of fields: device { ... }"},
	{"device()", "x.lua:1: device takes one table of fields: device { ... }"},
	{"device { \"nvme\", leave = true }",
		"x.lua:1: device takes fields with names, as in slot = \"01:00.0\""},
};

static const struct bad bad_chunks[] = {
	{"device { leave = true", "x.lua:1: '}' expected near <eof>"},
	{"\ndevcie { leave = true }", "x.lua:2: unknown name \"devcie\"; did you mean \"device\"?"},
	{"device { class = bridge, leave = true }", "x.lua:1: unknown name \"bridge\""},
	{"entry { hide = true }", "x.lua:1: unknown name \"entry\""},
	{"devices = 1", "x.lua:1: nothing is called \"devices\" here; for a variable of your own "
			"say local"},
	{"error(\"stop\\27[31m\\nhere\")", "x.lua:1: stop [31m here"},
	{"error({})", "x.lua: threw a table"},
	{"error(\"policy of mine\", 0)", "x.lua: policy of mine"},
	{"\x1bLua", "x.lua: attempt to load a binary chunk (mode is 't')"},
};

static void expect_errors(struct policy *p, const struct bad *bad, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect_error(p, bad[i].text, bad[i].error);
}

#define EXPECT_ERRORS(p, table) expect_errors(p, table, sizeof(table) / sizeof(*(table)))

static void names_what_is_wrong_with_a_field(void **state)
{
	EXPECT_ERRORS(*state, bad_fields);
}

static void names_what_is_wrong_with_steps(void **state)
{
	EXPECT_ERRORS(*state, bad_steps);
}

static void names_what_is_wrong_with_a_declaration(void **state)
{
	EXPECT_ERRORS(*state, bad_declarations);
}

static void names_what_is_wrong_with_a_chunk(void **state)
{
	EXPECT_ERRORS(*state, bad_chunks);
}

static void withholds_what_reaches_outside(void **state)
{
	static const char *const names[] = {"io", "os", "require", "load", "loadstring", "dofile",
		"loadfile", "debug", "package", "coroutine", "pcall", "xpcall", "setmetatable",
		"getmetatable", "rawset", "rawget", "collectgarbage", "print", "utf8", "_G"};
	char text[64], error[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(text, sizeof(text), "local x = %s", names[i]);
		snprintf(error, sizeof(error), "x.lua:1: unknown name \"%s\"", names[i]);
		expect_error(*state, text, error);
	}
}

static void gives_strings_only_the_allowed_methods(void **state)
{
	expect_error(*state, "local s = (\"x\"):rep(2)",
		"x.lua:1: attempt to call a nil value (method 'rep')");
	expect_error(*state, "local s = string.find(\"x\", \"x\")",
		"x.lua:1: attempt to call a nil value (field 'find')");
	accept_rule(*state, "device { driver = (\"NVME\"):lower(), leave = true }");
}

static void keeps_what_a_rule_says(void **state)
{
	const struct rule *r = accept_rule(*state,
		"-- a comment\n"
		"device {\n"
		"	vendor = 0x8086, device = \"0x10D3\", class = \"0x0200\",\n"
		"	driver = \"e1000*\", slot = \"0000:0A:00.?\", place = "
		"\"port\", use = \"any\",\n"
		"	steps = { \"unbind\", \"bus\" }, deadline = 1.5, why = "
		"\"slow to let go\",\n"
		"}\n");

	assert_string_equal(r->where, "x.lua:2");
	assert_int_equal(r->vendor, 0x8086);
	assert_int_equal(r->device, 0x10d3);
	assert_int_equal(r->class.code, 0x020000);
	assert_int_equal(r->class.mask, 0xffff00);
	assert_null(r->class.is);
	assert_string_equal(r->driver, "e1000*");
	assert_string_equal(r->slot, "0000:0a:00.?");
	assert_int_equal(r->place, PCI_PLACE_PORT);
	assert_int_equal(r->steps.count, 2);
	assert_int_equal(r->steps.steps[0], STEP_UNBIND);
	assert_int_equal(r->steps.steps[1], STEP_BUS);
	assert_int_equal(r->deadline, 1500);
	assert_string_equal(r->why, "slow to let go");
	assert_false(rule_says(r, RULE_LEAVE));
	assert_true(rule_says(r, RULE_WHY));
}

static void numbers_rules_by_the_line_that_declares(void **state)
{
	struct policy *p = *state;

	accept_rule(p, "for _, name in ipairs { \"nvme\", \"mlx5_core\" } do\n"
		       "	device { driver = name, leave = true }\n"
		       "end\n"
		       "local function leave(slot)\n"
		       "	device { slot = slot, leave = true }\n"
		       "end\n"
		       "leave \"01:00.0\"\n"
		       "return device { leave = true }\n");
	assert_int_equal(p->set.count, 4);
	assert_string_equal(p->set.rules[0].where, "x.lua:2");
	assert_string_equal(p->set.rules[1].where, "x.lua:2");
	assert_string_equal(p->set.rules[1].driver, "mlx5_core");
	assert_string_equal(p->set.rules[2].where, "x.lua:5");
	assert_string_equal(p->set.rules[3].where, "x.lua:8");
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
		const struct rule *r = accept_rule(*state, text);

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

static void ends_scripts_that_do_not_end(void **state)
{
	struct timespec start, end;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
	expect_error(*state, "local n = 0\nwhile true do\nn = n + 1 end",
		"x.lua:3: more than 200000 instructions, probably an endless loop");
	expect_error(*state, "local function f() return f() end f()",
		"x.lua:1: more than 200000 instructions, probably an endless loop");
	expect_error(*state, "local s = \"x\" while true do s = s .. s end",
		"x.lua: needs more memory than a policy may have");
	expect_error(*state, "local s = \"x\" for i = 1, 60000 do s = s .. \"x\" end",
		"x.lua: needs more memory than a policy may have");
	expect_error(*state, "for i = 1, 5000 do device { leave = true } end",
		"x.lua:1: more than 4096 rules");
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
	assert_true(end.tv_sec - start.tv_sec < 3);
}

static void survives_deep_recursion(void **state)
{
	const char *deep = "local function f(n) return 1 + f(n + 1) end f(1)";
	char parens[2000];
	struct err err;

	assert_int_equal(policy_add_chunk(*state, deep, strlen(deep), "x.lua", &err), -EINVAL);
	memset(parens, '(', sizeof(parens));
	assert_int_equal(policy_add_chunk(*state, parens, sizeof(parens), "x.lua", &err), -EINVAL);
	assert_null(strchr(err.text, '\n'));
}

static void names_files_whose_path_is_long(void **state)
{
	static const char name[] = "/a/very/long/path/that/lua/itself/would/cut/in/front/and/leave/"
				   "without/its/beginning/x.lua";
	struct err err;

	assert_int_equal(policy_add_chunk(*state, "\nx", 2, name, &err), -EINVAL);
	assert_non_null(strstr(err.text, name));
	assert_memory_equal(err.text + strlen(name), ":2: ", 4);
}

static void refuses_files_that_are_too_large(void **state)
{
	char *text = talloc_array(NULL, char, POLICY_FILE_MAX + 1);
	struct err err;

	memset(text, '\n', POLICY_FILE_MAX + 1);
	assert_int_equal(
		policy_add_chunk(*state, text, POLICY_FILE_MAX + 1, "x.lua", &err), -EFBIG);
	assert_int_equal(policy_add_chunk(*state, text, POLICY_FILE_MAX, "x.lua", &err), 0);
	talloc_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_what_is_wrong_with_a_field, setup, teardown),
		cmocka_unit_test_setup_teardown(names_what_is_wrong_with_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(
			names_what_is_wrong_with_a_declaration, setup, teardown),
		cmocka_unit_test_setup_teardown(names_what_is_wrong_with_a_chunk, setup, teardown),
		cmocka_unit_test_setup_teardown(withholds_what_reaches_outside, setup, teardown),
		cmocka_unit_test_setup_teardown(
			gives_strings_only_the_allowed_methods, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_what_a_rule_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
			numbers_rules_by_the_line_that_declares, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_class_names_and_codes, setup, teardown),
		cmocka_unit_test_setup_teardown(ends_scripts_that_do_not_end, setup, teardown),
		cmocka_unit_test_setup_teardown(survives_deep_recursion, setup, teardown),
		cmocka_unit_test_setup_teardown(names_files_whose_path_is_long, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_files_that_are_too_large, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
