/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_OPTIONS_H
#define UI_OPTIONS_H

/*
 * The command line. All options stand in one table and may come before or after the command; each
 * command says which of them it takes.
 */

#include <stddef.h>
#include <stdio.h>

#define OPTIONS_INITRDS_MAX 16
#define OPTIONS_DIRS_MAX 32
#define OPTIONS_CONSOLES_MAX 8

/* Which options were given, and which a command takes. */
enum option_flag {
	OPT_ROOT = 1 << 0,
	OPT_DRY_RUN = 1 << 1,
	OPT_POLICY = 1 << 2,
	OPT_JSON = 1 << 3,
	OPT_FORCE = 1 << 4,
	OPT_KERNEL = 1 << 5,
	OPT_INITRD = 1 << 6,
	OPT_CMDLINE = 1 << 7,
	OPT_REUSE_CMDLINE = 1 << 8,
	OPT_ALL_DISKS = 1 << 9,
	OPT_LOADED = 1 << 10,
	OPT_VERBOSE = 1 << 11,
	OPT_HELP = 1 << 12,
	OPT_VERSION = 1 << 13,
	OPT_PCI_DUMP = 1 << 14,
	OPT_DRIFT = 1 << 15,
	OPT_MODULES = 1 << 16,
	OPT_EXPLAIN = 1 << 17,
	OPT_DIFF = 1 << 18,
	OPT_UPDATE = 1 << 19,
	OPT_UNATTENDED = 1 << 20,
	OPT_DIR = 1 << 21,
	OPT_SET_DEFAULT = 1 << 22,
	OPT_SET_ONESHOT = 1 << 23,
	OPT_IMAGE = 1 << 24,
	OPT_WATCH = 1 << 25,
	OPT_KEY_FILE = 1 << 26,
	OPT_CLOSE = 1 << 27,
	OPT_REMOVE = 1 << 28,
	OPT_CONSOLE = 1 << 29,
	OPT_TIMEOUT = 1 << 30,
};

struct options {
	unsigned int given; /* enum option_flag */
	/* NULL when not given. */
	const char *root, *policy, *kernel, *cmdline, *modules, *pci_dump, *diff, *set_default,
		*set_oneshot, *key_file, *image, *timeout;
	const char *initrds[OPTIONS_INITRDS_MAX];
	size_t initrd_count;
	const char *dirs[OPTIONS_DIRS_MAX];
	size_t dir_count;
	const char *consoles[OPTIONS_CONSOLES_MAX];
	size_t console_count;
	int consoles_are_set; /* by a setting: where none of them is there, any will do */
	const char *command;  /* NULL if there is none */
	/* What follows the command, NULL-terminated; the main program's argv. */
	const char *const *arguments;
	size_t argument_count;
};

/* 0, or -EINVAL after a line on standard error about what is wrong. */
int options_parse(int argc, char **argv, struct options *options);

/* The name of an option ("--json"), for messages. */
const char *option_name(enum option_flag option);

/* Print the options of this set, one a line with its meaning, to out. */
void options_describe(unsigned int set, FILE *out);

#endif
