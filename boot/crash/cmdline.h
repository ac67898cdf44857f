/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_CRASH_CMDLINE_H
#define BOOT_CRASH_CMDLINE_H

/*
 * The command line of a crash kernel, made of that of a system: without what would take its memory, what
 * describes the machine to the kernel that crashed, and what belongs to one boot; with what makes drivers
 * look after devices that nobody shut down.
 *
 * What is taken out is what Debian's kdump-tools (kdump-config, kdump_load()) and Fedora's kdump-utils
 * (KDUMP_COMMANDLINE_REMOVE, prepare_cmdline()) take out, and a few words more: see the table. What is put
 * in is theirs too (Documentation/admin-guide/kdump/kdump.rst, "Load the Dump-capture Kernel"). The kernel
 * adds elfcorehdr= itself.
 *
 * Words are as the kernel reads them (lib/cmdline.c, next_arg; kernel/params.c, parameq): blanks inside
 * double quotes belong to a word, '-' and '_' are the same in a name. What follows "--" is init's and
 * stays.
 */

#include <stdbool.h>

#include "devices/err.h"

enum crash_line {
	CRASH_LINE_OF_SYSTEM, /* words that wait for somebody, or name what to start, are of that system */
	CRASH_LINE_BY_HAND, /* they are meant */
};

/* The line as a talloc string of ctx. unit is what systemd shall start in the place of the default
 * target; NULL for nothing in particular. A line by hand that names one keeps it. A "panic=" that ends in a
 * restart stays, by hand any other too. -ENOMEM. */
int crash_cmdline(void *ctx, const char *line, enum crash_line origin, const char *unit,
	char **result, struct err *err);

/* Does systemd start this unit with a finished line? The last word that names one decides. */
bool crash_cmdline_starts(const char *line, const char *unit);

#endif
