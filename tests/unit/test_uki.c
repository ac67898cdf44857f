// SPDX-License-Identifier: GPL-2.0-or-later
/* Unified kernel images, from the bytes of one file and in a tree with its addons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/discover.h"
#include "boot/format.h"
#include "tests/unit/made_pe.h"
#include "tests/unit/tree.h"

struct fixture {
	struct tree tree;
	struct machine machine;
	struct entry_list *list;
	struct made_pe pe;
};

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	tree_new(&f->tree);
	tree_machine(&f->tree, &f->machine);
	f->list = entry_list_new(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	machine_close(&f->machine);
	tree_remove(&f->tree);
	return talloc_free(f);
}

static struct entry *parse(struct fixture *f, const char *file)
{
	struct reading r = reading_of_bytes(f->list, file);
	struct err err;

	if (uki_parse(&r, (const char *)f->pe.bytes, f->pe.len, &err) < 0)
		fail_msg("%s", err.text);
	return f->list->entries;
}

static void splits_an_image(void **state)
{
	struct fixture *f = *state;
	struct entry *e;

	made_pe_begin(&f->pe, MADE_PE_X86_64);
	made_pe_text(&f->pe, ".text", "stub");
	made_pe_text(&f->pe, ".osrel",
		"# comment\nNAME=\"Arch Linux\"\nPRETTY_NAME='Arch \"Linux\"'\nID=arch\n"
		"VERSION_ID=1\nBUILD_ID=rolling\nIMAGE_ID=\nVERSION=\"7 \\\"x\\\" \"\r\n");
	made_pe_text(&f->pe, ".uname", "6.6.1-arch1-1");
	made_pe_text(&f->pe, ".cmdline", "  root=/dev/sda2\n\tquiet \0 more");
	made_pe_text(&f->pe, ".initrd", "initrd");
	made_pe_text(&f->pe, ".ucode", "microcode");
	made_pe_text(&f->pe, ".dtb", "tree");
	made_pe_kernel(&f->pe);
	e = parse(f, "EFI/Linux/arch-6.6.1.efi");
	assert_int_equal(f->list->count, 1);
	assert_string_equal(e->id, "arch-6.6.1.efi");
	assert_string_equal(e->format, "bls2");
	assert_string_equal(e->title, "Arch \"Linux\"");
	assert_string_equal(e->version, "7 \"x\" ");
	assert_string_equal(e->sort_key, "arch");
	assert_string_equal(e->options, "root=/dev/sda2  quiet");
	assert_string_equal(e->kernel.path, "/EFI/Linux/arch-6.6.1.efi");
	assert_int_equal(e->kernel.offset, 4096 + 7 * 512 + 0 * 512);
	assert_int_equal(e->kernel.size, MADE_BZIMAGE_SIZE);
	assert_int_equal(e->initrd_count, 2);
	assert_int_equal(e->initrds[0].size, strlen("microcode"));
	assert_int_equal(e->initrds[1].size, strlen("initrd"));
	assert_string_equal(e->initrds[1].path, "/EFI/Linux/arch-6.6.1.efi");
	assert_int_equal(e->devicetree.size, 4);
	assert_string_equal(e->source.file, "EFI/Linux/arch-6.6.1.efi");
	assert_int_equal(e->tries_left, -1);
	assert_null(e->writes);
	assert_null(e->architecture);
	assert_null(e->reason);
}

static void makes_an_entry_of_each_profile(void **state)
{
	struct fixture *f = *state;
	struct entry *e;

	made_pe_begin(&f->pe, MADE_PE_X86_64);
	made_pe_kernel(&f->pe);
	made_pe_text(&f->pe, ".osrel", "ID=x\nPRETTY_NAME=X");
	made_pe_text(&f->pe, ".cmdline", "quiet");
	made_pe_text(&f->pe, ".profile", "ID=regular\nTITLE=\"Regular boot\"");
	made_pe_text(&f->pe, ".profile", "ID=factory-reset\nTITLE=Reset\n");
	made_pe_text(&f->pe, ".cmdline", "reset");
	made_pe_text(&f->pe, ".profile", "ID=named");
	made_pe_text(&f->pe, ".initrd", "other");
	made_pe_text(&f->pe, ".profile", "\n");
	e = parse(f, "EFI/Linux/X+3-1.EFI");
	assert_int_equal(f->list->count, 4);
	assert_string_equal(e[0].id, "X.efi");
	assert_string_equal(e[0].title, "X (Regular boot)");
	assert_string_equal(e[0].options, "quiet");
	assert_int_equal(e[0].initrd_count, 0);
	assert_int_equal(e[0].tries_left, 3);
	assert_string_equal(e[1].id, "X.efi@factory-reset");
	assert_string_equal(e[1].title, "X (Reset)");
	assert_string_equal(e[1].options, "reset");
	assert_string_equal(e[2].id, "X.efi@named");
	assert_string_equal(e[2].title, "X (named)");
	assert_string_equal(e[2].options, "quiet");
	assert_int_equal(e[2].initrd_count, 1);
	assert_string_equal(e[3].id, "X.efi@3");
	assert_string_equal(e[3].title, "X (Profile #4)");
	assert_int_equal(e[3].initrd_count, 0);
	assert_int_equal(e[3].profile, 3);
	assert_int_equal(e[3].tries_done, 1);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(e[i].writes->kind, ENTRY_WRITE_RENAME);
		assert_string_equal(e[i].writes->path, "EFI/Linux/X+3-1.EFI");
		assert_string_equal(e[i].writes->value, "X+2-2.EFI");
		assert_null(e[i].writes->next);
	}
}

static void names_what_names_nothing(void **state)
{
	struct fixture *f = *state;
	struct entry *e;

	made_pe_begin(&f->pe, 0xaa64);
	made_pe_kernel(&f->pe);
	made_pe_text(&f->pe, ".uname", "6.1.0\n");
	e = parse(f, "EFI/Linux/a.efi");
	assert_string_equal(e->title, "a.efi");
	assert_string_equal(e->version, "6.1.0");
	assert_string_equal(e->architecture, "aa64");
	assert_string_equal(e->options, "");
	assert_null(e->sort_key);
}

static void gives_reasons(void **state)
{
	static const struct {
		size_t section;
		uint32_t virtual, raw, offset;
		const char *reason;
	} cases[] = {
		{0, 100, 512, 0x10000000, "its section .linux reaches beyond the end of the file"},
		{0, 0, 0, 4096, "its section .linux is empty"},
		{1, 512, 512, 4096, "its section .initrd lies within another"},
		{1, 0xfffffff0, 0xfffffff0, 4096,
			"its section .initrd reaches beyond the end of the file"},
		{2, 5, 512, 0xffffffff, "its section .cmdline reaches beyond the end of the file"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t *header = made_pe_header(&f->pe, cases[i].section);
		struct entry *e;

		made_pe_begin(&f->pe, MADE_PE_X86_64);
		made_pe_kernel(&f->pe);
		made_pe_text(&f->pe, ".initrd", "initrd");
		made_pe_text(&f->pe, ".cmdline", "quiet");
		made_pe_put32(header + 8, cases[i].virtual);
		made_pe_put32(header + 16, cases[i].raw);
		made_pe_put32(header + 20, cases[i].offset);
		f->list->count = 0;
		e = parse(f, "EFI/Linux/a.efi");
		assert_non_null(e->reason);
		assert_string_equal(e->reason, cases[i].reason);
	}
	f->list->count = 0;
	made_pe_begin(&f->pe, MADE_PE_X86_64);
	f->pe.bytes[MADE_PE_HEADER + 7] = 1;
	assert_string_equal(parse(f, "EFI/Linux/a.efi")->reason,
		"its header is damaged: it names 256 sections");
}

/* Without sections that make it an image: discovery looks whether it is a kernel. */
static void leaves_other_programs_to_discovery(void **state)
{
	struct fixture *f = *state;

	made_pe_begin(&f->pe, MADE_PE_X86_64);
	made_pe_text(&f->pe, ".cmdline", "x");
	parse(f, "EFI/Linux/a.addon.efi");
	assert_int_equal(f->list->count, 0);
	parse(f, "EFI/Linux/a.efi");
	assert_int_equal(f->list->count, 1);
	assert_string_equal(f->list->entries->efi.path, "/EFI/Linux/a.efi");
	assert_null(f->list->entries->reason);
}

static void write_pe(struct fixture *f, const char *path)
{
	tree_bytes(&f->tree, path, f->pe.bytes, f->pe.len);
}

static void write_addon(struct fixture *f, const char *path, uint16_t machine, const char *cmdline,
	const char *initrd, const char *ucode)
{
	made_pe_begin(&f->pe, machine);
	made_pe_text(&f->pe, ".cmdline", cmdline);
	made_pe_text(&f->pe, ".initrd", initrd);
	made_pe_text(&f->pe, ".ucode", ucode);
	write_pe(f, path);
}

static void write_image(struct fixture *f, const char *path)
{
	made_pe_begin(&f->pe, MADE_PE_X86_64);
	made_pe_kernel(&f->pe);
	made_pe_text(&f->pe, ".cmdline", "quiet");
	made_pe_text(&f->pe, ".ucode", "u");
	made_pe_text(&f->pe, ".initrd", "i");
	write_pe(f, path);
}

static struct discovery *look(struct fixture *f)
{
	struct discovery *d;
	struct err err;

	if (discover(&f->machine, f, 0, &d, &err) < 0)
		fail_msg("%s", err.text);
	return d;
}

static void adds_addons(void **state)
{
	struct fixture *f = *state;
	const struct entry *e;
	struct discovery *d;
	char order[128] = "";

	write_image(f, "EFI/Linux/a+2.efi");
	write_addon(f, "loader/addons/all.addon.efi", MADE_PE_X86_64, "all", "22", "333");
	write_addon(
		f, "EFI/Linux/a+2.efi.extra.d/1.addon.efi", MADE_PE_X86_64, "one", "4444", "55555");
	write_addon(f, "EFI/Linux/a.efi.extra.d/2.addon.efi", MADE_PE_X86_64, "two", "666666",
		"7777777");
	write_addon(f, "EFI/Linux/a.efi.extra.d/3.addon.efi", 0xaa64, "arm", "arm", "arm");
	tree_file(&f->tree, "EFI/Linux/a.efi.extra.d/4.addon.efi", "garbage");
	write_image(f, "EFI/Linux/a.efi.extra.d/5.addon.efi");
	d = look(f);
	assert_int_equal(d->entries->count, 1);
	e = d->entries->entries;
	assert_string_equal(e->options, "quiet all one two");
	for (size_t i = 0; i < e->initrd_count; i++)
		sprintf(order + strlen(order), "%d ", (int)e->initrds[i].size);
	assert_string_equal(order, "7 5 3 1 1 2 4 6 ");
	assert_string_equal(e->initrds[2].path, "/loader/addons/all.addon.efi");
	assert_null(e->reason);
}

static void expect(struct fixture *f, const char *expected)
{
	struct discovery *d = look(f);
	char *text = talloc_strdup(f, "");

	for (size_t i = 0; i < d->entries->count; i++) {
		const struct entry *e = &d->entries->entries[i];

		text = talloc_asprintf_append(
			text, "%s%s%s", i ? " " : "", e->id, e->is_default ? "*" : "");
		if (e->reason)
			text = talloc_asprintf_append(text, "(%s)", e->reason);
		else
			text = talloc_asprintf_append(
				text, "(%d %s)", (int)e->kernel.size, e->options);
	}
	assert_string_equal(text, expected);
}

static void is_one_menu_with_type_1(void **state)
{
	struct fixture *f = *state;

	write_image(f, "EFI/Linux/b-2.efi");
	write_image(f, "boot/EFI/Linux/b-10.efi");
	write_image(f, "efi/EFI/Linux/bad+0-3.efi");
	tree_kernel(&f->tree, "k");
	tree_file(&f->tree, "loader/entries/b-3.conf", "linux k");
	tree_file(&f->tree, "loader/entries/keyed.conf", "linux k\nsort-key a");
	tree_file(&f->tree, "loader/loader.conf", "default b-*");
	expect(f, "keyed(0 ) b-10.efi*(2560 quiet) b-3(0 ) b-2.efi(2560 quiet)"
		  " bad.efi(2560 quiet)");
}

static void looks_at_what_type_1_names(void **state)
{
	struct fixture *f = *state;

	write_image(f, "u.efi");
	tree_kernel(&f->tree, "k");
	made_pe_begin(&f->pe, MADE_PE_X86_64);
	made_pe_text(&f->pe, ".text", "shell");
	write_pe(f, "shell.efi");
	tree_file(&f->tree, "loader/entries/8.conf", "uki u.efi");
	tree_file(&f->tree, "loader/entries/7.conf", "uki \\u.efi\noptions mine\nprofile 0");
	tree_file(&f->tree, "loader/entries/6.conf", "efi u.efi");
	tree_file(&f->tree, "loader/entries/5.conf", "linux u.efi");
	tree_file(&f->tree, "loader/entries/4.conf", "efi k");
	tree_file(&f->tree, "loader/entries/3.conf", "efi shell.efi");
	tree_file(&f->tree, "loader/entries/2.conf", "efi gone.efi");
	tree_file(&f->tree, "loader/entries/1.conf", "uki-url http://x/y");
	expect(f, "8*(2560 quiet) 7(2560 mine) 6(2560 quiet) 5(2560 quiet) 4(0 )"
		  " 3(it is an EFI program, not a Linux kernel)"
		  " 2(EFI program /gone.efi is missing on the root directory)"
		  " 1(its kernel image is to be fetched from the network)");
}

static void says_what_is_wrong_with_a_kernel(void **state)
{
	struct fixture *f = *state;
	uint8_t image[MADE_BZIMAGE_SIZE], *inner;

	tree_file(&f->tree, "empty", "");
	tree_file(&f->tree, "text", "hello");
	made_bzimage(image);
	image[0x236] = 0;
	tree_bytes(&f->tree, "32", image, sizeof(image));
	made_pe_begin(&f->pe, MADE_PE_X86_64);
	made_pe_add(&f->pe, ".linux", image, sizeof(image));
	write_pe(f, "EFI/Linux/0.efi");
	write_image(f, "inner");
	inner = talloc_memdup(f, f->pe.bytes, f->pe.len);
	made_pe_begin(&f->pe, MADE_PE_X86_64);
	made_pe_add(&f->pe, ".linux", inner, talloc_get_size(inner));
	write_pe(f, "nested");
	tree_file(&f->tree, "loader/entries/4.conf", "linux empty");
	tree_file(&f->tree, "loader/entries/3.conf", "linux text");
	tree_file(&f->tree, "loader/entries/2.conf", "linux 32");
	tree_file(&f->tree, "loader/entries/1.conf", "linux nested");
	expect(f, "4*(the file is empty) 3(it is no kernel that stillboot knows)"
		  " 2(it is a 32-bit kernel) 1(it is a unified kernel image within another)"
		  " 0.efi(it is a 32-bit kernel)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(splits_an_image, setup, teardown),
		cmocka_unit_test_setup_teardown(makes_an_entry_of_each_profile, setup, teardown),
		cmocka_unit_test_setup_teardown(names_what_names_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(gives_reasons, setup, teardown),
		cmocka_unit_test_setup_teardown(
			leaves_other_programs_to_discovery, setup, teardown),
		cmocka_unit_test_setup_teardown(adds_addons, setup, teardown),
		cmocka_unit_test_setup_teardown(is_one_menu_with_type_1, setup, teardown),
		cmocka_unit_test_setup_teardown(looks_at_what_type_1_names, setup, teardown),
		cmocka_unit_test_setup_teardown(says_what_is_wrong_with_a_kernel, setup, teardown),
	};

	return cmocka_run_group_tests_name("uki", tests, NULL, NULL);
}
