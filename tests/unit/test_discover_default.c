// SPDX-License-Identifier: GPL-2.0-or-later
/* What discovery knows of the default: the loader that started the machine, EFI variables, and what is to
 * be written when an entry is booted. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/discover.h"
#include "boot/efi_variable.h"
#include "boot/format.h"
#include "tests/unit/tree_case.h"

/* Two menus: GRUB's g and h, and b and c of the Boot Loader Specification, which is listed first. */
static int setup(void **state)
{
	struct tree_case *f;

	tree_case_new(state);
	f = *state;
	tree_file(&f->tree, "k", "");
	tree_file(&f->tree, "loader/entries/b.conf", "linux /k\nsort-key a\n");
	tree_file(&f->tree, "loader/entries/c.conf", "linux /k\nsort-key b\n");
	tree_file(&f->tree, "grub/grub.cfg",
		"menuentry G --id g { linux /k }\nmenuentry H --id h { linux /k }");
	return 0;
}

static void set(struct tree_case *f, const char *name, const char *text)
{
	struct err err;

	tree_file(&f->tree, "sys/firmware/efi/efivars/x", "");
	if (efi_variable_write(&f->machine, name, text, &err) < 0)
		fail_msg("%s", err.text);
}

/* "id* id": the default has the star. */
static struct discovery *expect(struct tree_case *f, const char *expected)
{
	struct discovery *d = tree_case_discover(f);
	char *text = talloc_strdup(d, "");

	for (size_t i = 0; i < d->entries->count; i++)
		text = talloc_asprintf_append(text, "%s%s%s", i ? " " : "",
			d->entries->entries[i].id, d->entries->entries[i].is_default ? "*" : "");
	assert_string_equal(text, expected);
	return d;
}

static const char *chosen_where(const struct discovery *d)
{
	return d->choices->list[d->choices->chosen].where;
}

/* "EFI NAME=VALUE" each, ended by a bar. */
static void expect_writes(struct discovery *d, size_t entry, const char *expected)
{
	char *text = talloc_strdup(d, "");

	for (const struct entry_write *w = d->entries->entries[entry].writes; w; w = w->next) {
		assert_int_equal(w->kind, ENTRY_WRITE_EFI);
		text = talloc_asprintf_append(text, "%s=%s|", w->name, w->value ? w->value : "");
	}
	assert_string_equal(text, expected);
}

static void the_loader_that_started_us_comes_first(void **state)
{
	static const struct {
		const char *info, *expected;
	} cases[] = {
		{"systemd-boot 252.30", "b* c g h"},
		{"GRUB 2.12", "g* h b c"},
		{"GRUB", "g* h b c"},
		{"rEFInd 0.13", "b* c g h"},
		{"", "b* c g h"},
	};
	struct tree_case *f = *state;

	expect(f, "b* c g h");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		set(f, EFI_VARIABLE_INFO, cases[i].info);
		expect(f, cases[i].expected);
	}
}

static void variables_name_entries(void **state)
{
	static const struct {
		const char *oneshot, *fallback, *expected, *where;
	} cases[] = {
		{NULL, "c.conf", "b c* g h", "EFI variable LoaderEntryDefault"},
		{NULL, "C", "b c* g h", "EFI variable LoaderEntryDefault"},
		{NULL, "[c-z]*", "b c* g h", "EFI variable LoaderEntryDefault"},
		{NULL, "h", "b c g h*", "EFI variable LoaderEntryDefault"},
		{NULL, "none*", "b* c g h", "loader/entries/b.conf on the root directory"},
		{NULL, "1", "b* c g h", "loader/entries/b.conf on the root directory"},
		{NULL, "", "b* c g h", "loader/entries/b.conf on the root directory"},
		{"c", "g", "b c* g h", "EFI variable LoaderEntryOneShot"},
		{"none", "g", "b c g* h", "EFI variable LoaderEntryDefault"},
	};
	struct tree_case *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		set(f, EFI_VARIABLE_ONESHOT, cases[i].oneshot);
		set(f, EFI_VARIABLE_DEFAULT, cases[i].fallback);
		assert_string_equal(chosen_where(expect(f, cases[i].expected)), cases[i].where);
	}
}

/* Whatever is booted, also where the one that is named is not there. */
static void a_oneshot_choice_is_used_up_by_every_entry(void **state)
{
	struct tree_case *f = *state;
	struct discovery *d = tree_case_discover(f);

	for (size_t i = 0; i < 4; i++)
		expect_writes(d, i, "");
	set(f, EFI_VARIABLE_ONESHOT, "none");
	d = tree_case_discover(f);
	for (size_t i = 0; i < 4; i++)
		expect_writes(d, i, "LoaderEntryOneShot=|");
}

/* `bootctl set-default @saved`: systemd-boot then keeps what was booted last. */
static void the_default_may_be_what_was_booted_last(void **state)
{
	struct tree_case *f = *state;
	struct discovery *d;

	set(f, EFI_VARIABLE_DEFAULT, "@saved");
	d = expect(f, "b* c g h");
	expect_writes(d, 1, "LoaderEntryLastBooted=c.conf|");
	expect_writes(d, 2, "");
	set(f, EFI_VARIABLE_LAST, "c.conf");
	set(f, EFI_VARIABLE_ONESHOT, "b.conf");
	d = expect(f, "b* c g h");
	expect_writes(d, 1, "LoaderEntryLastBooted=c.conf|LoaderEntryOneShot=|");
	set(f, EFI_VARIABLE_ONESHOT, NULL);
	expect(f, "b c* g h");
}

/* Directory trees are no machine: nobody's variables have a say. */
static void trees_have_no_variables(void **state)
{
	struct tree_case *f = *state;
	const char *path = f->tree.path;
	struct volume_set *set_of_one;
	struct discovery *d;
	struct err err;

	set(f, EFI_VARIABLE_DEFAULT, "h");
	set(f, EFI_VARIABLE_INFO, "GRUB 2.12");
	tree_file(&f->tree, "proc/cmdline", "\n");
	assert_int_equal(volumes_of_trees(f, &path, 1, &set_of_one, &err), 0);
	assert_int_equal(discover_in(NULL, f, set_of_one, &d, &err), 0);
	assert_string_equal(d->entries->entries[0].id, "b");
	assert_true(d->entries->entries[0].is_default);
}

static void long_menus_are_cut(void **state)
{
	struct tree_case *f = *state;
	char *config = talloc_strdup(f, "set default=\"4094\"\n");
	struct discovery *d;

	for (size_t i = 0; i < ENTRY_LIST_MAX; i++)
		config = talloc_asprintf_append_buffer(
			config, "menuentry M --id m%zu { linux /k }\n", i);
	tree_file(&f->tree, "grub/grub.cfg", config);
	d = tree_case_discover(f);
	assert_int_equal(d->entries->count, ENTRY_LIST_MAX);
	assert_string_equal(d->entries->entries[ENTRY_LIST_MAX - 1].id, "m4093");
	assert_int_equal(d->problem_count, 1);
	assert_string_equal(d->problems[0],
		"grub/grub.cfg on the root directory: the last 2 of its 4096 entries are left out: "
		"4096 are enough");
	for (size_t i = 0; i < d->choices->count; i++)
		assert_true(d->choices->list[i].index < ENTRY_LIST_MAX ||
			    d->choices->list[i].index == CHOICE_NONE); /* 4094 is gone */
}

/* "default nothing" is the first entry, and no word of anybody's. */
static void what_is_named_in_vain(void **state)
{
	static const struct choice_proposal expected[] = {
		{ENTRY_CHOICE_FORMAT, "x*", "loader/entries/b.conf on the root directory",
			CHOICE_NONE, false},
		{ENTRY_CHOICE_FORMAT, NULL, "loader/entries/b.conf on the root directory", 0,
			false},
		{ENTRY_CHOICE_FORMAT, "h", "grub/grub.cfg on the root directory", 3, false},
	};
	struct tree_case *f = *state;
	struct discovery *d;

	tree_file(&f->tree, "loader/loader.conf", "default x*\n");
	tree_file(&f->tree, "grub/grub.cfg",
		"set default=h\nmenuentry G --id g { linux /k }\nmenuentry H --id h { linux /k }");
	d = expect(f, "b* c g h");
	assert_int_equal(d->choices->count, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct choice_proposal *p = &d->choices->list[i];

		assert_int_equal(p->choice, expected[i].choice);
		assert_string_equal(
			p->name ? p->name : "", expected[i].name ? expected[i].name : "");
		assert_string_equal(p->where, expected[i].where);
		assert_true(p->index == expected[i].index);
	}
	assert_int_equal(d->choices->chosen, 1);
}

/* The menu of a disk has entries on several volumes: each is named where it is. */
static void entries_of_other_volumes(void **state)
{
	struct tree_case *f = *state;
	const char *trees[2];
	struct volume_set *volumes;
	struct discovery *d;
	struct err err;

	tree_file(&f->tree, "esp/k", "");
	tree_file(&f->tree, "x/k", "");
	tree_file(&f->tree, "esp/loader/entries/1.conf", "linux /k\nsort-key b");
	tree_file(&f->tree, "x/loader/entries/2.conf", "linux /k\nsort-key a");
	trees[0] = talloc_asprintf(f, "sda1:%s/esp", f->tree.path);
	trees[1] = talloc_asprintf(f, "sda2:%s/x", f->tree.path);
	assert_int_equal(volumes_of_trees(f, trees, 2, &volumes, &err), 0);
	assert_int_equal(discover_in(NULL, f, volumes, &d, &err), 0);
	assert_string_equal(chosen_where(d), "loader/entries/2.conf on /dev/sda2");
	assert_string_equal(d->entries->entries[0].source.device, "/dev/sda2");
	assert_ptr_equal(d->entries->entries[0].kernel.volume, &d->volumes->volumes[1]);
	assert_ptr_equal(d->entries->entries[1].kernel.volume, &d->volumes->volumes[0]);
	assert_int_equal(discovery_close(d, &err), 0);
}

static void what_loaders_are_told(void **state)
{
	static const struct entry_menu years = {NULL, "2024", NULL, 7},
				       deep = {&years, "Older > kernels", NULL, 1},
				       named = {NULL, "Advanced", "adv", 1};
	static const struct {
		const char *format, *file, *id, *title;
		const struct entry_menu *menu;
		const char *value;
	} cases[] = {
		{"bls1", "loader/entries/a.conf", "a", "A", NULL, "a.conf"},
		{"bls1", "loader/entries/a+3.conf", "a", "A", NULL, "a.conf"},
		{"bls1", "loader/entries/a+3.conf", "a#2", "A", NULL, "a.conf"},
		{"bls1", "loader/entries/a#2.conf", "a#2", "A", NULL, "a#2.conf"},
		{"bls1", "loader/entries/a#2.conf", "a#2#2", "A", NULL, "a#2.conf"},
		{"bls2", "EFI/Linux/a.efi", "a.efi", "A", NULL, "a.efi"},
		{"grub", "grub/grub.cfg", "a", "A", NULL, "a"},
		{"grub", "grub/grub.cfg", "a>b", "A", NULL, "a>>b"},
		{"grub", "grub/grub.cfg", "a", "A", &named, "adv>a"},
		{"grub", "grub/grub.cfg", "a", "A", &deep, "7>Older >> kernels>a"},
		/* An id that is the file and line is ours, one with a number may be. */
		{"grub", "grub/grub.cfg", "grub/grub.cfg:4", "A title", NULL, "A title"},
		{"grub", "grub/grub.cfg", "a#2", "A", NULL, "5"},
		{"grub", "grub/grub.cfg", "grub/grub.cfg:4", "6", NULL, "5"},
		{"grub", "grub/grub.cfg", "6", "A", NULL, "5"},
	};
	struct tree_case *f = *state;
	struct err err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry e = {.format = cases[i].format,
			.id = cases[i].id,
			.title = cases[i].title,
			.menu = cases[i].menu,
			.position = 5,
			.source.file = cases[i].file,
			.environment.path = "grub/grubenv"};
		int grub = !strcmp(e.format, "grub");

		for (int oneshot = 0; oneshot < 2; oneshot++) {
			static const char *const names[2][2] = {
				{"LoaderEntryDefault", "LoaderEntryOneShot"},
				{"saved_entry", "next_entry"}};
			struct entry_write *w;

			assert_int_equal(
				(grub ? grub_remember : bls_remember)(f, &e,
					oneshot ? ENTRY_CHOICE_ONESHOT : ENTRY_CHOICE_SAVED, &w,
					&err),
				0);
			assert_string_equal(w->name, names[grub][oneshot]);
			assert_string_equal(w->value, cases[i].value);
			assert_int_equal(w->kind, grub ? ENTRY_WRITE_GRUBENV : ENTRY_WRITE_EFI);
		}
	}
}

static void grub_without_a_block_remembers_nothing(void **state)
{
	const struct entry e = {.format = "grub", .id = "a", .source.file = "grub/grub.cfg"};
	struct entry_write *w = NULL;
	struct err err;

	assert_int_equal(grub_remember(*state, &e, ENTRY_CHOICE_SAVED, &w, &err), -ENOTSUP);
	assert_null(w);
	assert_non_null(strstr(err.text, "grub-editenv"));
}

static const char settings[] = "loader/stillboot.conf";

/* The user's own setting comes before whatever a loader keeps, and after a choice for one boot. */
static void the_menus_own_setting(void **state)
{
	struct tree_case *f = *state;
	struct discovery *d;

	set(f, EFI_VARIABLE_DEFAULT, "c.conf");
	tree_file(&f->tree, settings, "default h\n");
	d = expect(f, "b c g h*");
	assert_string_equal(chosen_where(d), "loader/stillboot.conf on the root directory");
	expect_writes(d, 0, "");
	tree_file(&f->tree, settings, "default nobody\n");
	expect(f, "b c* g h");
	tree_file(&f->tree, settings, "default h\n");
	set(f, EFI_VARIABLE_ONESHOT, "c");
	expect(f, "b c* g h");
}

static void the_newest(void **state)
{
	struct tree_case *f = *state;

	tree_kernel(&f->tree, "vmlinuz-6.1.0-9");
	tree_kernel(&f->tree, "vmlinuz-6.1.0-10");
	tree_file(&f->tree, "grub/grub.cfg",
		"set default=g\nmenuentry G --id g { linux /vmlinuz-6.1.0-9 }\n"
		"menuentry H --id h { linux /vmlinuz-6.1.0-10 }");
	tree_file(&f->tree, "loader/entries/b.conf", "linux /k\nversion 1\n");
	tree_file(&f->tree, "loader/entries/c.conf", "linux /k\nversion 2\n");
	tree_file(&f->tree, settings, "default newest\n");
	assert_string_equal(
		chosen_where(expect(f, "c b g h*")), "loader/stillboot.conf on the root directory");
	tree_file(&f->tree, "vmlinuz-6.1.0-10", "broken");
	expect(f, "c b g* h");
}

/* "PATH NAME=VALUE" of the settings among them. */
static void expect_lines(struct discovery *d, size_t entry, const char *expected)
{
	char *text = talloc_strdup(d, "");

	for (const struct entry_write *w = d->entries->entries[entry].writes; w; w = w->next)
		if (w->kind == ENTRY_WRITE_SETTING)
			text = talloc_asprintf_append(
				text, "%s %s=%s|", w->path, w->name, w->value);
	assert_string_equal(text, expected);
}

static void what_was_booted_last(void **state)
{
	struct tree_case *f = *state;
	struct discovery *d;

	tree_file(&f->tree, settings, "default last\n");
	d = expect(f, "b* c g h");
	expect_lines(d, 0, "loader/stillboot.conf last=b|");
	expect_lines(d, 3, "loader/stillboot.conf last=h|");
	tree_file(&f->tree, settings, "default last\nlast h\n");
	d = expect(f, "b c g h*");
	expect_lines(d, 3, ""); /* it says so already */
	expect_lines(d, 0, "loader/stillboot.conf last=b|");
	tree_file(&f->tree, settings, "last h\n");
	d = expect(f, "b* c g h");
	expect_lines(d, 0, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_loader_that_started_us_comes_first, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(variables_name_entries, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(
			a_oneshot_choice_is_used_up_by_every_entry, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(
			the_default_may_be_what_was_booted_last, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(trees_have_no_variables, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(long_menus_are_cut, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(what_is_named_in_vain, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(entries_of_other_volumes, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(what_loaders_are_told, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(
			grub_without_a_block_remembers_nothing, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(the_menus_own_setting, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(the_newest, setup, tree_case_free),
		cmocka_unit_test_setup_teardown(what_was_booted_last, setup, tree_case_free),
	};

	return cmocka_run_group_tests_name("discover_default", tests, NULL, NULL);
}
