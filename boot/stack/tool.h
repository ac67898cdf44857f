/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_TOOL_H
#define BOOT_TOOL_H

/*
 * Running a storage tool (lvm, mdadm, modprobe): no shell, an environment of our own, nothing
 * inherited, a deadline. A tool of which a disk does not answer may not even be killed; then it is left
 * behind, and says nothing more to us.
 */

#include "devices/machine.h"

#define TOOL_OUTPUT_MAX (4 << 20) /* bytes: the logical volumes of a very large machine */
#define TOOL_MS 20000

/* What it prints on standard output, as a talloc string of ctx; done in a dry run too, so only for
 * what changes nothing. -ENOENT if it is not installed, -ETIME after TOOL_MS, -EIO if it fails, with
 * the last line of what it said; nothing is written to *output then. */
int tool_ask(
	struct machine *m, void *ctx, const char *const argv[], char **output, struct err *err);

/* The same with another deadline. */
struct tool_call {
	struct machine *m;
	const char *const *argv;
	unsigned int ms;
};
int tool_run(const struct tool_call *call, void *ctx, char **output, struct err *err);

/* In a child: become the program, with these as standard input (-1 for nothing), output and errors, in a session
 * and with an environment of its own. Where it cannot be run the child ends with 127 (not installed) or 126. */
__attribute__((noreturn)) void tool_become(
	struct machine *m, const char *const argv[], int in, int out, int said);

/* Have it change something: an effect of the machine. */
int tool_do(struct machine *m, const char *const argv[], struct err *err);

/* Is udev at work? If not, libdevmapper and the programs that use it must be told not to wait for it:
 * this name is set in the environment of tools, and by whoever uses the library. */
#define TOOL_NO_UDEV "DM_DISABLE_UDEV"
int tool_has_udev(struct machine *m);

/* Load a kernel module unless this path is there (relative to the root); whether that helped is seen
 * by whoever needs it. */
void tool_load_module(struct machine *m, const char *module, const char *unless);

#endif
