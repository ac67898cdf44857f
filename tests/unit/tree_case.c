// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/tree_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <talloc.h>

int tree_case_new(void **state)
{
	struct tree_case *t = talloc_zero(NULL, struct tree_case);

	assert_non_null(t);
	tree_new(&t->tree);
	tree_new(&t->other);
	tree_machine(&t->tree, &t->machine);
	*state = t;
	return 0;
}

int tree_case_free(void **state)
{
	struct tree_case *t = *state;

	machine_close(&t->machine);
	tree_remove(&t->tree);
	tree_remove(&t->other);
	return talloc_free(t);
}

struct discovery *tree_case_discover(struct tree_case *t)
{
	struct discovery *d;
	struct err err;

	if (discover(&t->machine, t, 0, &d, &err) < 0)
		fail_msg("%s", err.text);
	return d;
}
