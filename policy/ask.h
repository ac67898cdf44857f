/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_ASK_H
#define POLICY_ASK_H

/*
 * Asking the policy. Loading and deciding run in a forked process that has nothing but its memory and
 * a pipe to answer through: no effects, no more than ASK_SECONDS of processor time (string.find can
 * be kept busy for ever without an instruction being counted), no file that it could write. What it
 * answers is read as hostile bytes. So whatever a policy does, the worst is an error with a name.
 */

#include "policy/policy.h"
#include "policy/problems.h"

/* A policy of 300 rules takes about 0.01 s for 1,000 devices. */
#define ASK_SECONDS 1
/* And where the processor time does not pass, because others have it. */
#define ASK_TIMEOUT_MS 20000

struct question {
	enum policy_files files;
	const char *extra;   /* the file of --policy; NULL for none */
	const char *explain; /* a slot of which every rule is to be told; NULL for none */
};

/* Load the files and decide. The decision belongs to ctx. On an error *problems, where not NULL, holds
 * all that was found, below ctx; at least what the error says. -EINVAL for what is wrong in a file,
 * -EPERM for one that may not be trusted, -ETIME when it takes too long, -ENOENT when the slot to be
 * explained is not there. */
int policy_ask(struct machine *m, const struct policy_facts *facts, const struct question *question,
	void *ctx, struct decision **decision, struct problems **problems, struct err *err);

/* Only look whether files can be loaded as policies, each behind the built-in ones, on this machine: all
 * problems of all of them below ctx. The number of problems, or -ENOMEM. */
int policy_check(struct machine *m, const struct policy_facts *facts, const char *const *files,
	void *ctx, struct problems **problems, struct err *err);

#endif
