// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB scripts that look at files and filesystems: tests, search, source, configfile, grubenv. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/entry.h"
#include "boot/volume/volume.h"
#include "tests/unit/grub_dump.h"

#define CFG "boot/grub/grub.cfg"
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

static void check(struct grub_trees *t, const char *text, const char *entries)
{
	char *came = grub_dump(t->ctx, parse(t, text));

	if (strcmp(came, entries))
		fail_msg("from\n%s\ncame\n%sinstead of\n%s", text, came, entries);
}

static void tests_files(void **state)
{
	struct grub_trees *t = *state;

	tree_file(&t->main, "empty", "");
	tree_file(&t->main, "full", "x");
	tree_node(&t->main, "dir", S_IFDIR);
	tree_file(&t->other, "there", "x");
	check(t,
		"for x in empty full dir gone; do for o in d e f s; do\n"
		"if [ -$o /$x ]; then r=$r$o; fi; done; r=$r,; done\n"
		"menuentry a { linux /k $r }",
		"0 [" CFG ":0] a: /k \"ef,efs,des,,\"\n");
	check(t,
		"for x in (sdb3)/there (2222-bbbb)/there (LABEL=DATA)/there (hd1,gpt3)/there\\\n"
		" (hd0,gpt1)/full ($root)/full /full ()/full (9999-9999)/there (sdb3) '' there; "
		"do\n"
		"if [ -e \"$x\" ]; then r=${r}1; else r=${r}0; fi; done\n"
		"menuentry a { linux /k $r }",
		"0 [" CFG ":0] a: /k \"111111110100\"\n");
}

static void finds_filesystems(void **state)
{
	struct grub_trees *t = *state;

	tree_file(&t->other, "marker", "");
	check(t,
		"search --set=root --fs-uuid 2222-BBBB\nmenuentry a { linux /k root=$root }\n"
		"search --set=root --label DATA\nmenuentry b { linux /k root=$root }\n"
		"search --set=root --file /marker\nmenuentry c { linux /k root=$root }\n"
		"search --set=root --fs-uuid 1111-AAAA\nmenuentry d { linux /k root=$root }\n",
		"0 [" CFG ":0] a: (UUID=2222-BBBB)/k \"root=sdb3\"\n"
		"1 [" CFG ":1] b: (UUID=2222-BBBB)/k \"root=sdb3\"\n"
		"2 [" CFG ":2] c: (UUID=2222-BBBB)/k \"root=sdb3\"\n"
		"3 [" CFG ":3] d: /k \"root=hd0,gpt1\"\n");
	/* What is not there is waited for; the status says so. */
	check(t,
		"if search --set=root --fs-uuid 3333-CCCC; then s=found; else s=missing; fi\n"
		"menuentry a { linux /k $s }\n"
		"search --set=root --label GONE\nmenuentry b { linux /k }\n"
		"search --set=root --file /gone\nmenuentry c { linux /k }\n"
		"v=kept\nsearch --set=v --label GONE\nmenuentry d { linux (hd0,gpt1)/$v }\n",
		"0 [" CFG ":0] a: (UUID=3333-CCCC)/k \"missing\"\n"
		"1 [" CFG ":1] b: (LABEL=GONE)/k \"\"\n"
		"2 [" CFG ":2] c: (FILE=/gone)/k \"\"\n"
		"3 [" CFG ":3] d: /kept \"\"\n");
	check(t,
		"probe --set=u -u (sdb3)\nprobe --set l --label sdb3\nprobe -s n --partmap "
		"($root)\n"
		"if probe -u (sdc1); then x=1; else x=0; fi\nmenuentry a { linux /k $u $l $n $x "
		"}\n",
		"0 [" CFG ":0] a: /k \"2222-BBBB DATA none 0\"\n");
}

static void knows_where_it_is(void **state)
{
	struct grub_trees *t = *state;

	check(t,
		"menuentry a { linux $prefix/k $root $prefix $config_file $config_directory "
		"$grub_platform $grub_cpu $feature_menuentry_id }\n",
		"0 [" CFG ":0] a: /boot/grub/k \"hd0,gpt1 (hd0,gpt1)/boot/grub (hd0,gpt1)/" CFG
		" (hd0,gpt1)/boot/grub efi x86_64 y\"\n");
}

static void reads_other_files(void **state)
{
	struct grub_trees *t = *state;

	tree_file(&t->main, "boot/grub/b.cfg",
		"menuentry $v { linux /b }\nv=c\nfunction f { w=$1; }\ndir=$config_directory\n");
	check(t,
		"menuentry a { linux /a }\nv=b\nsource $prefix/b.cfg\nf x\n"
		"menuentry $v { linux /c $w $dir $config_file }\n. /boot/grub/gone.cfg\n"
		"menuentry d { linux /d }\n",
		"0 [" CFG ":0] a: /a \"\"\n1 [boot/grub/b.cfg:1] b: /b \"\"\n"
		"2 [" CFG ":2] c: /c \"x (hd0,gpt1)/boot/grub (hd0,gpt1)/" CFG "\"\n"
		"3 [" CFG ":3] d: /d \"\"\n");
}

static void opens_the_menu_of_a_stub(void **state)
{
	struct grub_trees *t = *state;
	struct entry_list *list;

	/* EFI/debian/grub.cfg, and what grub-install writes into it. */
	tree_file(&t->other, "boot/grub/grub.cfg",
		"load_env\nset default=\"${saved_entry}\"\nset timeout=7\n"
		"menuentry A --id a { linux /vmlinuz ro; savedefault }\n"
		"menuentry B --id b { linux ($root)/vmlinuz $prefix\nsave_env saved_entry }\n");
	tree_file(&t->other, "boot/grub/grubenv", GRUBENV "saved_entry=b\n######");
	list = parse(t, "search.fs_uuid 2222-BBBB root hd0,gpt3\nset prefix=($root)'/boot/grub'\n"
			"configfile $prefix/grub.cfg\n");
	assert_string_equal(grub_dump(t->ctx, list),
		"0 [a] A: /vmlinuz \"ro\"\n1 [b] B: /vmlinuz \"(sdb3)/boot/grub\"\n");
	assert_string_equal(list->entries[0].source.file, "boot/grub/grub.cfg");
	assert_string_equal(list->entries[0].source.volume->device, "/dev/sdb3");
	assert_int_equal(list->entries[0].source.line, 4);
	assert_string_equal(list->default_pattern, "b");
	assert_int_equal(list->default_choice, ENTRY_CHOICE_SAVED);
	assert_int_equal(list->timeout, 7);
	assert_string_equal(grub_dump_writes(t->ctx, list->entries[1].writes),
		"/boot/grub/grubenv saved_entry=b\n");
	assert_string_equal(entry_list_default(list)->id, "b");
	/* Where it is not there, that is told. */
	list = parse(t, "search.fs_uuid 3333-CCCC root\nconfigfile ($root)/boot/grub/grub.cfg\n");
	assert_int_equal(list->count, 0);
	assert_string_equal(grub_dump_problems(t->ctx, list),
		CFG ":2: /boot/grub/grub.cfg is on 3333-CCCC, which is not there\n");
}

static void opens_menus_of_entries(void **state)
{
	struct grub_trees *t = *state;

	tree_file(&t->main, "other.cfg",
		"menuentry B { linux /b $kept$dropped }\nmenuentry C { configfile /third.cfg }\n");
	tree_file(&t->main, "third.cfg", "submenu T { menuentry E { linux /e $chosen } }\n");
	check(t,
		"kept=k\nexport kept\ndropped=d\n"
		"menuentry A --id a { configfile /other.cfg }\nmenuentry G { configfile /gone.cfg "
		"}\n"
		"menuentry D { linux /d }\n",
		"0>0 [other.cfg:0.0] B: /b \"k\"\n"
		"0>1>0>0 [third.cfg:0.1.0.0] E: /e \"a>C>T>E\"\n"
		"1 [" CFG ":1] G: !it opens another menu\n"
		"2 [" CFG ":2] D: /d \"\"\n");
}

/* A file that a submenu opens: what it lists is not lost, nor what opens in vain. */
static void opens_menus_of_submenus(void **state)
{
	struct grub_trees *t = *state;

	tree_file(&t->main, "other.cfg", "menuentry B { linux /b $kept }\n");
	check(t,
		"submenu A { kept=k\nexport kept\nmenuentry I { linux /i }\n"
		"configfile /other.cfg }\n"
		"submenu G { configfile /gone.cfg }\nsubmenu E { true }\n",
		"0>0 [" CFG ":0.0] I: /i \"\"\n"
		"0>1 [other.cfg:0.1] B: /b \"k\"\n"
		"1 [" CFG ":1] G: !it opens another menu\n");
}

static void finds_volumes_by_device(void **state)
{
	static const char *const lvm[] = {"lvm/vg-root--lv", NULL};
	static const char *const md[] = {"md/0", NULL};
	struct volume volumes[] = {
		{.fd = -1, .device = "/dev/sda2"},
		{.fd = -1, .device = "/dev/mapper/vg-root--lv", .names = lvm},
		{.fd = -1, .device = "/dev/md0", .names = md},
	};
	const struct volume_set set = {.volumes = volumes, .count = 3};
	const struct {
		const char *name;
		const struct volume *found;
	} cases[] = {
		{"sda2", &volumes[0]},
		{"lvm/vg-root--lv", &volumes[1]},
		{"md/0", &volumes[2]},
		{"sda", NULL},
		{"lvm/vg", NULL},
		{"md/1", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_ptr_equal(volume_named(&set, cases[i].name, volumes), cases[i].found);
}

static void looks_into_files(void **state)
{
	struct grub_trees *t = *state;

	tree_file(&t->main, "cd.iso", "");
	tree_file(&t->other, "loopback.cfg",
		"menuentry b { linux /k iso=$iso\ninitrd ($root)/i }\n"
		"menuentry c { loopback two (loop)/gone\nlinux (two)/k }");
	check(t,
		"menuentry a { loopback loop /cd.iso\nlinux (loop)/k\ninitrd (loop)/i /i }\n"
		"menuentry m { iso=/cd.iso; export iso\nloopback loop $iso\nroot=(loop)\n"
		"configfile /loopback.cfg\nloopback -d loop }\n"
		"menuentry d { loopback loop /gone.iso\nset root=loop\nlinux /k }\n"
		"menuentry e { if loopback x /cd.iso; then linux (x)/k yes; fi\n"
		"if loopback y /no.iso; then linux (y)/k no; fi }\n"
		"menuentry f { loopback loop /cd.iso\nlinux (loop,1)/k }\n",
		"0 [" CFG ":0] a: (UUID=2222-BBBB)/k \"\" (UUID=2222-BBBB)/i /i\n"
		"1>0 [loopback.cfg:1.0] b: /k \"iso=/cd.iso\" /i\n"
		"1>1 [loopback.cfg:1.1] c: (two)/k \"\" !it starts from within the file "
		"(loop)/gone: "
		"open /gone on /dev/sdb3: No such file or directory\n"
		"2 [" CFG ":2] d: (loop)/k \"\" !it starts from within the file /gone.iso: "
		"open /gone.iso on /dev/sda1: No such file or directory\n"
		"3 [" CFG ":3] e: (UUID=2222-BBBB)/k \"yes\"\n"
		"4 [" CFG ":4] f: (loop,1)/k \"\"\n");
}

/* Many entries for each of many images. */
static void looks_into_files_often(void **state)
{
	struct grub_trees *t = *state;
	struct entry_list *list;
	char *text = talloc_strdup(t->ctx, "");

	tree_file(&t->main, "cd.iso", "");
	for (int i = 0; i < 20; i++)
		text = talloc_asprintf_append_buffer(text, "loopback l%d /cd.iso\n", i);
	for (int i = 0; i < 100; i++)
		text = talloc_asprintf_append_buffer(text,
			"menuentry a { loopback l /cd.iso; linux (l)/k; initrd (l%d)/i }\n",
			i % 20);
	list = parse(t, text);
	assert_int_equal(list->count, 100);
	assert_int_equal(list->problem_count, 0);
	for (size_t i = 0; i < list->count; i++) {
		assert_null(list->entries[i].reason);
		assert_string_equal(list->entries[i].kernel.on, "UUID=2222-BBBB");
		assert_string_equal(list->entries[i].initrds[0].on, "UUID=2222-BBBB");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tests_files, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_filesystems, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_where_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_other_files, setup, teardown),
		cmocka_unit_test_setup_teardown(opens_the_menu_of_a_stub, setup, teardown),
		cmocka_unit_test_setup_teardown(opens_menus_of_entries, setup, teardown),
		cmocka_unit_test_setup_teardown(opens_menus_of_submenus, setup, teardown),
		cmocka_unit_test_setup_teardown(looks_into_files, setup, teardown),
		cmocka_unit_test_setup_teardown(looks_into_files_often, setup, teardown),
		cmocka_unit_test(finds_volumes_by_device),
	};

	return cmocka_run_group_tests_name("grub_files", tests, NULL, NULL);
}
