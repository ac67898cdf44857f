// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/grub/condition.h"

#include <string.h>

static enum grub_truth truth(bool holds)
{
	return holds ? GRUB_TRUE : GRUB_FALSE;
}

static enum grub_truth compare(const char *a, const char *sign, const char *b)
{
	if (!strcmp(sign, "=") || !strcmp(sign, "=="))
		return truth(!strcmp(a, b));
	if (!strcmp(sign, "!="))
		return truth(strcmp(a, b));
	return GRUB_UNDECIDED;
}

/* The expression within `[ ]`; grub-core/commands/test.c. */
static enum grub_truth test(const char *const *argv, size_t argc)
{
	switch (argc) {
	case 0:
		return GRUB_FALSE;
	case 1:
		return truth(*argv[0]);
	case 2:
		if (!strcmp(argv[0], "-z"))
			return truth(!*argv[1]);
		if (!strcmp(argv[0], "-n"))
			return truth(*argv[1]);
		return GRUB_UNDECIDED;
	case 3:
		return compare(argv[0], argv[1], argv[2]);
	default:
		return GRUB_UNDECIDED;
	}
}

enum grub_truth grub_condition(const struct grub_args *args)
{
	const char *const *argv = args->argv;

	if (!args->argc || args->unknown)
		return GRUB_UNDECIDED;
	if (!strcmp(argv[0], "["))
		return strcmp(argv[args->argc - 1], "]") ? GRUB_UNDECIDED
							 : test(argv + 1, args->argc - 2);
	if (!strcmp(argv[0], "test"))
		return test(argv + 1, args->argc - 1);
	if (args->argc == 1 && !strcmp(argv[0], "true"))
		return GRUB_TRUE;
	if (args->argc == 1 && !strcmp(argv[0], "false"))
		return GRUB_FALSE;
	return GRUB_UNDECIDED;
}
