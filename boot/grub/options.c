// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "boot/grub/command.h"

struct grub_options grub_options(const struct grub_option *table, const struct grub_call *call)
{
	return (struct grub_options){
		.table = table, .argv = call->argv + 1, .argc = call->argc - 1};
}

static int find(const struct grub_options *o, const char *name, size_t len, char letter)
{
	for (int i = 0; o->table[i].name; i++)
		if (letter ? o->table[i].letter == letter
			   : strlen(o->table[i].name) == len &&
					!memcmp(o->table[i].name, name, len))
			return i;
	return GRUB_OPTION_UNKNOWN;
}

static char *take(struct grub_options *o)
{
	o->argc--;
	return *o->argv++;
}

/* The argument behind an option, if it can be its value. */
static void take_value(struct grub_options *o)
{
	if (o->argc && **o->argv != '-')
		o->value = take(o);
}

static int take_long(struct grub_options *o, const char *arg)
{
	const char *equals = strchr(arg, '=');
	size_t len = equals ? (size_t)(equals - arg) - 2 : strlen(arg) - 2;
	int option = find(o, arg + 2, len, '\0');

	o->value = equals ? equals + 1 : NULL;
	if (option == GRUB_OPTION_UNKNOWN)
		o->value = arg;
	else if (!equals && o->table[option].value != GRUB_VALUE_NONE)
		take_value(o);
	return option;
}

/* Of several letters the first is taken; the rest is left for the next call. */
static int take_short(struct grub_options *o, char *arg)
{
	int option = find(o, NULL, 0, arg[1]);

	o->value = NULL;
	if (option == GRUB_OPTION_UNKNOWN) {
		o->value = arg;
	} else if (arg[2]) {
		*--o->argv = arg + 1;
		o->argc++;
		arg[1] = '-';
	} else if (o->table[option].value != GRUB_VALUE_NONE) {
		take_value(o);
	}
	return option;
}

int grub_options_next(struct grub_options *o)
{
	char *arg;

	if (!o->argc)
		return GRUB_OPTION_END;
	arg = take(o);
	if (!o->only_words && !strcmp(arg, "--")) {
		o->only_words = true;
		return grub_options_next(o);
	}
	if (o->only_words || *arg != '-' || !arg[1]) {
		o->value = arg;
		return GRUB_OPTION_WORD;
	}
	return arg[1] == '-' ? take_long(o, arg) : take_short(o, arg);
}
