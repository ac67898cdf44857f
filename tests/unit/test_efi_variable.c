// SPDX-License-Identifier: GPL-2.0-or-later
/* The boot loaders' EFI variables: what is read from and written to efivarfs, byte by byte. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/efi_variable.h"
#include "tests/unit/scripted.h"

#define DIRECTORY "sys/firmware/efi/efivars/"
#define VENDOR "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define DEFAULT DIRECTORY EFI_VARIABLE_DEFAULT VENDOR

static int setup(void **state)
{
	*state = scripted_new();
	return 0;
}

static int teardown(void **state)
{
	scripted_free(*state);
	return 0;
}

#define BYTES(text) text, sizeof(text) - 1

static void reads_texts_and_nothing_else(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} cases[] = {
		{BYTES("\7\0\0\0a\0b\0\0\0"), "ab"},
		{BYTES("\7\0\0\0a\0b\0"), "ab"}, /* no NUL at the end */
		{BYTES("\7\0\0\0a\0\0\0b\0"), "a"},
		{BYTES("\7\0\0\0"), ""},
		{BYTES("\7\0\0\0\0\0"), ""},
		{BYTES("\7\0\0\0\x7f\0\x80\0\xff\7\0\x8\xff\xff"),
			"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf"},
		{BYTES("\7\0\0\0\0\xd8\0\xdc"), "\xf0\x90\x80\x80"}, /* U+10000, the first pair */
		{BYTES("\7\0\0\0\xff\xdb\xff\xdf"), "\xf4\x8f\xbf\xbf"}, /* U+10FFFF, the last */
		{BYTES("\7\0\0\0\0\xd8"), NULL}, /* half a pair at the end */
		{BYTES("\7\0\0\0\0\xd8"
		       "a\0"),
			NULL},                         /* before something else */
		{BYTES("\7\0\0\0\0\xd8\0\xd8"), NULL}, /* twice the same half */
		{BYTES("\7\0\0\0\0\xdc"), NULL},       /* the wrong half */
		{BYTES("\7\0\0\0a\0b"), NULL},
		{BYTES("\7\0\0\0a"), NULL},
		{BYTES("\7\0\0"), NULL},
		{BYTES("\7\0"), NULL},
		{BYTES(""), NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = efi_variable_parse(NULL, cases[i].bytes, cases[i].len);

		if (!text != !cases[i].text || (text && strcmp(text, cases[i].text)))
			fail_msg("case %zu gave %s", i, text ? text : "nothing");
		talloc_free(text);
	}
}

static void reads_up_to_a_size(void **state)
{
	char *bytes = talloc_zero_array(NULL, char, 4 + 4098), *text;

	(void)state;
	for (size_t i = 4; i < 4 + 4098; i += 2)
		bytes[i] = 'x';
	text = efi_variable_parse(bytes, bytes, 4 + 4096);
	assert_int_equal(strlen(text), 2048);
	assert_null(efi_variable_parse(bytes, bytes, 4 + 4098));
	talloc_free(bytes);
}

static void goes_round(void **state)
{
	static const char *const texts[] = {"debian-6.1.conf", "", "a b\n\x1b",
		"gr\xc3\xbc\xc3\x9f", "\xe6\x97\xa5\xe6\x9c\xac",
		"\xf0\x9f\x90\xa7>\xf4\x8f\xbf\xbf", "a shorter one than before"};
	struct scripted *s = *state;
	struct err err;

	scripted_file(s, DIRECTORY "x", "");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *text;

		if (efi_variable_write(&s->machine, EFI_VARIABLE_DEFAULT, texts[i], &err) < 0)
			fail_msg("%s", err.text);
		text = efi_variable_read(&s->machine, NULL, EFI_VARIABLE_DEFAULT);
		assert_string_equal(text, texts[i]);
		talloc_free(text);
	}
}

static void writes_what_firmware_wants(void **state)
{
	struct scripted *s = *state;
	char bytes[32];
	int fd;

	scripted_file(s, DIRECTORY "x", "");
	assert_int_equal(
		efi_variable_write(&s->machine, EFI_VARIABLE_DEFAULT, "a\xf0\x90\x80\x80", NULL),
		0);
	fd = openat(s->machine.root_fd, DEFAULT, O_RDONLY);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 12);
	close(fd);
	assert_memory_equal(bytes, "\7\0\0\0a\0\0\xd8\0\xdc\0\0", 12);
	assert_string_equal(s->log[0], "variable " EFI_VARIABLE_DEFAULT VENDOR " 12");
}

static void writes_no_half_texts(void **state)
{
	static const char *const texts[] = {"\xff", "a\x80", "a\xc3", "a\xc0\x80", "a\xe0\x80\x80z",
		"\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"};
	struct scripted *s = *state;
	struct err err;

	scripted_file(s, DEFAULT, "as before");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (efi_variable_write(&s->machine, EFI_VARIABLE_DEFAULT, texts[i], &err) !=
			-EILSEQ)
			fail_msg("case %zu", i);
	assert_non_null(strstr(err.text, EFI_VARIABLE_DEFAULT));
	assert_int_equal(s->log_count, 0);
}

static void knows_how_much_fits(void **state)
{
	struct scripted *s = *state;
	char text[2050];

	scripted_file(s, DIRECTORY "x", "");
	memset(text, 'x', sizeof(text));
	text[2047] = '\0'; /* and a NUL */
	assert_int_equal(efi_variable_write(&s->machine, EFI_VARIABLE_LAST, text, NULL), 0);
	text[2047] = 'x';
	text[2048] = '\0';
	assert_int_equal(efi_variable_write(&s->machine, EFI_VARIABLE_LAST, text, NULL), -E2BIG);
	memcpy(text + 2045, "\xf0\x9f\x90\xa7", 5); /* two units, and the NUL */
	assert_int_equal(efi_variable_write(&s->machine, EFI_VARIABLE_LAST, text, NULL), 0);
	memcpy(text + 2046, "\xf0\x9f\x90", 4);
	assert_int_equal(efi_variable_write(&s->machine, EFI_VARIABLE_LAST, text, NULL), -EILSEQ);
	text[2045] = 'x';
	strcpy(text + 2046, "\xc3\xbc");
	assert_int_equal(efi_variable_write(&s->machine, EFI_VARIABLE_LAST, text, NULL), 0);
}

static void deletes(void **state)
{
	struct scripted *s = *state;

	scripted_file(s, DEFAULT, "x");
	for (int twice = 0; twice < 2; twice++) {
		assert_int_equal(
			efi_variable_write(&s->machine, EFI_VARIABLE_DEFAULT, NULL, NULL), 0);
		assert_int_equal(faccessat(s->machine.root_fd, DEFAULT, F_OK, 0), -1);
	}
	assert_string_equal(s->log[0], "variable " EFI_VARIABLE_DEFAULT VENDOR " 0");
}

static void says_what_failed(void **state)
{
	struct scripted *s = *state;
	struct err err;

	/* No efivarfs. */
	assert_int_equal(efi_variable_write(&s->machine, EFI_VARIABLE_DEFAULT, "a", &err), -ENOENT);
	assert_non_null(strstr(err.text, "set the EFI variable " EFI_VARIABLE_DEFAULT));
	s->fail_at = s->log_count + 1;
	assert_int_equal(efi_variable_write(&s->machine, EFI_VARIABLE_ONESHOT, NULL, &err), -EIO);
	assert_non_null(strstr(err.text, EFI_VARIABLE_ONESHOT));
}

#define GLOBAL "-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static void put(struct scripted *s, const char *path, const void *bytes, size_t len)
{
	int fd;

	scripted_file(s, path, "");
	fd = openat(s->machine.root_fd, path, O_WRONLY);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void asks_for_the_setup(void **state)
{
	struct scripted *s = *state;
	char bytes[32];
	int fd;

	assert_int_equal(efi_variable_ask_setup(&s->machine, NULL), -EOPNOTSUPP);
	put(s, DIRECTORY "OsIndicationsSupported" GLOBAL, "\6\0\0\0\2\0\0\0\0\0\0\0", 12);
	assert_int_equal(efi_variable_ask_setup(&s->machine, NULL), -EOPNOTSUPP);
	put(s, DIRECTORY "OsIndicationsSupported" GLOBAL, "\6\0\0\0\1\0\0\0\0\0\0\0", 12);
	put(s, DIRECTORY "OsIndications" GLOBAL, "\7\0\0\0\4\0\0\0\0\0\0\1", 12);
	assert_int_equal(efi_variable_ask_setup(&s->machine, NULL), 0);
	fd = openat(s->machine.root_fd, DIRECTORY "OsIndications" GLOBAL, O_RDONLY);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 12);
	close(fd);
	assert_memory_equal(bytes, "\7\0\0\0\5\0\0\0\0\0\0\1", 12);
}

static void knows_of_secure_boot(void **state)
{
	struct scripted *s = *state;

	assert_int_equal(efi_variable_secure_boot(&s->machine), -ENOENT);
	put(s, DIRECTORY "SecureBoot" GLOBAL, "\6\0\0\0\0", 5);
	assert_int_equal(efi_variable_secure_boot(&s->machine), 0);
	put(s, DIRECTORY "SecureBoot" GLOBAL, "\6\0\0\0\1", 5);
	assert_int_equal(efi_variable_secure_boot(&s->machine), 1);
}

static void is_there_or_not(void **state)
{
	struct scripted *s = *state;

	assert_false(efi_variables_there(&s->machine));
	assert_null(efi_variable_read(&s->machine, NULL, EFI_VARIABLE_DEFAULT));
	scripted_file(s, DIRECTORY "x", "");
	assert_true(efi_variables_there(&s->machine));
	unlinkat(s->machine.root_fd, DIRECTORY "x", 0);
	assert_false(efi_variables_there(&s->machine)); /* efivarfs is not mounted */
	/* What is no file is no variable. */
	scripted_file(s, DIRECTORY EFI_VARIABLE_LAST VENDOR "/x", "");
	assert_null(efi_variable_read(&s->machine, NULL, EFI_VARIABLE_LAST));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_texts_and_nothing_else),
		cmocka_unit_test(reads_up_to_a_size),
		cmocka_unit_test_setup_teardown(goes_round, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_what_firmware_wants, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_no_half_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_how_much_fits, setup, teardown),
		cmocka_unit_test_setup_teardown(deletes, setup, teardown),
		cmocka_unit_test_setup_teardown(says_what_failed, setup, teardown),
		cmocka_unit_test_setup_teardown(is_there_or_not, setup, teardown),
		cmocka_unit_test_setup_teardown(asks_for_the_setup, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_of_secure_boot, setup, teardown),
	};

	return cmocka_run_group_tests_name("efi_variable", tests, NULL, NULL);
}
