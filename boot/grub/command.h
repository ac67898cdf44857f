/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_COMMAND_H
#define BOOT_GRUB_COMMAND_H

/*
 * GRUB's commands. What tells of an entry or changes what is read is carried out; an entry that does
 * something else than starting Linux gets that as its reason. All others, which show something or
 * make the machine able to, are not in the table: a command that nobody knows succeeds and does
 * nothing, as it does in GRUB.
 */

#include "boot/grub/run.h"

struct grub_command {
	const char *name;
	int (*run)(struct grub_run *g, const struct grub_command *command, struct grub_call *call);
	const char *obstacle; /* what an entry does with it instead of starting Linux */
};

/* NULL if there is no such command. */
const struct grub_command *grub_command(const char *name);

/* "As a last resort, try if it is an assignment" (script/execute.c). */
int grub_assign(struct grub_run *g, struct grub_call *call);

typedef int grub_command_run(
	struct grub_run *g, const struct grub_command *command, struct grub_call *call);

grub_command_run grub_command_blscfg; /* also uki */
grub_command_run grub_command_boot;
grub_command_run grub_command_break; /* also continue */
grub_command_run grub_command_cat;
grub_command_run grub_command_chainloader;
grub_command_run grub_command_cmp;
grub_command_run grub_command_configfile; /* also normal */
grub_command_run grub_command_cpuid;
grub_command_run grub_command_devicetree;
grub_command_run grub_command_echo;
grub_command_run grub_command_eval;
grub_command_run grub_command_export;
grub_command_run grub_command_extract;
grub_command_run grub_command_false;
grub_command_run grub_command_initrd;
grub_command_run grub_command_linux;
grub_command_run grub_command_load_env;
grub_command_run grub_command_loopback;
grub_command_run grub_command_menuentry; /* also hiddenentry and submenu */
grub_command_run grub_command_nothing;
grub_command_run grub_command_obstacle;
grub_command_run grub_command_probe;
grub_command_run grub_command_regexp;
grub_command_run grub_command_return;
grub_command_run grub_command_save_env;
grub_command_run grub_command_search;
grub_command_run grub_command_search_short; /* search.fs_uuid and so on */
grub_command_run grub_command_set;
grub_command_run grub_command_setparams;
grub_command_run grub_command_shift;
grub_command_run grub_command_source;
grub_command_run grub_command_test;
grub_command_run grub_command_unset;

/*
 * Options as GRUB takes them (grub-core/lib/arg.c): "--name=value", "--name value", "-n value";
 * "--" ends them. Words and options may be mixed.
 */
struct grub_option {
	const char *name; /* NULL ends the table */
	char letter;
	enum {
		GRUB_VALUE_NONE,
		GRUB_VALUE_NEEDED,
		GRUB_VALUE_OPTIONAL, /* after a letter, what begins with `-` is none */
	} value;
};

struct grub_options {
	const struct grub_option *table;
	char **argv; /* what is left */
	size_t argc;
	bool only_words;
	const char *value; /* of the option, or the word; NULL if it has none */
};

#define GRUB_OPTION_END (-1)
#define GRUB_OPTION_WORD (-2)
#define GRUB_OPTION_UNKNOWN (-3) /* value: as it was written */

struct grub_options grub_options(const struct grub_option *table, const struct grub_call *call);
/* The next one's place in the table, or one of the above. */
int grub_options_next(struct grub_options *options);

#endif
