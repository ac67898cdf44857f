// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about the machine as a whole, about its other buses, and about booting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include "tests/unit/scripted.h"
#include "tests/unit/sketch.h"
#include "tests/unit/tree.h"

static const struct sketch one[] = {
	{"00:02.0", 0x020000, NO_EXPRESS, 0, 0, "e1000", PCI_RESET_PM, 0, NULL},
};

static void draw(struct scene *scene)
{
	struct bus_device *other;

	scene_draw(scene, one, 1);
	scene->host = (struct host){"Maker", "Product 7", "Version", "Board maker", "Board",
		"BIOS maker", "1.2.3", "6.1.0-42-amd64", "", .others = NULL};
	scene_other(scene, "platform", "i2c-0", "i2c_designware");
	other = scene_other(scene, "platform", "mmc0", "sdhci");
	other->uses = PCI_USE_DISK;
	other->use = "mmcblk0p1 is mounted on /";
	scene_other(scene, "usb", "1-1", "usb")->can_unbind = 0;
}

static const struct plan_errand *find_errand(
	const struct plan_errand *list, size_t count, const char *subject)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].subject ? list[i].subject : "", subject))
			return &list[i];
	return NULL;
}

static void expect_done(const struct plan *plan, const char *subject, const char *reason)
{
	const struct plan_errand *e = find_errand(plan->errands, plan->errand_count, subject);

	if (!e)
		fail_msg("%s is not done", subject);
	assert_string_equal(e->reason, reason);
	assert_null(find_errand(plan->dropped, plan->dropped_count, subject));
}

static void expect_dropped(const struct plan *plan, const char *subject, const char *reason)
{
	const struct plan_errand *e = find_errand(plan->dropped, plan->dropped_count, subject);

	if (!e)
		fail_msg("%s is not dropped", subject);
	assert_string_equal(e->reason, reason);
	assert_null(find_errand(plan->errands, plan->errand_count, subject));
}

static void a_device_on_another_bus_is_an_errand(void **state)
{
	const struct plan_errand *e;
	struct plan *plan;

	draw(*state);
	plan = scene_plan(*state, SCENE_RULES,
		"device { bus = \"platform\", steps = { \"unbind\" }, why = \"noisy\" }\n"
		"device { bus = \"platform\", name = \"i2c-*\", deadline = 7 }\n"
		"device { bus = \"usb\", driver = \"usb\", steps = { \"unbind\" } }\n");
	expect_done(plan, "platform:i2c-0", "noisy");
	e = &plan->errands[0];
	assert_int_equal(e->step, STEP_UNBIND);
	assert_int_equal(e->stage, 0);
	assert_int_equal(e->deadline_ms, 7000);
	assert_string_equal(e->rule, "x.lua:1");
	expect_dropped(plan, "platform:mmc0",
		"it is in use: mmcblk0p1 is mounted on /; only a rule whose `use` says so stills "
		"it");
	expect_dropped(plan, "usb:1-1", "its driver cannot be unbound");
	expect_steps(plan, "00:02.0", "left"); /* rules without a bus speak of PCI alone */
}

static void a_rule_with_use_unbinds_what_is_in_use(void **state)
{
	struct plan *plan;

	draw(*state);
	plan = scene_plan(*state, SCENE_RULES,
		"device { bus = \"platform\", use = \"disk\", steps = { \"unbind\" } }");
	expect_done(plan, "platform:mmc0", "a rule asks for it");
	assert_int_equal(plan->errand_count, 1);
	plan = scene_plan(*state, SCENE_RULES,
		"device { bus = \"platform\", use = \"any\", steps = { \"unbind\" } }"
		"device { bus = \"platform\", name = \"mmc0\", leave = true }");
	assert_int_equal(plan->errand_count + plan->dropped_count, 0);
}

static void opting_out_goes_before_every_rule(void **state)
{
	static const char *leave[] = {"platform:i2c-0", "0000:00:02.0"};
	struct scene *scene = *state;
	struct plan *plan;

	draw(scene);
	scene->optouts = (struct host_optouts){.leave = leave, .leave_count = 2};
	plan = scene_plan(scene, SCENE_RULES,
		"device { bus = \"platform\", name = \"i2c-0\", steps = { \"unbind\" } }"
		"device { steps = { \"unbind\" } }");
	expect_dropped(plan, "platform:i2c-0",
		"the kernel's command line says stillboot.leave=platform:i2c-0");
	expect_steps(plan, "00:02.0", "left");
	expect_reason(
		plan, "00:02.0", "the kernel's command line says stillboot.leave=0000:00:02.0");
	assert_string_equal(plan_at(plan, "00:02.0")->rule, "command line");
}

static void a_hand_goes_before_every_rule(void **state)
{
	static const char *leave[] = {"platform:i2c-0", "0000:00:02.0"};
	const struct host_optouts by_hand = {.leave = leave, .leave_count = 2};
	struct scene *scene = *state;
	struct plan *plan;

	draw(scene);
	scene->facts.by_hand = &by_hand;
	plan = scene_plan(scene, SCENE_RULES,
		"device { bus = \"platform\", name = \"i2c-0\", steps = { \"unbind\" } }"
		"device { use = \"any\", steps = { \"unbind\" } }");
	expect_dropped(plan, "platform:i2c-0", POLICY_BY_HAND);
	expect_steps(plan, "00:02.0", "left");
	expect_reason(plan, "00:02.0", POLICY_BY_HAND);
	assert_string_equal(plan_at(plan, "00:02.0")->rule, "by hand");
	scene->facts.by_hand = NULL;
}

static void quiesce_off_leaves_everything(void **state)
{
	static const char rules[] =
		"device { steps = { \"unbind\" } }\n"
		"device { bus = \"platform\", steps = { \"unbind\" } }\n"
		"machine { offline_cpus = true }\n"
		"machine { vendor = \"Maker\", quiesce = false, why = \"%s\" }\n";
	struct scene *scene = *state;
	char text[400];
	struct plan *plan;

	draw(scene);
	snprintf(text, sizeof(text), rules, "its firmware hangs");
	plan = scene_plan(scene, SCENE_RULES, text);
	expect_steps(plan, "00:02.0", "left");
	expect_reason(plan, "00:02.0", "its firmware hangs");
	assert_string_equal(plan_at(plan, "00:02.0")->rule, "x.lua:4");
	assert_string_equal(plan->off, "x.lua:4");
	assert_int_equal(plan->errand_count, 0);
	expect_dropped(plan, "platform:i2c-0", "stilling is switched off");
	strcat(text, "machine { quiesce = true }");
	plan = scene_plan(scene, SCENE_RULES, text);
	assert_null(plan->off);
	expect_steps(plan, "00:02.0", "unbind");
	scene->optouts.quiesce_off = 1;
	plan = scene_plan(scene, SCENE_RULES, text);
	assert_string_equal(plan->off, "command line");
	expect_reason(plan, "00:02.0", "the kernel's command line says stillboot.quiesce=off");
}

/* A decision that is kept meets another machine: by slots, and what it does not know is left. */
static void an_old_decision_leaves_what_it_does_not_know(void **state)
{
	static const struct sketch more[] = {
		{"00:01.0", 0x020000, NO_EXPRESS, 0, 0, "e1000", PCI_RESET_PM, 0, NULL},
		{"00:02.0", 0x020000, NO_EXPRESS, 0, 0, "e1000", PCI_RESET_PM, 0, NULL},
	};
	struct scene *scene = *state;
	struct decision *d;
	struct plan *plan;

	draw(scene);
	d = scene_decide(scene, SCENE_RULES,
		"device { steps = { \"unbind\" } }"
		"device { bus = \"platform\", name = \"i2c-0\", steps = { \"unbind\" } }");
	scene_draw(scene, more, 2);
	scene->host.other_count = 0;
	assert_int_equal(policy_plan(d, &scene->facts, scene, &plan, NULL), 0);
	expect_steps(plan, "00:01.0", "left");
	expect_reason(plan, "00:01.0", "no rule speaks about it");
	expect_steps(plan, "00:02.0", "unbind");
	expect_dropped(plan, "platform:i2c-0", "no driver is bound to such a device");
}

static void machine_rules_match_names(void **state)
{
	static const struct {
		const char *fields;
		int matches;
	} cases[] = {
		{"vendor = \"Maker\"", 1},
		{"vendor = \"maker\"", 0},
		{"vendor = { \"x\", \"M*\" }", 1},
		{"product = \"Product ?\"", 1},
		{"product = \"Product\"", 0},
		{"version = \"V*\"", 1},
		{"version = \"1\"", 0},
		{"board_vendor = \"Board*\"", 1},
		{"board_vendor = \"Board\"", 0},
		{"board = \"Board\"", 1},
		{"board = \"B\"", 0},
		{"bios_vendor = \"BIOS*\"", 1},
		{"bios_vendor = \"*x\"", 0},
		{"bios = \"1.*\"", 1},
		{"bios = \"2.*\"", 0},
		{"kernel = \"6.1\"", 1},
		{"kernel = \"< 6.1\"", 0},
		{"lockdown = \"none\"", 1},
		{"lockdown = \"integrity\"", 0},
		{"when = function(m) return m.vendor == \"Maker\" end", 1},
		{"when = function(m) return #m.devices > 100 end", 0},
		{"vendor = \"x\", when = function(m) error(\"asked\") end", 0},
	};
	char rule[200];

	draw(*state);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(rule, sizeof(rule), "machine { %s, load_retries = 3 }", cases[i].fields);
		if (scene_decide(*state, SCENE_RULES, rule)->load_retries !=
			(cases[i].matches ? 3 : 0))
			fail_msg("%s", cases[i].fields);
	}
}

static void machine_rules_ask_for_errands(void **state)
{
	struct plan *plan;

	draw(*state);
	plan = scene_plan(*state, SCENE_RULES,
		"machine { settle = 9 }\n"
		"machine { settle = 1.5, offline_cpus = true, why = \"slow firmware\" }\n"
		"machine { vendor = \"other\", settle = 7, offline_cpus = false }\n"
		"device { bus = \"platform\", name = \"i2c-0\", steps = { \"unbind\" } }\n");
	assert_int_equal(plan->errand_count, 3);
	assert_int_equal(plan->errands[0].step, STEP_SETTLE);
	assert_int_equal(plan->errands[0].settle_ms, 1500);
	assert_int_equal(plan->errands[0].stage, 0);
	assert_string_equal(plan->errands[0].rule, "x.lua:2");
	assert_string_equal(plan->errands[0].reason, "slow firmware");
	assert_int_equal(plan->errands[1].step, STEP_UNBIND);
	assert_int_equal(plan->errands[2].step, STEP_OFFLINE_CPUS);
	assert_int_equal(plan->errands[2].stage, 1);
	plan = scene_plan(*state, SCENE_RULES,
		"machine { offline_cpus = true } machine { offline_cpus = false }");
	assert_int_equal(plan->errand_count, 0);
}

static void of_boot_the_last_word_of_each_field_counts(void **state)
{
	struct decision *d = scene_decide(*state, SCENE_RULES,
		"boot { default = \"a\", timeout = 5, require_still = true }\n"
		"boot { default = \"newest\", on_hang = \"crash-kernel\" }\n"
		"boot { timeout = 0 }\n");

	assert_string_equal(d->boot.default_entry, "newest");
	assert_string_equal(d->boot_where[BOOT_DEFAULT], "x.lua:2");
	assert_int_equal(d->boot.timeout, 0);
	assert_true(declared_says(&d->boot.declared, BOOT_TIMEOUT));
	assert_string_equal(d->boot_where[BOOT_TIMEOUT], "x.lua:3");
	assert_int_equal(d->boot.on_hang, POLICY_HANG_CRASH);
	assert_string_equal(d->boot_where[BOOT_ON_HANG], "x.lua:2");
	assert_int_equal(d->boot.require_still, 1);
	assert_string_equal(d->boot_where[BOOT_REQUIRE_STILL], "x.lua:1");
	d = scene_decide(*state, SCENE_RULES, "");
	assert_int_equal(d->boot.declared.says, 0);
	assert_null(d->boot_where[BOOT_DEFAULT]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_device_on_another_bus_is_an_errand, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_rule_with_use_unbinds_what_is_in_use, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			opting_out_goes_before_every_rule, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_hand_goes_before_every_rule, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			quiesce_off_leaves_everything, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			an_old_decision_leaves_what_it_does_not_know, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			machine_rules_match_names, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			machine_rules_ask_for_errands, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			of_boot_the_last_word_of_each_field_counts, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
