// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int library_load(const char *soname, const struct library_function *wanted, size_t count)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return -ENOENT;
	for (size_t i = 0; i < count; i++) {
		void *found = dlsym(library, wanted[i].name);

		if (!found)
			return -ENOSYS;
		memcpy(wanted[i].place, &found, sizeof(found));
	}
	return 0;
}
