/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

/*
 * Rules as data, judged by C. Lua files declare device { ... } rules; loading runs each file once
 * in a sandbox (sandbox.h) and leaves a table of rules with their file and line. Deciding walks
 * that table: the last rule that matches and says something about a field wins. Then C judges what
 * topology and device allow; it only ever takes steps away. Pure: the same snapshot and rules give
 * the same plan, and nothing is touched.
 *
 * Files, later ones after earlier ones, all in one list of rules: the built-in default, the *.lua
 * of usr/lib/stillboot/policy.d and etc/stillboot/policy.d merged by name (the same name in etc
 * replaces the one in usr/lib, a symbolic link to /dev/null masks it; "default.lua" replaces the
 * built-in one and stays the first), then the file of --policy.
 */

#include "devices/machine.h"
#include "devices/plan.h"

/* Larger files, in bytes, and more rules in all are refused. A thousand rules with a comment each
 * are about 150,000 bytes. */
#define POLICY_FILE_MAX (256 << 10)
#define POLICY_RULES_MAX 4096

/* What rules and errors call the built-in default; files are called by their path. */
#define POLICY_BUILTIN "default.lua"

/* Deadlines where no rule gives one, in milliseconds. After a reset the kernel itself may wait 60 s
 * for a device (drivers/pci/pci.c, pci_dev_wait(), PCIE_RESET_READY_POLL_MS). */
#define POLICY_UNBIND_DEADLINE_MS 30000
#define POLICY_RESET_DEADLINE_MS 70000

struct policy;

/* The way out of this kernel when a driver never lets go of its device. */
enum policy_on_hang {
	POLICY_HANG_RESTART, /* at once, past all drivers (sysrq b) */
	POLICY_HANG_CRASH,   /* by a crash (sysrq c), which a loaded crash kernel catches */
};

/* What boot { on_hang = ... } says, a restart where nothing does. */
enum policy_on_hang policy_on_hang(const struct policy *p);

/* Load everything; extra is the file of --policy (an ordinary path, not below the root) or NULL.
 * On success *policy is a talloc context below ctx. An error names file and line, -EINVAL where a
 * file says something wrong; a file that cannot be read is an error too. */
int policy_load(
	struct machine *m, void *ctx, const char *extra, struct policy **policy, struct err *err);

/* Only the built-in default: what is shown when the files do not load. */
int policy_load_builtin(void *ctx, struct policy **policy, struct err *err);

/* One chunk of rules appended to a policy; for policy_load and for tests. name is what errors and
 * rules call it. On an error the policy is as it was. */
int policy_new(void *ctx, struct policy **policy);
int policy_add_chunk(
	struct policy *p, const char *bytes, size_t len, const char *name, struct err *err);

/* Make the plan; it and its strings belong to ctx, and it points into the snapshot. A function of
 * which no rule speaks is left. The only error is -ENOMEM. */
int policy_decide(const struct policy *p, const struct pci_snapshot *snapshot, void *ctx,
	struct plan **plan, struct err *err);

#endif
