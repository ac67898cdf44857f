// SPDX-License-Identifier: GPL-2.0-or-later
/* What lvm and mdadm say, and the record: also when it is not what they should say. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/stack/lvm_report.h"
#include "boot/stack/md_examine.h"
#include "boot/stack/record.h"
#include "tests/unit/tree.h"

#define ROW(fields)                                                                                \
	"{\"report\":[{\"lv\":[{\"vg_name\":\"vg\",\"vg_uuid\":\"aa-b\",\"lv_name\":\"root\","     \
	"\"lv_uuid\":\"c-dd\",\"lv_role\":\"public\",\"segtype\":\"linear\","                      \
	"\"devices\":\"/dev/sda2(0)\"" fields "}]}]}"

static struct lvm_report *parse(const char *text)
{
	struct lvm_report *report;
	struct err err;

	assert_int_equal(lvm_report_parse(NULL, text, strlen(text), &report, &err), 0);
	return report;
}

static void test_volume(void **state)
{
	struct lvm_report *r = parse(ROW(""));

	(void)state;
	assert_int_equal(r->count, 1);
	assert_string_equal(r->volumes[0].name, "vg/root");
	assert_string_equal(r->volumes[0].uuid, "c-dd");
	assert_string_equal(r->volumes[0].dm_uuid, "LVM-aabcdd");
	assert_string_equal(r->volumes[0].device, "/dev/sda2");
	assert_int_equal(r->volumes[0].state, STACK_OPEN);
	assert_null(r->volumes[0].reason);
	talloc_free(r);
}

/* What is in the row besides, and what becomes of the volume. The later of two equal keys counts. */
static void test_what_is_not_activated(void **state)
{
	static const struct {
		const char *text;
		enum stack_state state;
		const char *reason; /* NULL: it is activated; a part of it */
	} cases[] = {
		{ROW(",\"segtype\":\"striped\",\"devices\":\"/dev/sda2(0),/dev/sdb(9)\""),
			STACK_OPEN, NULL},
		{ROW(",\"segtype\":\"thin\",\"devices\":\"\""), STACK_LEFT, "type thin"},
		{ROW(",\"segtype\":\"raid1\""), STACK_LEFT, "type raid1"},
		{ROW(",\"segtype\":\"cache\""), STACK_LEFT, "type cache"},
		{ROW(",\"segtype\":\"\""), STACK_LEFT, "type"},
		{ROW(",\"lv_role\":\"public,origin,thickorigin\""), STACK_LEFT, "snapshot"},
		{ROW(",\"lv_role\":\"public,snapshot,thicksnapshot\""), STACK_LEFT, "snapshot"},
		{ROW(",\"lv_health_status\":\"partial\""), STACK_WAITING, "missing"},
		{ROW(",\"lv_skip_activation\":\"skip activation\""), STACK_LEFT, "skipped"},
		{ROW(",\"vg_exported\":\"exported\""), STACK_LEFT, "exported"},
		{ROW(",\"vg_systemid\":\"db7\""), STACK_LEFT, "the system db7"},
		{ROW(",\"vg_lock_type\":\"sanlock\""), STACK_LEFT, "several machines"},
		{ROW(",\"vg_lock_type\":\"none\""), STACK_OPEN, NULL},
		{ROW(",\"devices\":\"pvmove0(0)\""), STACK_LEFT, "moved"},
		{ROW(",\"devices\":\"/dev/sda2(0),pvmove0(3)\""), STACK_LEFT, "moved"},
		{ROW(",\"lv_name\":\"-ay\""), STACK_LEFT, "name"},
		{ROW(",\"vg_name\":\"--config\""), STACK_LEFT, "name"},
		{ROW(",\"lv_name\":\"a\\\"b\""), STACK_LEFT, "name"},
		{ROW(",\"lv_name\":\"\""), STACK_LEFT, "name"},
		{ROW(",\"segtype\":7"), STACK_LEFT, "type"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct lvm_report *r = parse(cases[i].text);

		assert_int_equal(r->count, 1);
		assert_int_equal(r->volumes[0].state, cases[i].state);
		if (cases[i].reason)
			assert_non_null(strstr(r->volumes[0].reason, cases[i].reason));
		else
			assert_null(r->volumes[0].reason);
		talloc_free(r);
	}
}

/* A volume of several segments is activated only if all of them may be. */
static void test_segments(void **state)
{
	static const char text[] =
		"{\"report\":[{\"lv\":["
		"{\"vg_name\":\"v\",\"vg_uuid\":\"1\",\"lv_name\":\"l\",\"lv_uuid\":\"2\","
		"\"lv_role\":\"public\",\"segtype\":\"linear\",\"devices\":\"/dev/sda(0)\"},"
		"{\"vg_name\":\"v\",\"vg_uuid\":\"1\",\"lv_name\":\"l\",\"lv_uuid\":\"2\","
		"\"lv_role\":\"public\",\"segtype\":\"linear\",\"devices\":\"pvmove0(0)\"},"
		"{\"vg_name\":\"v\",\"vg_uuid\":\"1\",\"lv_name\":\"[pvmove0]\","
		"\"lv_uuid\":\"3\",\"lv_role\":\"private\",\"segtype\":\"mirror\"}]}]}";
	struct lvm_report *r = parse(text);

	(void)state;
	assert_int_equal(r->count, 1);
	assert_int_equal(r->volumes[0].state, STACK_LEFT);
	talloc_free(r);
}

static void test_no_report(void **state)
{
	static const char *const bad[] = {
		"", "[]", "{}", "{\"report\":{}}", "{\"report\":[", "null"};
	static const char *const empty[] = {"{\"report\":[]}", "{\"report\":[1,{\"lv\":2}]}",
		"{\"report\":[{\"lv\":[[],null,{}]}]}"};
	struct lvm_report *report;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(
			lvm_report_parse(NULL, bad[i], strlen(bad[i]), &report, &err), -EINVAL);
	for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++) {
		report = parse(empty[i]);
		assert_int_equal(report->count, 0);
		talloc_free(report);
	}
}

static const char *reason_of(const char *text)
{
	struct md_member member;

	md_examine_parse(text, &member);
	return md_member_reason(&member);
}

static void test_examine(void **state)
{
	struct md_member m;

	(void)state;
	md_examine_parse("/dev/sda:\n          Magic : a92b4efc\n    Feature Map : 0x1\n"
			 "     Raid Level : raid5\n   Raid Devices : 3\n",
		&m);
	assert_string_equal(m.level, "raid5");
	assert_int_equal(m.devices, 3);
	assert_int_equal(m.features, 1);
	assert_int_equal(m.reshaping, 0);
	assert_null(md_member_reason(&m));
	assert_non_null(strstr(reason_of("  Feature Map : 0x5\n"), "reshape"));
	assert_non_null(strstr(reason_of("  Reshape pos'n : 10240 (10.00 MiB)\n"), "reshape"));
	assert_non_null(strstr(reason_of("    Feature Map : 0x200\n"), "journal"));
	assert_non_null(strstr(reason_of("    Feature Map : 0x101"), "cluster"));
	assert_non_null(strstr(reason_of("     Raid Level : container\n"), "firmware"));
	/* A name is anybody's: it stands behind a key of its own. */
	assert_null(reason_of("           Name : Feature Map : 0x200\n"));
	assert_null(reason_of(""));
	assert_null(reason_of("Feature Map :"));
	assert_null(reason_of("Raid Level : "));
}

static void test_record(void **state)
{
	char text[] = "volume vg-root LVM-1\nnonsense\narray md127 a:b\nvolume short\n\n"
		      "crypt ../evil X\ncrypt stillboot-1 CRYPT-1";
	struct stack_items *items = stack_record_parse(NULL, text);

	(void)state;
	assert_non_null(items);
	assert_int_equal(items->count, 3);
	assert_int_equal(items->items[1].kind, STACK_ITEM_ARRAY);
	assert_string_equal(items->items[1].name, "md127");
	assert_string_equal(items->items[2].uuid, "CRYPT-1");
	talloc_free(items);
}

#define ADDED 40

static void add_items(struct machine *m, char who)
{
	for (int i = 0; i < ADDED; i++) {
		char name[16];
		const struct stack_item item = {STACK_ITEM_CRYPT, name, "x"};
		struct err err;

		snprintf(name, sizeof(name), "%c%d", who, i);
		if (stack_record_add(m, &item, &err) < 0)
			_exit(1);
	}
	_exit(0);
}

/* `list` opens and closes what it looks at while `unlock` is at work. */
static void test_two_write_the_record(void **state)
{
	struct tree tree;
	struct machine m;
	struct stack_items *items;
	int status;

	(void)state;
	tree_new(&tree);
	tree_node(&tree, "run/stillboot", S_IFDIR);
	tree_machine(&tree, &m);
	for (char who = 'a'; who < 'c'; who++)
		if (fork() == 0)
			add_items(&m, who);
	for (int i = 0; i < 2; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	items = stack_record_read(&m, NULL);
	assert_int_equal(items->count, 2 * ADDED);
	talloc_free(items);
	machine_close(&m);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_volume),
		cmocka_unit_test(test_what_is_not_activated),
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_no_report),
		cmocka_unit_test(test_examine),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_two_write_the_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
