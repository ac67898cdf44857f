// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A policy file out of any bytes, its decision for a small machine, the plan; and the decision there
 * and back. In the program all this runs in a process of its own, which is ended after a second. Here
 * it must end by itself: fewer instructions, no functions that can be kept busy without any, and not
 * too many rules.
 */
#include <stdlib.h>
#include <string.h>

#include <talloc.h>

#include "policy/loaded.h"
#include "tests/fuzz/small_machine.h"

#define INSTRUCTIONS 20000
#define RULES_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* On the input's first line, so that its lines keep their numbers. */
static const char prefix[] = "string.find,string.match,string.gmatch,string.gsub,table.move=nil;";

/* Strings have these as methods, too, which nothing takes away. */
static int has_pattern(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"find", "match", "gsub"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (memmem(data, size, names[i], strlen(names[i])))
			return 1;
	return 0;
}

static int add(struct policy *p, const uint8_t *data, size_t size)
{
	size_t skip = size && data[0] == '\x1b' ? 0 : sizeof(prefix) - 1;
	char *text = talloc_size(p, skip + size + 1);
	struct err err;
	int rc;

	memcpy(text, prefix, skip);
	if (size)
		memcpy(text + skip, data, size);
	rc = policy_add_chunk(p, text, skip + size, "fuzz.lua", &err);
	if (rc < 0 && (!err.text[0] || strchr(err.text, '\n')))
		abort();
	return rc;
}

static void check_plan(
	const struct decision *d, const struct policy_facts *facts, void *ctx, struct plan **plan)
{
	struct err err;

	if (policy_plan(d, facts, ctx, plan, &err) < 0)
		abort();
	for (size_t i = 0; i < (*plan)->count; i++)
		if (!(*plan)->devices[i].reason || !(*plan)->devices[i].rule)
			abort();
}

/* What was decided can be told to the program that asked, and means the same there. */
static void check_there_and_back(
	const struct decision *d, const struct policy_facts *facts, void *ctx)
{
	struct plan *plan, *again;
	struct decision *back;
	struct err err;
	size_t len;
	char *bytes = decision_write(d, &len);

	if (!bytes || decision_parse(bytes, len, ctx, &back, &err) < 0)
		abort();
	free(bytes);
	check_plan(d, facts, ctx, &plan);
	check_plan(back, facts, ctx, &again);
	if (again->errand_count != plan->errand_count ||
		again->dropped_count != plan->dropped_count)
		abort();
	for (size_t i = 0; i < plan->count; i++)
		if (plan->devices[i].step_count != again->devices[i].step_count ||
			strcmp(plan->devices[i].reason, again->devices[i].reason))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy_facts *facts;
	struct decision *d;
	struct policy *p;
	struct err err;
	void *ctx;

	if (has_pattern(data, size))
		return 0;
	ctx = talloc_new(NULL);
	facts = small_machine(ctx);
	if (policy_new(ctx, facts, &p) < 0)
		abort();
	sandbox_limit(p->sandbox, INSTRUCTIONS);
	if (add(p, data, size) == 0 && policy_count(p) <= RULES_MAX &&
		policy_decide(p, "0000:04:00.0", ctx, &d, &err) == 0)
		check_there_and_back(d, facts, ctx);
	talloc_free(ctx);
	return 0;
}
