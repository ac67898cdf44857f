// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading grub.cfg. A list of entries is compared as text, one entry a line:
 *   place [id] title: (device)/kernel "options" initrds dtb=devicetree !reason
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/format.h"

#define CORPUS "tests/fuzz/corpus/grub/"
#define ROOT "5f3c1c9e-6a0a-4c34-9d2f-0d8a1f6d7b11"
#define BOOT "0b1f6a34-93c1-4a5e-8f5c-2f1e2b7c8d90"

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return !*state;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static char *add_place(char *text, const struct entry_menu *menu)
{
	if (!menu)
		return text;
	text = add_place(text, menu->above);
	return talloc_asprintf_append(text, "%u>", menu->position);
}

static char *add_file(char *text, const char *before, const struct entry_file *file)
{
	text = talloc_strdup_append(text, before);
	if (file->on)
		text = talloc_asprintf_append(text, "(%s)", file->on);
	return talloc_strdup_append(text, file->path);
}

static char *dump(void *ctx, const struct entry_list *list)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		text = add_place(text, e->menu);
		text = talloc_asprintf_append(text, "%u [%s] %s:", e->position, e->id, e->title);
		if (e->kernel.path) {
			text = add_file(text, " ", &e->kernel);
			text = talloc_asprintf_append(text, " \"%s\"", e->options);
		}
		for (size_t j = 0; j < e->initrd_count; j++)
			text = add_file(text, " ", &e->initrds[j]);
		if (e->devicetree.path)
			text = add_file(text, " dtb=", &e->devicetree);
		if (e->reason)
			text = talloc_asprintf_append(text, " !%s", e->reason);
		text = talloc_strdup_append(text, "\n");
	}
	return text;
}

static struct entry_list *parse(void *ctx, const char *bytes, size_t len)
{
	struct entry_list *list = entry_list_new(ctx);
	struct reading r = reading_of_bytes(list, "grub.cfg");
	struct err err;

	assert_non_null(list);
	assert_int_equal(grub_parse(&r, bytes, len, &err), 0);
	return list;
}

static struct entry_list *parse_file(void *ctx, const char *name)
{
	static char bytes[1 << 16];
	int fd = open(name, O_RDONLY);
	ssize_t len = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (len < 0)
		fail_msg("cannot read %s: run from the top of the tree", name);
	close(fd);
	return parse(ctx, bytes, (size_t)len);
}

struct example {
	const char *text, *entries;
};

static void check(void *ctx, const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct entry_list *list = parse(ctx, examples[i].text, strlen(examples[i].text));

		if (strcmp(dump(ctx, list), examples[i].entries))
			fail_msg("from\n%s\ncame\n%sinstead of\n%s", examples[i].text,
				dump(ctx, list), examples[i].entries);
	}
}

#define CHECK(state, examples) check(*(state), examples, sizeof(examples) / sizeof(*(examples)))

static void reads_debian_12(void **state)
{
	struct entry_list *list = parse_file(*state, CORPUS "debian-12.cfg");

	assert_string_equal(dump(*state, list),
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
	struct entry_list *list = parse_file(*state, CORPUS "ubuntu-24.04.cfg");

	assert_int_equal(list->count, 6);
	/* $vt_handoff is set by a function that is not called here: then it is empty. */
	assert_string_equal(list->entries[0].options, "root=UUID=" ROOT " ro quiet splash");
	assert_string_equal(list->entries[0].kernel.on, "UUID=" BOOT);
	assert_string_equal(list->entries[5].id, "uefi-firmware");
	assert_string_equal(entry_list_default(list)->title, "Ubuntu, with Linux 6.8.0-40-generic");
}

static void reads_fedora_30(void **state)
{
	struct entry_list *list = parse_file(*state, CORPUS "fedora-30.cfg");

	assert_string_equal(dump(*state, list),
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
	static const struct example examples[] = {
		{"menuentry A --id a { linux /k }", "0 [a] A: /k \"\"\n"},
		{"menuentry --class x --id=a --unrestricted A --users '' { linux /k }",
			"0 [a] A: /k \"\"\n"},
		{"menuentry 'A' $menuentry_id_option 'a b' {\nlinux /k\n}", "0 [a b] A: /k \"\"\n"},
		{"set menuentry_id_option=\nmenuentry 'A' $menuentry_id_option b { linux /k $1 }",
			"0 [grub.cfg:0] A: /k \"b\"\n"},
		{"menuentry A x 'y z' {\nlinux /$1 $2 \"$2\"\n}\nmenuentry B { linux /k $1 }",
			"0 [grub.cfg:0] A: /x \"y z \"y z\"\"\n"
			"1 [grub.cfg:1] B: /k \"\"\n"},
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

	CHECK(state, examples);
}

static void quotes_as_grub_does(void **state)
{
	static const struct example examples[] = {
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

	CHECK(state, examples);
}

static void finds_files(void **state)
{
	static const struct example examples[] = {
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

	CHECK(state, examples);
}

static void follows_branches_that_are_decided(void **state)
{
	static const struct example examples[] = {
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
		/* Undecided: both are taken, in their order. */
		{"if [ -f /x ]; then menuentry A { linux /a }; else menuentry B { linux /b }; fi",
			"0 [grub.cfg:0] A: /a \"\"\n1 [grub.cfg:1] B: /b \"\"\n"},
		{"if [ \"$unset\" = 1 ]; then set o=a; else set o=b; fi\nmenuentry A { linux /k $o "
		 "}",
			"0 [grub.cfg:0] A: /k \"b\"\n"},
		{"if false && true; then set o=a; fi\nif true || false; then set o=b$o; fi\n"
		 "if false; true; then set o=c$o; fi\nmenuentry A { linux /k $o }",
			"0 [grub.cfg:0] A: /k \"cba\"\n"},
		{"while [ a = b ]; do menuentry A { linux /a }; done\n"
		 "for x in 1 2; do menuentry $x { linux /b }; done\nmenuentry C { linux /c }",
			"0 [grub.cfg:0] A: /a \"\"\n1 [grub.cfg:1] grub.cfg:1: /b \"\"\n"
			"2 [grub.cfg:2] C: /c \"\"\n"},
		{"function f {\nif [ a = b ]; then menuentry X { linux /x }; fi\nset o=bad\n}\nf\n"
		 "menuentry A { linux /k $o }",
			"0 [grub.cfg:0] A: /k \"\"\n"},
	};

	CHECK(state, examples);
}

static void one_odd_thing_hides_nothing(void **state)
{
	static const struct example examples[] = {
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
			"0 [grub.cfg:0] A: !it names no Linux kernel\n1 [grub.cfg:1] B: /b \"\"\n"},
		{"foo { bar {\nmenuentry A { linux /a }\n}\n}\nmenuentry B { linux /b }",
			"0 [grub.cfg:0] A: /a \"\"\n1 [grub.cfg:1] B: /b \"\"\n"},
		{"[ [[ ]] ;; | || && & ! < > $ ${ $( `x`\nmenuentry A { linux /a }",
			"0 [grub.cfg:0] A: /a \"\"\n"},
		{"\xef\xbb\xbfset x=1\nmenuentry '\xff\x1b[31m' { linux /a\x01 }",
			"0 [grub.cfg:0] \xff\x1b[31m: /a\x01 \"\"\n"},
	};

	CHECK(state, examples);
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
		struct entry_list *list = parse(*state, cases[i].text, strlen(cases[i].text));

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
	list = parse(*state, text, strlen(text));
	assert_string_equal(list->entries[0].kernel.path, "/k");

	text = repeat(*state, "menuentry A { linux /k }\n", ENTRY_LIST_MAX + 10);
	list = parse(*state, text, strlen(text));
	assert_int_equal(list->count, ENTRY_LIST_MAX);

	text = repeat(*state, "menuentry A {\n", ENTRY_LIST_MAX + 10);
	list = parse(*state, text, strlen(text));
	assert_int_equal(list->count, ENTRY_LIST_MAX);

	text = repeat(*state, "submenu S {\n", 100000);
	text = talloc_strdup_append(text, "menuentry A { linux /k }");
	list = parse(*state, text, strlen(text));
	assert_int_equal(list->count, 1); /* no submenu so deep, but an entry */

	text = repeat(*state, "if true; then if x; then\n", 100000);
	text = talloc_strdup_append(text, repeat(*state, "fi; fi\n", 100000));
	text = talloc_strdup_append(text, "menuentry A { linux /k }");
	list = parse(*state, text, strlen(text));
	assert_int_equal(list->count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_debian_12, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_ubuntu_24_04, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_fedora_30, setup, teardown),
		cmocka_unit_test_setup_teardown(understands_headings, setup, teardown),
		cmocka_unit_test_setup_teardown(quotes_as_grub_does, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_files, setup, teardown),
		cmocka_unit_test_setup_teardown(follows_branches_that_are_decided, setup, teardown),
		cmocka_unit_test_setup_teardown(one_odd_thing_hides_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(says_what_is_the_default, setup, teardown),
		cmocka_unit_test_setup_teardown(has_limits, setup, teardown),
	};

	return cmocka_run_group_tests_name("grub", tests, NULL, NULL);
}
