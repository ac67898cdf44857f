// SPDX-License-Identifier: GPL-2.0-or-later
/* How everything was, kept, written, read, and put back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/port_guard.h"
#include "devices/quiesce.h"
#include "devices/undo.h"
#include "tests/unit/scripted.h"

static const enum step unbind_mask[] = {STEP_VFS, STEP_UNBIND, STEP_MASK};

/* A bound function that is unbound, one with virtual functions, one that is left. */
struct fixture {
	struct scripted *s;
	struct plan plan;
	struct pci_snapshot *snapshot;
};

static void attribute(struct fixture *x, const char *slot, const char *name, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s", slot, name);
	scripted_file(x->s, path, value);
}

static struct fixture *fixture_new(void)
{
	struct fixture *x = talloc_zero(NULL, struct fixture);

	x->s = scripted_new();
	x->snapshot = snapshot_new(x);
	snapshot_add(x->snapshot, "0000:01:00.0", 0x020000, "HDA Intel");
	snapshot_add(x->snapshot, "0000:02:00.0", 0x020000, "igb")->vf_count = 3;
	snapshot_add(x->snapshot, "0000:03:00.0", 0x010802, "nvme");
	pci_link_tree(x->snapshot);
	x->plan.count = 3;
	x->plan.devices = talloc_zero_array(x, struct plan_device, 3);
	for (size_t i = 0; i < 3; i++) {
		struct plan_device *d = &x->plan.devices[i];

		*d = (struct plan_device){.function = &x->snapshot->functions[i],
			.action = i < 2 ? PLAN_QUIESCE : PLAN_LEFT,
			.reason = "test",
			.rule = "test:1",
			.unbind_deadline_ms = 30000,
			.reset_deadline_ms = 70000};
		if (i < 2) {
			memcpy(d->steps, unbind_mask, sizeof(unbind_mask));
			d->step_count = 3;
		}
		scripted_add(x->s, d->function, 0);
		attribute(x, d->function->slot, "power/control", i ? "auto\n" : "on\n");
	}
	attribute(x, "0000:02:00.0", "sriov_numvfs", "0\n");
	attribute(x, "0000:01:00.0", "reset_method", "flr bus\n");
	x->snapshot->functions[0].reset_method = "flr bus";
	scripted_file(x->s, "sys/bus/pci/drivers_autoprobe", "1\n");
	mkdirat(x->s->machine.root_fd, "run", 0755);
	return x;
}

static void fixture_free(struct fixture *x)
{
	scripted_free(x->s);
	talloc_free(x);
}

static void count(void *ctx, const char *what)
{
	assert_int_not_equal(what[0], 0);
	++*(size_t *)ctx;
}

/* As after a quiesce: nothing bound, nothing sleeping, nothing binding. */
static void after_quiesce(struct fixture *x)
{
	x->s->functions[0].bound = x->s->functions[1].bound = 0;
	for (size_t i = 0; i < 3; i++)
		attribute(x, x->plan.devices[i].function->slot, "power/control", "on\n");
	scripted_file(x->s, "sys/bus/pci/drivers_autoprobe", "0\n");
}

static void puts_back_what_was(void **state)
{
	static const char *const expected[] = {
		"write sys/bus/pci/drivers_autoprobe 1",
		"write sys/bus/pci/drivers/HDA Intel/bind 0000:01:00.0",
		"write sys/bus/pci/drivers/igb/bind 0000:02:00.0",
		"write sys/bus/pci/devices/0000:02:00.0/sriov_numvfs 3",
		"write sys/bus/pci/devices/0000:01:00.0/reset_method flr bus",
		/* The one that is left was bound all the time. */
		"write sys/bus/pci/devices/0000:02:00.0/power/control auto",
		"write sys/bus/pci/devices/0000:03:00.0/power/control auto",
	};
	struct fixture *x = fixture_new();
	struct undo *undo = undo_take(&x->s->machine, &x->plan, x), *read;
	size_t bound, failed = 0;
	struct err err;

	(void)state;
	after_quiesce(x);
	attribute(x, "0000:01:00.0", "reset_method", "bus\n"); /* a step was killed */
	assert_int_equal(undo_write(&x->s->machine, undo, &err), 0);
	if (undo_read(&x->s->machine, x, &read, &err) < 0)
		fail_msg("%s", err.text);
	x->s->log_count = 0;
	assert_int_equal(undo_apply(&x->s->machine, read, &bound, count, &failed), 0);
	assert_int_equal(bound, 2);
	assert_int_equal(x->s->log_count, 7);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(x->s->log[i], expected[i]);
	undo_forget(&x->s->machine);
	assert_int_equal(undo_read(&x->s->machine, x, &read, &err), -ENOENT);
	fixture_free(x);
}

/* Whatever fails: the rest is put back, and how much did not is told. */
static void every_change_failing(void **state)
{
	(void)state;
	for (size_t k = 1; k <= 6; k++) {
		struct fixture *x = fixture_new();
		struct undo *undo = undo_take(&x->s->machine, &x->plan, x);
		size_t bound, failed = 0;

		after_quiesce(x);
		x->s->fail_at = k;
		assert_int_equal(undo_apply(&x->s->machine, undo, &bound, count, &failed), 1);
		assert_int_equal(failed, 1);
		assert_int_equal(x->s->log_count, 6);
		assert_int_equal(bound, k == 2 || k == 3 ? 1 : 2);
		fixture_free(x);
	}
}

/* A second quiesce finds the drivers gone already; what the first one noted is not forgotten. */
static void a_second_quiesce_remembers_the_first(void **state)
{
	struct fixture *x = fixture_new();
	struct undo *first = undo_take(&x->s->machine, &x->plan, x), *second;

	(void)state;
	after_quiesce(x);
	x->snapshot->functions[0].driver = x->snapshot->functions[1].driver = NULL;
	x->snapshot->functions[1].vf_count = 0;
	second = undo_take(&x->s->machine, &x->plan, x);
	assert_string_equal(second->devices[0].driver, "");
	undo_merge(second, first);
	assert_int_equal(second->autoprobe, 1);
	assert_string_equal(second->devices[0].driver, "HDA Intel");
	assert_string_equal(second->devices[1].driver, "igb");
	assert_int_equal(second->devices[1].vf_count, 3);
	assert_int_equal(second->devices[2].was_auto, 1);
	fixture_free(x);
}

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG_LINE "write sys/" HUNDRED HUNDRED HUNDRED

static void a_damaged_file_is_named(void **state)
{
	static const char *const bad[] = {"bind 0000:01:00.0", "bind nowhere igb",
		"bind 0000:01:00.0 ../../x", "vfs 0000:01:00.0 many", "control 0000:01:00.0 on",
		"autoprobe yes", "hello", "write etc/passwd\tx", "write sys/../etc/x\t1",
		"write /sys/x\t1", "write sys/x\t", "write sys/x\t1\t2", "write", "settle 5",
		"unbind platform:x", "unbind platform\tx", "unbind platform:x\ta/b",
		"unbind plat/form:x\tx", "unload floppy\tx", "run", "flr x", LONG_LINE,
		"bind 0000:01:00.0000000000000000 x"};
	struct fixture *x = fixture_new();
	struct undo *undo = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char text[512];
		struct err err;

		snprintf(text, sizeof(text), "autoprobe 1\n%s\n", bad[i]);
		scripted_file(x->s, UNDO_FILE, text);
		assert_int_equal(undo_read(&x->s->machine, x, &undo, &err), -EINVAL);
		assert_non_null(strstr(err.text, "line 2"));
		assert_null(undo);
	}
	fixture_free(x);
}

/* The way is given up after anything was changed: everything is as it was. */
static void release_after_hold(void **state)
{
	(void)state;
	for (size_t k = 0; k <= 4; k++) {
		struct fixture *x = fixture_new();
		struct quiesce *q;

		assert_int_equal(quiesce_prepare(&x->s->machine, &x->plan, x, &q, NULL), 0);
		x->s->fail_at = k;
		quiesce_hold(q, NULL);
		assert_int_equal(x->s->log_count, 4);
		after_quiesce(x); /* what the scripted machine does not keep itself */
		x->s->functions[0].bound = x->s->functions[1].bound = 1;
		scripted_link(x->s, "sys/bus/pci/devices/0000:01:00.0/driver", "../../drivers/igb");
		scripted_link(x->s, "sys/bus/pci/devices/0000:02:00.0/driver", "../../drivers/igb");
		attribute(x, "0000:02:00.0", "sriov_numvfs", "3\n");
		quiesce_release(q);
		assert_true(scripted_find(x->s, "write sys/bus/pci/drivers_autoprobe 1") > 0);
		assert_true(
			scripted_find(x->s,
				"write sys/bus/pci/devices/0000:03:00.0/power/control auto") > 0);
		assert_int_equal(scripted_find(x->s, "write sys/bus/pci/drivers/"), -1);
		fixture_free(x);
	}
}

/* One errand of each kind, and how the machine is before them. */
static void give_errands(struct fixture *x)
{
	static const char *const device = "sys/bus/platform/devices/i2c.0/driver";
	static const struct plan_errand errands[] = {
		{.step = STEP_RUN, .subject = "/bin/true"},
		{.step = STEP_LINK_DOWN, .subject = "eth0"},
		{.step = STEP_LINK_DOWN, .subject = "eth1"},
		{.step = STEP_WRITE, .stage = 1, .subject = "proc/sys/x", .value = "0"},
		{.step = STEP_WRITE, .stage = 1, .subject = "proc/sys/x", .value = "1"},
		{.step = STEP_WRITE, .stage = 1, .subject = "sys/a b/scheduler", .value = "none"},
		{.step = STEP_WRITE, .stage = 1, .subject = "sys/same", .value = "5"},
		{.step = STEP_WRITE, .stage = 1, .subject = "sys/write/only", .value = "1"},
		{.step = STEP_UNBIND, .stage = 1, .subject = "platform:i2c.0"},
		{.step = STEP_UNBIND, .stage = 1, .subject = "platform:nobody"},
		{.step = STEP_UNLOAD, .stage = 2, .subject = "floppy"},
		{.step = STEP_SETTLE, .stage = 2},
		{.step = STEP_OFFLINE_CPUS, .stage = 2},
	};

	x->plan.errands = talloc_memdup(x, errands, sizeof(errands));
	x->plan.errand_count = sizeof(errands) / sizeof(*errands);
	scripted_file(x->s, "sys/class/net/eth0/flags", "0x1003\n");
	scripted_file(x->s, "sys/class/net/eth1/flags", "0x1002\n");
	scripted_file(x->s, "proc/sys/x", "7\t8\n");
	scripted_file(x->s, "sys/a b/scheduler", "none [mq-deadline] kyber\n");
	scripted_file(x->s, "sys/same", "5\n");
	scripted_link(x->s, device, "../../../bus/platform/drivers/i2c designware");
	scripted_file(x->s, "sys/devices/system/cpu/cpu1/online", "1\n");
	scripted_file(x->s, "sys/devices/system/cpu/cpu2/online", "0\n");
}

static void after_errands(struct fixture *x)
{
	unlinkat(x->s->machine.root_fd, "sys/bus/platform/devices/i2c.0/driver", 0);
	scripted_file(x->s, "sys/class/net/eth0/flags", "0x1002\n");
	scripted_file(x->s, "proc/sys/x", "1\n");
	scripted_file(x->s, "sys/a b/scheduler", "[none] mq-deadline kyber\n");
	scripted_file(x->s, "sys/devices/system/cpu/cpu1/online", "0\n");
}

/* Through the file, the last one first; where nothing was done yet, nothing is put back. */
static void errands_are_undone(void **state)
{
	static const char *const expected[] = {"write sys/devices/system/cpu/cpu1/online 1",
		"write sys/bus/platform/drivers/i2c designware/bind i2c.0",
		"write sys/a b/scheduler mq-deadline", "write proc/sys/x 7 8",
		"write sys/class/net/eth0/flags 0x1003"};
	struct fixture *x = fixture_new();
	size_t bound, failed = 0, lost = 0;
	struct undo *undo, *again;
	struct err err;

	(void)state;
	x->plan.count = 0;
	give_errands(x);
	undo = undo_take(&x->s->machine, &x->plan, x);
	assert_int_equal(undo_apply(&x->s->machine, undo, &bound, count, &failed), 0);
	assert_int_equal(x->s->log_count, 0);
	after_errands(x);
	/* A second quiesce, which finds all of it changed. */
	again = undo_take(&x->s->machine, &x->plan, x);
	assert_int_equal(undo_merge(again, undo), 0);
	assert_int_equal(undo_write(&x->s->machine, undo, &err), 0);
	if (undo_read(&x->s->machine, x, &undo, &err) < 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < undo->errand_count; i++)
		lost += !undo->errands[i].value[0];
	assert_int_equal(lost, 3);
	assert_int_equal(undo->errand_count, lost + 5);
	for (size_t k = 0; k <= 5; k++) {
		x->s->log_count = 0;
		x->s->fail_at = k;
		assert_int_equal(
			undo_apply(&x->s->machine, undo, &bound, count, &failed), k ? 1 : 0);
		assert_int_equal(bound, k == 2 ? 0 : 1);
		assert_int_equal(x->s->log_count, 5);
		for (size_t i = 0; i < 5; i++)
			assert_string_equal(x->s->log[i], expected[i]);
	}
	x->s->log_count = x->s->fail_at = 0;
	undo_apply(&x->s->machine, again, &bound, count, &failed);
	assert_int_equal(x->s->log_count, 5);
	fixture_free(x);
}

static void put(uint8_t *config, unsigned int offset, uint16_t value)
{
	config[offset] = (uint8_t)value;
	config[offset + 1] = (uint8_t)(value >> 8);
}

/* A hotplug slot and AER: switched off, cleared, and switched on again as they were. */
static void a_port_is_kept_quiet(void **state)
{
	struct scripted *s = scripted_new();
	struct pci_snapshot *snapshot = snapshot_new(NULL);
	struct pci_function *port = snapshot_bridge(
		snapshot, "0000:00:01.0", PCI_EXP_TYPE_ROOT_PORT, 1, 1);
	struct scripted_function *sf = scripted_add(s, port, 0);
	struct port_guard guard;
	struct err err;

	(void)state;
	put(sf->config, PCI_STATUS, PCI_STATUS_CAP_LIST);
	sf->config[PCI_CAPABILITY_LIST] = 0x40;
	put(sf->config, 0x40, PCI_CAP_ID_EXP);
	put(sf->config, 0x40 + PCI_EXP_SLTCTL, 0x1038);
	put(sf->config, 0x100, PCI_EXT_CAP_ID_ERR);
	put(sf->config, 0x102, 0x0001);
	put(sf->config, 0x100 + PCI_ERR_ROOT_COMMAND, 0x0007);
	sf->config_size = CONFIG_SPACE_SIZE;
	port->config = sf->config;
	port->config_len = CONFIG_SPACE_SIZE;
	port->caps.has = PCI_HAS_HOTPLUG;
	assert_true(port_guard_is_needed(port));
	assert_int_equal(port_guard_begin(&s->machine, port, &guard, &err), 0);
	assert_string_equal(s->log[0], "config 0000:00:01.0 0x58 0x0030");
	assert_string_equal(s->log[1], "config 0000:00:01.0 0x12c 0x0000");
	port_guard_end(&s->machine, port, &guard);
	assert_int_equal(s->log_count, 6);
	assert_string_equal(s->log[2], "config 0000:00:01.0 0x5a 0x0108");
	assert_string_equal(s->log[3], "config 0000:00:01.0 0x58 0x1038");
	assert_string_equal(s->log[5], "config 0000:00:01.0 0x12c 0x0007");
	/* What cannot be switched off leaves everything as it was. */
	s->log_count = 0;
	s->fail_at = 2;
	assert_int_equal(port_guard_begin(&s->machine, port, &guard, &err), -EIO);
	assert_string_equal(s->log[3], "config 0000:00:01.0 0x58 0x1038");
	talloc_free(snapshot);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_back_what_was),
		cmocka_unit_test(every_change_failing),
		cmocka_unit_test(a_second_quiesce_remembers_the_first),
		cmocka_unit_test(errands_are_undone),
		cmocka_unit_test(a_damaged_file_is_named),
		cmocka_unit_test(release_after_hold),
		cmocka_unit_test(a_port_is_kept_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
