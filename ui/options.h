/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_OPTIONS_H
#define UI_OPTIONS_H

/*
 * The command line. All options stand in one table and may come before or after the command; each
 * command says which of them it takes.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define OPTIONS_INITRDS_MAX 16
#define OPTIONS_DIRS_MAX 32
#define OPTIONS_CONSOLES_MAX 8

/* A set of options: which were given, and which a command takes. More than an int has bits. */
typedef uint64_t option_set;

#define OPT_ROOT (UINT64_C(1) << 0)
#define OPT_DRY_RUN (UINT64_C(1) << 1)
#define OPT_POLICY (UINT64_C(1) << 2)
#define OPT_JSON (UINT64_C(1) << 3)
#define OPT_FORCE (UINT64_C(1) << 4)
#define OPT_KERNEL (UINT64_C(1) << 5)
#define OPT_INITRD (UINT64_C(1) << 6)
#define OPT_CMDLINE (UINT64_C(1) << 7)
#define OPT_REUSE_CMDLINE (UINT64_C(1) << 8)
#define OPT_ALL_DISKS (UINT64_C(1) << 9)
#define OPT_LOADED (UINT64_C(1) << 10)
#define OPT_VERBOSE (UINT64_C(1) << 11)
#define OPT_HELP (UINT64_C(1) << 12)
#define OPT_VERSION (UINT64_C(1) << 13)
#define OPT_PCI_DUMP (UINT64_C(1) << 14)
#define OPT_DRIFT (UINT64_C(1) << 15)
#define OPT_MODULES (UINT64_C(1) << 16)
#define OPT_EXPLAIN (UINT64_C(1) << 17)
#define OPT_DIFF (UINT64_C(1) << 18)
#define OPT_UPDATE (UINT64_C(1) << 19)
#define OPT_UNATTENDED (UINT64_C(1) << 20)
#define OPT_DIR (UINT64_C(1) << 21)
#define OPT_SET_DEFAULT (UINT64_C(1) << 22)
#define OPT_SET_ONESHOT (UINT64_C(1) << 23)
#define OPT_IMAGE (UINT64_C(1) << 24)
#define OPT_WATCH (UINT64_C(1) << 25)
#define OPT_KEY_FILE (UINT64_C(1) << 26)
#define OPT_CLOSE (UINT64_C(1) << 27)
#define OPT_REMOVE (UINT64_C(1) << 28)
#define OPT_CONSOLE (UINT64_C(1) << 29)
#define OPT_TIMEOUT (UINT64_C(1) << 30)
#define OPT_APPEND (UINT64_C(1) << 31)
#define OPT_NOW (UINT64_C(1) << 32)
#define OPT_WAIT (UINT64_C(1) << 33)
#define OPT_WHEN (UINT64_C(1) << 34)
#define OPT_NO_WALL (UINT64_C(1) << 35)
#define OPT_MESSAGE (UINT64_C(1) << 36)
#define OPT_REBOOT (UINT64_C(1) << 37)
#define OPT_STOPPING (UINT64_C(1) << 38)
#define OPT_BUDGET (UINT64_C(1) << 39)
#define OPT_TO (UINT64_C(1) << 40)
#define OPT_THEN (UINT64_C(1) << 41)
#define OPT_MAKEDUMPFILE (UINT64_C(1) << 42)
#define OPT_IF_NEEDED (UINT64_C(1) << 43)
#define OPT_HISTORY (UINT64_C(1) << 44)

struct options {
	option_set given;
	/* NULL when not given. */
	const char *root, *policy, *kernel, *cmdline, *modules, *pci_dump, *diff, *set_default,
		*set_oneshot, *key_file, *image, *timeout, *append, *when, *message, *reboot,
		*budget, *to, *then, *makedumpfile;
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

/* The name of one option ("--json"), for messages. */
const char *option_name(option_set option);

/* Print the options of this set, one a line with its meaning, to out. */
void options_describe(option_set set, FILE *out);

#endif
