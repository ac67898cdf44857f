// SPDX-License-Identifier: GPL-2.0-or-later
/* The order of UAPI.10: its own examples, and what systemd's implementation is tested with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "boot/version.h"

/* Oldest first: each is older than every one behind it. */
static const char *const ascending[] = {"~1", "", "ab", "abb", "abc", "0001", "002", "12", "122",
	"122.9", "123~rc1", "123", "123-a", "123-a.1", "123-a1", "123-a1.1", "123-3", "123-3.1",
	"123-3.2", "123^patch1", "123^1", "123.a-1", "123.1-1", "123a-1", "124"};

static const struct {
	const char *a, *b;
} equal[] = {
	{"11", "11"},
	{"systemd-123", "systemd-123"},
	{"11\xce\xb1", "11\xce\xb2"}, /* not ASCII: passed over */
	{"1_", "1"},
	{"_1", "1"},
	{"1+", "1"},
	{"007", "7"},
	{"0a", "a"}, /* "if one of the prefixes is empty, it evaluates as 0" */
	{"", ""},
};

static const struct {
	const char *older, *newer;
} examples[] = {
	{"bar-123", "foo-123"},
	{"123", "123a"},
	{"123", "123.a"},
	{"123.a", "123.b"},
	{"123.a", "123a"},
	{"A", "a"},
	{"B", "a"},
	{"", "0"},
	{"0", "0."},
	{"0", "0.0"},
	{"1_", "1.2"},
	{"1.3.3", "1_2_3"},
	{"6.1.0-9-amd64", "6.1.0-10-amd64"},
	{"99999999999999999999998", "99999999999999999999999"},
	{"999", "99999999999999999999999"},
};

static void orders_a_whole_list(void **state)
{
	size_t n = sizeof(ascending) / sizeof(*ascending);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			int order = version_compare(ascending[i], ascending[j]);

			if ((order > 0) - (order < 0) != (i > j) - (i < j))
				fail_msg("\"%s\" and \"%s\" compare as %d", ascending[i],
					ascending[j], order);
		}
}

static void knows_what_is_equal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(equal) / sizeof(*equal); i++)
		if (version_compare(equal[i].a, equal[i].b) ||
			version_compare(equal[i].b, equal[i].a))
			fail_msg("\"%s\" and \"%s\" differ", equal[i].a, equal[i].b);
	assert_int_equal(version_compare(NULL, ""), 0);
	assert_true(version_compare(NULL, "1") < 0);
}

static void follows_the_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++)
		if (version_compare(examples[i].older, examples[i].newer) >= 0 ||
			version_compare(examples[i].newer, examples[i].older) <= 0)
			fail_msg("\"%s\" is not older than \"%s\"", examples[i].older,
				examples[i].newer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_a_whole_list),
		cmocka_unit_test(knows_what_is_equal),
		cmocka_unit_test(follows_the_examples),
	};

	return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
