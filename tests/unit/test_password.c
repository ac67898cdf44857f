// SPDX-License-Identifier: GPL-2.0-or-later
/* The password of the menu's lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/settings/settings.h"
#include "ui/password.h"

static void fits_its_hash_alone(void **state)
{
	static const char *const others[] = {"", "secre", "secret ", "Secret"};
	void *ctx = talloc_new(NULL);
	char *hash = password_hash(ctx, "secret", NULL),
	     *again = password_hash(ctx, "secret", NULL);

	(void)state;
	assert_non_null(hash);
	assert_null(setting_check(SETTING_PASSWORD, hash)); /* it can be kept */
	assert_string_not_equal(hash, again);
	assert_true(password_fits(hash, "secret"));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(password_fits(hash, others[i]));
	talloc_free(ctx);
}

/* Of the specification (https://www.akkadia.org/drepper/SHA-crypt.txt). */
static void knows_hashes_of_others(void **state)
{
	static const char hash[] =
		"$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLi"
		"BFdcbYEdFCoEOfaS35inz1";

	(void)state;
	assert_true(password_fits(hash, "Hello world!"));
	assert_false(password_fits(hash, "Hello world"));
}

static void what_is_no_hash_fits_nothing(void **state)
{
	static const char *const hashes[] = {"", "secret", "$6$", "*0", "*1", "$9$x$y", "$y$j9T$"};

	(void)state;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(*hashes); i++) {
		assert_false(password_fits(hashes[i], ""));
		assert_false(password_fits(hashes[i], hashes[i]));
	}
}

static void lengths(void **state)
{
	char text[300];
	struct err err;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[257] = '\0';
	assert_null(password_hash(NULL, text, &err));
	assert_string_equal(err.text, "a password has from 1 to 256 bytes");
	assert_null(password_hash(NULL, "", &err));
	text[256] = '\0';
	talloc_free(password_hash(NULL, text, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fits_its_hash_alone),
		cmocka_unit_test(knows_hashes_of_others),
		cmocka_unit_test(what_is_no_hash_fits_nothing),
		cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
