// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading grub.cfg: entries, words, branches, and whatever is odd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/entry.h"
#include "tests/unit/grub_dump.h"

#define ROOT "5f3c1c9e-6a0a-4c34-9d2f-0d8a1f6d7b11"
#define BOOT "0b1f6a34-93c1-4a5e-8f5c-2f1e2b7c8d90"

static void reads_debian_12(void **state)
{
	struct entry_list *list = grub_parse_corpus(*state, "debian-12.cfg");

	assert_string_equal(grub_dump(*state, list),
		"0 [gnulinux-simple-" ROOT "] Debian GNU/Linux:"
		" (UUID=" BOOT ")/vmlinuz-6.1.0-18-amd64 \"root=UUID=" ROOT " ro quiet\""
		" (UUID=" BOOT ")/initrd.img-6.1.0-18-amd64\n"
		"1>0 [gnulinux-6.1.0-18-amd64-advanced-" ROOT "]"
		" Debian GNU/Linux, with Linux 6.1.0-18-amd64:"
		" (UUID=" BOOT ")/vmlinuz-6.1.0-18-amd64 \"root=UUID=" ROOT " ro quiet\""
		" (UUID=" BOOT ")/initrd.img-6.1.0-18-amd64\n"
		"1>1 [gnulinux-6.1.0-18-amd64-recovery-" ROOT "]"
		" Debian GNU/Linux, with Linux 6.1.0-18-amd64 (recovery mode):"
		" (UUID=" BOOT ")/vmlinuz-6.1.0-18-amd64 \"root=UUID=" ROOT " ro single\""
		" (UUID=" BOOT ")/initrd.img-6.1.0-18-amd64\n"
		"1>2 [gnulinux-6.1.0-17-amd64-advanced-" ROOT "]"
		" Debian GNU/Linux, with Linux 6.1.0-17-amd64:"
		" (UUID=" BOOT ")/vmlinuz-6.1.0-17-amd64 \"root=UUID=" ROOT " ro quiet\""
		" (UUID=" BOOT ")/initrd.img-6.1.0-17-amd64\n"
		"1>3 [gnulinux-6.1.0-17-amd64-recovery-" ROOT "]"
		" Debian GNU/Linux, with Linux 6.1.0-17-amd64 (recovery mode):"
		" (UUID=" BOOT ")/vmlinuz-6.1.0-17-amd64 \"root=UUID=" ROOT " ro single\""
		" (UUID=" BOOT ")/initrd.img-6.1.0-17-amd64\n"
		"2 [uefi-firmware] UEFI Firmware Settings: !it opens the firmware's setup\n");
	assert_string_equal(list->default_pattern, "0");
	assert_int_equal(list->entries[0].source.line, 106);
	assert_string_equal(list->entries[0].source.file, "grub.cfg");
	assert_string_equal(list->entries[0].format, "grub");
	assert_string_equal(list->entries[2].menu->title, "Advanced options for Debian GNU/Linux");
}

static void reads_ubuntu_24_04(void **state)
{
	struct entry_list *list = grub_parse_corpus(*state, "ubuntu-24.04.cfg");

	assert_int_equal(list->count, 6);
	/* $vt_handoff is set by a function of the file. */
	assert_string_equal(
		list->entries[0].options, "root=UUID=" ROOT " ro quiet splash vt.handoff=7");
	assert_string_equal(list->entries[0].kernel.on, "UUID=" BOOT);
	assert_string_equal(list->entries[5].id, "uefi-firmware");
	assert_string_equal(entry_list_default(list)->title, "Ubuntu, with Linux 6.8.0-40-generic");
}

static void reads_fedora_30(void **state)
{
	struct entry_list *list = grub_parse_corpus(*state, "fedora-30.cfg");

	assert_string_equal(grub_dump(*state, list),
		"0 [gnulinux-5.0.9-301.fc30.x86_64-advanced-" ROOT "]"
		" Fedora (5.0.9-301.fc30.x86_64) 30 (Thirty):"
		" (UUID=" BOOT ")/vmlinuz-5.0.9-301.fc30.x86_64"
		" \"root=/dev/mapper/fedora-root ro resume=/dev/mapper/fedora-swap"
		" rd.lvm.lv=fedora/root rhgb quiet\""
		" (UUID=" BOOT ")/initramfs-5.0.9-301.fc30.x86_64.img\n"
		"1 [gnulinux-0-rescue-6a9857a393724b7a981ebb5b8495b9ea-advanced-" ROOT "]"
		" Fedora (0-rescue-6a9857a393724b7a981ebb5b8495b9ea) 30 (Thirty):"
		" (hd0,gpt2)/vmlinuz-0-rescue-6a9857a393724b7a981ebb5b8495b9ea"
		" \"root=/dev/mapper/fedora-root ro rhgb quiet\""
		" (hd0,gpt2)/initramfs-0-rescue-6a9857a393724b7a981ebb5b8495b9ea.img\n");
}

static void understands_headings(void **state)
{
	static const struct grub_example examples[] = {
		{"menuentry A --id a { linux /k }", "0 [a] A: /k \"\"\n"},
		{"menuentry --class x --id=a --unrestricted A --users '' { linux /k }",
			"0 [a] A: /k \"\"\n"},
		{"menuentry 'A' $menuentry_id_option 'a b' {\nlinux /k\n}", "0 [a b] A: /k \"\"\n"},
		{"set menuentry_id_option=\nmenuentry 'A' $menuentry_id_option b { linux /k $1 }",
			"0 [grub.cfg:0] A: /k \"A\"\n"},
		{"menuentry A x 'y z' {\nlinux /$2 $3 \"$3\" $#\n}\nmenuentry B { linux /k $1 $2 }",
			"0 [grub.cfg:0] A: /x \"y z \"y z\" 3\"\n"
			"1 [grub.cfg:1] B: /k \"B\"\n"},
		{"menuentry A\n\n{\nlinux /k\n}", "0 [grub.cfg:0] A: /k \"\"\n"},
		{"menuentry {\nlinux /k\n}", "0 [grub.cfg:0] grub.cfg:0: /k \"\"\n"},
		{"menuentry --id '' A {\nlinux /k\n}", "0 [grub.cfg:0] A: /k \"\"\n"},
		{"menuentry A -- --id { linux /k }", "0 [grub.cfg:0] A: /k \"\"\n"},
		{"hiddenentry H --hotkey=h { linux /k }", "0 [grub.cfg:0] H: /k \"\"\n"},
		{"menuentry no block\nmenuentry A { linux /k }", "0 [grub.cfg:0] A: /k \"\"\n"},
		{"submenu S --id s { menuentry A { linux /a }\nsubmenu T { menuentry B { linux "
		 "/b\n}"
		 " } }\nmenuentry C { linux /c }",
			"0>0 [grub.cfg:0.0] A: /a \"\"\n"
			"0>1>0 [grub.cfg:0.1.0] B: /b \"\"\n"
			"1 [grub.cfg:1] C: /c \"\"\n"},
	};

	GRUB_CHECK(state, examples);
}

static void quotes_as_grub_does(void **state)
{
	static const struct grub_example examples[] = {
		{"menuentry 'it'\\''s' { linux /k }", "0 [grub.cfg:0] it's: /k \"\"\n"},
		{"menuentry \"a $x b ${menuentry_id_option}\" { linux /k }",
			"0 [grub.cfg:0] a  b --id: /k \"\"\n"},
		{"menuentry A { linux /k a\\ b 'c d' e=\"f g\" }",
			"0 [grub.cfg:0] A: /k \"\"a b\" \"c d\" \"e=f g\"\"\n"},
		{"menuentry A { linux /k a=\\\"b\\\" c='\\' \"\\d\\$e\\\\\" }",
			"0 [grub.cfg:0] A: /k \"a=\\\"b\\\" c=\\\\ \\\\d$e\\\\\"\n"},
		{"menuentry A { linux /k one \\\n two th\\\nree \"fo\\\nur\"\n}",
			"0 [grub.cfg:0] A: /k \"one two three four\"\n"},
		{"menuentry A { linux /k '' \"\" $nothing \"$nothing\" x\n}",
			"0 [grub.cfg:0] A: /k \"x\"\n"},
		{"menuentry A { linux /k a#b #c }\n}", "0 [grub.cfg:0] A: /k \"a#b\"\n"},
		{"menuentry A { linux /k time=1 time if=then fi < > a|b a&b & $ $- ${x }",
			"0 [grub.cfg:0] A: /k \"time=1 time if=then fi < > a|b a&b & $ $- $\"\n"},
		{"menuentry $\"A\" { linux /k }", "0 [grub.cfg:0] A: /k \"\"\n"},
		{"# menuentry X { linux /x }\r\nmenuentry A {\r\n\tlinux\t/k quiet\r\n}\r\n",
			"0 [grub.cfg:0] A: /k \"quiet\"\n"},
		{"set o='a  b'\nmenuentry A { linux /k$o $o \"$o\" $o$o }",
			"0 [grub.cfg:0] A: /ka \"b a b \"a  b\" a ba b\"\n"},
	};

	GRUB_CHECK(state, examples);
}

static void finds_files(void **state)
{
	static const struct grub_example examples[] = {
		{"menuentry A {\nlinux16 /k\ninitrd16 /u.img /i.img\ndevicetree /x.dtb\n}",
			"0 [grub.cfg:0] A: /k \"\" /u.img /i.img dtb=/x.dtb\n"},
		{"menuentry A {\nlinux (hd0,gpt2)/k\ninitrd (LABEL=x)/i ($root)/j\n}",
			"0 [grub.cfg:0] A: (hd0,gpt2)/k \"\" (LABEL=x)/i /j\n"},
		{"set root=(hd1,1)\nmenuentry A {\nlinux /k\n}",
			"0 [grub.cfg:0] A: (hd1,1)/k \"\"\n"},
		{"menuentry A {\nsearch --set=root --label BOOT\nlinux /k\n}\n"
		 "menuentry B { linux /k }",
			"0 [grub.cfg:0] A: (LABEL=BOOT)/k \"\"\n1 [grub.cfg:1] B: /k \"\"\n"},
		{"search -n -f -s root /marker\nmenuentry A { linux /k }",
			"0 [grub.cfg:0] A: (FILE=/marker)/k \"\"\n"},
		{"search --no-floppy --fs-uuid --set 1-2 --hint hd0,1\nmenuentry A { linux /k }",
			"0 [grub.cfg:0] A: (UUID=1-2)/k \"\"\n"},
		{"search --set=dev --fs-uuid 1-2\nset root=$dev\nmenuentry A { linux ($dev)/k }",
			"0 [grub.cfg:0] A: (UUID=1-2)/k \"\"\n"},
		{"search.fs_uuid 1-2 root hd0,gpt2\nmenuentry A { linux /k }",
			"0 [grub.cfg:0] A: (UUID=1-2)/k \"\"\n"},
		{"search --fs-uuid 1-2\nmenuentry A { linux /k }", "0 [grub.cfg:0] A: /k \"\"\n"},
		{"menuentry A {\nlinux /a x\ninitrd /a.img\nlinux /b\n}",
			"0 [grub.cfg:0] A: /b \"\"\n"},
		{"menuentry A { multiboot /xen\nmodule /k }\nmenuentry B { chainloader +1 }\n"
		 "menuentry C { linux }\n",
			"0 [grub.cfg:0] A: !it starts a Multiboot kernel, not Linux\n"
			"1 [grub.cfg:1] B: !it starts another boot loader, not Linux\n"
			"2 [grub.cfg:2] C: !it names no Linux kernel\n"},
		{"menuentry A { linux /k\ninitrd 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n}",
			"0 [grub.cfg:0] A: /k \"\" /1 /2 /3 /4 /5 /6 /7 /8 /9 /10 /11 /12 /13 /14 "
			"/15"
			" /16 !it has more initrds than stillboot takes\n"},
		{"linux /outside\nmenuentry A { linux /k }", "0 [grub.cfg:0] A: /k \"\"\n"},
	};

	GRUB_CHECK(state, examples);
}

static void follows_branches(void **state)
{
	static const struct grub_example examples[] = {
		{"menuentry A { if [ x$feature_menuentry_id = xy ]; then linux /a; else linux /b; "
		 "fi }",
			"0 [grub.cfg:0] A: /a \"\"\n"},
		{"set x=1\nif [ $x = 2 ]; then set o=two; elif [ $x == 1 ]; then set o=one\n"
		 "elif [ $x != 3 ]; then set o=three; else set o=four; fi\n"
		 "menuentry A { linux /k $o }",
			"0 [grub.cfg:0] A: /k \"one\"\n"},
		{"if false; then\nmenuentry A { linux /a }\nfi\nmenuentry B { linux /b }",
			"0 [grub.cfg:0] B: /b \"\"\n"},
		{"if true\nthen menuentry A { linux /a }\nelse\nmenuentry B {\nlinux /b\n}\nfi",
			"0 [grub.cfg:0] A: /a \"\"\n"},
		{"set e=\"\"\nif [ -z \"$e\" ]; then set o=a; fi\nif [ -n \"$e\" ]; then set o=b; "
		 "fi\n"
		 "if [ \"$e\" ]; then set o=c; fi\nif test x = y; then set o=d; fi\n"
		 "menuentry A { linux /k $o }",
			"0 [grub.cfg:0] A: /k \"a\"\n"},
		{"if false; then if true; then set o=a; else set o=b; fi; set o=c; else set o=d; "
		 "fi\n"
		 "menuentry A { linux /k $o }",
			"0 [grub.cfg:0] A: /k \"d\"\n"},
		/* There is no file at all here. */
		{"if [ -f /x ]; then menuentry A { linux /a }; else menuentry B { linux /b }; fi",
			"0 [grub.cfg:0] B: /b \"\"\n"},
		{"if [ \"$unset\" = 1 ]; then set o=a; else set o=b; fi\nmenuentry A { linux /k $o "
		 "}",
			"0 [grub.cfg:0] A: /k \"b\"\n"},
		{"if false && true; then set o=a; fi\nif true || false; then set o=b$o; fi\n"
		 "if false; true; then set o=c$o; fi\nmenuentry A { linux /k $o }",
			"0 [grub.cfg:0] A: /k \"cb\"\n"},
		{"while [ a = b ]; do menuentry A { linux /a }; done\n"
		 "for x in 1 2; do menuentry $x { linux /b }; done\nmenuentry C { linux /c }",
			"0 [grub.cfg:0] 1: /b \"\"\n1 [grub.cfg:1] 2: /b \"\"\n"
			"2 [grub.cfg:2] C: /c \"\"\n"},
		{"function f {\nif [ a = b ]; then menuentry X { linux /x }; fi\nset o=bad\n}\nf\n"
		 "menuentry A { linux /k $o }",
			"0 [grub.cfg:0] A: /k \"bad\"\n"},
	};

	GRUB_CHECK(state, examples);
}

static void one_odd_thing_hides_nothing(void **state)
{
	static const struct grub_example examples[] = {
		{"menuentry A { linux /a\nmenuentry B { linux /b }",
			"0 [grub.cfg:0] A: /a \"\"\n1 [grub.cfg:1] B: /b \"\"\n"},
		{"menuentry A { linux /a", "0 [grub.cfg:0] A: /a \"\"\n"},
		{"}\nfi\n} done }\nmenuentry A { linux /a }", "0 [grub.cfg:0] A: /a \"\"\n"},
		{"echo don't\nmenuentry A { linux /a }", "0 [grub.cfg:0] A: /a \"\"\n"},
		{"echo 5\" disk\nmenuentry A { linux /a }", "0 [grub.cfg:0] A: /a \"\"\n"},
		{"function f {\nmenuentry A { linux /a }\nmenuentry B { linux /b }",
			"0 [grub.cfg:0] A: /a \"\"\n1 [grub.cfg:1] B: /b \"\"\n"},
		{"if false; then menuentry A { linux /a }\nmenuentry B { linux /b }",
			"0 [grub.cfg:0] A: /a \"\"\n1 [grub.cfg:1] B: /b \"\"\n"},
		{"menuentry A { linux /a }\nif true; then x; else menuentry B { linux /b }\n",
			"0 [grub.cfg:0] A: /a \"\"\n1 [grub.cfg:1] B: /b \"\"\n"},
		{"menuentry A { if false; then linux /a; }\nmenuentry B { linux /b }",
			"0 [grub.cfg:0] A: /a \"\"\n1 [grub.cfg:1] B: /b \"\"\n"},
		{"foo { bar {\nmenuentry A { linux /a }\n}\n}\nmenuentry B { linux /b }",
			"0 [grub.cfg:0] A: /a \"\"\n1 [grub.cfg:1] B: /b \"\"\n"},
		{"[ [[ ]] ;; | || && & ! < > $ ${ $( `x`\nmenuentry A { linux /a }",
			"0 [grub.cfg:0] A: /a \"\"\n"},
		{"\xef\xbb\xbfset x=1\nmenuentry '\xff\x1b[31m' { linux /a\x01 }",
			"0 [grub.cfg:0] \xff\x1b[31m: /a\x01 \"\"\n"},
	};

	GRUB_CHECK(state, examples);
}

static void says_what_is_the_default(void **state)
{
	static const struct {
		const char *text, *pattern;
	} cases[] = {
		{"set timeout=5\n", NULL},
		{"set default=\"${saved_entry}\"\n", NULL},
		{"set default=0\ndefault='1>2'\n", "1>2"},
		{"menuentry A { set default=9 }\n", NULL},
		{"set default=\"Advanced options>Debian, with Linux 6\"\n",
			"Advanced options>Debian, with Linux 6"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry_list *list = grub_parse_text(*state, cases[i].text);

		if (!cases[i].pattern)
			assert_null(list->default_pattern);
		else
			assert_string_equal(list->default_pattern, cases[i].pattern);
	}
}

static char *repeat(void *ctx, const char *text, size_t times)
{
	char *all = talloc_array(ctx, char, strlen(text) * times + 1);
	char *end = all;

	assert_non_null(all);
	for (size_t i = 0; i < times; i++)
		end = stpcpy(end, text);
	return all;
}

static void has_limits(void **state)
{
	char *text = repeat(*state, "set a=$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a$a\n", 1000);
	struct entry_list *list;

	text = talloc_asprintf(*state, "set a=0123456789\n%smenuentry A { linux /k }", text);
	list = grub_parse_text(*state, text);
	assert_string_equal(list->entries[0].kernel.path, "/k");

	text = repeat(*state, "menuentry A { linux /k }\n", ENTRY_LIST_MAX + 10);
	list = grub_parse_text(*state, text);
	assert_int_equal(list->count, ENTRY_LIST_MAX);

	text = repeat(*state, "menuentry A {\n", 40);
	list = grub_parse_text(*state, text);
	assert_int_equal(list->count, 40); /* none was closed */

	text = repeat(*state, "submenu S {\n", 100000);
	text = talloc_strdup_append(text, "menuentry A { linux /k }");
	list = grub_parse_text(*state, text);
	assert_int_equal(list->count, 1); /* no submenu so deep, but an entry */

	text = repeat(*state, "if true; then if x; then\n", 100000);
	text = talloc_strdup_append(text, repeat(*state, "fi; fi\n", 100000));
	text = talloc_strdup_append(text, "menuentry A { linux /k }");
	list = grub_parse_text(*state, text);
	assert_int_equal(list->count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			reads_debian_12, grub_test_setup, grub_test_teardown),
		cmocka_unit_test_setup_teardown(
			reads_ubuntu_24_04, grub_test_setup, grub_test_teardown),
		cmocka_unit_test_setup_teardown(
			reads_fedora_30, grub_test_setup, grub_test_teardown),
		cmocka_unit_test_setup_teardown(
			understands_headings, grub_test_setup, grub_test_teardown),
		cmocka_unit_test_setup_teardown(
			quotes_as_grub_does, grub_test_setup, grub_test_teardown),
		cmocka_unit_test_setup_teardown(finds_files, grub_test_setup, grub_test_teardown),
		cmocka_unit_test_setup_teardown(
			follows_branches, grub_test_setup, grub_test_teardown),
		cmocka_unit_test_setup_teardown(
			one_odd_thing_hides_nothing, grub_test_setup, grub_test_teardown),
		cmocka_unit_test_setup_teardown(
			says_what_is_the_default, grub_test_setup, grub_test_teardown),
		cmocka_unit_test_setup_teardown(has_limits, grub_test_setup, grub_test_teardown),
	};

	return cmocka_run_group_tests_name("grub", tests, NULL, NULL);
}
