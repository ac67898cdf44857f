/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_TREE_H
#define TESTS_UNIT_TREE_H

/* A directory tree to test on, below TMPDIR or /tmp. Whatever fails ends the test. */

#include <sys/types.h>

#include "devices/machine.h"

struct tree {
	char path[256];
	int fd;
};

void tree_new(struct tree *tree);
void tree_remove(struct tree *tree); /* with all that is in it */

/* Write a file, make a symbolic link, a node (S_IFIFO, S_IFDIR); with the directories above. */
void tree_file(const struct tree *tree, const char *path, const char *text);
void tree_bytes(const struct tree *tree, const char *path, const void *bytes, size_t len);
/* Something that looks like a 64-bit bzImage, as far as discovery looks. */
void tree_kernel(const struct tree *tree, const char *path);
void tree_link(const struct tree *tree, const char *path, const char *target);
void tree_node(const struct tree *tree, const char *path, mode_t type);

/* The tree as a machine of files. */
void tree_machine(const struct tree *tree, struct machine *m);

#endif
