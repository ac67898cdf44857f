// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/tree.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/made_pe.h"

void tree_new(struct tree *tree)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(tree->path, sizeof(tree->path), "%s/stillboot-test.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(tree->path));
	tree->fd = open(tree->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(tree->fd >= 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void tree_remove(struct tree *tree)
{
	close(tree->fd);
	nftw(tree->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_above(const struct tree *tree, const char *path)
{
	char above[256];

	snprintf(above, sizeof(above), "%s", path);
	for (char *slash = strchr(above, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdirat(tree->fd, above, 0755);
		*slash = '/';
	}
}

void tree_bytes(const struct tree *tree, const char *path, const void *bytes, size_t len)
{
	int fd;

	make_above(tree, path);
	fd = openat(tree->fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

void tree_file(const struct tree *tree, const char *path, const char *text)
{
	tree_bytes(tree, path, text, strlen(text));
}

void tree_kernel(const struct tree *tree, const char *path)
{
	uint8_t image[MADE_BZIMAGE_SIZE];

	made_bzimage(image);
	tree_bytes(tree, path, image, sizeof(image));
}

void tree_link(const struct tree *tree, const char *path, const char *target)
{
	make_above(tree, path);
	assert_int_equal(symlinkat(target, tree->fd, path), 0);
}

void tree_node(const struct tree *tree, const char *path, mode_t type)
{
	make_above(tree, path);
	if (type == S_IFDIR)
		assert_int_equal(mkdirat(tree->fd, path, 0755), 0);
	else
		assert_int_equal(mknodat(tree->fd, path, type | 0644, 0), 0);
}

void tree_machine(const struct tree *tree, struct machine *m)
{
	struct err err;

	assert_int_equal(machine_open(m, tree->path, &err), 0);
}
