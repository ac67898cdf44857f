// SPDX-License-Identifier: GPL-2.0-or-later
/* What the user of the menu has set: what a file says, how it is changed, which file counts. */
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
#include "tests/unit/tree.h"

#define HEADER "# What was set in stillboot's menu. `stillboot settings` changes it.\n"
#define SYSTEM "etc/stillboot/menu.conf"
#define HASH "$y$j9T$lcfUoWs1t7DWh9YD3UiHz/$NCm5SlsKrZp9R7z1lpTxxfc1R8DZoCZTbOIGJxMIvb6"
#define OTHER_HASH "$6$abc$def"

struct fixture {
	struct tree tree;
	struct machine machine;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	tree_new(&f->tree);
	tree_machine(&f->tree, &f->machine);
	tree_kernel(&f->tree, "k");
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

static struct settings *parse(struct fixture *f, const char *text)
{
	struct settings *s = settings_new(f);

	assert_int_equal(settings_parse(s, text, strlen(text), "FILE"), 0);
	return s;
}

static void values(void **state)
{
	static const struct {
		const char *line;
		enum setting which;
		const char *value; /* NULL where it is none */
	} cases[] = {
		{"timeout 5", SETTING_TIMEOUT, "5"},
		{"timeout 0", SETTING_TIMEOUT, "0"},
		{"timeout 86400", SETTING_TIMEOUT, "86400"},
		{"timeout 86401", SETTING_TIMEOUT, NULL},
		{"timeout 99999999999999999999", SETTING_TIMEOUT, NULL},
		{"timeout -1", SETTING_TIMEOUT, NULL},
		{"timeout never", SETTING_TIMEOUT, "never"},
		{"timeout menu-force", SETTING_TIMEOUT, NULL},
		{"timeout", SETTING_TIMEOUT, NULL},
		{"  timeout\t 5 \r", SETTING_TIMEOUT, "5"},
		{"timeout \"5\"", SETTING_TIMEOUT, "5"},
		{"#timeout 5", SETTING_TIMEOUT, NULL},
		{"Timeout 5", SETTING_TIMEOUT, NULL},
		{"\xef\xbb\xbftimeout 5", SETTING_TIMEOUT, "5"},
		{"default Debian GNU/Linux", SETTING_DEFAULT, "Debian GNU/Linux"},
		{"default D\xc3\xa9j\xc3\xa0", SETTING_DEFAULT, "D\xc3\xa9j\xc3\xa0"},
		{"default \xff", SETTING_DEFAULT, NULL},
		{"default a\033[31m", SETTING_DEFAULT, NULL},
		{"order UUID=1-2 sda", SETTING_ORDER, "UUID=1-2 sda"},
		{"order a b c d e f g h i j k l m n o p", SETTING_ORDER,
			"a b c d e f g h i j k l m n o p"},
		{"order a b c d e f g h i j k l m n o p q", SETTING_ORDER, NULL},
		{"hidden show", SETTING_HIDDEN, "show"},
		{"hidden yes", SETTING_HIDDEN, NULL},
		{"language pt_BR", SETTING_LANGUAGE, "pt_BR"},
		{"language de_DE.UTF-8@euro", SETTING_LANGUAGE, "de_DE.UTF-8@euro"},
		{"language ../../etc", SETTING_LANGUAGE, NULL},
		{"language de/x", SETTING_LANGUAGE, NULL},
		{"language a12345678901234567890123456789012", SETTING_LANGUAGE, NULL},
		{"consoles tty0 ttyS0,ascii ttyUSB1,utf-8", SETTING_CONSOLES,
			"tty0 ttyS0,ascii ttyUSB1,utf-8"},
		{"consoles tty0,latin1", SETTING_CONSOLES, NULL},
		{"consoles ,ascii", SETTING_CONSOLES, NULL},
		{"consoles tty0,ascii,", SETTING_CONSOLES, NULL},
		{"consoles a;b", SETTING_CONSOLES, NULL},
		{"password " HASH, SETTING_PASSWORD, HASH},
		{"password " OTHER_HASH, SETTING_PASSWORD, OTHER_HASH},
		{"password secret", SETTING_PASSWORD, NULL},
		{"password $1$abc$def", SETTING_PASSWORD, NULL},
		{"password $6$", SETTING_PASSWORD, NULL},
		{"password $6$abc$", SETTING_PASSWORD, NULL},
		{"password $6$a:b$c", SETTING_PASSWORD, NULL},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct settings *s = parse(f, cases[i].line);
		const char *value = s->values[cases[i].which];

		if (!value != !cases[i].value || (value && strcmp(value, cases[i].value)))
			fail_msg("%s: %s", cases[i].line, value ? value : "none");
		assert_true(!value == !s->stored[cases[i].which]);
	}
}

static void long_values(void **state)
{
	struct fixture *f = *state;
	char text[600] = "default ";

	memset(text + 8, 'x', 512);
	assert_non_null(parse(f, text)->values[SETTING_DEFAULT]);
	text[8 + 512] = 'x';
	assert_null(parse(f, text)->values[SETTING_DEFAULT]);
}

static void problems_name_their_line(void **state)
{
	struct fixture *f = *state;
	struct settings *s = parse(f, "# x\n\nfuture 1\ntimeout 5\ntimeout soon\nhidden x");

	assert_string_equal(s->values[SETTING_TIMEOUT], "5"); /* the last that makes sense */
	assert_int_equal(s->problem_count, 2);
	assert_string_equal(s->problems[0],
		"FILE:5: timeout is not used: it is a number of seconds, at most 86400, or "
		"\"never\"");
	assert_string_equal(
		s->problems[1], "FILE:6: hidden is not used: it is \"show\" or \"hide\"");
	assert_string_equal(s->stored[SETTING_TIMEOUT], "FILE");
}

static void the_last_line_counts(void **state)
{
	assert_string_equal(parse(*state, "timeout 1\ntimeout 2\n")->values[SETTING_TIMEOUT], "2");
}

static void problems_are_not_endless(void **state)
{
	char *text = talloc_strdup(*state, "");

	for (int i = 0; i < 1000; i++)
		text = talloc_strdup_append_buffer(text, "timeout x\n");
	assert_int_equal(parse(*state, text)->problem_count, SETTINGS_PROBLEMS_MAX);
}

static void edits(void **state)
{
	static const struct {
		const char *before, *name, *value, *after; /* after NULL: it is refused */
	} cases[] = {
		{NULL, "timeout", "5", HEADER "timeout 5\n"},
		{NULL, "timeout", NULL, HEADER},
		{"", "timeout", "5", "timeout 5\n"},
		{"timeout 1\n", "timeout", "5", "timeout 5\n"},
		{"timeout 1", "timeout", "5", "timeout 5\n"},
		{"a 1\n timeout\t1\r\nb 2\r\n", "timeout", "5", "a 1\ntimeout 5\nb 2\r\n"},
		{"timeout 1\nx\ntimeout 2\n", "timeout", "5", "timeout 5\nx\n"},
		{"timeout 1\nx\ntimeout 2\n", "timeout", NULL, "x\n"},
		{"timeouts 1\n#timeout 2\n", "timeout", "5", "timeouts 1\n#timeout 2\ntimeout 5\n"},
		{"future 1", "timeout", "5", "future 1\ntimeout 5\n"},
		{"timeout\n", "timeout", "5", "timeout 5\n"},
		{"\xef\xbb\xbftimeout 1\n", "timeout", "5", "timeout 5\n"},
		{"timeout 1\n\xef\xbb\xbftimeout 2\n", "timeout", NULL,
			HEADER "\xef\xbb\xbftimeout 2\n"},
		{"x\n", "\xef\xbb\xbfname", "a", NULL},
		{"x\n", "default", "a \"b\" c", "x\ndefault a \"b\" c\n"},
		{"x\n", "default", "\"b\"", NULL}, /* whose quotes would go */
		{"x\n", "default", "a\nb", NULL},
		{"x\n", "default", " a", NULL},
		{"x\n", "default", "a ", NULL},
		{"x\n", "default", "", NULL},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *bytes = cases[i].before ? talloc_strdup(f, cases[i].before) : NULL;
		size_t len = bytes ? strlen(bytes) : 0;
		int rc = settings_edit(f, &bytes, &len, cases[i].name, cases[i].value, &f->err);

		assert_int_equal(rc, cases[i].after ? 0 : -EINVAL);
		if (!cases[i].after) {
			assert_string_equal(bytes, cases[i].before);
			continue;
		}
		assert_int_equal(len, strlen(cases[i].after));
		assert_memory_equal(bytes, cases[i].after, len);
	}
}

static struct discovery *look(struct fixture *f)
{
	struct discovery *d;

	if (discover(&f->machine, f, 0, &d, &f->err) < 0)
		fail_msg("%s", f->err.text);
	return d;
}

static void expect(
	const struct discovery *d, enum setting which, const char *value, const char *stored)
{
	if (!value) {
		assert_null(d->settings->values[which]);
		return;
	}
	assert_non_null(d->settings->values[which]);
	assert_string_equal(d->settings->values[which], value);
	assert_string_equal(d->settings->stored[which], stored);
}

static void the_file_is_beside_the_menu(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, "k", "no kernel");
	assert_null(look(f)->settings->volume);
	tree_file(&f->tree, "grub/grub.cfg", "menuentry A --id a { linux /k }");
	assert_string_equal(look(f)->settings->file, "loader/stillboot.conf");
	tree_file(&f->tree, "boot/loader/stillboot.conf", "timeout 3\n");
	expect(look(f), SETTING_TIMEOUT, "3", "boot/loader/stillboot.conf on the root directory");
	tree_file(&f->tree, "loader/stillboot.conf", "timeout 4\n");
	expect(look(f), SETTING_TIMEOUT, "4", "loader/stillboot.conf on the root directory");
	assert_int_equal(look(f)->entries->timeout, 4);
	tree_file(&f->tree, "loader/stillboot.conf", "timeout never\n");
	assert_int_equal(look(f)->entries->timeout, ENTRY_TIMEOUT_NEVER);
}

static void below_boot_where_the_menu_is(void **state)
{
	struct fixture *f = *state;

	tree_file(&f->tree, "boot/grub/grub.cfg", "menuentry A --id a { linux /k }");
	assert_string_equal(look(f)->settings->file, "boot/loader/stillboot.conf");
}

static void the_system_has_its_own(void **state)
{
	struct fixture *f = *state;
	struct discovery *d;

	tree_file(&f->tree, "grub/grub.cfg", "menuentry A --id a { linux /k }");
	tree_file(&f->tree, SYSTEM, "timeout 3\nlanguage de\npassword " HASH "\nhidden x\n");
	tree_file(&f->tree, "loader/stillboot.conf", "timeout 4\npassword " OTHER_HASH "\n");
	d = look(f);
	expect(d, SETTING_TIMEOUT, "4", "loader/stillboot.conf on the root directory");
	expect(d, SETTING_LANGUAGE, "de", "/" SYSTEM);
	expect(d, SETTING_PASSWORD, HASH, "/" SYSTEM); /* no disk opens the lock */
	assert_int_equal(d->problem_count, 1);
	assert_string_equal(
		d->problems[0], "/" SYSTEM ":4: hidden is not used: it is \"show\" or \"hide\"");
	assert_string_equal(settings_of_system(&f->machine, d)->values[SETTING_TIMEOUT], "3");
}

static void a_file_that_is_no_file(void **state)
{
	struct fixture *f = *state;
	char *huge = talloc_array(f, char, SETTINGS_FILE_MAX + 2);
	struct discovery *d;

	memset(huge, '\n', SETTINGS_FILE_MAX + 1);
	huge[SETTINGS_FILE_MAX + 1] = '\0';
	tree_file(&f->tree, "grub/grub.cfg", "menuentry A --id a { linux /k }");
	tree_file(&f->tree, "loader/stillboot.conf", huge);
	tree_file(&f->tree, SYSTEM, huge);
	d = look(f);
	assert_int_equal(d->entries->count, 1);
	assert_int_equal(d->problem_count, 2);
	expect(d, SETTING_TIMEOUT, NULL, NULL);
}

static void firmware_keeps_the_timeout(void **state)
{
	static const struct {
		const char *variable, *value;
	} cases[] = {{"8", "8"}, {"menu-force", "never"}, {"menu-hidden", "0"},
		{"menu-disabled", "0"}, {"soon", "4"}, {"", "4"}};
	struct fixture *f = *state;

	tree_file(&f->tree, "grub/grub.cfg", "menuentry A --id a { linux /k }");
	tree_file(&f->tree, "loader/stillboot.conf", "timeout 4\n");
	tree_file(&f->tree, "sys/firmware/efi/efivars/x", "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		efi_variable_write(&f->machine, EFI_VARIABLE_TIMEOUT, cases[i].variable, &f->err);
		assert_string_equal(look(f)->settings->values[SETTING_TIMEOUT], cases[i].value);
	}
}

/* "kind PATH-or-NAME name=value" each, ended by a bar. */
static char *writes_of(void *ctx, const struct entry_write *w)
{
	char *text = talloc_strdup(ctx, "");

	for (; w; w = w->next)
		text = talloc_asprintf_append(text, "%s%s=%s|",
			w->kind == ENTRY_WRITE_EFI ? "EFI " : "", w->name,
			w->value ? w->value : "");
	return text;
}

static void what_is_written(void **state)
{
	static const struct {
		int efi;
		const char *file;
		enum setting which;
		const char *value, *writes;
	} cases[] = {
		{0, "", SETTING_TIMEOUT, "5", "timeout=5|"},
		{0, "", SETTING_TIMEOUT, NULL, ""},
		{0, "timeout 4\n", SETTING_TIMEOUT, NULL, "timeout=|"},
		{1, "", SETTING_TIMEOUT, "5", "EFI LoaderConfigTimeout=5|"},
		{1, "", SETTING_TIMEOUT, "never", "EFI LoaderConfigTimeout=menu-force|"},
		{1, "timeout 4\n", SETTING_TIMEOUT, "5", "EFI LoaderConfigTimeout=5|timeout=|"},
		{1, "timeout 4\n", SETTING_TIMEOUT, NULL, "EFI LoaderConfigTimeout=|timeout=|"},
		{1, "", SETTING_LANGUAGE, "de", "language=de|"},
		{0, "default last\nlast a\n", SETTING_DEFAULT, "newest", "default=newest|last=|"},
		{0, "default last\n", SETTING_DEFAULT, NULL, "default=|"},
	};
	struct fixture *f = *state;

	tree_file(&f->tree, "grub/grub.cfg", "menuentry A --id a { linux /k }");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct entry_write *writes = NULL;
		struct discovery *d;

		tree_file(&f->tree, "loader/stillboot.conf", cases[i].file);
		tree_file(&f->tree, "sys/firmware/efi/efivars/x", "");
		if (!cases[i].efi)
			unlinkat(f->tree.fd, "sys/firmware/efi/efivars/x", 0);
		d = look(f);
		assert_int_equal(settings_write(d, &f->machine, d->settings, cases[i].which,
					 cases[i].value, &writes, &f->err),
			0);
		assert_string_equal(writes_of(d, writes), cases[i].writes);
	}
}

static void what_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct entry_write *writes = NULL;
	struct discovery *d = look(f);

	assert_int_equal(settings_write(d, &f->machine, d->settings, SETTING_LANGUAGE, "de",
				 &writes, &f->err),
		-ENODEV);
	tree_file(&f->tree, "grub/grub.cfg", "menuentry A --id a { linux /k }");
	tree_file(&f->tree, SYSTEM, "password " HASH "\n");
	d = look(f);
	assert_int_equal(settings_write(d, &f->machine, d->settings, SETTING_PASSWORD, NULL,
				 &writes, &f->err),
		-EPERM);
	assert_string_equal(
		f->err.text, "the password is that of /" SYSTEM ", and is changed there");
	assert_int_equal(
		settings_write(d, &f->machine, d->settings, SETTING_TIMEOUT, "x", &writes, &f->err),
		-EINVAL);
	assert_null(writes);
}

/* Before what any file says; of what adds up, all words count. */
static void words_of_the_kernel(void **state)
{
	struct fixture *f = *state;
	struct settings *s;

	tree_file(&f->tree, SYSTEM, "timeout 5\nlanguage de\nconsoles tty1\n");
	tree_file(&f->tree, "proc/cmdline",
		"quiet stillboot.timeout=7 stillboot.timeout=3 stillboot.console=ttyS0,ascii "
		"stillboot.console=tty0 \"stillboot.default=Debian 12\" stillboot.default=\n");
	s = settings_of_system(&f->machine, f);
	assert_string_equal(s->values[SETTING_TIMEOUT], "3");
	assert_string_equal(s->values[SETTING_DEFAULT], "Debian 12");
	assert_string_equal(s->values[SETTING_CONSOLES], "ttyS0,ascii tty0");
	assert_string_equal(s->values[SETTING_LANGUAGE], "de");
	assert_string_equal(s->stored[SETTING_TIMEOUT], "the kernel's command line");
	assert_int_equal(s->problem_count, 1);
	assert_string_equal(s->problems[0],
		"stillboot.default on the kernel's command line is not used: it is empty");
	talloc_free(s);
	s = settings_find(&f->machine, f, NULL, NULL, NULL);
	assert_string_equal(s->values[SETTING_TIMEOUT], "3");
	talloc_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(values, setup, teardown),
		cmocka_unit_test_setup_teardown(long_values, setup, teardown),
		cmocka_unit_test_setup_teardown(problems_name_their_line, setup, teardown),
		cmocka_unit_test_setup_teardown(the_last_line_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(problems_are_not_endless, setup, teardown),
		cmocka_unit_test_setup_teardown(edits, setup, teardown),
		cmocka_unit_test_setup_teardown(the_file_is_beside_the_menu, setup, teardown),
		cmocka_unit_test_setup_teardown(below_boot_where_the_menu_is, setup, teardown),
		cmocka_unit_test_setup_teardown(the_system_has_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_is_no_file, setup, teardown),
		cmocka_unit_test_setup_teardown(firmware_keeps_the_timeout, setup, teardown),
		cmocka_unit_test_setup_teardown(words_of_the_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_written, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
