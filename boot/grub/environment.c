// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/environment.h"

#include <errno.h>
#include <string.h>

int grub_environment_set(
	char *block, size_t len, const char *name, const char *value, struct err *err)
{
	size_t used = 0, name_len = strlen(name), need = value ? name_len + strlen(value) + 2 : 0;
	char *at = block, *end = block + len;

	if (len < 24 || memcmp(block, "# GRUB Environment Block\n", 25))
		return err_set(err, -EINVAL, "it is no environment block");
	while (at < end && *at) {
		char *line_end = memchr(at, '\n', (size_t)(end - at));
		size_t line;

		if (!line_end)
			break;
		line = (size_t)(line_end - at) + 1;
		if (line > name_len && !memcmp(at, name, name_len) && at[name_len] == '=') {
			memmove(at, at + line, (size_t)(end - at) - line);
			memset(end - line, '#', line);
			continue;
		}
		used = (size_t)(at - block) + line;
		at += line;
	}
	if (len - used < need)
		return err_set(err, -ENOSPC, "there is no room for %s", name);
	if (value) {
		at = stpcpy(block + used, name);
		*at++ = '=';
		at = stpcpy(at, value);
		*at = '\n';
	}
	return 0;
}
