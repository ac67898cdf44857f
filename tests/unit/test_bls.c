// SPDX-License-Identifier: GPL-2.0-or-later
/* Boot Loader Specification type 1 files, their order, and loader.conf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/bls/bls.h"
#include "boot/format.h"

static int setup(void **state)
{
	*state = entry_list_new(NULL);
	return !*state;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static struct entry *parse(struct entry_list *list, const char *file, const char *text)
{
	struct reading r = reading_of_bytes(list, file);
	struct err err;

	assert_int_equal(bls_parse(&r, text, strlen(text), &err), 0);
	return &list->entries[list->count - 1];
}

static void reads_the_specification_s_example(void **state)
{
	struct entry *e = parse(*state,
		"loader/entries/6a9857a393724b7a981ebb5b8495b9ea-3.8.0-2.fc19.x86_64.conf",
		"# /boot/loader/entries/6a98-3.8.0-2.fc19.x86_64.conf\n"
		"title        Fedora 19 (Rawhide)\n"
		"sort-key     fedora\n"
		"machine-id   6a9857a393724b7a981ebb5b8495b9ea\n"
		"version      3.8.0-2.fc19.x86_64\n"
		"options      root=UUID=6d3376e4-fc93-4509-95ec-a21d68011da2 quiet $tuned_params\n"
		"architecture x64\n"
		"linux        /6a98/3.8.0-2.fc19.x86_64/linux\n"
		"initrd       /6a98/3.8.0-2.fc19.x86_64/initrd\n");

	assert_string_equal(e->id, "6a9857a393724b7a981ebb5b8495b9ea-3.8.0-2.fc19.x86_64");
	assert_string_equal(e->title, "Fedora 19 (Rawhide)");
	assert_string_equal(e->sort_key, "fedora");
	assert_string_equal(e->machine_id, "6a9857a393724b7a981ebb5b8495b9ea");
	assert_string_equal(e->version, "3.8.0-2.fc19.x86_64");
	assert_string_equal(e->options, "root=UUID=6d3376e4-fc93-4509-95ec-a21d68011da2 quiet");
	assert_string_equal(e->architecture, "x64");
	assert_string_equal(e->kernel.path, "/6a98/3.8.0-2.fc19.x86_64/linux");
	assert_int_equal(e->initrd_count, 1);
	assert_string_equal(e->initrds[0].path, "/6a98/3.8.0-2.fc19.x86_64/initrd");
	assert_null(e->devicetree.path);
	assert_string_equal(e->format, "bls1");
	assert_string_equal(e->source.file,
		"loader/entries/6a9857a393724b7a981ebb5b8495b9ea-3.8.0-2.fc19.x86_64.conf");
	assert_int_equal(e->source.line, 1);
	assert_null(e->reason);
}

static void adds_up_what_is_repeated(void **state)
{
	struct entry *e = parse(*state, "a.conf",
		"options root=/dev/sda2\r\n"
		"\r\n"
		"linux vmlinuz\r\n"
		"initrd ucode.img\r\n"
		"   options\tquiet  splash \r\n"
		"initrd\t/initrd.img $tuned_initrd /more\r\n"
		"  # a comment\r\n"
		"options\r\n"
		"unknown-key value\r\n"
		"devicetree x.dtb");

	assert_string_equal(e->options, "root=/dev/sda2 quiet  splash");
	assert_string_equal(e->kernel.path, "/vmlinuz");
	assert_int_equal(e->initrd_count, 3);
	assert_string_equal(e->initrds[0].path, "/ucode.img");
	assert_string_equal(e->initrds[1].path, "/initrd.img");
	assert_string_equal(e->initrds[2].path, "/more");
	assert_string_equal(e->devicetree.path, "/x.dtb");
	assert_string_equal(e->title, "a");
	assert_null(e->reason);
}

static void takes_the_counter_off_the_name(void **state)
{
	static const struct {
		const char *file, *id;
		int left, done;
	} cases[] = {
		{"a.conf", "a", -1, -1},
		{"a+3.conf", "a", 3, 0},
		{"x/a+2-1.conf", "a", 2, 1},
		{"a+0-3.conf", "a", 0, 3},
		{"6.1+b+1.conf", "6.1+b", 1, 0},
		{"a+.conf", "a+", -1, -1},
		{"a+3-.conf", "a+3-", -1, -1},
		{"a+3x.conf", "a+3x", -1, -1},
		{"a+-3.conf", "a+-3", -1, -1},
		{"+3.conf", "+3", -1, -1},
		{"a+99999999999999999999.conf", "a", 2147483647, 0},
		{".conf", ".conf", -1, -1},
		{"a", "a", -1, -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry *e = parse(*state, cases[i].file, "linux /k\n");

		if (strcmp(e->id, cases[i].id) || e->tries_left != cases[i].left ||
			e->tries_done != cases[i].done)
			fail_msg("%s gave %s, %d left, %d done", cases[i].file, e->id,
				e->tries_left, e->tries_done);
	}
}

static void gives_reasons(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{"", "it names no Linux kernel"},
		{"title x\nlinux\n", "it names no Linux kernel"},
		{"uki-url http://x/y.efi\n", "its kernel image is to be fetched from the network"},
		{"linux /k\ndevicetree-overlay /a.dtbo /b.dtbo\n", "it needs device tree overlays"},
		{"linux /k\noptions $kernelopts $tuned_params\n",
			"its options are in GRUB's variable $kernelopts"},
		{"linux /k\ninitrd 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n",
			"it has more initrds than stillboot takes"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry *e = parse(*state, "x.conf", cases[i].text);

		assert_non_null(e->reason);
		assert_string_equal(e->reason, cases[i].reason);
		assert_string_equal(e->id, "x");
	}
}

static void takes_the_other_keys(void **state)
{
	struct entry *e = parse(*state, "a.conf",
		"\xef\xbb\xbftitle \"Quoted\"\n"
		"efi \\EFI\\Linux\\x.efi\n"
		"profile 2\n"
		"extra /x.cred\n"
		"devicetree-overlay /a.dtbo /b.dtbo\n"
		"options \"a b\" c=\"d\"\n");

	assert_string_equal(e->title, "Quoted");
	assert_string_equal(e->efi.path, "/EFI/Linux/x.efi");
	assert_int_equal(e->profile, 2);
	assert_string_equal(e->devicetree_overlays, "/a.dtbo /b.dtbo");
	assert_string_equal(e->options, "\"a b\" c=\"d\"");
	e = parse(*state, "b.conf", "uki /x.efi\nprofile x");
	assert_string_equal(e->efi.path, "/x.efi");
	assert_null(e->kernel.path);
	assert_int_equal(e->profile, 0);
	assert_null(e->reason);
}

/* As the kernel's own EFI stub reads them, where no key names any. */
static void finds_initrds_among_the_options(void **state)
{
	struct entry *e = parse(*state, "a.conf",
		"linux /k\noptions initrd=\\ucode.img root=x initrd=/i.img noinitrd\n");

	assert_int_equal(e->initrd_count, 2);
	assert_string_equal(e->initrds[0].path, "/ucode.img");
	assert_string_equal(e->initrds[1].path, "/i.img");
	e = parse(*state, "b.conf", "linux /k\ninitrd /a\noptions initrd=/b\n");
	assert_int_equal(e->initrd_count, 1);
}

static void keeps_variables_for_grub(void **state)
{
	static const char text[] = "title $a\nlinux /boot/$k\ninitrd $initrd /i $tuned_initrd\n"
				   "options $kernelopts $tuned_params\n";
	struct entry_list *list = *state;
	struct reading r = reading_of_bytes(list, "x+1.conf");
	struct entry *e;
	struct err err;

	assert_int_equal(bls_parse_raw(&r, text, sizeof(text) - 1, &err), 0);
	e = list->entries;
	assert_string_equal(e->id, "x");
	assert_string_equal(e->title, "$a");
	assert_string_equal(e->kernel.path, "/boot/$k");
	assert_string_equal(e->options, "$kernelopts $tuned_params");
	assert_int_equal(e->initrd_count, 3);
	assert_string_equal(e->initrds[0].path, "$initrd");
	assert_string_equal(e->initrds[1].path, "/i");
	assert_string_equal(e->initrds[2].path, "$tuned_initrd");
	assert_null(e->reason);
}

static void counts_boots(void **state)
{
	static const struct {
		const char *file, *next;
	} cases[] = {
		{"loader/entries/a+3.conf", "a+2-1.conf"},
		{"a+4-0.conf", "a+3-1.conf"},
		{"a+10-9.conf", "a+09-10.conf"},
		{"a+1-003.CONF", "a+0-004.CONF"},
		{"a+0-3.conf", NULL},
		{"a.conf", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry *e = parse(*state, cases[i].file, "linux /k");

		assert_string_equal(e->id, "a");
		if (!cases[i].next) {
			assert_null(e->writes);
			continue;
		}
		assert_int_equal(e->writes->kind, ENTRY_WRITE_RENAME);
		assert_string_equal(e->writes->path, cases[i].file);
		assert_string_equal(e->writes->value, cases[i].next);
		assert_non_null(e->writes->volume);
		assert_null(e->writes->next);
	}
}

static void is_not_led_astray_by_bytes(void **state)
{
	static const char bytes[] = "title a\0b\nlinux /k\0/x\n\n\xff\xfe\n \n#\nlinux\t";
	struct entry_list *list = *state;
	struct reading r = reading_of_bytes(list, "x.conf");
	struct err err;

	assert_int_equal(bls_parse(&r, bytes, sizeof(bytes) - 1, &err), 0);
	assert_string_equal(list->entries[0].title, "a");
	assert_string_equal(list->entries[0].kernel.path, "/k");
}

static void sorts_as_the_specification_says(void **state)
{
	static const struct {
		const char *file, *text;
	} files[] = {
		/* systemd's src/test/test-bootspec.c has this order, here with counters. */
		{"a-10.conf", "version 10\nmachine-id dd23\n"},
		{"a-5.conf", "version 5\nmachine-id dd23\n"},
		{"b.conf", "version 3\nmachine-id b754\n"},
		{"c.conf", "sort-key xxxx\nversion 5\nmachine-id 309d\n"},
		{"cx.conf", "sort-key xxxx\nversion 10\nmachine-id 309d\n"},
		{"bad+0-3.conf", "sort-key aaaa\nversion 99\n"},
		{"d.conf", "sort-key kkkk\nversion 100\nmachine-id 81c6\n"},
		{"fresh+3.conf", "sort-key kkkk\nversion 1\nmachine-id 0000\n"},
	};
	static const char *const order[] = {"fresh", "d", "cx", "c", "b", "a-10", "a-5", "bad"};
	struct entry_list *list = *state;

	bls_sort(list);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		parse(list, files[i].file, files[i].text);
	bls_sort(list);
	for (size_t i = 0; i < list->count; i++) {
		assert_string_equal(list->entries[i].id, order[i]);
		assert_int_equal(list->entries[i].position, i);
	}
}

/* What decides at the end, where everything before is the same. */
static void sorts_by_name_and_counters(void **state)
{
	static const char *const files[] = {
		"Fedora-6.9.conf",
		"fedora-6.10.conf",
		"fedora.conf",
		"fedora-6.9+2-1.conf",
		"fedora-6.9+2.conf",
		"fedora-6.9+3.conf",
		"fedora-6.9+0-3.conf",
		"fedora-6.9+0-2.conf",
	};
	static const struct {
		const char *id;
		int left, done;
	} order[] = {{"fedora-6.10", -1, -1}, {"Fedora-6.9", -1, -1}, {"fedora-6.9", 3, 0},
		{"fedora-6.9", 2, 0}, {"fedora-6.9", 2, 1}, {"fedora", -1, -1},
		{"fedora-6.9", 0, 2}, {"fedora-6.9", 0, 3}};
	struct entry_list *list = *state;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		parse(list, files[i], "linux /k");
	bls_sort(list);
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->entries[i].id, order[i].id) ||
			list->entries[i].tries_left != order[i].left ||
			list->entries[i].tries_done != order[i].done)
			fail_msg("%zu: %s+%d-%d", i, list->entries[i].id,
				list->entries[i].tries_left, list->entries[i].tries_done);
}

static void settle(struct entry_list *list, const char *text)
{
	struct reading r = reading_of_bytes(list, "loader.conf");
	struct err err;

	assert_int_equal(bls_parse_settings(&r, text, strlen(text), &err), 0);
}

static void reads_loader_conf(void **state)
{
	static const struct {
		const char *text, *pattern, *preferred;
		int timeout;
	} cases[] = {
		{"", "", "", -1},
		{"timeout 4\n", "", "", 4},
		{"timeout 0", "", "", 0},
		{"timeout menu-force", "", "", ENTRY_TIMEOUT_NEVER},
		{"timeout menu-hidden", "", "", 0},
		{"timeout menu-disabled", "", "", 0},
		{"timeout 3s\ntimeout -1\ntimeout x", "", "", -1},
		{"timeout 99999999999999999999", "", "", 999999999},
		{"default @saved\n", "@saved", "", -1},
		{"default @SAVED\n", "@saved", "", -1},
		{"default a\ndefault @unknown\n", "a", "", -1},
		{"\xef\xbb\xbf#default x\ntimeout 3\ndefault  arch-*.conf \r\nconsole-mode max",
			"arch-*.conf", "", 3},
		{"default a\ndefault b\npreferred c*", "b", "c*", -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry_list *list = entry_list_new(*state);

		settle(list, cases[i].text);
		assert_string_equal(
			list->default_pattern ? list->default_pattern : "", cases[i].pattern);
		assert_string_equal(
			list->preferred_pattern ? list->preferred_pattern : "", cases[i].preferred);
		assert_int_equal(list->timeout, cases[i].timeout);
	}
}

static void lets_the_first_loader_conf_win(void **state)
{
	struct entry_list *list = *state;

	settle(list, "default a");
	settle(list, "default b\ntimeout 5");
	settle(list, "timeout 6");
	assert_string_equal(list->default_pattern, "a");
	assert_int_equal(list->timeout, 5);
}

static void prefers_what_has_tries_left(void **state)
{
	struct entry_list *list = *state;

	parse(list, "b+0-3.conf", "linux /k");
	parse(list, "a.conf", "linux /k");
	bls_sort(list);
	settle(list, "preferred b.conf\ndefault b.conf");
	assert_string_equal(entry_list_default(list)->id, "b");
	list->default_pattern = NULL;
	assert_string_equal(entry_list_default(list)->id, "a");
	list->preferred_pattern = "A*";
	list->default_pattern = "b";
	assert_string_equal(entry_list_default(list)->id, "a");
	list->preferred_pattern = NULL;
	list->default_pattern = "@saved";
	assert_string_equal(entry_list_default(list)->id, "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_the_specification_s_example, setup, teardown),
		cmocka_unit_test_setup_teardown(adds_up_what_is_repeated, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_the_counter_off_the_name, setup, teardown),
		cmocka_unit_test_setup_teardown(gives_reasons, setup, teardown),
		cmocka_unit_test_setup_teardown(is_not_led_astray_by_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(sorts_as_the_specification_says, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_the_other_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_initrds_among_the_options, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_variables_for_grub, setup, teardown),
		cmocka_unit_test_setup_teardown(counts_boots, setup, teardown),
		cmocka_unit_test_setup_teardown(sorts_by_name_and_counters, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_loader_conf, setup, teardown),
		cmocka_unit_test_setup_teardown(lets_the_first_loader_conf_win, setup, teardown),
		cmocka_unit_test_setup_teardown(prefers_what_has_tries_left, setup, teardown),
	};

	return cmocka_run_group_tests_name("bls", tests, NULL, NULL);
}
