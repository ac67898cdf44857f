// SPDX-License-Identifier: GPL-2.0-or-later
/* Arrange functions: what they get, what becomes of what they return, and what they may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scripted.h"
#include "tests/unit/sketch.h"

#define CARDS                                                                                      \
	"device { driver = { \"e1000e\", \"8139cp\" }, steps = { \"unbind\", \"mask\" }, "         \
	"deadline = 12 }\n"

static struct plan *arrange(struct scene *scene, const char *rules)
{
	if (!scene->snapshot->count) {
		struct bus_device *other;

		scene_draw(scene, sketch_lab, 21);
		scene_other(scene, "platform", "i2c-0", "i2c_designware");
		other = scene_other(scene, "platform", "mmc0", "sdhci");
		other->uses = PCI_USE_DISK;
	}
	return scene_plan(scene, SCENE_RULES, rules);
}

/* All of the plan in one text: "0 settle; 0 08:00.0 unbind; 1 write sys/x=0; ..." by stages, errands
 * first, then what was dropped. */
static char *in_words(void *ctx, const struct plan *plan)
{
	char *text = talloc_strdup(ctx, "");

	for (unsigned int stage = 0; stage <= PLAN_STAGES_MAX; stage++) {
		for (size_t i = 0; i < plan->errand_count; i++) {
			const struct plan_errand *e = &plan->errands[i];

			if (e->stage == stage)
				text = talloc_asprintf_append(text, "%u %s%s%s%s%s [%s]; ", stage,
					step_name(e->step), e->subject ? " " : "",
					e->subject ? e->subject : "", e->value ? "=" : "",
					e->value ? e->value : "", e->rule);
		}
		for (size_t i = 0; i < plan->count; i++)
			for (size_t s = 0; s < plan->devices[i].step_count; s++)
				if (plan->devices[i].stages[s] == stage)
					text = talloc_asprintf_append(text, "%u %s %s; ", stage,
						plan->devices[i].function->slot + 5,
						step_name(plan->devices[i].steps[s]));
	}
	for (size_t i = 0; i < plan->dropped_count; i++)
		text = talloc_asprintf_append(text, "not %s; ", plan->dropped[i].subject);
	return text;
}

static void expect_plan(struct scene *scene, const char *rules, const char *expected)
{
	assert_string_equal(in_words(scene, arrange(scene, rules)), expected);
}

static void what_comes_back_unchanged_changes_nothing(void **state)
{
	static const char rules[] = CARDS
		"device { bus = \"platform\", steps = { \"unbind\" }, why = \"noisy\" }\n"
		"machine { offline_cpus = true, settle = 1 }\n"
		"device { driver = \"i6300ESB timer\", leave = true, why = \"guard\" }\n";
	struct plan *before = arrange(*state, rules), *after;
	char *text = talloc_asprintf(
		*state, "%sarrange(function(machine, steps) return steps end)", rules);

	after = arrange(*state, text);
	assert_string_equal(in_words(*state, after), in_words(*state, before));
	for (size_t i = 0; i < before->count; i++) {
		assert_int_equal(before->devices[i].action, after->devices[i].action);
		assert_string_equal(before->devices[i].rule, after->devices[i].rule);
		assert_string_equal(before->devices[i].reason, after->devices[i].reason);
		assert_int_equal(before->devices[i].unbind_deadline_ms,
			after->devices[i].unbind_deadline_ms);
	}
	for (size_t i = 0; i < before->errand_count; i++) {
		assert_string_equal(before->errands[i].reason, after->errands[i].reason);
		assert_int_equal(before->errands[i].deadline_ms, after->errands[i].deadline_ms);
		assert_int_equal(before->errands[i].settle_ms, after->errands[i].settle_ms);
	}
	assert_int_equal(after->dropped_count, 1);
	assert_string_equal(after->dropped[0].rule, "x.lua:2");
	assert_string_equal(after->dropped[0].reason, before->dropped[0].reason);
}

static void sees_the_plan_as_plain_tables(void **state)
{
	expect_plan(*state,
		CARDS "device { bus = \"platform\", name = \"i2c-0\", steps = { \"unbind\" } }\n"
		      "machine { settle = 1.5 }\n"
		      "arrange(function(m, s)\n"
		      "local function is(a, b) if a ~= b then error(tostring(a) .. \" is not \" "
		      ".. tostring(b), 2) end end\n"
		      "is(#m.devices, 23) is(#s, 6)\n"
		      "is(s[1].step, \"settle\") is(s[1].seconds, 1.5) is(s[1].slot, nil)\n"
		      "is(s[2].step, \"unbind\") is(s[2].slot, \"platform:i2c-0\")\n"
		      "is(s[2].deadline, 30.0) is(s[2].rule, \"x.lua:2\")\n"
		      "is(s[3].step, \"unbind\") is(s[3].slot, \"0000:08:00.0\")\n"
		      "is(s[3].driver, \"8139cp\") is(s[3].deadline, 12.0)\n"
		      "is(s[3].rule, \"x.lua:1\")\n"
		      "is(s[4].step, \"mask\") is(s[4].deadline, nil)\n"
		      "is(s[5].slot, \"0000:09:00.0\") is(s[6].step, \"mask\")\n"
		      "return s end)",
		"0 settle [x.lua:3]; 0 unbind platform:i2c-0 [x.lua:2]; 0 08:00.0 unbind; 0 "
		"08:00.0 "
		"mask; 0 09:00.0 unbind; 0 09:00.0 mask; ");
}

static void steps_can_be_dropped_and_reordered(void **state)
{
	struct plan *plan;

	expect_plan(*state, CARDS "arrange(function(m, s) table.remove(s) return s end)",
		"0 08:00.0 unbind; 0 08:00.0 mask; 0 09:00.0 unbind; ");
	expect_plan(*state, CARDS "arrange(function(m, s) s[1], s[2] = s[2], s[1] return s end)",
		"0 08:00.0 unbind; 0 09:00.0 unbind; 0 09:00.0 mask; "); /* not under its driver */
	plan = arrange(*state, CARDS "arrange(function(m, s) return { s[1], s[2] } end)");
	expect_steps(plan, "08:00.0", "unbind mask");
	assert_string_equal(plan_at(plan, "08:00.0")->rule, "x.lua:1");
	expect_steps(plan, "09:00.0", "left");
	expect_reason(plan, "09:00.0", "arrange left out its steps");
	assert_string_equal(plan_at(plan, "09:00.0")->rule, "x.lua:2");
}

static void errands_cut_the_plan_into_stages(void **state)
{
	expect_plan(*state,
		CARDS "arrange(function(m, s)\n"
		      "table.insert(s, 1, { step = \"run\", command = { \"/bin/true\", \"a\" } })\n"
		      "table.insert(s, 3, { step = \"write\", path = \"/sys/x\", value = \"0\", "
		      "deadline = 5 })\n"
		      "table.insert(s, 5, { step = \"settle\", seconds = 2 })\n"
		      "table.insert(s, { step = \"unload\", module = \"edu\" })\n"
		      "table.insert(s, { step = \"link_down\", interface = \"eth0\" })\n"
		      "table.insert(s, { step = \"unbind\", slot = \"platform:i2c-0\" })\n"
		      "table.insert(s, { step = \"offline_cpus\" })\n"
		      "return s end)",
		"0 run /bin/true [x.lua:2]; 0 08:00.0 unbind; 1 write sys/x=0 [x.lua:2]; 1 08:00.0 "
		"mask; 2 settle [x.lua:2]; 2 09:00.0 unbind; 2 09:00.0 mask; 3 unload edu "
		"[x.lua:2]; 3 link_down eth0 [x.lua:2]; 3 unbind platform:i2c-0 [x.lua:2]; 3 "
		"offline_cpus [x.lua:2]; ");
	expect_plan(*state,
		CARDS
		"arrange(function(m, s) return { s[1], s[3], { step = \"settle\", seconds = 1 "
		"}, s[2], s[4] } end)",
		"0 08:00.0 unbind; 0 09:00.0 unbind; 1 settle [x.lua:2]; 1 08:00.0 mask; 1 09:00.0 "
		"mask; ");
}

static void deadlines_and_words_arrive(void **state)
{
	struct plan *plan = arrange(*state,
		CARDS "arrange(function(m, s) s[1].deadline = 3.5 return { { step = \"run\", "
		      "command = { \"/bin/x\", \"-a\", \"b c\" }, deadline = 4 }, { step = "
		      "\"settle\", seconds = 0.25 }, s[1], s[2] } end)");

	assert_int_equal(plan_at(plan, "08:00.0")->unbind_deadline_ms, 3500);
	assert_string_equal(plan_at(plan, "08:00.0")->rule, "x.lua:1");
	assert_int_equal(plan->errands[0].deadline_ms, 4000);
	assert_string_equal(plan->errands[0].argv[2], "b c");
	assert_null(plan->errands[0].argv[3]);
	assert_string_equal(plan->errands[0].reason, "arranged");
	assert_int_equal(plan->errands[1].settle_ms, 250);
	assert_int_equal(plan->errands[1].deadline_ms, 30000);
}

static void what_it_asks_for_is_judged_like_a_rule(void **state)
{
	struct plan *plan = arrange(*state,
		"arrange(function(m, s) return {\n"
		"{ step = \"unbind\", slot = \"01:00.0\" },\n" /* a mounted disk */
		"{ step = \"bus\", slot = \"09:00.0\" },\n"    /* still bound */
		"{ step = \"unbind\", slot = \"09:00.0\" },\n"
		"{ step = \"bus\", slot = \"02:00.0\" },\n" /* a bridge */
		"{ step = \"unbind\", slot = \"platform:mmc0\" },\n"
		"{ step = \"unbind\", slot = \"platform:none\" } } end)");

	expect_steps(plan, "01:00.0", "left");
	expect_steps(plan, "09:00.0", "unbind");
	expect_steps(plan, "02:00.0", "");
	assert_int_equal(plan->errand_count, 0);
	assert_int_equal(plan->dropped_count, 2);
	assert_string_equal(plan->dropped[1].reason, "no driver is bound to such a device");
}

static void each_works_on_what_the_one_before_made(void **state)
{
	expect_plan(*state,
		CARDS "arrange(function(m, s) table.insert(s, { step = \"settle\", seconds = 1 }) "
		      "return s end)\n"
		      "arrange(function(m, s) table.insert(s, 1, { step = \"settle\", seconds = 2 "
		      "}) table.remove(s, 2) return s end)\n",
		"0 settle [x.lua:3]; 0 09:00.0 unbind; 0 09:00.0 mask; 1 settle "
		"[x.lua:2]; ");
}

static const struct {
	const char *rules, *error;
} bad[] = {
	{"arrange(function(m, s) return { {step=\"unbind\", slot=\"00:1e.0\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: there is no device 00:1e.0"},
	{"arrange(function(m, s) return { {step=\"unbind\", slot=\"09:00.0\"},{step=\"unbind\", "
	 "slot=\"09:00.0\"} } end)",
		"x.lua:1: arrange returned as step 2 something wrong: unbind of 0000:09:00.0 is "
		"there twice"},
	{"arrange(function(m, s) return { {step=\"unbind\", slot=\"09:00.0\"},{step=\"run\", "
	 "command={\"/bin/true\"}} } end)",
		"x.lua:1: arrange returned as step 2 something wrong: run must stand before the "
		"first step of a PCI device: after that there may be no disk to read the program "
		"from"},
	{"arrange(function(m, s) return { {step=\"run\", command={\"true\"}} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: command must be a list of up "
		"to 16 strings, the path of a program first"},
	{"arrange(function(m, s) return { {step=\"run\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: command must be a list of up "
		"to 16 strings, the path of a program first"},
	{"arrange(function(m, s) return { {step=\"write\", path=\"/etc/passwd\", value=\"0\"} } "
	 "end)",
		"x.lua:1: arrange returned as step 1 something wrong: path must be that of an "
		"attribute of sysfs or of a setting of sysctl (below /proc/sys), without \"..\" "
		"and control characters"},
	{"arrange(function(m, s) return { {step=\"write\", path=\"/sys/../etc/passwd\", "
	 "value=\"0\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: path must be that of an "
		"attribute of sysfs or of a setting of sysctl (below /proc/sys), without \"..\" "
		"and control characters"},
	{"arrange(function(m, s) return { {step=\"write\", path=\"/proc/sysrq-trigger\", "
	 "value=\"b\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: path must be that of an "
		"attribute of sysfs or of a setting of sysctl (below /proc/sys), without \"..\" "
		"and control characters"},
	{"arrange(function(m, s) return { {step=\"write\", path=\"/sys/a\\nb\", value=\"5\"} } "
	 "end)",
		"x.lua:1: arrange returned as step 1 something wrong: path must be that of an "
		"attribute of sysfs or of a setting of sysctl (below /proc/sys), without \"..\" "
		"and control characters"},
	{"arrange(function(m, s) return { {step=\"write\", path=\"/sys/a\", value=\"5\\n\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: value must be a string of up "
		"to 255 bytes, without control characters"},
	{"arrange(function(m, s) return { {step=\"write\", path=\"/sys/a\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: value must be a string of up "
		"to 255 bytes, without control characters"},
	{"arrange(function(m, s) return { {step=\"unload\", module=\"../x\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: module must be the name of a "
		"module, as lsmod shows it"},
	{"arrange(function(m, s) return { {step=\"link_down\", interface=\"a b\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: interface must be the name "
		"of a network interface"},
	{"arrange(function(m, s) return { {step=\"settle\", seconds=4000} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: seconds must be a number of "
		"seconds up to 3600, not 4000"},
	{"arrange(function(m, s) return { {step=\"settle\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: settle needs seconds: how "
		"long to wait"},
	{"arrange(function(m, s) return { {step=\"settle\", slot=\"09:00.0\", seconds=1} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: slot does not go with this "
		"step"},
	{"arrange(function(m, s) return { {step=\"flr\", slot=\"platform:x\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: slot must be that of a PCI "
		"device for such a step"},
	{"arrange(function(m, s) return { {step=\"flr\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: slot is missing: which "
		"device is it about?"},
	{"arrange(function(m, s) return { {step=\"vfs\", slot=\"09:00.0\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: there is no step \"vfs\""},
	{"arrange(function(m, s) return { {step=\"unbnd\", slot=\"09:00.0\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: there is no step \"unbnd\"; "
		"did you mean \"unbind\"?"},
	{"arrange(function(m, s) return { {slot=\"09:00.0\"} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: it does not say which step"},
	{"arrange(function(m, s) return { \"unbind\" } end)",
		"x.lua:1: arrange returned as step 1 something wrong: a step is a table: { step = "
		"\"unbind\", slot = \"0000:01:00.0\" }"},
	{"arrange(function(m, s) return { {step=\"unbind\", slot=\"09:00.0\", bogus=1} } end)",
		"x.lua:1: arrange returned as step 1 something wrong: a step has no field "
		"\"bogus\""},
	{"arrange(function(m, s) return { 1, 2 } end)",
		"x.lua:1: arrange returned as step 1 something wrong: a step is a table: { step = "
		"\"unbind\", slot = \"0000:01:00.0\" }"},
	{"arrange(function(m, s) return nil end)",
		"x.lua:1: arrange must return the list of steps, not a nil"},
	{"arrange(function(m, s) return \"x\" end)",
		"x.lua:1: arrange must return the list of steps, not a string"},
	{"arrange(function(m, s) end)",
		"x.lua:1: arrange must return the list of steps, not a nil"},
	{"arrange(function(m, s) return { x = 1 } end)",
		"x.lua:1: arrange must return a list without holes and names: take a step out by "
		"table.remove(steps, i)"},
	{"arrange(function(m, s) return { nil, nil, {step=\"settle\"} } end)",
		"x.lua:1: arrange must return a list without holes and names: take a step out by "
		"table.remove(steps, i)"},
	{"arrange(function(m, s) return m.x.y end)",
		"x.lua:1: attempt to index a nil value (field 'x')"},
	{"arrange(function(m, s) error(\"no \" .. #s) end)", "x.lua:1: no 0"},
};

static void what_may_not_be_is_an_error_with_its_place(void **state)
{
	struct scene *scene = *state;

	arrange(scene, "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		scene_fails(scene, bad[i].rules, bad[i].error);
}

static void there_are_limits(void **state)
{
	struct scene *scene = *state;

	arrange(scene, "");
	scene_fails(scene, "arrange(function(m, s) for i = 1, 1e6 do s[i] = 1 end return s end)",
		"x.lua:1: arrange returned more steps than there can be");
	scene_fails(scene,
		"arrange(function(m, s) for i = 1, 300 do s[i] = { step = \"settle\", seconds = 1 "
		"} "
		"end return s end)",
		"x.lua:1: arrange returned as step 257 something wrong: there are too many steps "
		"that belong to no PCI device");
}

/* Each step of a function, then a pause: more of these than a plan has stages. */
static void stages_are_limited(void **state)
{
	struct scene *scene = *state;
	char slot[16];

	for (unsigned int i = 0; i < 32; i++) {
		snprintf(slot, sizeof(slot), "0000:00:%02x.0", i);
		snapshot_add(scene->snapshot, slot, 0x020000, NULL);
	}
	pci_link_tree(scene->snapshot);
	scene_fails(scene,
		"arrange(function(m, s)\n"
		"local t, kinds = {}, { \"unbind\", \"flr\", \"pm\", \"bus\", \"sbr\", \"power\", "
		"\"disable\", \"mask\" }\n"
		"for _, d in ipairs(m.devices) do for _, k in ipairs(kinds) do\n"
		"if #t < 510 and d.slot then\n"
		"t[#t + 1] = { step = k, slot = d.slot } t[#t + 1] = { step = \"settle\", seconds "
		"= 1 "
		"}\nend end end return t end)",
		"x.lua:1: arrange returned as step 502 something wrong: there are too many steps "
		"between those of PCI devices");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_comes_back_unchanged_changes_nothing, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			sees_the_plan_as_plain_tables, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			steps_can_be_dropped_and_reordered, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			errands_cut_the_plan_into_stages, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			deadlines_and_words_arrive, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			what_it_asks_for_is_judged_like_a_rule, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			each_works_on_what_the_one_before_made, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			what_may_not_be_is_an_error_with_its_place, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(there_are_limits, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(stages_are_limited, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
