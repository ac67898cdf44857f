// SPDX-License-Identifier: GPL-2.0-or-later
/* Rules about boot entries: which are hidden, what their command lines become, which is the default. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "policy/entries.h"
#include "tests/unit/scene.h"

static struct entry *add(struct entry_list *list, const char *id, const char *title,
	const char *version, const char *options)
{
	struct entry *e = entry_list_add(list);

	e->id = id;
	e->title = title;
	e->version = version;
	e->options = options;
	e->format = "bls1";
	e->kernel.path = talloc_asprintf(list, "/boot/vmlinuz-%s", version ? version : id);
	return e;
}

static struct entry_list *list_of_three(void *ctx)
{
	struct entry_list *list = entry_list_new(ctx);

	add(list, "old", "Debian, old", "6.1.0-9-amd64", "root=/dev/sda1 ro quiet");
	add(list, "new", "Debian", "6.1.0-42-amd64", "root=/dev/sda1 ro quiet");
	add(list, "rescue", "Rescue", NULL, "single");
	return list;
}

static void apply_to(
	struct scene *scene, struct entry_list *list, const char *rules, const char **missed)
{
	struct choices *choices = choices_new(scene);

	assert_int_equal(choices_add(choices, ENTRY_CHOICE_FORMAT, NULL, "the file", 0), 0);
	assert_int_equal(
		entries_apply(scene_decide(scene, SCENE_RULES, rules), list, choices, missed, NULL),
		0);
}

/* The id of the default after the rules; "" for none. */
static const char *default_by(struct scene *scene, const char *rules, const char **missed)
{
	struct entry_list *list = list_of_three(scene);

	apply_to(scene, list, rules, missed);
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i].is_default)
			return list->entries[i].id;
	return "";
}

static struct entry_list *apply(struct scene *scene, const char *rules)
{
	struct entry_list *list = list_of_three(scene);

	apply_to(scene, list, rules, NULL);
	return list;
}

static void without_rules_nothing_changes(void **state)
{
	struct entry_list *list = apply(*state, "");

	for (size_t i = 0; i < list->count; i++) {
		assert_null(list->entries[i].hidden_by);
		assert_null(list->entries[i].changed_by);
	}
	assert_string_equal(list->entries[0].options, "root=/dev/sda1 ro quiet");
	assert_true(list->entries[0].is_default);
}

static void the_last_word_on_hiding_counts(void **state)
{
	struct entry_list *list = apply(*state,
		"entry { title = \"Debian*\", hide = true }\n"
		"entry { id = { \"new\", \"x\" }, hide = false }\n"
		"entry { linux = \"*rescue\", options_add = \"a\" }\n");

	assert_string_equal(list->entries[0].hidden_by, "x.lua:1");
	assert_null(list->entries[1].hidden_by);
	assert_null(list->entries[2].hidden_by);
	assert_true(list->entries[1].is_default); /* the one that was is hidden */
	assert_false(list->entries[0].is_default);
}

static void every_field_of_an_entry_matches(void **state)
{
	static const struct {
		const char *fields;
		unsigned int hidden; /* 1 << index */
	} cases[] = {
		{"title = \"Rescue\"", 4},
		{"title = \"rescue\"", 0},
		{"id = \"[on]*\"", 3},
		{"linux = \"/boot/vmlinuz-6.1.0-4*\"", 2},
		{"version = \"6.1.0-9-*\"", 1},
		{"version = \"*\"", 3},
		{"format = \"bls?\"", 7},
		{"format = \"grub\"", 0},
		{"title = \"Debian*\", version = \"*-42-*\"", 2},
	};
	char rule[100];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry_list *list;

		snprintf(rule, sizeof(rule), "entry { %s, hide = true }", cases[i].fields);
		list = apply(*state, rule);
		for (size_t n = 0; n < 3; n++)
			if ((list->entries[n].hidden_by != NULL) != (cases[i].hidden >> n & 1))
				fail_msg("%s, entry %zu", cases[i].fields, n);
	}
}

static void expect_options(
	struct scene *scene, const char *options, const char *rules, const char *expected)
{
	struct entry_list *list = entry_list_new(scene);

	add(list, "a", "A", "1", options);
	apply_to(scene, list, rules, NULL);
	assert_string_equal(list->entries[0].options, expected);
}

static void words_are_added_and_taken_out(void **state)
{
	static const struct {
		const char *options, *rules, *expected;
	} cases[] = {
		{"ro quiet", "entry { options_remove = \"quiet\" }", "ro"},
		{"ro quiet", "entry { options_add = \"quiet\" }", "ro quiet"},
		{"ro", "entry { options_add = { \"a\", \"b=1\", \"a\" } }", "ro a b=1"},
		{"", "entry { options_add = \"a\" }", "a"},
		{"a", "entry { options_remove = \"*\" }", ""},
		{"a=1 b a=2 c a=3", "entry { options_remove = \"a=*\" }", "b c"},
		{"console=tty0 x",
			"entry { options_remove = { \"console=*\", \"y\" }, options_add = "
			"\"console=ttyS0\" }",
			"x console=ttyS0"},
		{"dyndbg=\"file a.c +p\" ro", "entry { options_remove = \"dyndbg=*\" }", "ro"},
		{"dyndbg=\"file a.c +p\" ro", "entry { options_remove = \"a.c\" }",
			"dyndbg=\"file a.c +p\" ro"},
		{"\"a b\" c", "entry { options_add = \"\\\"a b\\\"\" }", "\"a b\" c"},
		{"c", "entry { options_add = \"d=\\\"a b\\\"\" }", "c d=\"a b\""},
		{"  a   b  ", "entry { options_add = \"c\" }", "  a   b   c"},
		{"  a   b  ", "entry { options_remove = \"a\" }", "b"},
		{"a \"b", "entry { options_remove = \"a\" }", "\"b"},
		/* What one rule adds a later one can take out again. */
		{"x", "entry { options_add = \"y\" } entry { options_remove = \"y\" }", "x"},
		{"x", "machine { options_add = \"y\" } machine { options_remove = \"y\" }", "x"},
		{"x", "entry { options_remove = \"y\" } entry { options_add = \"y\" }", "x y"},
		/* Rules of entries come after those of devices and of the machine. */
		{"x",
			"entry { options_add = \"y\" } "
			"machine { options_add = \"z\", options_remove = \"y\" }",
			"x z y"},
		{"x", "machine { vendor = \"other\", options_add = \"z\" }", "x"},
		{"x", "device { options_add = \"z\" }", "x"}, /* there is no device */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		expect_options(*state, cases[i].options, cases[i].rules, cases[i].expected);
}

static void says_which_rules_changed_a_command_line(void **state)
{
	struct entry_list *list = apply(*state,
		"entry { id = \"old\", options_remove = \"quiet\", options_add = \"a\" }\n"
		"entry { id = \"*\", options_remove = \"nothing\" }\n"
		"machine { options_add = \"b\" }\n");

	assert_string_equal(list->entries[0].changed_by, "x.lua:3, x.lua:1");
	assert_string_equal(list->entries[0].options, "root=/dev/sda1 ro b a");
	assert_string_equal(list->entries[2].changed_by, "x.lua:3");
}

/* "x.lua:1" is no part of "x.lua:12". */
static void tells_rules_apart_whose_places_begin_alike(void **state)
{
	struct entry_list *list = apply(*state,
		"entry { id = \"zz\", options_add = \"x\" }\n\n\n\n\n\n\n\n\n\n\n"
		"entry { options_add = \"b\" }\n");

	assert_string_equal(list->entries[0].changed_by, "x.lua:12");
	list = apply(*state, "machine { options_add = \"c\" }\n\n\n\n\n\n\n\n\n\n\n"
			     "entry { options_add = \"b\" }\n");
	assert_string_equal(list->entries[0].changed_by, "x.lua:1, x.lua:12");
}

static void the_default_is_the_newest_an_id_or_a_title(void **state)
{
	const char *missed = "x";

	assert_string_equal(default_by(*state, "", &missed), "old");
	assert_null(missed);
	assert_string_equal(default_by(*state, "boot { default = \"newest\" }", &missed), "new");
	assert_string_equal(default_by(*state, "boot { default = \"rescue\" }", &missed), "rescue");
	assert_string_equal(default_by(*state, "boot { default = \"Debian\" }", &missed), "new");
	assert_string_equal(default_by(*state, "boot { default = \"Resc*\" }", &missed), "rescue");
	assert_null(missed);
	assert_string_equal(default_by(*state, "boot { default = \"gone\" }", &missed), "old");
	assert_string_equal(missed, "gone");
	assert_string_equal(
		default_by(*state,
			"boot { default = \"newest\" } entry { id = \"new\", hide = true }",
			&missed),
		"old");
	assert_string_equal(
		default_by(*state, "entry { hide = true }", &missed), ""); /* nothing is left */
}

static void a_command_line_without_an_entry_changes_too(void **state)
{
	struct decision *d = scene_decide(*state, SCENE_RULES,
		"machine { options_add = \"b\", options_remove = \"a\" } entry { options_add = "
		"\"c\" }");
	const char *changed, *by;

	assert_int_equal(entries_change_options(d, *state, "a x", &changed, &by), 0);
	assert_string_equal(changed, "x b");
	assert_string_equal(by, "x.lua:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			without_rules_nothing_changes, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			the_last_word_on_hiding_counts, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			every_field_of_an_entry_matches, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			words_are_added_and_taken_out, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			says_which_rules_changed_a_command_line, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			tells_rules_apart_whose_places_begin_alike, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			the_default_is_the_newest_an_id_or_a_title, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(
			a_command_line_without_an_entry_changes_too, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
