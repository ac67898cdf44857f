// SPDX-License-Identifier: GPL-2.0-or-later
/* Predicates: what they see, what they must answer, and what is said when they do not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scripted.h"
#include "tests/unit/sketch.h"

static void draw(struct scene *scene)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x010802, ENDPOINT, 0, 0, "nvme", PCI_RESET_FLR | PCI_RESET_BUS,
			PCI_USE_DISK, "nvme0n1p2 is mounted on /"},
		{"01:00.1", 0x088000, NO_EXPRESS, 0, 0, NULL, 0, 0, NULL},
	};
	struct pci_function *f;

	scene_draw(scene, tree, 3);
	f = &scene->snapshot->functions[1];
	f->vendor = 0x144d;
	f->device = 0xa80a;
	f->subsystem_vendor = 0x144d;
	f->subsystem_device = 0xa801;
	f->vf_count = 3;
	scene->host = (struct host){"Maker", "Product", "Version", "Board maker", "Board",
		"BIOS maker", "BIOS", "6.1.0-42-amd64", "root=/dev/sda ro", .others = NULL};
	scene->host.lockdown = PCI_LOCKDOWN_INTEGRITY;
	scene_other(scene, "platform", "i2c-0", "i2c_designware")->behind = "0000:01:00.0";
}

/* In rules: whatever is not so is an error that names it. */
static const char checks[] =
	"local function is(a, b) if a ~= b then error(tostring(a) .. \" is not \" .. "
	"tostring(b), 2) end end\n";

static void expect_true(struct scene *scene, const char *body)
{
	char *rules = talloc_asprintf(scene,
		"%sdevice { slot = \"01:00.0\", leave = true, when = function(d, machine)\n%s\n"
		"return true end }",
		checks, body);
	struct decision *d;

	draw(scene);
	d = scene_decide(scene, SCENE_RULES, rules);
	assert_int_equal(decision_find(d, "0000:01:00.0")->what, ASK_LEAVE);
}

static void sees_the_device(void **state)
{
	expect_true(*state,
		"is(d.bus, \"pci\") is(d.slot, \"0000:01:00.0\")\n"
		"is(d.vendor, 0x144d) is(d.device, 0xa80a)\n"
		"is(d.subsystem_vendor, 0x144d) is(d.subsystem_device, 0xa801)\n"
		"is(d.class, 0x010802) is(d.driver, \"nvme\")\n"
		"is(d.place, \"port\") is(d.port, \"endpoint\") is(d.parent, \"0000:00:01.0\")\n"
		"is(d.use.disk, true) is(d.use.network, nil) is(d.use.any, nil)\n"
		"is(d.vf_count, 3) is(d.resets.flr, true) is(d.resets.bus, true) is(d.resets.pm, "
		"nil)\n"
		"is(d.name, nil) is(math.type(d.class), \"integer\")");
}

static void sees_the_machine(void **state)
{
	expect_true(*state,
		"local m = machine\n"
		"is(m.vendor, \"Maker\") is(m.product, \"Product\") is(m.version, \"Version\")\n"
		"is(m.board_vendor, \"Board maker\") is(m.board, \"Board\")\n"
		"is(m.bios_vendor, \"BIOS maker\") is(m.bios, \"BIOS\")\n"
		"is(m.kernel, \"6.1.0-42-amd64\") is(m.lockdown, \"integrity\")\n"
		"is(m.cmdline, \"root=/dev/sda ro\")\n"
		"is(#m.devices, 4) is(m.devices[2], d)\n"
		"is(m.devices[3].driver, nil) is(m.devices[3].port, \"none\")\n"
		"local o = m.devices[4]\n"
		"is(o.bus, \"platform\") is(o.name, \"i2c-0\") is(o.driver, \"i2c_designware\")\n"
		"is(o.behind, \"0000:01:00.0\") is(o.slot, nil) is(next(o.use), nil)");
}

static void what_it_sees_can_only_be_read(void **state)
{
	static const char *const changes[] = {"d.slot = \"x\"", "d.new = 1", "d.use.disk = true",
		"m.devices = nil", "m.kernel = 5", "m.devices[1] = nil",
		"table.insert(m.devices, d)"};

	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		struct scene *scene = scene_new(*state);
		char *rule = talloc_asprintf(scene,
			"device { when = function(d, m) %s return false end, leave = true }",
			changes[i]);
		struct decision *d;
		struct err err;

		draw(scene);
		assert_int_equal(
			policy_decide(scene_load(scene, SCENE_RULES, rule), NULL, scene, &d, &err),
			-EINVAL);
		if (!strstr(err.text, "what tells of the machine can only be read"))
			fail_msg("%s: %s", changes[i], err.text);
	}
}

static void is_asked_last_and_only_where_it_could_win(void **state)
{
	struct scene *scene = *state;

	draw(scene);
	scene_decide(scene, SCENE_RULES,
		"device { when = function() error(\"asked\") end, leave = true }\n"
		"device { steps = { \"unbind\" } }\n");
	scene_decide(scene, SCENE_RULES,
		"device { driver = \"ahci\", when = function() error(\"asked\") end, leave = true "
		"}");
}

static const struct {
	const char *rules, *error;
} bad[] = {
	{"device { slot = \"01:00.0\", leave = true, when = function() return 1 end }",
		"x.lua:1: when must say true or false, not a number (the rule at x.lua:1, asked "
		"about 0000:01:00.0)"},
	{"device { slot = \"01:00.0\", leave = true, when = function() end }",
		"x.lua:1: when must say true or false, not a nil (the rule at x.lua:1, asked about "
		"0000:01:00.0)"},
	{"local function low(d)\n\treturn d.nothing.x == 1\nend\n\ndevice {\n\tslot = "
	 "\"01:00.0\",\n\t"
	 "leave = true,\n\twhen = function(d)\n\t\tlocal yes = low(d)\n\t\treturn yes\n\tend,\n}",
		"x.lua:2: attempt to index a nil value (field 'nothing') (called from x.lua:9) "
		"(the "
		"rule at x.lua:5, asked about 0000:01:00.0)"},
	{"device { slot = \"01:00.0\", leave = true, when = function() error({}) end }",
		"x.lua:1: error() was given a table, not a text (the rule at x.lua:1, asked about "
		"0000:01:00.0)"},
	{"device { slot = \"01:00.0\", leave = true, when = function() while true do end end }",
		"x.lua:1: more than 5000000 instructions, probably an endless loop (the rule at "
		"x.lua:1, asked about 0000:01:00.0)"},
	{"device { bus = \"platform\", leave = true, when = function(d) return d.a.b end }",
		"x.lua:1: attempt to index a nil value (field 'a') (the rule at x.lua:1, asked "
		"about "
		"i2c-0)"},
	{"device { slot = \"01:00.0\", leave = true, when = function() device { leave = true } "
	 "return true end }",
		"x.lua:1: device is only for files, not for functions (the rule at x.lua:1, asked "
		"about 0000:01:00.0)"},
	{"machine { when = function(m) return m.vendor end, quiesce = false }",
		"x.lua:1: when must say true or false, not a string"},
	{"local function who(m)\n\treturn m.vendor.x.y\nend\nmachine {\n\twhen = function(m)\n\t\t"
	 "local w = who(m)\n\t\treturn w == 1\n\tend,\n\tquiesce = false,\n}",
		"x.lua:2: attempt to index a nil value (field 'x') (called from x.lua:6, x.lua:4)"},
};

static void what_it_does_wrong_is_told_with_its_place(void **state)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct scene *scene = scene_new(*state);

		draw(scene);
		scene_fails(scene, bad[i].rules, bad[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sees_the_device, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(sees_the_machine, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			what_it_sees_can_only_be_read, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			is_asked_last_and_only_where_it_could_win, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			what_it_does_wrong_is_told_with_its_place, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
