// SPDX-License-Identifier: GPL-2.0-or-later
/* Errands and stages: who waits for whom, and what becomes of what hangs. */
#include <errno.h>
#include <linux/pci_regs.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/errand.h"
#include "devices/quiesce.h"
#include "tests/unit/scripted.h"

/* Three functions that are unbound, reset and, where loud, masked; errands as the test adds them. */
struct fixture {
	struct scripted *s;
	struct plan plan;
	struct quiesce *quiesce;
	size_t begun, ended;
};

static const char *const slots[] = {"0000:00:01.0", "0000:00:02.0", "0000:00:03.0"};

static void begun(void *ctx, const struct journal_entry *e)
{
	assert_int_not_equal(e->slot[0], '\0');
	((struct fixture *)ctx)->begun++;
}

static void ended(void *ctx, const struct journal_entry *e)
{
	assert_int_not_equal(e->result, JOURNAL_RUNNING);
	((struct fixture *)ctx)->ended++;
}

static struct fixture *fixture_new(size_t functions)
{
	static const enum step steps[] = {STEP_UNBIND, STEP_FLR, STEP_MASK};
	struct fixture *x = talloc_zero(NULL, struct fixture);
	struct pci_snapshot *snapshot = snapshot_new(x);

	x->s = scripted_new();
	for (size_t i = 0; i < functions; i++)
		snapshot_add(snapshot, slots[i], 0x020000, "test")->resets = PCI_RESET_FLR;
	pci_link_tree(snapshot);
	x->s->snapshot = snapshot;
	x->plan.count = functions;
	x->plan.devices = talloc_zero_array(x, struct plan_device, functions);
	x->plan.errands = talloc_zero_array(x, struct plan_errand, 16);
	for (size_t i = 0; i < functions; i++) {
		struct plan_device *d = &x->plan.devices[i];

		*d = (struct plan_device){.function = &snapshot->functions[i],
			.action = PLAN_QUIESCE,
			.reason = "test",
			.rule = "test:1",
			.step_count = 3,
			.unbind_deadline_ms = 30000,
			.reset_deadline_ms = 70000};
		memcpy(d->steps, steps, sizeof(steps));
		scripted_add(x->s, d->function, 0);
	}
	return x;
}

static void fixture_free(struct fixture *x)
{
	scripted_free(x->s);
	talloc_free(x);
}

static struct plan_errand *add(
	struct fixture *x, unsigned int stage, enum step step, const char *subject)
{
	struct plan_errand *e = &x->plan.errands[x->plan.errand_count++];

	*e = (struct plan_errand){.step = step,
		.stage = stage,
		.subject = subject,
		.value = step == STEP_WRITE ? "0" : NULL,
		.deadline_ms = 10000,
		.reason = "test",
		.rule = "test:2"};
	return e;
}

static void stages(struct fixture *x, size_t i, unsigned char a, unsigned char b, unsigned char c)
{
	memcpy(x->plan.devices[i].stages, (unsigned char[]){a, b, c}, 3);
}

static const struct journal *run(struct fixture *x, size_t hung_expected)
{
	const struct quiesce_watch watch = {begun, ended, x};

	assert_int_equal(quiesce_prepare(&x->s->machine, &x->plan, x, &x->quiesce, NULL), 0);
	assert_int_equal(quiesce_run(x->quiesce, &watch), hung_expected);
	return quiesce_journal(x->quiesce);
}

static const struct journal_entry *entry(const struct journal *j, const char *slot, enum step step)
{
	for (size_t i = 0; i < j->count; i++)
		if (!strcmp(j->entries[i].slot, slot) && j->entries[i].step == step)
			return &j->entries[i];
	fail_msg("no %s of %s", step_name(step), slot);
	return NULL;
}

/* These lines stand in the log in this order; a line that is not there fails. */
static void check_order(const struct fixture *x, const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int at = scripted_find(x->s, lines[i]);

		if (at < 0 || (i && at <= scripted_find(x->s, lines[i - 1])))
			fail_msg("'%s' is not where it belongs", lines[i]);
	}
}

#define CHECK_ORDER(x, lines) check_order(x, lines, sizeof(lines) / sizeof(*(lines)))

#define UNBIND "write sys/bus/pci/drivers/test/unbind 0000:00:0"
#define RESET(n) "write sys/bus/pci/devices/0000:00:0" n ".0/reset 1"

/* Before all, between what one function does, before another one, and after all. */
static void before_between_and_after(void **state)
{
	static const char *const argv[] = {"prepare", "now", NULL};
	static const char *const lines[] = {"run prepare now", "down eth0", UNBIND "1", RESET("1"),
		"unload snd_pcsp", "settle 20", RESET("2"),
		"write sys/bus/platform/devices/i2c.0/driver/unbind i2c.0", UNBIND "3",
		"write sys/devices/system/cpu/cpu10/online 0",
		"write sys/devices/system/cpu/cpu1/online 0", "write proc/sys/kernel/x 0"};

	(void)state;
	for (int parallel = 0; parallel < 2; parallel++) {
		struct fixture *x = fixture_new(3);
		const struct journal *j;

		x->s->effects.parallel = parallel;
		stages(x, 1, 0, 1, 1);
		stages(x, 2, 2, 2, 2);
		add(x, 0, STEP_RUN, "prepare")->argv = (const char **)argv;
		add(x, 0, STEP_LINK_DOWN, "eth0");
		add(x, 1, STEP_UNLOAD, "snd-pcsp");
		add(x, 1, STEP_SETTLE, NULL)->settle_ms = 20;
		add(x, 2, STEP_UNBIND, "platform:i2c.0");
		add(x, 3, STEP_OFFLINE_CPUS, NULL);
		add(x, 3, STEP_WRITE, "proc/sys/kernel/x");
		scripted_file(x->s, "sys/devices/system/cpu/cpu0/uevent", "");
		scripted_file(x->s, "sys/devices/system/cpu/cpu1/online", "1\n");
		scripted_file(x->s, "sys/devices/system/cpu/cpu10/online", "1\n");
		j = run(x, 0);
		CHECK_ORDER(x, lines);
		assert_true(scripted_find(x->s, UNBIND "2") < scripted_find(x->s, "unload"));
		assert_int_equal(journal_count(j, VERDICT_STILL), 3);
		assert_int_equal(j->count, 6 + 7);
		assert_int_equal(x->begun, j->count);
		assert_int_equal(x->ended, j->count);
		for (size_t i = 0; i < j->count; i++)
			assert_int_equal(j->entries[i].result, JOURNAL_OK);
		assert_string_equal(entry(j, "proc/sys/kernel/x", STEP_WRITE)->detail, "0");
		assert_string_equal(entry(j, JOURNAL_MACHINE, STEP_SETTLE)->rule, "test:2");
		fixture_free(x);
	}
}

static void errands_alone(void **state)
{
	(void)state;
	for (int parallel = 0; parallel < 2; parallel++) {
		struct fixture *x = fixture_new(0);

		x->s->effects.parallel = parallel;
		add(x, 0, STEP_UNLOAD, "floppy");
		add(x, 2, STEP_LINK_DOWN, "eth0");
		assert_int_equal(run(x, 0)->count, 2);
		assert_int_equal(x->s->log_count, 2);
		fixture_free(x);
	}
}

/* The rung of a later stage: climbed by the one that is loud, and after the errand. */
static void a_rung_behind_the_gate(void **state)
{
	static const char *const lines[] = {
		RESET("1"), "unload floppy", "config 0000:00:01.0 0x04"};
	struct fixture *x = fixture_new(2);
	const struct journal *j;

	(void)state;
	x->s->functions[0].traits = TRAIT_STUBBORN;
	stages(x, 0, 0, 0, 1);
	stages(x, 1, 0, 0, 1);
	add(x, 1, STEP_UNLOAD, "floppy");
	j = run(x, 0);
	CHECK_ORDER(x, lines);
	assert_int_equal(scripted_find(x->s, "config 0000:00:02.0"), -1);
	assert_int_equal(journal_count(j, VERDICT_STILL), 2);
	fixture_free(x);
}

/* An asserted line is lowered when its driver's turn has come, and not while errands run. */
static void a_line_behind_the_gate(void **state)
{
	static const char *const lines[] = {
		"unload floppy", "config 0000:00:01.0 0x04", UNBIND "1", RESET("1")};

	(void)state;
	for (unsigned char stage = 0; stage < 2; stage++) {
		struct fixture *x = fixture_new(1);
		struct scripted_function *sf = &x->s->functions[0];

		sf->traits = TRAIT_ASSERTS;
		sf->config[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
		stages(x, 0, stage, stage, stage);
		add(x, stage, STEP_UNLOAD, "floppy");
		assert_int_equal(journal_count(run(x, 0), VERDICT_STILL), 1);
		CHECK_ORDER(x, lines);
		fixture_free(x);
	}
}

static int wakes(struct machine *m, const char *name, struct err *err)
{
	struct scripted *s = (struct scripted *)m;

	(void)name;
	(void)err;
	for (size_t i = 0; i < s->function_count; i++)
		s->functions[i].config[PCI_COMMAND] |= PCI_COMMAND_MASTER;
	return 0;
}

/* What an errand does to a function that was still: seen, and masked where that is still to come. */
static void what_an_errand_wakes_is_seen(void **state)
{
	struct fixture *x = fixture_new(2);
	const struct journal *j;

	(void)state;
	stages(x, 1, 0, 0, 1);
	add(x, 1, STEP_UNLOAD, "floppy");
	x->s->effects.unload_module = wakes;
	j = run(x, 0);
	assert_int_equal(j->verdicts[0].verdict, VERDICT_LOUD);
	assert_string_equal(j->verdicts[0].why, "bus master is on");
	assert_int_equal(j->verdicts[1].verdict, VERDICT_STILL);
	fixture_free(x);
}

/* The consumer belongs to a later stage than its supplier: both wait, and nobody for ever. */
static void stages_against_the_order(void **state)
{
	static const char *const lines[] = {"unload floppy", UNBIND "1", UNBIND "2"};
	struct fixture *x = fixture_new(2);
	struct pci_function *consumers[] = {(struct pci_function *)x->plan.devices[0].function};
	struct pci_function *supplier = (struct pci_function *)x->plan.devices[1].function;

	(void)state;
	supplier->consumers = consumers;
	supplier->consumer_count = 1;
	stages(x, 0, 1, 1, 1);
	add(x, 1, STEP_UNLOAD, "floppy");
	assert_int_equal(journal_count(run(x, 0), VERDICT_STILL), 2);
	CHECK_ORDER(x, lines);
	fixture_free(x);
}

/* In real workers: the others go on, and the way out knows. */
static void an_errand_that_hangs(void **state)
{
	static const char *const lines[] = {"unload floppy", "down eth0", UNBIND "1", "settle 20"};
	struct fixture *x = fixture_new(1);
	const struct journal *j;

	(void)state;
	x->s->effects.parallel = 1;
	x->s->hangs = "unload";
	add(x, 0, STEP_UNLOAD, "floppy")->deadline_ms = 200;
	add(x, 0, STEP_LINK_DOWN, "eth0");
	add(x, 1, STEP_SETTLE, NULL)->settle_ms = 20;
	j = run(x, 1);
	CHECK_ORDER(x, lines);
	assert_int_equal(entry(j, "floppy", STEP_UNLOAD)->result, JOURNAL_HUNG);
	assert_true(entry(j, "floppy", STEP_UNLOAD)->duration_us >= 200000);
	assert_int_equal(entry(j, "eth0", STEP_LINK_DOWN)->result, JOURNAL_OK);
	assert_int_equal(journal_count(j, VERDICT_STILL), 1);
	fixture_free(x);
}

static void an_errand_that_is_late(void **state)
{
	struct fixture *x = fixture_new(1);
	const struct journal *j;

	(void)state;
	x->s->effects.parallel = 1;
	x->s->slow = "unload";
	x->s->functions[0].traits = TRAIT_UNBIND_SLOWER;
	add(x, 0, STEP_UNLOAD, "floppy")->deadline_ms = 100;
	j = run(x, 0);
	assert_int_equal(entry(j, "floppy", STEP_UNLOAD)->result, JOURNAL_LATE);
	assert_int_equal(journal_count(j, VERDICT_STILL), 1);
	fixture_free(x);
}

/* A pause and a program hold no lock: they are ended, and the kexec may go on. */
static void a_pause_that_does_not_end(void **state)
{
	struct fixture *x = fixture_new(1);
	const struct journal_entry *e;

	(void)state;
	x->s->effects.parallel = 1;
	x->s->hangs = "settle";
	add(x, 0, STEP_SETTLE, NULL)->settle_ms = 150;
	x->plan.errands[0].deadline_ms = 50;
	add(x, 0, STEP_LINK_DOWN, "eth0");
	e = entry(run(x, 0), JOURNAL_MACHINE, STEP_SETTLE);
	assert_int_equal(e->result, JOURNAL_FAILED);
	assert_non_null(strstr(e->detail, "killed"));
	assert_true(e->duration_us >= 200000);
	assert_true(scripted_find(x->s, UNBIND "1") > scripted_find(x->s, "down eth0"));
	fixture_free(x);
}

/* A real program, and what it started: none of them is left. Its end of the pipe says so. */
static void a_program_that_does_not_end(void **state)
{
	static const char *const argv[] = {"sh", "-c", "sleep 1000 & sleep 1000; :", NULL};
	struct fixture *x = fixture_new(1);
	const struct journal *j;
	struct pollfd end;
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	x->s->effects.parallel = 1;
	x->s->effects.run = machine_linux_effects.run;
	add(x, 0, STEP_RUN, "sh")->argv = (const char **)argv;
	x->plan.errands[0].deadline_ms = 300;
	j = run(x, 0);
	assert_int_equal(entry(j, "sh", STEP_RUN)->result, JOURNAL_FAILED);
	assert_int_equal(journal_count(j, VERDICT_STILL), 1);
	talloc_free(x->quiesce); /* the other workers go */
	close(pipes[1]);
	end = (struct pollfd){pipes[0], POLLIN, 0};
	assert_int_equal(poll(&end, 1, 20000), 1);
	assert_int_equal(end.revents, POLLHUP);
	close(pipes[0]);
	fixture_free(x);
}

/* A step that hangs keeps no errand waiting. */
static void a_step_that_hangs_before_an_errand(void **state)
{
	struct fixture *x = fixture_new(2);
	const struct journal *j;

	(void)state;
	x->s->effects.parallel = 1;
	x->s->functions[0].traits = TRAIT_UNBIND_HANGS;
	x->plan.devices[0].unbind_deadline_ms = 200;
	stages(x, 1, 0, 1, 1);
	add(x, 1, STEP_UNLOAD, "floppy");
	j = run(x, 1);
	assert_int_equal(entry(j, "floppy", STEP_UNLOAD)->result, JOURNAL_OK);
	assert_int_equal(entry(j, slots[1], STEP_FLR)->result, JOURNAL_OK);
	assert_int_equal(journal_count(j, VERDICT_STILL), 1);
	fixture_free(x);
}

/* An oops in a module's exit function is as bad as a hang; a worker that dies in a pause is not. */
static void a_worker_that_dies(void **state)
{
	(void)state;
	for (int lock = 0; lock < 2; lock++) {
		struct fixture *x = fixture_new(1);
		const struct journal *j;

		x->s->effects.parallel = 1;
		x->s->kills = lock ? "unload" : "settle";
		add(x, 0, lock ? STEP_UNLOAD : STEP_SETTLE, lock ? "floppy" : NULL);
		add(x, 0, STEP_LINK_DOWN, "eth0");
		j = run(x, (size_t)lock);
		assert_int_equal(j->entries[0].result, lock ? JOURNAL_HUNG : JOURNAL_FAILED);
		assert_int_equal(entry(j, "eth0", STEP_LINK_DOWN)->result, JOURNAL_OK);
		fixture_free(x);
	}
}

static int refuses(struct machine *m, const char *path, const char *value, struct err *err)
{
	(void)m;
	return err_errno(err, -ENOENT, "write \"%s\" to %s", value, path);
}

static int is_gone(struct machine *m, const char *name, struct err *err)
{
	(void)m;
	(void)name;
	return err_set(err, 1, "it is not loaded");
}

/* Nothing to do is no failure, and says so; a name that is none is told of. */
static void nothing_to_do(void **state)
{
	static const char *const bad[] = {"i2c", ":i2c", "platform:", "platform:../x", ""};
	struct fixture *x = fixture_new(0);
	struct plan_errand e = {.step = STEP_UNBIND, .subject = "platform:i2c"};
	struct err err;

	(void)state;
	x->s->effects.write_attr = refuses;
	assert_int_equal(errand_run(&x->s->machine, &e, &err), 1);
	assert_non_null(strstr(err.text, "nobody"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		e.subject = bad[i];
		assert_int_equal(errand_run(&x->s->machine, &e, &err), -EINVAL);
	}
	e = (struct plan_errand){.step = STEP_WRITE, .subject = "sys/x", .value = "1"};
	assert_int_equal(errand_run(&x->s->machine, &e, &err), -ENOENT);
	assert_non_null(strstr(err.text, "sys/x"));
	x->s->effects.unload_module = is_gone;
	add(x, 0, STEP_UNLOAD, "floppy");
	assert_string_equal(run(x, 0)->entries[0].detail, "it is not loaded");
	assert_int_equal(quiesce_journal(x->quiesce)->entries[0].result, JOURNAL_OK);
	fixture_free(x);
}

/* One processor that stays on-line does not keep the others. */
static void a_processor_that_stays(void **state)
{
	struct fixture *x = fixture_new(0);
	const struct journal *j;

	(void)state;
	add(x, 0, STEP_OFFLINE_CPUS, NULL);
	for (unsigned int cpu = 1; cpu < 4; cpu++) {
		char path[ERRAND_PATH_MAX];

		errand_cpu_path(path, cpu);
		scripted_file(x->s, path, "1\n");
	}
	x->s->fail_at = 2;
	j = run(x, 0);
	assert_int_equal(x->s->log_count, 3);
	assert_int_equal(j->entries[0].result, JOURNAL_FAILED);
	assert_non_null(strstr(j->entries[0].detail, "cpu2"));
	fixture_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_between_and_after),
		cmocka_unit_test(errands_alone),
		cmocka_unit_test(a_rung_behind_the_gate),
		cmocka_unit_test(a_line_behind_the_gate),
		cmocka_unit_test(what_an_errand_wakes_is_seen),
		cmocka_unit_test(stages_against_the_order),
		cmocka_unit_test(an_errand_that_hangs),
		cmocka_unit_test(an_errand_that_is_late),
		cmocka_unit_test(a_pause_that_does_not_end),
		cmocka_unit_test(a_program_that_does_not_end),
		cmocka_unit_test(a_step_that_hangs_before_an_errand),
		cmocka_unit_test(a_worker_that_dies),
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(a_processor_that_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
