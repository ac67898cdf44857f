/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

/*
 * Rules as data, judged by C. Lua files declare device { ... } rules; loading runs each file once
 * in a sandbox and leaves a table of rules with their file and line. Deciding walks that table:
 * the last rule that matches and says something about a field wins. Pure: the same snapshot and
 * rules give the same plan, and nothing is touched.
 *
 * Files, later ones after earlier ones, all in one list of rules: the built-in default, the *.lua
 * of usr/lib/stillboot/policy.d and etc/stillboot/policy.d merged by name (the same name in etc
 * replaces the one in usr/lib, a symbolic link to /dev/null masks it; "default.lua" replaces the
 * built-in one), then the file of --policy.
 */

#include "devices/machine.h"
#include "devices/plan.h"

struct policy;

/* Load everything; extra is the file of --policy (an ordinary path, not below the root) or NULL.
 * On success *policy is a talloc context below ctx. An error names file and line. */
int policy_load(struct machine *m, void *ctx, const char *extra, struct policy **policy,
	struct err *err);

/* Only the built-in default: what is shown when the files do not load. */
int policy_load_builtin(void *ctx, struct policy **policy, struct err *err);

/* One chunk of rules appended to a policy; for policy_load and for tests. name is what errors and
 * rules call it. On an error the policy is as it was. */
int policy_new(void *ctx, struct policy **policy);
int policy_add_chunk(struct policy *p, const char *bytes, size_t len, const char *name,
	struct err *err);

/* Make the plan; it and its strings belong to ctx, and it points into the snapshot. */
int policy_decide(const struct policy *p, const struct pci_snapshot *snapshot, void *ctx,
	struct plan **plan, struct err *err);

#endif
