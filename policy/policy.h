/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

/*
 * Rules as data, judged by C. Lua files declare rules (the manual page stillboot-policy(5) has the
 * language); loading runs each file once in a sandbox and leaves tables of rules with their file and
 * line. Deciding walks these: the last rule that matches and says something about a field wins. What
 * comes out is a decision (decision.h): what is asked for. Then C judges what topology, kernel and
 * device allow, and makes the plan; it only ever takes steps away. Pure: the same facts and rules give
 * the same plan, and nothing is touched.
 *
 * Programs do not call policy_new() and its like but ask (ask.h): loading and deciding run in a process
 * of their own.
 *
 * Files, later ones after earlier ones, all in one list of rules: the built-in default and quirks, the
 * *.lua of usr/lib/stillboot/policy.d and etc/stillboot/policy.d merged by name (the same name in etc
 * replaces the one in usr/lib, a symbolic link to /dev/null masks it; "default.lua" and "quirks.lua"
 * replace the built-in ones and stay the first), then the file of --policy. Files of the running
 * machine must belong to root, or to the user if that is not root, and be writable by nobody else.
 */

#include "devices/host.h"
#include "devices/machine.h"
#include "devices/plan.h"
#include "policy/decision.h"

/* Larger files, in bytes, and more declarations in all are refused. A thousand rules with a comment
 * each are about 150,000 bytes. */
#define POLICY_FILE_MAX (256 << 10)
#define POLICY_RULES_MAX 4096
/* What all declarations may take, in bytes, beside the memory of Lua (sandbox.h). A thousand rules take
 * about 2 MB. */
#define POLICY_MEMORY_MAX ((size_t)16 << 20)

/* What rules and errors call the built-in files; others are called by their path. */
#define POLICY_DEFAULT "default.lua"
#define POLICY_QUIRKS "quirks.lua"

/* Deadlines where no rule gives one, in milliseconds. After a reset the kernel itself may wait 60 s
 * for a device (drivers/pci/pci.c, pci_dev_wait(), PCIE_RESET_READY_POLL_MS). */
#define POLICY_UNBIND_DEADLINE_MS 30000
#define POLICY_RESET_DEADLINE_MS 70000
#define POLICY_ERRAND_DEADLINE_MS 30000
/* A processor takes up to 0.1 s to go offline, and there may be hundreds. */
#define POLICY_CPUS_DEADLINE_MS 300000

struct policy;

/* The reason of what is left because somebody says so now (struct policy_facts, by_hand). */
#define POLICY_BY_HAND "left by hand"

/* What a policy is made for, and judged by. Borrowed. */
struct policy_facts {
	const struct pci_snapshot *snapshot;
	const struct host *host;
	const struct host_optouts *optouts; /* NULL for none */
	const struct host_optouts
		*by_hand; /* what somebody leaves alone this time; NULL for none */
};

/* An empty policy, a talloc context below ctx, for a machine. -ENOMEM. */
int policy_new(void *ctx, const struct policy_facts *facts, struct policy **policy);

/* One chunk of rules appended; name is what errors and rules call it. The error is the first problem,
 * "file:line: what"; after one the policy is good for nothing but its problems. */
int policy_add_chunk(
	struct policy *p, const char *bytes, size_t len, const char *name, struct err *err);

/* All that was found to be wrong, in the order in which it was found. */
const struct problems *policy_problems(const struct policy *p);

/* Which files: the built-in ones, or those and the directories'. */
enum policy_files { POLICY_BUILTIN, POLICY_ALL };

/* Load them, then extra: the file of --policy (an ordinary path, not below the root) or NULL. An error
 * names file and line, -EINVAL where a file says something wrong, -EPERM where it may not be trusted; a
 * file that cannot be read is an error too. */
int policy_load(struct machine *m, struct policy *p, enum policy_files which, const char *extra,
	struct err *err);

/* One of these files. */
struct policy_source {
	const char *path;     /* below the root; the name of a built-in one */
	const char *replaces; /* what it stands in the place of, NULL for nothing */
	int is_builtin, is_masked;
};

/* The files in the order in which they are read, those that are masked in their place; what they include
 * is not among them. The array belongs to ctx. Errors as policy_load(). */
int policy_sources(struct machine *m, void *ctx, struct policy_source **sources, size_t *count,
	struct err *err);

/* Decide: the rules, then the arrange functions. A function of which no rule speaks is left. explain is
 * a slot of which the decision shall tell every rule, or NULL. -EINVAL for what a predicate or an
 * arrange function did wrong. The decision belongs to ctx and points into the policy. */
int policy_decide(struct policy *p, const char *explain, void *ctx, struct decision **decision,
	struct err *err);

/* What a slot ("0000:01:00.0", "01:00.0") or a device on another bus ("platform:i2c-0") is: -ENOENT if
 * it is not there. */
int policy_find_subject(
	const struct policy_facts *facts, const char *name, struct subject *subject);

/* Judge a decision: the plan for the machine that it was made for, or for what became of it: what the
 * decision does not know is left, and so is what is not the device, by the same driver, that was in the
 * slot. The plan belongs to ctx; it points into the facts and the
 * decision. -ENOMEM. */
int policy_plan(const struct decision *decision, const struct policy_facts *facts, void *ctx,
	struct plan **plan, struct err *err);

#endif
