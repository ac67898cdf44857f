// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of entries: appending, unique ids, and finding the one that is meant. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/entry.h"

static int setup(void **state)
{
	*state = entry_list_new(NULL);
	return !*state;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static void add(struct entry_list *list, const char *id, const char *title,
	const struct entry_menu *menu, unsigned int position)
{
	struct entry *e = entry_list_add(list);

	assert_non_null(e);
	e->id = id;
	e->title = title;
	e->menu = menu;
	e->position = position;
}

/* Debian's shape: one entry, a submenu with two, and one behind it. */
static const struct entry_menu advanced = {NULL, "Advanced > options", "adv", 1};
static const struct entry_menu deep = {&advanced, "Old", NULL, 2};

static void add_debian(struct entry_list *list)
{
	add(list, "simple", "Debian", NULL, 0);
	add(list, "six-one", "Linux 6.1", &advanced, 0);
	add(list, "six-zero", "Linux 6.0", &advanced, 1);
	add(list, "five", "Linux 5.10", &deep, 0);
	add(list, "memtest.v2", "Memory test", NULL, 2);
}

static void names_the_default(void **state)
{
	static const struct {
		const char *pattern, *id;
	} cases[] = {
		{NULL, "simple"},
		{"", "simple"},
		{"0", "simple"},
		{"2", "memtest.v2"},
		{"1>0", "six-one"},
		{"1>1", "six-zero"},
		{"adv>six-zero", "six-zero"},
		{"adv>Linux 6.0", "six-zero"},
		{"Advanced >> options>1", "six-zero"},
		{"Advanced > options>1", "simple"}, /* not escaped: no such way */
		{"adv>2>0", "five"},
		{"1>Old>five", "five"},
		{"adv", "six-one"}, /* a submenu: its first */
		{"1>2", "five"},
		{"0>7", "simple"}, /* nothing more to choose */
		{"Memory test", "memtest.v2"},
		{"memtest*", "memtest.v2"},
		{"MEMTEST.V2.conf", "memtest.v2"},
		{"memtest.*.conf", "memtest.v2"},
		{"six-*", "simple"},    /* a glob does not look into submenus */
		{"six-zero", "simple"}, /* nor does GRUB for an id without its way */
		{"7", "simple"},
		{"nothing", "simple"},
	};
	struct entry_list *list = *state;

	add_debian(list);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		list->default_pattern = cases[i].pattern;
		if (strcmp(entry_list_default(list)->id, cases[i].id))
			fail_msg("default \"%s\" gave %s instead of %s",
				cases[i].pattern ? cases[i].pattern : "(null)",
				entry_list_default(list)->id, cases[i].id);
	}
}

static void keeps_a_default_that_cannot_boot_only_if_it_is_named(void **state)
{
	struct entry_list *list = *state;

	assert_null(entry_list_default(list));
	add_debian(list);
	list->entries[0].reason = "its kernel is missing";
	assert_string_equal(entry_list_default(list)->id, "six-one");
	list->default_pattern = "simple";
	assert_string_equal(entry_list_default(list)->id, "simple");
	for (size_t i = 0; i < list->count; i++)
		list->entries[i].reason = "gone";
	list->default_pattern = NULL;
	assert_string_equal(entry_list_default(list)->id, "simple");
}

static void finds_what_a_user_means(void **state)
{
	static const struct {
		const char *name, *id;
	} cases[] = {
		{"six-zero", "six-zero"},
		{"1>1", "six-zero"},
		{"Linux 5.10", "five"},
		{"six-*", "six-one"},
		{"2", "memtest.v2"},
		{"nothing", NULL},
		{"", NULL},
	};
	struct entry_list *list = *state;

	add_debian(list);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry *e = entry_list_find(list, cases[i].name);

		if (!e != !cases[i].id || (e && strcmp(e->id, cases[i].id)))
			fail_msg("\"%s\" found %s", cases[i].name, e ? e->id : "nothing");
	}
}

static void survives_hostile_patterns(void **state)
{
	struct entry_list *list = *state;
	char pattern[4096];

	add_debian(list);
	memset(pattern, '>', sizeof(pattern) - 1);
	pattern[sizeof(pattern) - 1] = '\0';
	assert_null(entry_list_find(list, pattern));
	assert_null(entry_list_find(list, pattern + sizeof(pattern) - 100));
	for (size_t i = 0; i < sizeof(pattern) - 1; i++)
		pattern[i] = i % 2 ? '1' : '>';
	assert_null(entry_list_find(list, pattern + sizeof(pattern) - 101));
}

/* fnmatch(3) needs the product of both lengths for these: a minute with what one grub.cfg can hold. */
static void globs_have_a_budget(void **state)
{
	struct entry_list *list = *state;
	char id[1001], pattern[503];
	clock_t begin = clock();

	memset(id, 'a', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	memset(pattern, 'a', sizeof(pattern) - 1);
	memcpy(pattern + sizeof(pattern) - 2, "b", 2);
	*pattern = '*';
	for (size_t i = 0; i < ENTRY_LIST_MAX - 1; i++)
		add(list, id, "", NULL, 0);
	add(list, "linux-6.1.0-42-amd64", "", NULL, 0);
	assert_null(entry_list_find_id(list, pattern));
	list->default_pattern = pattern;
	assert_ptr_equal(entry_list_default(list), list->entries);
	assert_true(clock() - begin < CLOCKS_PER_SEC);
	/* What a user would write is found in as many, with ids of a usual length. */
	for (size_t i = 0; i < ENTRY_LIST_MAX - 1; i++)
		list->entries[i].id = "5f3c0a7e5f3c0a7e5f3c0a7e5f3c0a7e-6.1.0-42-amd64-rescue";
	assert_ptr_equal(entry_list_find_id(list, "linux-*[0-9].[0-9].[0-9]-4[0-9]-amd64.conf"),
		&list->entries[ENTRY_LIST_MAX - 1]);
}

static void makes_ids_unique(void **state)
{
	static const char *const before[] = {"a", "b", "a", "a#2", "a", "b", "c"};
	static const char *const after[] = {"a", "b", "a#3", "a#2", "a#4", "b#2", "c"};
	struct entry_list *list = *state;

	assert_int_equal(entry_list_make_unique(list), 0);
	for (size_t i = 0; i < 7; i++)
		add(list, before[i], "", NULL, 0);
	assert_int_equal(entry_list_make_unique(list), 0);
	for (size_t i = 0; i < 7; i++)
		assert_string_equal(list->entries[i].id, after[i]);
}

static void appends_and_has_an_end(void **state)
{
	struct entry_list *list = *state, *other = entry_list_new(NULL);

	add_debian(list);
	add(other, talloc_strdup(other, "more"), "", NULL, 0);
	assert_int_equal(entry_list_append(list, other), 0);
	assert_int_equal(list->count, 6);
	assert_int_equal(other->count, 0);
	assert_string_equal(list->entries[5].id, "more");
	assert_int_equal(list->entries[5].tries_left, -1);
	while (list->count < ENTRY_LIST_MAX)
		assert_non_null(entry_list_add(list));
	assert_null(entry_list_add(list));
	add(other, "one too many", "", NULL, 0);
	assert_int_equal(entry_list_append(list, other), -E2BIG);
	assert_int_equal(other->count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_the_default, setup, teardown),
		cmocka_unit_test_setup_teardown(
			keeps_a_default_that_cannot_boot_only_if_it_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_what_a_user_means, setup, teardown),
		cmocka_unit_test_setup_teardown(survives_hostile_patterns, setup, teardown),
		cmocka_unit_test_setup_teardown(globs_have_a_budget, setup, teardown),
		cmocka_unit_test_setup_teardown(makes_ids_unique, setup, teardown),
		cmocka_unit_test_setup_teardown(appends_and_has_an_end, setup, teardown),
	};

	return cmocka_run_group_tests_name("entry", tests, NULL, NULL);
}
