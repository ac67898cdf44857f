// SPDX-License-Identifier: GPL-2.0-or-later
/* From rules and a hand-built snapshot to the plan: the default policy on the tree of the lab, and
 * what C takes away from rules that ask for too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/pci_regs.h>
#include <talloc.h>

#include "policy/policy.h"
#include "tests/unit/scripted.h"

#define PORT PCI_EXP_TYPE_ROOT_PORT
#define UP PCI_EXP_TYPE_UPSTREAM
#define DOWN PCI_EXP_TYPE_DOWNSTREAM
#define TO_PCI PCI_EXP_TYPE_PCI_BRIDGE
#define ENDPOINT PCI_EXP_TYPE_ENDPOINT
#define NO_EXPRESS (-1)

/* One function of a hand-built machine. Bridges have buses below; the tree follows from them. */
struct sketch {
	const char *slot;
	uint32_t class;
	int express;
	uint8_t secondary, subordinate;
	const char *driver;
	unsigned int resets, uses;
	const char *use;
};

/* The machine of shared/lab.md and the demo. */
static const struct sketch lab[] = {
	{"00:00.0", 0x060000, NO_EXPRESS, 0, 0, NULL, 0, 0, NULL},
	{"00:01.0", 0x030000, NO_EXPRESS, 0, 0, "bochs-drm", 0, PCI_USE_FRAMEBUFFER, "shows fb0"},
	{"00:02.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
	{"00:03.0", 0x060400, PORT, 2, 5, "pcieport", 0, 0, NULL},
	{"00:04.0", 0x060400, PORT, 6, 6, "pcieport", 0, 0, NULL},
	{"00:05.0", 0x060400, PORT, 7, 8, "pcieport", 0, 0, NULL},
	{"00:06.0", 0x060400, PORT, 9, 9, "pcieport", 0, 0, NULL},
	{"00:07.0", 0x088000, NO_EXPRESS, 0, 0, "i6300ESB timer", 0, PCI_USE_WATCHDOG,
		"carries watchdog0"},
	{"00:1f.0", 0x060100, NO_EXPRESS, 0, 0, "lpc_ich", 0, 0, NULL},
	{"00:1f.2", 0x010601, NO_EXPRESS, 0, 0, "ahci", PCI_RESET_FLR | PCI_RESET_PM, 0, NULL},
	{"00:1f.3", 0x0c0500, NO_EXPRESS, 0, 0, NULL, 0, 0, NULL},
	{"01:00.0", 0x010802, ENDPOINT, 0, 0, "nvme", PCI_RESET_FLR | PCI_RESET_BUS, PCI_USE_DISK,
		"nvme0n1p2 is mounted on /"},
	{"02:00.0", 0x060400, UP, 3, 5, "pcieport", PCI_RESET_FLR, 0, NULL},
	{"03:00.0", 0x060400, DOWN, 4, 4, "pcieport", PCI_RESET_FLR, 0, NULL},
	{"03:01.0", 0x060400, DOWN, 5, 5, "pcieport", PCI_RESET_FLR, 0, NULL},
	{"04:00.0", 0x010802, ENDPOINT, 0, 0, "nvme", PCI_RESET_FLR | PCI_RESET_BUS, 0, NULL},
	{"05:00.0", 0x0c0330, ENDPOINT, 0, 0, "xhci_hcd", PCI_RESET_BUS, 0, NULL},
	{"06:00.0", 0x00ff00, NO_EXPRESS, 0, 0, "faulty", PCI_RESET_BUS, 0, NULL},
	{"07:00.0", 0x060400, TO_PCI, 8, 8, NULL, 0, 0, NULL},
	{"08:00.0", 0x020000, NO_EXPRESS, 0, 0, "8139cp", PCI_RESET_PM | PCI_RESET_BUS, 0, NULL},
	{"09:00.0", 0x020000, ENDPOINT, 0, 0, "e1000e", PCI_RESET_PM | PCI_RESET_BUS, 0, NULL},
};

static struct pci_snapshot *build(void *ctx, const struct sketch *sketch, size_t count)
{
	struct pci_snapshot *s = talloc_zero(ctx, struct pci_snapshot);

	s->functions = talloc_zero_array(s, struct pci_function, count);
	s->count = count;
	for (size_t i = 0; i < count; i++) {
		struct pci_function *f = &s->functions[i];
		struct pci_slot slot;

		assert_int_equal(pci_parse_slot(sketch[i].slot, &slot), 0);
		snprintf(f->slot, sizeof(f->slot), "0000:%.7s", sketch[i].slot);
		f->bus = (uint8_t)slot.bus;
		f->dev = (uint8_t)slot.dev;
		f->func = (uint8_t)slot.func;
		f->class = sketch[i].class;
		f->header = sketch[i].secondary ? PCI_HEADER_TYPE_BRIDGE : PCI_HEADER_TYPE_NORMAL;
		f->express = sketch[i].express;
		f->secondary = sketch[i].secondary;
		f->subordinate = sketch[i].subordinate;
		f->driver = sketch[i].driver;
		f->can_unbind = f->driver != NULL;
		f->resets = sketch[i].resets;
		f->uses = sketch[i].uses;
		f->use = sketch[i].use;
	}
	pci_link_tree(s);
	return s;
}

/* The default policy, the given rules after it, on a machine. */
static struct plan *decide(void *ctx, const char *rules, const struct sketch *sketch, size_t count)
{
	struct policy *p;
	struct plan *plan = NULL;
	struct err err;

	if (policy_load_builtin(ctx, &p, &err) < 0 ||
		policy_add_chunk(p, rules, strlen(rules), "x.lua", &err) < 0 ||
		policy_decide(p, build(ctx, sketch, count), ctx, &plan, &err) < 0)
		fail_msg("%s", err.text);
	talloc_free(p); /* nothing of the plan may point into it */
	return plan;
}

#define DECIDE(ctx, rules, table) decide(ctx, rules, table, sizeof(table) / sizeof(*(table)))

static const struct plan_device *device_at(const struct plan *plan, const char *slot)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!strcmp(plan->devices[i].function->slot + sizeof("0000:") - 1, slot))
			return &plan->devices[i];
	fail_msg("no function %s", slot);
	return NULL;
}

/* What is planned for a slot, as in "unbind bus" or "left". */
static void expect(const struct plan *plan, const char *slot, const char *action)
{
	const struct plan_device *d = device_at(plan, slot);
	char text[64] = "";

	assert_non_null(d->reason);
	assert_non_null(d->rule);
	for (size_t i = 0; i < d->step_count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, step_name(d->steps[i]));
	}
	if (d->action == PLAN_LEFT) {
		assert_int_equal(d->step_count, 0);
		strcpy(text, "left");
	}
	if (strcmp(text, action))
		fail_msg("%s: \"%s\", not \"%s\" (%s)", slot, text, action, d->reason);
}

static void expect_reason(const struct plan *plan, const char *slot, const char *reason)
{
	assert_string_equal(device_at(plan, slot)->reason, reason);
}

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return !*state;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static void default_policy_on_the_lab_s_tree(void **state)
{
	struct plan *plan = DECIDE(*state, "", lab);
	static const char *const bridges[] = {"00:00.0", "00:02.0", "00:03.0", "00:04.0", "00:05.0",
		"00:06.0", "00:1f.0", "02:00.0", "03:00.0", "03:01.0", "07:00.0"};

	assert_int_equal(plan->count, sizeof(lab) / sizeof(*lab));
	for (size_t i = 0; i < sizeof(bridges) / sizeof(*bridges); i++)
		expect(plan, bridges[i], "left");
	expect(plan, "00:01.0", "left"); /* display */
	expect(plan, "00:07.0", "left"); /* watchdog */
	expect(plan, "01:00.0", "left"); /* in use */
	expect(plan, "00:1f.2", "unbind flr pm disable mask");
	expect(plan, "00:1f.3", "disable mask");
	expect(plan, "04:00.0", "unbind bus flr disable mask");
	expect(plan, "05:00.0", "unbind bus disable mask");
	expect(plan, "06:00.0", "unbind bus disable mask");
	expect(plan, "08:00.0", "unbind disable mask");
	expect(plan, "09:00.0", "unbind bus pm disable mask");
}

static void default_policy_gives_its_reasons(void **state)
{
	struct plan *plan = DECIDE(*state, "", lab);

	expect_reason(plan, "00:01.0", "a monitor blacks out when its controller is reset");
	expect_reason(plan, "01:00.0", "it is in use: nvme0n1p2 is mounted on /");
	expect_reason(plan, "08:00.0", "it must be still before the jump; legacy PCI is not reset");
	expect_reason(plan, "09:00.0", "it must be still before the jump");
	assert_non_null(strstr(device_at(plan, "00:1f.3")->reason,
		"no driver is bound; the kernel lists no reset"));
	assert_memory_equal(device_at(plan, "09:00.0")->rule, "default.lua:", 12);
	assert_int_equal(device_at(plan, "09:00.0")->unbind_deadline_ms, 30000);
	assert_int_equal(device_at(plan, "09:00.0")->reset_deadline_ms, 70000);
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
		struct pci_snapshot *s = snapshot_new(*state);
		struct pci_function *f = snapshot_add(s, "0000:00:04.0", 0x010802, "nvme");
		struct policy *p;
		struct plan *plan;

		f->uses = PCI_USE_DISK;
		f->use = "nvme0n1 is mounted on /";
		pci_link_tree(s);
		assert_int_equal(policy_load_builtin(*state, &p, NULL), 0);
		assert_int_equal(policy_add_chunk(p, rules[i], strlen(rules[i]), "x.lua", NULL), 0);
		assert_int_equal(policy_decide(p, s, *state, &plan, NULL), 0);
		expect(plan, "00:04.0", i < 2 ? "left" : "unbind");
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

		expect(DECIDE(*state, "device { driver = \"mlx5_core\", steps = { \"unbind\" } }",
			       tree),
			"04:00.0", cases[i].action);
		expect(DECIDE(*state,
			       "device { use = \"any\", steps = { \"unbind\" } }"
			       "device { use = \"network\", steps = { \"unbind\" } }"
			       "device { use = \"vfio\", steps = { \"unbind\" } }",
			       tree),
			"04:00.0", "unbind");
		expect(DECIDE(*state, "", tree), "04:00.0", "left");
	}
}

static void the_last_rule_that_matches_wins(void **state)
{
	struct plan *plan = DECIDE(*state,
		"device { deadline = 5 } device { driver = \"nvme\", deadline = 90 }\n"
		"device { driver = \"xhci*\", leave = true, why = \"keyboard\" }\n"
		"device { slot = \"05:00.0\", steps = { \"unbind\" } }\n"
		"device { class = \"network\", leave = true }\n"
		"device { driver = \"e1000e\", leave = false }\n"
		"device { slot = \"0000:04:*\", steps = { \"unbind\", \"flr\" }, why = \"mine\" "
		"}\n",
		lab);

	expect(plan, "05:00.0", "unbind");
	assert_string_equal(device_at(plan, "05:00.0")->rule, "x.lua:3");
	expect_reason(plan, "05:00.0", "a rule stills it");
	expect(plan, "08:00.0", "left");
	assert_string_equal(device_at(plan, "08:00.0")->rule, "x.lua:4");
	expect_reason(plan, "08:00.0", "a rule leaves it");
	expect(plan, "09:00.0",
		"unbind bus pm disable mask"); /* the default's steps, after leave = false */
	assert_string_equal(device_at(plan, "09:00.0")->rule, "x.lua:5");
	expect_reason(plan, "09:00.0", "it must be still before the jump");
	expect(plan, "04:00.0", "unbind flr");
	expect_reason(plan, "04:00.0", "mine");
	assert_int_equal(device_at(plan, "04:00.0")->unbind_deadline_ms, 90000);
	assert_int_equal(device_at(plan, "05:00.0")->unbind_deadline_ms, 5000);
	expect(plan, "01:00.0", "left"); /* a deadline is no action */
}

static void a_function_without_a_rule_is_left(void **state)
{
	struct pci_snapshot *s = build(*state, lab, sizeof(lab) / sizeof(*lab));
	static const char rules[] = "device { class = \"network\", steps = { \"unbind\" } }"
				    "device { class = \"storage\", leave = false }";
	struct policy *p;
	struct plan *plan;

	assert_int_equal(policy_new(*state, &p), 0);
	assert_int_equal(policy_add_chunk(p, rules, strlen(rules), "allow.lua", NULL), 0);
	assert_int_equal(policy_decide(p, s, *state, &plan, NULL), 0);
	expect(plan, "09:00.0", "unbind");
	expect(plan, "05:00.0", "left");
	expect_reason(plan, "05:00.0", "no rule speaks about it");
	assert_string_equal(device_at(plan, "05:00.0")->rule, "built-in");
	expect(plan, "04:00.0", "left");
	expect_reason(plan, "04:00.0", "no rule says what to do with it");
}

static void an_empty_machine_has_an_empty_plan(void **state)
{
	struct plan *plan = decide(*state, "", NULL, 0);

	assert_int_equal(plan->count, 0);
}

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
	struct plan *plan = DECIDE(*state, "", tree);

	expect(plan, "03:00.0", "left");
	expect(plan, "03:00.1", "unbind disable mask");
	expect_reason(plan, "03:00.1",
		"it must be still before the jump; no bus: its port also leads to a display");
	expect(plan, "04:00.0", "unbind bus disable mask");
}

static void a_bridge_blocks_its_port_even_when_a_rule_gives_it_up(void **state)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 2, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x060400, UP, 2, 2, "pcieport", PCI_RESET_BUS, 0, NULL},
		{"01:00.1", 0x088000, ENDPOINT, 0, 0, "dma", PCI_RESET_BUS, 0, NULL},
	};
	struct plan *plan = DECIDE(*state, "device { class = \"bridge\", leave = false }", tree);

	expect(plan, "01:00.0", "unbind");
	expect(plan, "01:00.1", "unbind disable mask");
	expect_reason(plan, "01:00.1",
		"it must be still before the jump; no bus: its port also leads to a bridge");
}

static void a_controller_that_only_computes_is_no_display(void **state)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
		{"00:02.0", 0x060400, PORT, 2, 2, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x030200, ENDPOINT, 0, 0, "nvidia", PCI_RESET_BUS, 0, NULL},
		{"02:00.0", 0x030200, ENDPOINT, 0, 0, "nvidia", PCI_RESET_BUS, PCI_USE_FRAMEBUFFER,
			"drives the connector card0-eDP-1"},
	};
	struct plan *plan = DECIDE(*state, "", tree);

	expect(plan, "01:00.0", "unbind bus disable mask");
	expect(plan, "02:00.0", "left");
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
	void *ctx, void (*change)(struct pci_snapshot *s), const char *rules)
{
	struct pci_snapshot *s = build(ctx, multifunction, MULTIFUNCTION);
	struct policy *p;
	struct plan *plan;

	change(s);
	assert_int_equal(policy_load_builtin(ctx, &p, NULL), 0);
	assert_int_equal(policy_add_chunk(p, rules, strlen(rules), "x.lua", NULL), 0);
	assert_int_equal(policy_decide(p, s, ctx, &plan, NULL), 0);
	return plan;
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

	expect(plan, "01:00.0", "unbind subordinate flr disable mask");
	expect_reason(plan, "01:00.0", "it must be still before the jump");
	expect(plan, "01:00.1", "unbind subordinate pm disable mask");
	expect(plan, "01:00.2", "subordinate disable mask");
	expect(plan, "02:00.0", "left");
	expect(plan, "02:00.1", "unbind flr disable mask");
	plan = decide_multifunction(*state, nothing, "");
	expect(plan, "01:00.0", "unbind flr sbr disable mask");
	expect(plan, "01:00.1", "unbind pm sbr disable mask");
	plan = decide_multifunction(*state, nothing, "device { steps = { \"unbind\", \"bus\" } }");
	expect(plan, "01:00.0", "unbind");
	expect_reason(
		plan, "01:00.0", "a rule stills it; no bus: its port leads to several functions");
}

static void raw_steps_are_not_tried_under_lockdown(void **state)
{
	struct plan *plan = decide_multifunction(*state, locked_down, "");

	expect(plan, "01:00.0", "unbind subordinate flr disable");
	assert_int_equal(plan->lockdown, PCI_LOCKDOWN_INTEGRITY);
	plan = decide_multifunction(*state, locked_down_hotplug, "");
	expect(plan, "01:00.0", "unbind flr disable");
	plan = decide_multifunction(
		*state, locked_down, "device { steps = { \"unbind\", \"sbr\", \"mask\" } }");
	expect(plan, "01:00.0", "unbind");
	expect_reason(plan, "01:00.0", "a rule stills it; no sbr: the kernel is locked down");
}

static void a_quirk_against_bus_resets_is_obeyed(void **state)
{
	struct plan *plan = decide_multifunction(*state, with_atheros, "");

	expect(plan, "01:00.0", "unbind flr disable mask");
	expect(plan, "01:00.2", "disable mask");
	expect_reason(plan, "01:00.2",
		"it must be still before the jump; no driver is bound; "
		"no bus: it does not survive a bus reset (a quirk)");
	plan = decide_multifunction(*state, with_quirk, "");
	expect(plan, "01:00.1", "unbind pm disable mask");
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
		struct pci_snapshot *s = build(*state, tree, 5);
		struct pci_function *consumers[1];
		struct policy *p;
		struct plan *plan;

		/* Sorted: port, xhci, PF, VF, VF. */
		s->functions[2].vf_count = 2;
		s->functions[3].physical = s->functions[4].physical = &s->functions[2];
		consumers[0] = &s->functions[2];
		s->functions[1].consumers = consumers;
		s->functions[1].consumer_count = 1;
		assert_int_equal(policy_load_builtin(*state, &p, NULL), 0);
		assert_int_equal(policy_add_chunk(p, rules[i], strlen(rules[i]), "x.lua", NULL), 0);
		assert_int_equal(policy_decide(p, s, *state, &plan, NULL), 0);
		expect(plan, "01:10.0", i ? "unbind flr disable mask" : "unbind disable mask");
		expect(plan, "01:00.0", i ? "left" : "vfs unbind flr disable mask");
		expect(plan, "00:02.0", i ? "left" : "unbind pm disable mask");
		if (!i)
			continue;
		expect_reason(plan, "01:00.0", "its virtual function 0000:01:10.2 is left");
		expect_reason(plan, "00:02.0", "its consumer 0000:01:00.0 is left");
	}
}

static void resets_that_a_rule_asks_for_in_vain(void **state)
{
	struct plan *plan = DECIDE(*state,
		"device { steps = { \"unbind\", \"bus\", \"mask\" } }\n"
		"device { slot = \"04:00.0\", steps = { \"bus\", \"unbind\" } }\n"
		"device { slot = \"05:00.0\", steps = { \"flr\", \"bus\" } }\n",
		lab);

	expect(plan, "00:1f.2", "unbind mask");
	expect_reason(plan, "00:1f.2",
		"a rule stills it; no bus: it stands on a root bus, without a port above it");
	expect(plan, "08:00.0", "unbind mask");
	expect_reason(plan, "08:00.0", "a rule stills it; no bus: legacy PCI is not reset");
	expect(plan, "07:00.0", "");
	expect_reason(plan, "07:00.0",
		"a rule stills it; no driver is bound; no bus: a bridge is never reset");
	expect(plan, "03:00.0", "unbind");
	expect(plan, "00:01.0", "unbind mask");
	expect(plan, "04:00.0", "unbind");
	expect_reason(plan, "04:00.0", "a rule stills it; no bus: its driver has not let go yet");
	expect(plan, "05:00.0", "");
}

static void a_display_that_a_rule_gives_up_keeps_its_port(void **state)
{
	static const struct sketch tree[] = {
		{"00:01.0", 0x060400, PORT, 1, 1, "pcieport", 0, 0, NULL},
		{"01:00.0", 0x030000, ENDPOINT, 0, 0, "ast", PCI_RESET_BUS, 0, NULL},
	};
	struct plan *plan = DECIDE(*state, "device { steps = { \"unbind\", \"bus\" } }", tree);

	expect(plan, "01:00.0", "unbind");
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
	struct plan *plan = DECIDE(*state, "", tree);

	expect(plan, "01:00.0", "unbind pm disable mask"); /* a quirk forbids bus */
	expect(plan, "02:00.0", "unbind disable mask");    /* likewise */
	expect(plan, "03:00.0", "bus disable mask");
	expect_reason(plan, "03:00.0", "it must be still before the jump; no driver is bound");
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
		expect(DECIDE(*state, rule, lab), "05:00.0", "left");
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		snprintf(rule, sizeof(rule), "device { %s, leave = true }", others[i]);
		expect(DECIDE(*state, rule, lab), "05:00.0", "unbind bus disable mask");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(default_policy_on_the_lab_s_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(default_policy_gives_its_reasons, setup, teardown),
		cmocka_unit_test_setup_teardown(the_last_rule_that_matches_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_in_use_needs_a_rule_that_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(which_uses_protect, setup, teardown),
		cmocka_unit_test_setup_teardown(a_function_without_a_rule_is_left, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_empty_machine_has_an_empty_plan, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_display_blocks_only_its_own_port, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_bridge_blocks_its_port_even_when_a_rule_gives_it_up, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_controller_that_only_computes_is_no_display, setup, teardown),
		cmocka_unit_test_setup_teardown(
			several_functions_below_a_port_are_reset_together, setup, teardown),
		cmocka_unit_test_setup_teardown(
			raw_steps_are_not_tried_under_lockdown, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_quirk_against_bus_resets_is_obeyed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_somebody_left_hangs_on_is_left, setup, teardown),
		cmocka_unit_test_setup_teardown(
			resets_that_a_rule_asks_for_in_vain, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_display_that_a_rule_gives_up_keeps_its_port, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_bus_reset_follows_the_kernel_s_list, setup, teardown),
		cmocka_unit_test_setup_teardown(matches_by_every_field, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
