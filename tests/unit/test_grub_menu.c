// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB's menus: when bodies are run, the default, what is written when an entry is booted, blscfg. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/entry.h"
#include "boot/grub/package_version.h"
#include "tests/unit/grub_dump.h"

#define CFG "boot/grub2/grub.cfg"
#define GRUBENV "# GRUB Environment Block\n"

static int setup(void **state)
{
	struct grub_trees *t = talloc_zero(NULL, struct grub_trees);

	grub_trees_new(t);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	grub_trees_remove(*state);
	return talloc_free(*state);
}

static struct entry_list *parse(struct grub_trees *t, const char *text)
{
	tree_file(&t->main, CFG, text);
	return grub_parse_trees(t, CFG);
}

static void runs_bodies_when_the_menu_is_complete(void **state)
{
	static const struct grub_example examples[] = {
		/* Variables and functions as they are at the end; root as it was at the entry. */
		{"x=1\nset root=(hd5,1)\nmenuentry A { f; linux /k $x $y }\nx=2\n"
		 "function f { y=3; }\nset root=(hd6,1)\n",
			"0 [grub.cfg:0] A: (hd5,1)/k \"2 3\"\n"},
		/* What one body sets is not seen by others. */
		{"menuentry A { x=1; linux /k $x }\nmenuentry B { linux /k $x }\n",
			"0 [grub.cfg:0] A: /k \"1\"\n1 [grub.cfg:1] B: /k \"\"\n"},
		/* A submenu sees what is exported, and what it sets itself. */
		{"x=1\ny=2\nexport y\nsubmenu S { z=3; menuentry A { linux /k $x $y $z } }\n"
		 "menuentry B { linux /k $x $y $z }\n",
			"0>0 [grub.cfg:0.0] A: /k \"2 3\"\n1 [grub.cfg:1] B: /k \"1 2\"\n"},
		{"submenu 'a>b' --id s { menuentry A --id x { linux /k $chosen } }\n"
		 "menuentry B { linux /k $chosen }\n",
			"0>0 [x] A: /k \"s>x\"\n1 [grub.cfg:1] B: /k \"B\"\n"},
		/* Entries of functions and of entries. */
		{"function f { menuentry \"$1\" { linux /k $2 } }\nf A x\nf B y\n",
			"0 [grub.cfg:0] A: /k \"x\"\n1 [grub.cfg:1] B: /k \"y\"\n"},
		{"menuentry A { linux /a; menuentry B { linux /b } }\nmenuentry C { linux /c }\n",
			"0 [grub.cfg:0] A: /a \"\"\n1 [grub.cfg:1] B: /b \"\"\n"
			"2 [grub.cfg:2] C: /c \"\"\n"},
		{"menuentry A --source 'linux /k $1'\n", "0 [grub.cfg:0] A: /k \"A\"\n"},
		/* Without a menu. */
		{"linux /k a\ninitrd /i\nboot\n", "0 [grub.cfg:0] /k: /k \"a\" /i\n"},
		{"submenu S { linux /k }\nmenuentry A { linux /a; boot; linux /b }\n",
			"0 [grub.cfg:0] S: /k \"\"\n1 [grub.cfg:1] A: /a \"\"\n"},
		/* Loops that never end do not hide what follows. */
		{"while true; do x=1; done\nfunction f { f; }\nf\nmenuentry A { linux /a }\n",
			"0 [grub.cfg:0] A: /a \"\"\n"},
		{"loopback loop /x.iso\nmenuentry A { linux (loop)/k }\n",
			"0 [grub.cfg:0] A: (loop)/k \"\" !it starts from within the file /x.iso, "
			"into which stillboot does not look\n"},
		{"menuentry A { linux /k; initrd /a newc:etc/x:/x /b }\n",
			"0 [grub.cfg:0] A: /k \"\" /a /b !it puts single files into its initramfs "
			"(newc:)\n"},
	};
	struct grub_trees *t = *state;

	grub_check(t->ctx, examples, sizeof(examples) / sizeof(*examples));
}

/* The parts of Fedora's and Debian's 00_header and 01_menu_auto_hide that decide. */
static const char header[] = "if [ -s $prefix/grubenv ]; then\n  load_env\nfi\n"
			     "if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\n"
			     "   set next_entry=\n   save_env next_entry\n   set boot_once=true\n"
			     "else\n   set default=\"${saved_entry}\"\nfi\n"
			     "function savedefault {\n  if [ -z \"${boot_once}\" ]; then\n"
			     "    saved_entry=\"${chosen}\"\n    save_env saved_entry\n  fi\n}\n"
			     "if [ \"${boot_success}\" = \"1\" ]; then\n  set boot_success=0\n"
			     "  save_env boot_success\nfi\nset timeout=5\n"
			     "menuentry A --id a { savedefault; linux /k }\n"
			     "menuentry B --id b { linux /k }\n";

static void knows_whose_default_it_is(void **state)
{
	static const struct {
		const char *grubenv, *pattern;
		enum entry_choice choice;
		const char *writes; /* of the first entry */
	} cases[] = {
		{NULL, NULL, ENTRY_CHOICE_FORMAT, ""},
		{GRUBENV "saved_entry=b\n####", "b", ENTRY_CHOICE_SAVED,
			"/boot/grub2/grubenv saved_entry=a\n"},
		{GRUBENV "saved_entry=b\nnext_entry=a\n####", "a", ENTRY_CHOICE_ONESHOT,
			"/boot/grub2/grubenv next_entry=\n"},
		{GRUBENV "boot_success=1\nnext_entry=\n####", NULL, ENTRY_CHOICE_FORMAT,
			"/boot/grub2/grubenv boot_success=0\n"
			"/boot/grub2/grubenv saved_entry=a\n"},
	};
	struct grub_trees *t = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry_list *list;

		if (cases[i].grubenv)
			tree_file(&t->main, "boot/grub2/grubenv", cases[i].grubenv);
		list = parse(t, header);
		assert_int_equal(list->count, 2);
		assert_int_equal(list->timeout, 5);
		assert_int_equal(list->default_choice, cases[i].choice);
		assert_string_equal(list->default_pattern ? list->default_pattern : "",
			cases[i].pattern ? cases[i].pattern : "");
		assert_string_equal(
			grub_dump_writes(t->ctx, list->entries[0].writes), cases[i].writes);
	}
}

static void reads_loader_entries(void **state)
{
	struct grub_trees *t = *state;
	struct entry_list *list;

	tree_file(&t->main, "loader/entries/m-5.9.1-1.conf",
		"title old\nversion 5.9.1-1\nlinux /vmlinuz-5.9.1\ninitrd /i $tuned_initrd\n"
		"options $kernelopts $tuned_params quiet\n");
	tree_file(&t->main, "loader/entries/m-5.10.2-1.conf",
		"title $name new\nlinux /vmlinuz-5.10.2\ninitrd /i\noptions a=\\$b ${x}\n");
	tree_file(&t->main, "loader/entries/m-0-rescue.conf", "title rescue\nlinux /r\n");
	list = parse(t, "kernelopts='root=/dev/sda2 ro'\nname=N\ndefault_kernelopts=default\n"
			"set default=m-5.9.1-1\nmenuentry A { linux /a }\nblscfg\n"
			"menuentry B { linux /b }\n");
	assert_string_equal(grub_dump(t->ctx, list),
		"0 [" CFG ":0] A: /a \"\"\n"
		"1 [m-5.10.2-1] N new: /vmlinuz-5.10.2 \"a=\\$b ${x}\" /i\n"
		"2 [m-5.9.1-1] old: /vmlinuz-5.9.1 \"root=/dev/sda2 ro quiet\" /i\n"
		"3 [m-0-rescue] rescue: /r \"default\"\n"
		"4 [" CFG ":4] B: /b \"\"\n");
	assert_string_equal(list->entries[1].source.file, "/loader/entries/m-5.10.2-1.conf");
	assert_string_equal(entry_list_default(list)->title, "old");
	/* Elsewhere, and only some. */
	tree_file(&t->other, "boot/loader/entries/x.conf", "title X\nlinux /x\n");
	list = parse(t, "search --set=root --label DATA\nblscfg\n");
	assert_string_equal(grub_dump(t->ctx, list), "0 [x] X: /x \"\"\n");
	list = parse(t, "set default=2\nblscfg default\nblscfg non-default\nblscfg m-0-rescue\n");
	assert_int_equal(list->count, 3);
	assert_string_equal(list->entries[0].id, "m-0-rescue");
	assert_string_equal(list->entries[1].id, "m-5.10.2-1");
}

static void reads_as_many_as_there_can_be(void **state)
{
	struct grub_trees *t = *state;

	for (unsigned int i = 0; i < 600; i++)
		tree_file(&t->main, talloc_asprintf(t->ctx, "loader/entries/%u.conf", i),
			"linux /k\n");
	assert_int_equal(parse(t, "blscfg\n")->count, 600);
}

static void compares_packages_as_rpm_does(void **state)
{
	/* From the newest to the oldest. */
	static const char *const names[] = {"m-6.10.0-1.fc41", "m-6.2.1-300.fc39",
		"m-6.2.1-200.fc39", "m-6.2.1-200", "m-6.2.1~rc1-9", "m-5.9-1", "m-0-rescue",
		"a-9-9"};
	size_t count = sizeof(names) / sizeof(*names);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < count; j++) {
			int order = package_version_compare(names[i], names[j]);

			if ((i < j) != (order > 0) || (i == j) != (order == 0))
				fail_msg("%s and %s: %d", names[i], names[j], order);
		}
}

/* Values and entries without end: what was read before stays, and the user is told. */
static void is_full_at_some_point(void **state)
{
	struct grub_trees *t = *state;
	struct entry_list *list = grub_parse_text(t->ctx,
		"menuentry A { linux /k }\na=0123456789abcdef\n"
		"a=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\n"
		"while true; do menuentry \"$a\" { linux /k $a $a; initrd $a; }; done\n");

	assert_true(list->count > 10 && list->count < ENTRY_LIST_MAX);
	assert_string_equal(list->entries[0].title, "A");
	assert_int_equal(strlen(list->entries[1].title), 16 << 10);
	assert_true(list->problem_count > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			runs_bodies_when_the_menu_is_complete, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_whose_default_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_loader_entries, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_as_many_as_there_can_be, setup, teardown),
		cmocka_unit_test_setup_teardown(is_full_at_some_point, setup, teardown),
		cmocka_unit_test(compares_packages_as_rpm_does),
	};

	return cmocka_run_group_tests_name("grub_menu", tests, NULL, NULL);
}
