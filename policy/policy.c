// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/policy.h"

#include <errno.h>
#include <stdio.h>
#include <talloc.h>

#include "policy/loaded.h"

int policy_new(void *ctx, const struct policy_facts *facts, struct policy **policy)
{
	struct policy *p = talloc_zero(ctx, struct policy);

	if (!p)
		return -ENOMEM;
	p->facts = facts;
	p->problems = talloc_zero(p, struct problems);
	p->sandbox = sandbox_new(p, policy_words, declare_unknown, p);
	if (!p->problems || !p->sandbox) {
		talloc_free(p);
		return -ENOMEM;
	}
	*policy = p;
	return 0;
}

const struct problems *policy_problems(const struct policy *p)
{
	return p->problems;
}

/* The first of a chunk's problems as its error, with how many more there are. */
static int first_problem(const struct policy *p, size_t before, struct err *err)
{
	const struct problem *first = &p->problems->list[before];
	size_t more = p->problems->count - before - 1;
	char line[16] = "", rest[40] = "";

	if (first->line)
		snprintf(line, sizeof(line), ":%u", first->line);
	if (more)
		snprintf(rest, sizeof(rest), " (and %zu more error%s)", more, more == 1 ? "" : "s");
	return err_set(err, -EINVAL, "%s%s: %.*s%s", first->file, line, ERR_TEXT_MAX / 2 + 100,
		first->text, rest);
}

int policy_add_chunk(
	struct policy *p, const char *bytes, size_t len, const char *name, struct err *err)
{
	const struct sandbox_chunk chunk = {.bytes = bytes, .len = len, .name = name};
	size_t before = p->problems->count;
	struct err cause;
	int rc;

	if (len > POLICY_FILE_MAX)
		return err_set(err, -EFBIG, "%s: larger than %d bytes", name, POLICY_FILE_MAX);
	rc = sandbox_run(p->sandbox, &chunk, &cause);
	if (rc < 0 && problems_add_error(p->problems, name, bytes, len, cause.text) == -ENOMEM)
		return err_errno(err, -ENOMEM, "%s", name);
	if (p->problems->count > before)
		return first_problem(p, before, err);
	return rc < 0 ? err_set(err, rc, "%s", cause.text) : 0;
}
