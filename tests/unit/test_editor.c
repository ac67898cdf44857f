// SPDX-License-Identifier: GPL-2.0-or-later
/* The form that an entry is edited in, without a screen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "ui/menu/editor.h"

static struct model *model_of(const char *volumes)
{
	struct model *m = model_new(NULL);

	m->volumes = json_loads(volumes, 0, NULL);
	return m;
}

#define TWO_VOLUMES "[{\"device\": \"/dev/sda1\"}, {\"device\": null, \"mounted\": \"/boot\"}]"

static struct editor *editor_of(struct model *m, const char *json)
{
	struct model_entry entry = {.id = "id", .title = "title", .path = "", .json = json};

	return editor_new(m, m, json ? &entry : NULL, NULL);
}

static void press(struct editor *e, struct model *m, uint32_t key)
{
	editor_key(e, m, &(struct key_event){.key = key});
}

static void type(struct editor *e, struct model *m, const char *text)
{
	while (*text)
		press(e, m, (unsigned char)*text++);
}

static void expect(const struct editor *e, const char *edit)
{
	json_t *json = editor_edit(e);
	char *text = json_dumps(json, JSON_COMPACT);

	assert_string_equal(text, edit);
	free(text);
	json_decref(json);
}

static void an_entry_is_an_edit(void **state)
{
	static const struct {
		const char *entry, *edit;
	} cases[] = {
		{"{\"options\": \"ro\", \"devicetree\": \"/x\", \"files\": ["
		 "{\"what\": \"initrd\", \"path\": \"/a\", \"device\": \"/dev/sda1\"},"
		 "{\"what\": \"linux\", \"path\": \"/k\", \"device\": \"/dev/sdb1\"},"
		 "{\"what\": \"devicetree\", \"path\": \"/t\", \"device\": \"/dev/sda1\"},"
		 "{\"what\": \"initrd\", \"path\": \"/b\", \"device\": \"/dev/sda1\"}]}",
			"{\"device\":\"/dev/sdb1\",\"linux\":\"/k\",\"initrd\":[\"/a\",\"/b\"],"
			"\"devicetree\":\"/t\",\"options\":\"ro\"}"},
		{"{\"files\": [{\"what\": \"efi\", \"path\": \"/uki.efi\", \"device\": null}],"
		 "\"source\": {\"device\": \"/dev/sdc1\"}}",
			"{\"device\":\"/dev/sdc1\",\"linux\":\"/uki.efi\",\"initrd\":[],"
			"\"devicetree\":\"\",\"options\":\"\"}"},
		{"{\"files\": 3, \"options\": [], \"source\": null}",
			"{\"device\":\"\",\"linux\":\"\",\"initrd\":[],\"devicetree\":\"\","
			"\"options\":\"\"}"},
		{NULL, "{\"device\":\"/dev/sda1\",\"linux\":\"\",\"initrd\":[],\"devicetree\":\"\","
		       "\"options\":\"\"}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct model *m = model_of(TWO_VOLUMES);
		struct editor *e = editor_of(m, cases[i].entry);

		expect(e, cases[i].edit);
		assert_false(editor_is_changed(e));
		talloc_free(m);
	}
}

static void initrds_come_and_go(void **state)
{
	struct model *m = model_of("[]");
	struct editor *e = editor_of(m, NULL);

	(void)state;
	for (int i = 0; i < EDITOR_INITRDS; i++) {
		editor_go(e, EDITOR_INITRD + i);
		assert_true(editor_is_seen(e, e->field));
		assert_false(editor_is_seen(e, EDITOR_INITRD + i + 1) &&
			     editor_is_initrd(EDITOR_INITRD + i + 1));
		press(e, m, 'a' + (uint32_t)i);
	}
	assert_true(editor_step(e, 1));
	assert_int_equal(e->field, EDITOR_DEVICETREE);
	for (int i = 2; i < EDITOR_INITRDS; i++) { /* all but the first two, from the second on */
		editor_go(e, EDITOR_INITRD + 1);
		press(e, m, KEY_CONTROL('u'));
		editor_step(e, 1);
		assert_int_equal(e->field, EDITOR_INITRD + 1);
	}
	expect(e, "{\"device\":\"\",\"linux\":\"\",\"initrd\":[\"a\",\"p\"],\"devicetree\":\"\","
		  "\"options\":\"\"}");
	talloc_free(m);
}

static void all_of_the_form_is_taken_back(void **state)
{
	struct model *m = model_of(TWO_VOLUMES);
	struct editor *e = editor_of(m, NULL);
	static const char changed[] = "{\"device\":\"/boot\",\"linux\":\"/k\",\"initrd\":[\"/i\"],"
				      "\"devicetree\":\"\",\"options\":\"\"}";

	(void)state;
	type(e, m, "/k");
	editor_go(e, EDITOR_INITRD);
	type(e, m, "/i");
	editor_go(e, EDITOR_DEVICE);
	press(e, m, KEY_CURSOR_RIGHT);
	expect(e, changed);
	editor_reset(e);
	assert_false(editor_is_changed(e));
	editor_go_through_past(e, PAST_UNDO);
	expect(e, changed);
	for (int i = 0; i < 3; i++)
		editor_go_through_past(e, PAST_UNDO);
	assert_false(editor_is_changed(e));
	assert_int_equal(e->field, EDITOR_LINUX);
	editor_go_through_past(e, PAST_UNDO);
	for (int i = 0; i < 3; i++)
		editor_go_through_past(e, PAST_REDO);
	expect(e, changed);
	editor_set_safe(e);
	assert_false(editor_is_changed(e));
	talloc_free(m);
}

static void devices_may_go_while_they_are_chosen(void **state)
{
	struct model *m = model_of(TWO_VOLUMES);
	struct editor *e = editor_of(m, NULL);

	(void)state;
	editor_go(e, EDITOR_DEVICE);
	press(e, m, 'x');
	assert_string_equal(e->device, "/dev/sda1");
	press(e, m, KEY_CURSOR_LEFT);
	assert_string_equal(e->device, "");
	press(e, m, KEY_CURSOR_LEFT);
	assert_string_equal(e->device, "/boot");
	json_array_clear(m->volumes);
	press(e, m, KEY_CURSOR_RIGHT);
	assert_string_equal(e->device, "");
	talloc_free(m);
}

static void what_is_too_long_is_a_change(void **state)
{
	struct model *m = model_of("[]");
	char *json = talloc_asprintf(m, "{\"options\": \"%*s\"}", LINE_EDIT_MAX, "x");
	struct editor *e = editor_of(m, json);

	(void)state;
	assert_true(editor_is_changed(e));
	talloc_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_an_edit),
		cmocka_unit_test(initrds_come_and_go),
		cmocka_unit_test(all_of_the_form_is_taken_back),
		cmocka_unit_test(devices_may_go_while_they_are_chosen),
		cmocka_unit_test(what_is_too_long_is_a_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
