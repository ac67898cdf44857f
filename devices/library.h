/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_LIBRARY_H
#define DEVICES_LIBRARY_H

/*
 * Libraries that are loaded on use, so that a start of the program does not pay for them and a machine need
 * not have them.
 */

#include <stddef.h>

/* One of its functions, and where the pointer to it goes. */
struct library_function {
	void *place; /* a pointer to a function pointer */
	const char *name;
};

/* Load the library with this soname, once; it stays until the process ends. -ENOENT where it is not
 * installed, -ENOSYS where it has not all of these functions. */
int library_load(const char *soname, const struct library_function *wanted, size_t count);

#endif
