// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/menu_text.h"

static const struct {
	const char *text, *menu;
} cases[] = {
	{"", ""},
	{"default=linux\n"
	 "linux='/vmlinux initrd=/initrd arg1=value1 arg2'\n"
	 "hdd='/vmlinux initrd=/initrd'\n",
		"2*linux: /vmlinux +/initrd | arg1=value1 arg2\n3 hdd: /vmlinux +/initrd\n"},
	/* As Fedora and Yellow Dog had it on the PlayStation 3. */
	{"default=ydl\ntimeout=10\nroot=/dev/sda1\nvideo=ps3fb:mode:3\n"
	 "ydl='/boot/vmlinuz-2.6.22 initrd=/boot/initrd-2.6.22.img quiet'\n"
	 "ydl1080i='/boot/vmlinuz-2.6.22 root=LABEL=/ video=ps3fb:mode:4'\n"
	 "game=/dev/sda1:/game\n",
		"5*ydl: /boot/vmlinuz-2.6.22 +/boot/initrd-2.6.22.img | root=/dev/sda1 quiet\n"
		"6 ydl1080i: /boot/vmlinuz-2.6.22 | root=LABEL=/ video=ps3fb:mode:4\n"
		"7 game: /game@/dev/sda1 | root=/dev/sda1\n"
		"timeout 10\n"},
	/* Blanks and quotes of both kinds, comments, words alone, lines of DOS. */
	{"#x=/k\n  # y=/k\nword\n = /k\nempty=\nempty2=''\n\"a b\" = \"/k  a='1'\tb\" \r\n"
	 "'c'='/k'",
		"7*a b: /k | a='1' b\n8 c: /k\n"},
	/* Settings hold from where they stand, and those of the entry come first. */
	{"a=/k x\ninitrd=/i\ndtb='/d'\nb=/k y\nc=/k initrd=\"sda1:/j\" dtb=/e z\n",
		"1*a: /k | x\n4 b: /k +/i dtb=/d | y\n5 c: /k +/j@sda1 dtb=/e | z\n"},
	/* A quote that is never closed. */
	{"a='/k b\nc=/k d='e'\n", "1*a: /k | b\n2 c: /k | d='e'\n"},
	{"a=/k\nDEFAULT=B\nb=/k\nmessage=/m\ndelay=3\ntimeout=x\n", "1 a: /k\n3*b: /k\n"},
	{"a=UUID=AB-12:/k\nb=uuid:AB-12:/k root=/dev/x\n",
		"1*a: /k@UUID=AB-12\n2 b: /k@UUID=AB-12 | root=/dev/x\n"},
	{"a=tftp://192.168.0.5/vmlinux root=/dev/nfs\n",
		"1*a: | root=/dev/nfs | tftp://192.168.0.5/vmlinux is on the network, not on a "
		"disk\n"},
	{"a=/k root= initrd= b\n", "1*a: /k | b\n"},
	{"timeout=99999999999\n", "timeout 2147483647\n"},
};

static void reads_menus(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		menu_text_check(kboot_parse, "kboot.conf", cases[i].text, cases[i].menu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_menus),
	};

	return cmocka_run_group_tests_name("kboot", tests, NULL, NULL);
}
