/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_TREE_CASE_H
#define TESTS_UNIT_TREE_CASE_H

/* What tests begin with that look at a machine of files: an empty tree, which is a machine, and another
 * that is none. */

#include "boot/discover.h"
#include "tests/unit/tree.h"

/* A talloc context, for whatever a test allocates. */
struct tree_case {
	struct tree tree, other;
	struct machine machine;
};

/* For cmocka_unit_test_setup_teardown(): *state is a struct tree_case. */
int tree_case_new(void **state);
int tree_case_free(void **state);

/* All that is found on the machine; ends the test if that fails. */
struct discovery *tree_case_discover(struct tree_case *t);

#endif
