// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/menu_text.h"

static const struct {
	const char *text, *menu;
} cases[] = {
	{"", ""},
	{"default 1\ntimeout=5\ntitle A\nroot (hd0,0)\nkernel /k ro  quiet\ninitrd /i\n"
	 "title  B \r\n\tkernel /k\r\n",
		"3 A: /k@hd0,1 +/i@hd0,1 | ro  quiet\n7*B: /k\ntimeout 5\n"},
	/* Devices: of a BSD, without partitions, of a CD, in the path itself; where none was named. */
	{"title A\nkernel /k\ntitle B\nroot (hd1,2,a)\nkernel /k\ntitle C\nkernel (hd0)/k\n"
	 "initrd (cd)/i\ntitle D\nuuid 1-2\nroot\nkernel k\n",
		"1*A: /k\n3 B: /k@hd1,3\n6 C: /k@hd0 +/i@cd0\n9 D: /k@UUID=1-2\n"},
	/* What one entry sets is not there for the next one; what stands before all of them is. */
	{"root (hd0,1)\ntitle A\nroot (hd1,0)\nkernel /k\ntitle B\nkernel /k\n",
		"2*A: /k@hd1,1\n5 B: /k@hd0,2\n"},
	{"title A\ndefault 1\ntimeout 3\nkernel /k\ntitle B\nkernel /k\n", "1*A: /k\n5 B: /k\n"},
	/* A title without commands has no number. */
	{"default 1\ntitle --\n# x\n\ntitle A\nkernel /k\ntitle --\ntitle B\nkernel /k\n",
		"5 A: /k\n8*B: /k\n"},
	{"title A\nkernel (hd0,a)/k\n", "1*A: /k@hd0,a\n"},
	/* A second kernel takes the first one's place, and an initrd before it goes. */
	{"title A\nkernel /a x\ninitrd /i\nkernel /b\n", "1*A: /b\n"},
	{"title A\nmap (hd0) (hd1)\nmakeactive\nchainloader +1\ntitle B\nconfigfile /x\n"
	 "title C\nkernel --type=netbsd /k\ntitle D\nkernel /xen\nmodule /k\ntitle\nroot\n",
		"1*A: |  | it starts another boot loader, not Linux\n"
		"5 B: |  | it opens another menu\n"
		"7 C: /k |  | it starts another kernel than Linux\n"
		"9 D: /xen |  | it starts a Multiboot kernel, not Linux\n"
		"12 menu.lst:4: |  | it names no Linux kernel\n"},
	{"title A\nkernel /k a \\\n  b \\\n c\ntitle B\nkernel /k \\", "1*A: /k | a     b    c\n"
								       "5 B: /k | \\\n"},
	/* What is not known, what stands in front of the first title, what has no value. */
	{"password --md5 x\nkernel /k\ninitrd /i\ndefault\ndefault x\ntimeout x\ntitle A\nlock\n"
	 "# kernel /x\nkernelx /x\nker /x\nkernel\ninitrd\nkernel /k",
		"7*A: /k\n"},
	{"find /x\nfind --set-root\ntitle A\nkernel /k\nfind --set-root -f /y z\n"
	 "title B\nfind --set-root -f /y z\nkernel /k\n",
		"3*A: /k\n6 B: /k@FILE=z\n"},
	/* The file with the saved choice is missing here. */
	{"default saved\ntitle A\nkernel /k\n", "2*A: /k\n"},
	{"timeout 99999999999999999999\n", ""},
	{"root (hd0,99999999999999999999\ntitle A\nkernel (k\n",
		"2*A: /(k@hd0,99999999999999999999\n"},
};

static void reads_menus(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		menu_text_check(grub_legacy_parse, "menu.lst", cases[i].text, cases[i].menu);
}

static void takes_so_many_and_no_more(void **state)
{
	struct entry_list *list = entry_list_new(NULL);
	struct reading r = reading_of_bytes(list, "menu.lst");
	char *text = talloc_strdup(list, "fallback 7 8\n");

	(void)state;
	for (int i = 0; i <= ENTRY_LIST_MAX; i++)
		text = talloc_strdup_append_buffer(text, "title A\nkernel /k\n");
	assert_int_equal(grub_legacy_parse(&r, text, strlen(text), NULL), 0);
	assert_int_equal(list->count, ENTRY_LIST_MAX);
	assert_int_equal(list->problem_count, 1);
	assert_string_equal(list->fallbacks, "7 8");
	talloc_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_menus),
		cmocka_unit_test(takes_so_many_and_no_more),
	};

	return cmocka_run_group_tests_name("grub_legacy", tests, NULL, NULL);
}
