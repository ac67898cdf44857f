// SPDX-License-Identifier: GPL-2.0-or-later
/* The one rule of the default entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/choice.h"

/* Entries as their ids: "!" cannot be booted, "-" is hidden, "0" has no tries left, "3" has three; what
 * follows is its version. */
static void add(struct entry_list *list, const char *id)
{
	struct entry *e = entry_list_add(list);

	assert_non_null(e);
	e->id = e->title = id;
	e->version = id + strspn(id, "!-03");
	e->reason = strchr(id, '!') ? "broken" : NULL;
	e->hidden_by = strchr(id, '-') ? "x.lua:1" : NULL;
	if (*id == '0' || *id == '3')
		e->tries_left = *id - '0';
}

#define ENTRIES 5
#define PROPOSALS 6

struct proposal {
	enum entry_choice choice;
	const char *name;
	size_t index;
};

#define ONESHOT(i)                                                                                 \
	{                                                                                          \
		ENTRY_CHOICE_ONESHOT, "said", i                                                    \
	}
#define SAVED(i)                                                                                   \
	{                                                                                          \
		ENTRY_CHOICE_SAVED, "said", i                                                      \
	}
#define POLICY(i)                                                                                  \
	{                                                                                          \
		ENTRY_CHOICE_POLICY, "said", i                                                     \
	}
#define FORMAT(i)                                                                                  \
	{                                                                                          \
		ENTRY_CHOICE_FORMAT, "said", i                                                     \
	}
#define FIRST(i)                                                                                   \
	{                                                                                          \
		ENTRY_CHOICE_FORMAT, NULL, i                                                       \
	}
#define GONE CHOICE_NONE

static const struct {
	const char *what, *ids[ENTRIES];
	struct proposal proposals[PROPOSALS];
	const char *chosen;      /* NULL for none */
	enum entry_choice level; /* of the proposal that was */
} cases[] = {
	{"nothing at all", {NULL}, {{0}}, NULL, 0},
	{"a proposal without entries", {NULL}, {FORMAT(GONE)}, NULL, 0},
	{"each level in its turn", {"a", "b", "c", "d"},
		{FORMAT(3), POLICY(2), SAVED(1), ONESHOT(0)}, "a", ENTRY_CHOICE_ONESHOT},
	{"saved", {"a", "b", "c", "d"}, {FORMAT(3), POLICY(2), SAVED(1)}, "b", ENTRY_CHOICE_SAVED},
	{"policy", {"a", "b", "c", "d"}, {FORMAT(3), POLICY(2)}, "c", ENTRY_CHOICE_POLICY},
	{"configuration", {"a", "b", "c", "d"}, {FORMAT(3)}, "d", ENTRY_CHOICE_FORMAT},
	{"newest", {"a1", "a9", "a10", "a2"}, {{0}}, "a10", ENTRY_CHOICE_NEWEST},
	{"the menu that is listed first", {"a", "b", "c"}, {FORMAT(1), FORMAT(2), FIRST(0)}, "b",
		ENTRY_CHOICE_FORMAT},
	{"also where it says nothing", {"a", "b"}, {FIRST(0), FORMAT(1)}, "a", ENTRY_CHOICE_FORMAT},
	{"a later menu, where the first cannot", {"!a", "b"}, {FORMAT(0), FORMAT(1)}, "b",
		ENTRY_CHOICE_FORMAT},
	{"a lower level, where the higher cannot", {"!a", "b", "c"},
		{ONESHOT(GONE), SAVED(0), FORMAT(2)}, "c", ENTRY_CHOICE_FORMAT},
	{"the newest, where nothing that was said can", {"!a9", "b1", "c2"},
		{SAVED(0), FORMAT(GONE)}, "c2", ENTRY_CHOICE_NEWEST},
	{"hidden, but named", {"-a", "b"}, {FORMAT(0), FORMAT(1)}, "-a", ENTRY_CHOICE_FORMAT},
	{"hidden, not named", {"-a9", "b", "c1"}, {FIRST(0), FIRST(1)}, "b", ENTRY_CHOICE_FORMAT},
	{"hidden ones are no newest", {"-a9", "b1"}, {FIRST(0)}, "b1", ENTRY_CHOICE_NEWEST},
	{"all hidden", {"-a", "-b"}, {FIRST(0)}, NULL, 0},
	{"no tries left: another that was said", {"0a", "b"}, {SAVED(0), FORMAT(1)}, "b",
		ENTRY_CHOICE_FORMAT},
	{"no tries left: another that nobody said", {"0a9", "b1", "3c2"}, {FORMAT(0)}, "3c2",
		ENTRY_CHOICE_NEWEST},
	{"no tries left anywhere", {"0a1", "0b2", "!c3"}, {FORMAT(0)}, "0a1", ENTRY_CHOICE_FORMAT},
	{"no tries left, for one boot", {"0a", "b"}, {ONESHOT(0), FORMAT(1)}, "0a",
		ENTRY_CHOICE_ONESHOT},
	{"tries left are as good as none counted", {"3a", "b"}, {FORMAT(0), FORMAT(1)}, "3a",
		ENTRY_CHOICE_FORMAT},
	{"nothing can be booted: what was said first", {"!a", "!b"}, {FORMAT(1), FORMAT(0)}, "!b",
		ENTRY_CHOICE_FORMAT},
	{"nothing can be booted, the higher is not there", {"!a", "!b"}, {ONESHOT(GONE), FORMAT(1)},
		"!b", ENTRY_CHOICE_FORMAT},
	{"an index beyond the list", {"a", "b"}, {SAVED(2), FORMAT(1)}, "b", ENTRY_CHOICE_FORMAT},
};

static void expect_marked(const struct entry_list *list, const char *chosen, const char *what)
{
	size_t marked = 0;

	for (size_t i = 0; i < list->count; i++) {
		marked += list->entries[i].is_default != 0;
		if (list->entries[i].is_default && (!chosen || strcmp(list->entries[i].id, chosen)))
			fail_msg("%s: %s is the default", what, list->entries[i].id);
	}
	if (marked != (chosen != NULL))
		fail_msg("%s: %zu entries are the default", what, marked);
}

static void one_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry_list *list = entry_list_new(NULL);
		struct choices *c = choices_new(list);

		for (size_t n = 0; n < ENTRIES && cases[i].ids[n]; n++)
			add(list, cases[i].ids[n]);
		for (size_t n = 0; n < PROPOSALS; n++) {
			const struct proposal *p = &cases[i].proposals[n];

			if (p->choice || p->name)
				assert_int_equal(
					choices_add(c, p->choice, p->name, "here", p->index), 0);
		}
		/* What was decided is decided the same way again. */
		for (int again = 0; again < 2; again++) {
			assert_int_equal(choices_decide(c, list), 0);
			expect_marked(list, cases[i].chosen, cases[i].what);
			if (!cases[i].chosen)
				assert_true(c->chosen == CHOICE_NONE);
			else if (c->list[c->chosen].choice != cases[i].level)
				fail_msg("%s: by %s", cases[i].what,
					choice_word(c->list[c->chosen].choice));
		}
		talloc_free(list);
	}
}

/* Between discovery's decision and the policy's, entries become hidden and get proposals. */
static void decides_again_when_things_change(void **state)
{
	struct entry_list *list = entry_list_new(NULL);
	struct choices *c = choices_new(list);

	(void)state;
	add(list, "!a");
	add(list, "b1");
	add(list, "c2");
	choices_add(c, ENTRY_CHOICE_FORMAT, NULL, "x", 0);
	choices_decide(c, list);
	expect_marked(list, "c2", "newest");
	assert_int_equal(c->count, 2);
	list->entries[2].hidden_by = "x.lua:1";
	choices_decide(c, list);
	expect_marked(list, "b1", "newest that is not hidden");
	assert_int_equal(c->count, 2);
	choices_add(c, ENTRY_CHOICE_POLICY, "c2", "x.lua:2", 2);
	choices_decide(c, list);
	expect_marked(list, "c2", "policy");
	talloc_free(list);
}

static void keeps_copies_of_what_was_said(void **state)
{
	char name[] = "name", where[] = "where";
	struct choices *c = choices_new(NULL);

	(void)state;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(choices_add(c, ENTRY_CHOICE_SAVED, name, where, i), 0);
	memset(name, 'x', 4);
	memset(where, 'x', 5);
	for (size_t i = 0; i < 100; i++) {
		assert_string_equal(c->list[i].name, "name");
		assert_string_equal(c->list[i].where, "where");
		assert_int_equal(c->list[i].index, i);
	}
	talloc_free(c);
}

/* Where an entry has no version, its kernel's name says it. */
static void newest_by_the_kernels_name(void **state)
{
	struct entry_list *list = entry_list_new(NULL);

	(void)state;
	assert_true(choice_newest(list) == CHOICE_NONE);
	for (size_t i = 0; i < 3; i++)
		add(list, "x");
	list->entries[0].version = list->entries[1].version = NULL;
	list->entries[0].kernel.path = "/boot/vmlinuz-6.1.0-9-amd64";
	list->entries[1].kernel.path = "/boot/vmlinuz-6.1.0-42-amd64";
	list->entries[2].reason = "an EFI program"; /* and no kernel at all */
	list->entries[2].version = NULL;
	assert_int_equal(choice_newest(list), 1);
	list->entries[2].reason = NULL;
	assert_int_equal(choice_newest(list), 1);
	talloc_free(list);
}

static void what_is_passed_by(void **state)
{
	static const struct {
		struct proposal proposals[3];
		size_t booted;
		int passed; /* of the proposals, -1 for none */
	} them[] = {
		{{SAVED(0), FORMAT(1)}, 0, -1},
		{{SAVED(0), ONESHOT(1)}, 1, -1},
		{{SAVED(0), ONESHOT(1)}, 0, 1},
		{{SAVED(0), ONESHOT(GONE), ONESHOT(1)}, 0, 1},
		{{SAVED(0), ONESHOT(GONE), ONESHOT(1)}, 1, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(them) / sizeof(*them); i++) {
		struct choices *c = choices_new(NULL);
		const struct choice_proposal *passed;

		for (size_t p = 0; p < 3 && them[i].proposals[p].name; p++)
			assert_int_equal(choices_add(c, them[i].proposals[p].choice, "x", "y",
						 them[i].proposals[p].index),
				0);
		passed = choices_passed_by(c, them[i].booted);
		assert_ptr_equal(passed, them[i].passed < 0 ? NULL : &c->list[them[i].passed]);
		talloc_free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_rule),
		cmocka_unit_test(what_is_passed_by),
		cmocka_unit_test(decides_again_when_things_change),
		cmocka_unit_test(keeps_copies_of_what_was_said),
		cmocka_unit_test(newest_by_the_kernels_name),
	};

	return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
