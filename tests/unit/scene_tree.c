// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/scene_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <talloc.h>

int scene_tree_setup(void **state)
{
	struct scene_tree *t = talloc_zero(NULL, struct scene_tree);

	tree_new(&t->tree);
	tree_machine(&t->tree, &t->machine);
	t->scene = scene_new(t);
	*state = t;
	return 0;
}

int scene_tree_teardown(void **state)
{
	struct scene_tree *t = *state;

	machine_close(&t->machine);
	tree_remove(&t->tree);
	return talloc_free(t);
}

int scene_tree_load(struct scene_tree *t, const char *extra, struct policy **p, struct err *err)
{
	assert_int_equal(policy_new(t->scene, &t->scene->facts, p), 0);
	return policy_load(&t->machine, *p, POLICY_ALL, extra, err);
}
