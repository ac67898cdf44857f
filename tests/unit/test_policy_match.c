// SPDX-License-Identifier: GPL-2.0-or-later
/* Every match field of device rules: what agrees with it and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include "tests/unit/scripted.h"
#include "tests/unit/sketch.h"

#define YES 1
#define NO 0

struct match {
	const char *fields;
	int matches;
};

/* A network card below a port, a bridge, a disk in use, on a made-up machine. */
static void draw(struct scene *scene)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x020000, ENDPOINT, 0, 0, "mlx5_core", 0, PCI_USE_NETWORK, "eth0"},
	};
	struct pci_function *f;

	scene_draw(scene, tree, 2);
	f = &scene->snapshot->functions[1];
	f->vendor = 0x15b3;
	f->device = 0x1017;
	f->subsystem_vendor = 0x1028;
	f->subsystem_device = 0x0042;
	scene->host.vendor = "Dell Inc.";
	scene->host.product = "PowerEdge R750";
	scene->host.kernel = "6.1.0-42-amd64";
	scene->host.lockdown = PCI_LOCKDOWN_INTEGRITY;
}

/* Does a rule with these fields decide about the card? */
static int decides(struct scene *scene, const char *fields)
{
	char rule[300];
	struct decision *d;

	snprintf(rule, sizeof(rule), "device { %s, leave = true }", fields);
	d = scene_decide(scene, SCENE_RULES, rule);
	return decision_find(d, "0000:01:00.0")->what == ASK_LEAVE;
}

static void expect_matches(struct scene *scene, const struct match *matches, size_t count)
{
	draw(scene);
	for (size_t i = 0; i < count; i++)
		if (decides(scene, matches[i].fields) != matches[i].matches)
			fail_msg("%s %s", matches[i].fields,
				matches[i].matches ? "does not match" : "matches");
}

#define EXPECT_MATCHES(scene, table) expect_matches(scene, table, sizeof(table) / sizeof(*(table)))

static void ids_are_numbers_strings_or_lists(void **state)
{
	static const struct match ids[] = {
		{"vendor = 0x15b3", YES},
		{"vendor = \"0x15B3\"", YES},
		{"vendor = 5555", YES},
		{"vendor = 0x15b4", NO},
		{"vendor = { 0x8086, 0x15b3 }", YES},
		{"vendor = { 0x8086, \"0x10de\" }", NO},
		{"device = 0x1017", YES},
		{"device = { 0x1016, 0x1018 }", NO},
		{"subsystem_vendor = 0x1028", YES},
		{"subsystem_vendor = 0x15b3", NO},
		{"subsystem_device = { \"0x42\" }", YES},
		{"subsystem_device = 0x1017", NO},
		{"vendor = 0x15b3, device = 0x1017", YES},
		{"vendor = 0x15b3, device = 0x1018", NO},
	};

	EXPECT_MATCHES(*state, ids);
}

static void globs_are_strings_or_lists(void **state)
{
	static const struct match globs[] = {
		{"driver = \"mlx5_core\"", YES},
		{"driver = \"mlx?_*\"", YES},
		{"driver = \"mlx[45]_core\"", YES},
		{"driver = \"MLX5_core\"", NO},
		{"driver = \"mlx5\"", NO},
		{"driver = { \"nvme\", \"mlx*\" }", YES},
		{"driver = { \"nvme\", \"ahci\" }", NO},
		{"slot = \"01:00.0\"", YES},
		{"slot = \"0000:01:00.0\"", YES},
		{"slot = \"1:0.0\"", YES},
		{"slot = { \"02:00.0\", \"01:*\" }", YES},
		{"slot = \"01:00.1\"", NO},
		{"slot = \"0001:*\"", NO},
		{"machine_vendor = \"Dell*\"", YES},
		{"machine_vendor = \"dell*\"", NO},
		{"machine_vendor = { \"HP*\", \"Dell Inc.\" }", YES},
		{"machine_product = \"* R750\"", YES},
		{"machine_product = \"PowerEdge\"", NO},
	};

	EXPECT_MATCHES(*state, globs);
}

static void words_name_class_place_port_and_use(void **state)
{
	static const struct match words[] = {
		{"class = \"network\"", YES},
		{"class = \"0x0200\"", YES},
		{"class = 0x020000", YES},
		{"class = \"storage\"", NO},
		{"class = 0x0280", NO},
		{"place = \"port\"", YES},
		{"place = \"root\"", NO},
		{"place = \"switch\"", NO},
		{"port = \"endpoint\"", YES},
		{"port = \"legacy_endpoint\"", NO},
		{"port = \"root_port\"", NO},
		{"port = \"none\"", NO},
		{"use = \"network\"", YES},
		{"use = \"any\"", YES},
		{"use = \"disk\"", NO},
		{"bus = \"pci\"", YES},
		{"bus = \"pci\", driver = \"nvme\"", NO},
		{"bus = \"usb\"", NO},
		{"lockdown = \"integrity\"", YES},
		{"lockdown = \"none\"", NO},
		{"lockdown = \"confidentiality\"", NO},
	};

	EXPECT_MATCHES(*state, words);
}

static void kernel_ranges(void **state)
{
	static const struct match ranges[] = {
		{"kernel = \"6.1\"", YES},
		{"kernel = \"= 6.1\"", YES},
		{"kernel = \"6\"", YES},
		{"kernel = \"6.1.0\"", YES},
		{"kernel = \"6.1.1\"", NO},
		{"kernel = \"6.10\"", NO},
		{"kernel = \">= 5.10, < 6.4\"", YES},
		{"kernel = \">=5.10,<6.4\"", YES},
		{"kernel = \"  >= 5.10 ,  < 6.4  \"", YES},
		{"kernel = \"<= 6.1\"", YES},
		{"kernel = \"<= 6.0\"", NO},
		{"kernel = \"> 6.1\"", NO},
		{"kernel = \"> 6\"", NO},
		{"kernel = \"< 7\"", YES},
		{"kernel = \"> 6.1, < 6.0\"", NO},
		{"kernel = \">= 6.1.0.0\"", YES},
		{"kernel = \"< 99999999999999999999\"", YES},
	};
	static const struct match nothing[] = {
		{"kernel = \">= 0\"", NO},
		{"kernel = \"< 9\"", NO},
	};
	struct scene *scene = *state;

	EXPECT_MATCHES(scene, ranges);
	draw(scene);
	scene->host.kernel = "";
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(decides(scene, nothing[i].fields), nothing[i].matches);
	scene->host.kernel = "6.12-rc3";
	assert_true(decides(scene, "kernel = \">= 6.12\""));
	assert_false(decides(scene, "kernel = \"6.12.1\""));
}

/* Every PCI Express type has a word. */
static void every_port_type_has_a_word(void **state)
{
	static const struct {
		int express;
		const char *word;
	} ports[] = {
		{-1, "none"},
		{PCI_EXP_TYPE_ENDPOINT, "endpoint"},
		{PCI_EXP_TYPE_LEG_END, "legacy_endpoint"},
		{PCI_EXP_TYPE_ROOT_PORT, "root_port"},
		{PCI_EXP_TYPE_UPSTREAM, "upstream"},
		{PCI_EXP_TYPE_DOWNSTREAM, "downstream"},
		{PCI_EXP_TYPE_PCI_BRIDGE, "pcie_to_pci"},
		{PCI_EXP_TYPE_PCIE_BRIDGE, "pci_to_pcie"},
		{PCI_EXP_TYPE_RC_END, "root_complex_endpoint"},
		{PCI_EXP_TYPE_RC_EC, "event_collector"},
	};
	struct scene *scene = *state;
	char field[64];

	draw(scene);
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		scene->snapshot->functions[1].express = ports[i].express;
		for (size_t n = 0; n < sizeof(ports) / sizeof(*ports); n++) {
			snprintf(field, sizeof(field), "port = \"%s\"", ports[n].word);
			assert_int_equal(decides(scene, field), n == i);
		}
	}
}

static void a_function_without_a_driver_matches_no_driver(void **state)
{
	struct scene *scene = *state;

	draw(scene);
	scene->snapshot->functions[1].driver = NULL;
	assert_false(decides(scene, "driver = \"*\""));
}

/* What `plan --explain` shows of each rule. */
static void explains_which_field_did_not_agree(void **state)
{
	static const char rules[] =
		"device { vendor = 1, leave = true }\n"
		"device { class = \"network\", port = \"none\", leave = true }\n"
		"device { bus = \"usb\", leave = true }\n"
		"device { when = function() return false end, leave = true }\n"
		"device { steps = { \"unbind\" }, deadline = 3 }\n"
		"device { kernel = \"5\", leave = true }\n"
		"device { driver = \"mlx*\", leave = false }\n";
	static const struct explanation expected[] = {
		{"x.lua:1", "vendor", "0x15b3", NULL},
		{"x.lua:2", "port", "endpoint", NULL},
		{"x.lua:3", "bus", "pci", NULL},
		{"x.lua:4", "when", "the function said false", NULL},
		{"x.lua:5", NULL, NULL, "the steps, the deadline"},
		{"x.lua:6", "kernel", "6.1.0-42-amd64", NULL},
		{"x.lua:7", NULL, NULL, "the action"},
	};
	struct scene *scene = *state;
	struct decision *d;
	struct policy *p;
	struct err err;

	draw(scene);
	p = scene_load(scene, SCENE_RULES, rules);
	assert_int_equal(policy_decide(p, "01:00.0", scene, &d, &err), 0);
	assert_int_equal(d->explanation_count, 7);
	for (size_t i = 0; i < 7; i++) {
		const struct explanation *e = &d->explanations[i];

		assert_string_equal(e->where, expected[i].where);
		assert_string_equal(
			e->field ? e->field : "", expected[i].field ? expected[i].field : "");
		assert_string_equal(e->saw ? e->saw : "", expected[i].saw ? expected[i].saw : "");
		assert_string_equal(e->won ? e->won : "", expected[i].won ? expected[i].won : "");
	}
	assert_true(policy_decide(p, "02:00.0", scene, &d, &err) < 0);
	assert_string_equal(
		err.text, "there is no device 02:00.0; `stillboot devices` shows the slots");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			ids_are_numbers_strings_or_lists, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			globs_are_strings_or_lists, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			words_name_class_place_port_and_use, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(kernel_ranges, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			every_port_type_has_a_word, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_function_without_a_driver_matches_no_driver, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			explains_which_field_did_not_agree, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
