/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_CLEANUP_H
#define DEVICES_CLEANUP_H

/*
 * Scope-bound ownership: a variable marked with one of these gives up what it holds when it goes
 * out of scope. To keep a descriptor beyond that, hand it over with fd_take().
 */

#include <dirent.h>
#include <talloc.h>
#include <unistd.h>

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static inline void cleanup_talloc(void *ptr)
{
	talloc_free(*(void **)ptr);
}

static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define _cleanup_fd_ __attribute__((cleanup(cleanup_fd)))
#define _cleanup_dir_ __attribute__((cleanup(cleanup_dir)))
#define _cleanup_talloc_ __attribute__((cleanup(cleanup_talloc)))

#endif
