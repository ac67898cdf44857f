// SPDX-License-Identifier: GPL-2.0-or-later
/* GRUB's environment block. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/grub/environment.h"

#define SIGNATURE "# GRUB Environment Block\n"

/* "a=1;b=2;" */
static char *dump(void *ctx, const char *bytes, size_t len)
{
	char *text = talloc_strdup(ctx, ""), *name, *value;
	struct grub_environment e;

	assert_true(grub_environment_open(&e, bytes, len));
	while (grub_environment_next(&e, ctx, &name, &value))
		text = talloc_asprintf_append(text, "%s=%s;", name, value);
	return text;
}

static void reads_blocks(void **state)
{
	static const struct {
		const char *block, *variables;
	} cases[] = {
		{SIGNATURE, ""},
		{SIGNATURE "######", ""},
		{SIGNATURE "a=1\nb=\n####", "a=1;b=;"},
		{SIGNATURE "# WARNING: Do not edit\na=1\n##", "a=1;"},
		{SIGNATURE "kernelopts=root=UUID=1 ro\n", "kernelopts=root=UUID=1 ro;"},
		{SIGNATURE "a=x\\\\y\nb=two\\\nlines\n#", "a=x\\y;b=two\nlines;"},
		{SIGNATURE "---\na=1\n=2\n", "a=1;"},
		{SIGNATURE "a=1\nb=2", "a=1;b=2;"},
		{SIGNATURE "a=1\\", "a=1\\;"},
	};
	void *ctx = talloc_new(NULL);
	struct grub_environment e;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(
			dump(ctx, cases[i].block, strlen(cases[i].block)), cases[i].variables);
	assert_false(grub_environment_open(&e, "", 0));
	assert_false(grub_environment_open(&e, "# GRUB Environment Bloc", 23));
	assert_false(grub_environment_open(&e, "true", 5));
	talloc_free(ctx);
}

/* Blocks behind the signature; value NULL removes. */
static void changes_blocks(void **state)
{
	static const struct {
		const char *before, *name, *value;
		int rc;
		const char *after;
	} cases[] = {
		{"######", "a", "xxx", 0, "a=xxx\n"},
		{"q=q\nr=r\n######", "a", "xxx", 0, "q=q\nr=r\na=xxx\n"},
		{"q=q\na=x\nr=r\n##", "a", "xxx", 0, "q=q\na=xxx\nr=r\n"},
		{"q=q\na=xxx\nr=r\n", "a", "x", 0, "q=q\na=x\nr=r\n##"},
		{"q=q\na=x\nr=r\n##", "a", NULL, 0, "q=q\nr=r\n######"},
		{"q=q\n##", "a", NULL, 0, "q=q\n##"},
		{"a=1\na=2\n####", "a", "3", 0, "a=3\na=2\n####"},
		{"aa=1\n####", "a", "", 0, "aa=1\na=\n#"},
		{"# WARNING: x\n######", "a", "1", 0, "# WARNING: x\na=1\n##"},
		{"############", "a", "\\\n", 0, "a=\\\\\\\n\n#####"},
		{"q=q\na=z", "a", "", 0, "q=q\na=\n"},
		{"q=q\na=z", "a", "zz", -ENOSPC, "q=q\na=z"},
		{"q=q\nr=r\n###", "a", "x", -ENOSPC, "q=q\nr=r\n###"},
		{"q=q\na=x\nr=r\n#", "a", "xxx", -ENOSPC, "q=q\na=x\nr=r\n#"},
		{"q=q", "a", "x", -EINVAL, "q=q"},
		{"q=q\\\n#########", "a", "x", -EINVAL, "q=q\\\n#########"},
		{"########", "a=b", "x", -EINVAL, "########"},
		{"########", "", "x", -EINVAL, "########"},
		{"########", "#", "x", -EINVAL, "########"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *block = talloc_asprintf(NULL, SIGNATURE "%s", cases[i].before);
		size_t len = strlen(block);

		assert_int_equal(
			grub_environment_set(block, len, cases[i].name, cases[i].value, &err),
			cases[i].rc);
		assert_string_equal(block + strlen(SIGNATURE), cases[i].after);
		assert_int_equal(strlen(block), len);
		talloc_free(block);
	}
	assert_int_equal(grub_environment_set((char[]){"true"}, 4, "a", "b", &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_blocks),
		cmocka_unit_test(changes_blocks),
	};

	return cmocka_run_group_tests_name("grub_environment", tests, NULL, NULL);
}
