/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_LEAVE_EXITRD_TREE_H
#define BOOT_LEAVE_EXITRD_TREE_H

/* The files of an exitrd, and how they get to their place. */

#include <sys/types.h>

#include "devices/machine.h"

struct exitrd_file {
	const char *path;  /* below the tree's root; directories above it are made */
	mode_t mode;       /* with S_IFDIR for a directory */
	int fd;            /* what is in it is copied from here, from its beginning; -1 for ... */
	const void *bytes; /* ... these */
	size_t size;
	size_t room; /* behind its end, allocated and no part of it */
};

/* A talloc context; the descriptors are closed with it, paths and bytes belong to it or outlive it. */
struct exitrd_files {
	struct exitrd_file *files;
	size_t count;
};

struct exitrd_files *exitrd_files_new(void *ctx);
/* Put one behind the others. Takes the descriptor over, also where it fails (-ENOMEM). */
int exitrd_files_add(struct exitrd_files *files, const struct exitrd_file *file);
/* Bytes that they take in a filesystem in memory. */
size_t exitrd_files_size(const struct exitrd_files *files);

/* Add this program, its loader and its libraries. In a captured tree those that are not there are
 * passed over. */
int exitrd_add_program(struct machine *m, struct exitrd_files *files, struct err *err);

/* Write them below an empty directory. */
int exitrd_write_files(int directory, const struct exitrd_files *files, struct err *err);

/* Write them into a filesystem in memory, have the program in it say its version, and put it on
 * run/initramfs. */
int exitrd_place(struct machine *m, const struct exitrd_files *files, struct err *err);

#endif
