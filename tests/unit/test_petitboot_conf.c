// SPDX-License-Identifier: GPL-2.0-or-later
/* petitboot.conf, and the paths that it shares with kboot.conf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/menu_text.h"

static const struct {
	const char *text, *menu;
} cases[] = {
	{"", ""},
	{"name Ubuntu\n"
	 "image /boot/vmlinux-4.15.0-22-generic\n"
	 "initrd /boot/initrd.img-4.15.0-22-generic\n"
	 "args root=UUID=09d1034f-3cff-413a-af22-68be1fa5e3d8 ro\n",
		"1*Ubuntu: /boot/vmlinux-4.15.0-22-generic +/boot/initrd.img-4.15.0-22-generic"
		" | root=UUID=09d1034f-3cff-413a-af22-68be1fa5e3d8 ro\n"},
	/* Blanks, empty lines, comments, lines of DOS, the last without an end, blanks at the
	 * end. */
	{"# a comment\n\n\tname  A longer name \r\n\r\n  image\t/some/kernel\r\n"
	 "initrd /some/other/initrd\n  #args none\nargs console=tty0 debug \ndtb /a/dtb\n"
	 "description Contains a number of words\nunknown word\nimage",
		"3*A longer name: /some/kernel +/some/other/initrd dtb=/a/dtb"
		" | console=tty0 debug \n"},
	{"default second\ndev_description My disk\n\nname first\nimage /1\nname second\nimage /2\n",
		"4 first: /1\n6*second: /2\n"},
	/* Upper and lower case are alike; the first default counts, wherever it stands. */
	{"name a\nimage /1\nname B C\nimage /2\ndefault b c\ndefault a\n", "1 a: /1\n3*B C: /2\n"},
	/* A default that looks like a position, or like a way through menus. */
	{"default 0\nname x\nimage /1\nname 0\nimage /2\n", "2 x: /1\n4*0: /2\n"},
	{"default a>b\nname x\nimage /1\nname a>b\nimage /2\n", "2 x: /1\n4*a>b: /2\n"},
	{"default gone\nname x\nimage /1\n", "2*x: /1\n"},
	/* Twice: the first file counts, initrds add up, arguments are joined. */
	{"name x\nimage /1\nimage /2\ndtb /3\ndtb /4\ninitrd /5\ninitrd /6\nargs a\nargs b c\n",
		"1*x: /1 +/5 +/6 dtb=/3 | a b c\n"},
	{"image /1\nname x\n", "2*x: |  | it names no kernel\n"
			       "problem: f:1: \"image\" stands before the first \"name\"\n"},
	/* Where files are. */
	{"name x\nimage sda1:/k\ninitrd /dev/sda2:i\ndtb LABEL=boot:/d\n",
		"1*x: /k@sda1 +/i@/dev/sda2 dtb=/d@LABEL=boot\n"},
	{"name x\nimage uuid=AB-12:/k\ninitrd uuid:AB-12:/i\ninitrd UUID:AB-12/j\ndtb :/d\n",
		"1*x: /k@UUID=AB-12 +/i@UUID=AB-12 +/j@UUID=AB-12 dtb=/d\n"},
	{"name x\nimage k\ninitrd file:///i\ninitrd file://host/j\ninitrd sda1:\n",
		"1*x: /k +/i +/j +/@sda1\n"},
	{"name x\nimage http://host/k\ninitrd /i\n",
		"1*x: +/i |  | http://host/k is on the network, not on a disk\n"},
	{"name x\nimage /k\ninitrd tftp://host/i\n",
		"1*x: /k |  | tftp://host/i is on the network, not on a disk\n"},
};

static void reads_menus(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		menu_text_check(petitboot_conf_parse, "f", cases[i].text, cases[i].menu);
}

static void limits_initrds(void **state)
{
	char *text = talloc_strdup(NULL, "name x\nimage /k\n");
	struct entry_list *list = entry_list_new(text);
	struct reading r = reading_of_bytes(list, "f");

	(void)state;
	for (size_t i = 0; i <= ENTRY_INITRDS_MAX; i++)
		text = talloc_asprintf_append(text, "initrd /%zu\n", i);
	assert_int_equal(petitboot_conf_parse(&r, text, strlen(text), NULL), 0);
	assert_int_equal(list->entries[0].initrd_count, ENTRY_INITRDS_MAX);
	assert_string_equal(list->entries[0].reason, "it has more initrds than stillboot takes");
	talloc_free(text);
}

/* The menu is cut, not lost. */
static void limits_entries(void **state)
{
	char *text = talloc_strdup(NULL, "");
	struct entry_list *list = entry_list_new(NULL);
	struct reading r = reading_of_bytes(list, "f");

	(void)state;
	for (size_t i = 0; i <= ENTRY_LIST_MAX; i++)
		text = talloc_strdup_append_buffer(text, "name x\nimage /k\n");
	assert_int_equal(petitboot_conf_parse(&r, text, strlen(text), NULL), 0);
	assert_int_equal(list->count, ENTRY_LIST_MAX);
	assert_int_equal(list->problem_count, 1);
	assert_string_equal(list->problems[0],
		"f:8193: there are more than 4096 entries: the rest is left out");
	talloc_free(list);
	talloc_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_menus),
		cmocka_unit_test(limits_initrds),
		cmocka_unit_test(limits_entries),
	};

	return cmocka_run_group_tests_name("petitboot_conf", tests, NULL, NULL);
}
