// SPDX-License-Identifier: GPL-2.0-or-later
/* What is opened of a set of members, by which calls, in which round, and what goes again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/stack/stack.h"
#include "boot/stack/record.h"
#include "boot/stack/tool.h"
#include "tests/unit/scripted.h"

#define MIRROR "11111111-2222-3333-4444-555555555555"
#define REPORT                                                                                     \
	"{\"report\":[{\"lv\":[{\"vg_name\":\"vg\",\"vg_uuid\":\"aa\",\"lv_name\":\"root\","       \
	"\"lv_uuid\":\"bb\",\"lv_role\":\"public\",\"segtype\":\"linear\","                        \
	"\"devices\":\"/dev/sdc(0)\"},{\"vg_name\":\"vg\",\"vg_uuid\":\"aa\","                     \
	"\"lv_name\":\"thin\",\"lv_uuid\":\"cc\",\"lv_role\":\"public\",\"segtype\":\"thin\","     \
	"\"devices\":\"\"}]}]}"

static const struct stack_member sda = {"/dev/sda", "linux_raid_member", MIRROR, "host:boot"},
				 sdb = {"/dev/sdb", "linux_raid_member", MIRROR, "host:boot"},
				 sdc = {"/dev/sdc", "LVM2_member", "pv", NULL},
				 sdd = {"/dev/sdd", "crypto_LUKS", "key", "safe"},
				 sde = {"/dev/sde", "isw_raid_member", NULL, NULL};

/* The tools: what mdadm and lvm are asked, counted; and a kernel that has what they were told. */
struct world {
	struct scripted *scripted;
	struct machine_effects effects;
	struct stack *stack;
	unsigned int asked;
	int missing_tools, hanging_tools;
};

static struct world *world; /* who is asked has no argument of its own */

static int answer(
	struct machine *m, void *ctx, const char *const argv[], char **output, struct err *err)
{
	int is_mdadm = !strcmp(argv[0], "mdadm");

	(void)m;
	world->asked++;
	if (world->missing_tools)
		return err_set(err, -ENOENT, "%s is not installed", argv[0]);
	if (world->hanging_tools)
		return err_set(err, -ETIME, "%s did not end within 9 ms", argv[0]);
	*output = talloc_strdup(
		ctx, is_mdadm ? "  Raid Level : raid1\n  Raid Devices : 2\n" : REPORT);
	return 0;
}

/* An array runs with all its members, or if it is told to; a volume whenever it is asked for. */
static int perform(struct machine *m, const char *what, machine_action *action, void *argument,
	struct err *err)
{
	int rc = world->scripted->effects.perform(m, what, action, argument, err);
	int is_whole = strstr(what, "/dev/sda") && strstr(what, "/dev/sdb");

	if (rc < 0)
		return rc;
	if (strstr(what, "--assemble") && !is_whole && !strstr(what, "--run"))
		return err_set(err, -EIO, "mdadm says: need all 2 to start it");
	if (strstr(what, "--assemble"))
		scripted_file(world->scripted, "sys/class/block/md127/size", "1000");
	if (strstr(what, "lvchange")) {
		scripted_file(world->scripted, "sys/class/block/dm-7/dm/name", "vg-root");
		scripted_file(world->scripted, "sys/class/block/dm-7/dm/uuid", "LVM-aabb");
	}
	return 0;
}

static int setup(void **state)
{
	world = talloc_zero(NULL, struct world);
	world->scripted = scripted_new();
	world->effects = world->scripted->effects;
	world->effects.perform = perform;
	world->scripted->machine.effects = &world->effects;
	world->stack = stack_new(world);
	world->stack->ask = answer;
	scripted_file(world->scripted, "sys/module/md_mod/initstate", "live");
	scripted_file(world->scripted, "run/somebody", "");
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scripted_free(world->scripted);
	talloc_free(world);
	return 0;
}

static int assemble(unsigned int flags, size_t count, const struct stack_member *members)
{
	struct err err;

	return stack_assemble(&world->scripted->machine, world->stack, members, count, flags, &err);
}

#define ASSEMBLE(flags, ...)                                                                       \
	assemble(flags, sizeof((const struct stack_member[]){__VA_ARGS__}) / sizeof(sda),          \
		(const struct stack_member[]){__VA_ARGS__})

static const struct stack_part *part(const char *name)
{
	for (size_t i = 0; i < world->stack->count; i++)
		if (!strcmp(world->stack->parts[i].name, name))
			return &world->stack->parts[i];
	return NULL;
}

/* How often this was done. */
static unsigned int done(const char *begins)
{
	unsigned int count = 0;

	for (size_t i = 0; i < world->scripted->log_count; i++)
		count += !strncmp(world->scripted->log[i], begins, strlen(begins));
	return count;
}

static void test_mirror(void **state)
{
	(void)state;
	assert_int_equal(ASSEMBLE(0, sda, sdb), 1);
	assert_int_equal(done("perform put an overlay in memory above /dev/sda"), 1);
	assert_int_equal(done("perform put an overlay in memory above /dev/sdb"), 1);
	assert_int_equal(done("perform run mdadm --assemble --config=none --readonly /dev/md127 "
			      "/dev/sda /dev/sdb"),
		1);
	assert_int_equal(part("host:boot")->state, STACK_OPEN);
	assert_string_equal(part("host:boot")->opened, "/dev/md127");
	assert_null(part("host:boot")->reason);
	assert_int_equal(world->stack->count, 1);
	/* Nothing new: nothing is done. */
	assert_int_equal(ASSEMBLE(0, sda, sdb), 0);
	assert_int_equal(ASSEMBLE(STACK_DEGRADED, sda, sdb), 0);
	assert_int_equal(done("perform run mdadm"), 1);
}

static void test_half_a_mirror(void **state)
{
	(void)state;
	assert_int_equal(ASSEMBLE(0, sda), 0);
	assert_int_equal(part("host:boot")->state, STACK_WAITING);
	assert_string_equal(part("host:boot")->reason, "mdadm says: need all 2 to start it");
	assert_int_equal(ASSEMBLE(0, sda), 0);
	assert_int_equal(done("perform run mdadm --assemble"), 1);
	/* Nobody else comes. */
	assert_int_equal(ASSEMBLE(STACK_DEGRADED, sda), 1);
	assert_int_equal(done("perform run mdadm --assemble --config=none --readonly --run "), 1);
	assert_int_equal(part("host:boot")->state, STACK_OPEN);
	assert_string_equal(part("host:boot")->reason, "only 1 of its 2 devices are there");
	assert_int_equal(world->stack->count, 1);
}

static void test_the_other_half_comes(void **state)
{
	(void)state;
	assert_int_equal(ASSEMBLE(0, sda), 0);
	assert_int_equal(ASSEMBLE(0, sda, sdb), 1);
	assert_int_equal(part("host:boot")->state, STACK_OPEN);
	assert_null(part("host:boot")->reason);
	assert_int_equal(world->stack->count, 1);
}

static void test_volumes(void **state)
{
	(void)state;
	assert_int_equal(ASSEMBLE(0, sdc), 1);
	assert_int_equal(done("perform run lvm lvchange --activate y --activationmode complete "
			      "--poll n vg/root --config devices{global_filter="),
		1);
	assert_int_equal(part("vg/root")->state, STACK_OPEN);
	assert_string_equal(part("vg/root")->opened, "/dev/dm-7");
	assert_int_equal(part("vg/thin")->state, STACK_LEFT);
	assert_string_equal(part("vg/thin")->device, "/dev/sdc");
	assert_int_equal(ASSEMBLE(0, sdc), 0);
	assert_int_equal(world->asked, 1);
	/* Another member: asked again, and what is open stays as it is. */
	assert_int_equal(ASSEMBLE(0, sdc, {"/dev/sdf", "LVM2_member", "pv2", NULL}), 0);
	assert_int_equal(world->asked, 2);
	assert_int_equal(done("perform run lvm lvchange"), 1);
	assert_int_equal(world->stack->count, 2);
}

/* What would be a regular expression of its own is no device's name. */
static void test_hostile_device(void **state)
{
	(void)state;
	assert_int_equal(ASSEMBLE(0, {"/dev/sd\"]} activation{", "LVM2_member", "pv", NULL}), 0);
	assert_int_equal(world->asked, 0);
	assert_int_equal(world->scripted->log_count, 0);
}

static void test_named(void **state)
{
	(void)state;
	assert_int_equal(ASSEMBLE(0, sdd, sde), 0);
	assert_int_equal(part("safe")->state, STACK_LOCKED);
	assert_string_equal(part("safe")->device, "/dev/sdd");
	assert_int_equal(part("/dev/sde")->state, STACK_LEFT);
	assert_string_equal(part("/dev/sde")->kind, "Intel firmware RAID");
	assert_int_equal(ASSEMBLE(0, sdd, sde), 0);
	assert_int_equal(world->stack->count, 2);
	assert_int_equal(world->scripted->log_count, 0);
}

static void test_missing_tools(void **state)
{
	(void)state;
	world->missing_tools = 1;
	assert_int_equal(ASSEMBLE(0, sda, sdc), 0);
	assert_string_equal(part("host:boot")->reason, "mdadm is not installed: install mdadm");
	assert_string_equal(part("/dev/sdc")->reason, "lvm is not installed: install lvm2");
	assert_int_equal(world->scripted->log_count, 0);
}

/* Those are stuck for which a request is under way; all, where that is not known. */
static void test_hanging_tools(void **state)
{
	static const struct stack_member old = {"/dev/cciss/c0d0p1", "LVM2_member", "pv2", NULL};

	(void)state;
	world->hanging_tools = 1;
	scripted_file(world->scripted, "sys/class/block/sda/inflight", "       0        0\n");
	scripted_file(world->scripted, "sys/class/block/sdb/inflight", "       1        0\n");
	assert_int_equal(ASSEMBLE(0, sda, sdb, sdc, old), 0);
	assert_int_equal(part("host:boot")->state, STACK_LEFT);
	assert_string_equal(part("host:boot")->reason, "mdadm did not end within 9 ms");
	assert_null(part("/dev/sda"));
	assert_int_equal(part("/dev/sdb")->state, STACK_STUCK);
	assert_string_equal(part("/dev/sdb")->reason,
		"it did not answer in time: mdadm did not end within 9 ms");
	assert_int_equal(part("/dev/sdc")->state, STACK_STUCK);
	assert_int_equal(part(old.device)->state, STACK_STUCK);
	/* One that is pulled is stuck no more. */
	scripted_file(world->scripted, "sys/class/block/cciss!c0d0p1/inflight", "0 2\n");
	assert_int_equal(ASSEMBLE(0, sda, sdb, old), 0);
	assert_null(part("/dev/sdc"));
	assert_int_equal(part(old.device)->state, STACK_STUCK);
	assert_int_equal(world->stack->count, 3);
}

static void test_release(void **state)
{
	struct machine *m = &world->scripted->machine;
	struct stack_items *items;
	struct err err;

	(void)state;
	assert_int_equal(ASSEMBLE(0, sda, sdb, sdc), 1);
	items = stack_record_read(m, world);
	assert_int_equal(items->count, 2);
	scripted_file(world->scripted, "sys/class/block/md127/slaves/dm-1/x", "");
	scripted_file(world->scripted, "sys/class/block/dm-1/dm/name", "stillboot-overlay-sda");
	assert_true(stack_items_have(m, items, "md127"));
	assert_int_equal(stack_release(m, world->stack, &err), 0);
	assert_int_equal(done("perform remove the mapping vg-root"), 1);
	assert_int_equal(done("perform run mdadm --stop /dev/md127"), 1);
	assert_int_equal(done("perform remove the mapping stillboot-overlay-sda"), 1);
	assert_int_equal(stack_record_read(m, world)->count, 0);
	assert_int_equal(done("remove " STACK_RECORD_FILE), 1);
	assert_int_equal(stack_release(m, world->stack, &err), 0);
	assert_int_equal(done("perform run mdadm --stop"), 1);
}

/* What is not ours any more, or in use, is left. */
static void test_release_of_others(void **state)
{
	struct machine *m = &world->scripted->machine;
	const struct stack_item other = {STACK_ITEM_ARRAY, "md5", "u"},
				gone = {STACK_ITEM_CRYPT, "stillboot-1", "CRYPT-1"},
				used = {STACK_ITEM_VOLUME, "root", "LVM-aabb"};
	struct stack_items *items;
	struct err err;

	(void)state;
	scripted_file(world->scripted, "sys/class/block/md5/slaves/sda/x", "");
	scripted_file(world->scripted, "sys/class/block/dm-7/dm/name", "vg-root");
	scripted_file(world->scripted, "sys/class/block/dm-7/dm/uuid", "LVM-aabb");
	scripted_file(world->scripted, "sys/class/block/dm-7/holders/dm-8/x", "");
	assert_int_equal(stack_record_add(m, &used, &err), 0);
	assert_int_equal(stack_record_add(m, &other, &err), 0);
	assert_int_equal(stack_record_add(m, &gone, &err), 0);
	items = stack_record_read(m, world);
	assert_true(stack_items_have(m, items, "dm-7"));
	assert_false(stack_items_have(m, items, "md5"));
	assert_false(stack_items_have(m, items, "dm-8"));
	assert_int_equal(stack_record_close_all(m, &err), -EBUSY);
	assert_string_equal(err.text, "vg-root is part of dm-8");
	assert_int_equal(done("perform"), 0);
	assert_int_equal(stack_record_read(m, world)->count, 1);
}

/* A failure of any effect costs what it was for, and nothing stays behind. */
static void test_failures(void **state)
{
	(void)state;
	for (size_t k = 1;; k++) {
		struct err err;
		size_t effects;

		world->scripted->fail_at = world->scripted->log_count + k;
		assert_true(ASSEMBLE(0, sda, sdb, sdc) >= 0);
		effects = world->scripted->log_count;
		assert_non_null(part("host:boot"));
		assert_true(part("vg/root") || part("/dev/sdc"));
		if (part("host:boot")->state != STACK_OPEN)
			assert_non_null(part("host:boot")->reason);
		if (effects < world->scripted->fail_at)
			break;
		world->scripted->fail_at = 0;
		stack_release(&world->scripted->machine, world->stack, &err);
		teardown(state);
		setup(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mirror, setup, teardown),
		cmocka_unit_test_setup_teardown(test_half_a_mirror, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_other_half_comes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_volumes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_device, setup, teardown),
		cmocka_unit_test_setup_teardown(test_named, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing_tools, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hanging_tools, setup, teardown),
		cmocka_unit_test_setup_teardown(test_release, setup, teardown),
		cmocka_unit_test_setup_teardown(test_release_of_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
