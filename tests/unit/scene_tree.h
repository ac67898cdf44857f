/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_SCENE_TREE_H
#define TESTS_UNIT_SCENE_TREE_H

/* A scene whose policy files lie in a tree of their own. */

#include "tests/unit/scene.h"
#include "tests/unit/tree.h"

#define LIB "usr/lib/stillboot/policy.d/"
#define ETC "etc/stillboot/policy.d/"

struct scene_tree { /* a talloc context */
	struct tree tree;
	struct machine machine;
	struct scene *scene;
};

/* For cmocka: *state is a struct scene_tree, with no file in it. */
int scene_tree_setup(void **state);
int scene_tree_teardown(void **state);

/* Load all files into a new policy. */
int scene_tree_load(struct scene_tree *t, const char *extra, struct policy **p, struct err *err);

#endif
