// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands that only look at something, as far as scripts ask for their status. */
#include <string.h>
#include <talloc.h>

#include "boot/grub/command.h"
#include "boot/grub/device.h"
#include "devices/cleanup.h"

#define COMPARED_MAX (64 << 10) /* bytes of a file */

int grub_command_cat(struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	struct grub_place place;

	(void)command;
	if (call->argc < 2)
		return GRUB_BAD_ARGUMENT;
	return grub_place(g, call->argv[call->argc - 1], &place) && grub_has_file(g, &place)
		       ? GRUB_OK
		       : GRUB_NO_FILE;
}

static bool read_file(struct grub_run *g, const char *name, char **bytes, size_t *len)
{
	struct grub_place place;

	return grub_lookup(g, 10) && grub_place(g, name, &place) && place.volume &&
	       reading_file(g->reading, g, place.volume, place.path, COMPARED_MAX, bytes, len,
		       NULL) == 0;
}

int grub_command_cmp(struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	_cleanup_talloc_ char *a = NULL, *b = NULL;
	size_t a_len, b_len;

	(void)command;
	if (call->argc != 3)
		return GRUB_BAD_ARGUMENT;
	if (!read_file(g, call->argv[1], &a, &a_len) || !read_file(g, call->argv[2], &b, &b_len))
		return GRUB_NO_FILE;
	return a_len == b_len && !memcmp(a, b, a_len) ? GRUB_OK : GRUB_FALSE;
}

/* -l: can it run 64-bit code? -p: does it know PAE? */
int grub_command_cpuid(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call)
{
	const char *architecture = g->reading->architecture;

	(void)command;
	if (!strcmp(architecture, "x86_64"))
		return GRUB_OK;
	return call->argc > 1 && strstr(call->argv[1], "p") && architecture[0] == 'i' ? GRUB_OK
										      : GRUB_FALSE;
}
