// SPDX-License-Identifier: GPL-2.0-or-later
/* A decision out of any bytes: its plan for a small machine, entries by its rules; and what was read
 * can be written and read again. */
#include <stdlib.h>

#include <talloc.h>

#include "policy/entries.h"
#include "tests/fuzz/small_machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_plan(const struct decision *d, const struct policy_facts *facts, void *ctx)
{
	struct plan *plan;
	struct err err;

	if (policy_plan(d, facts, ctx, &plan, &err) < 0)
		abort();
	for (size_t i = 0; i < plan->count; i++)
		if (!plan->devices[i].reason || !plan->devices[i].rule ||
			plan->devices[i].step_count > PLAN_STEPS_MAX ||
			!plan->devices[i].unbind_deadline_ms)
			abort();
	for (size_t i = 0; i < plan->errand_count; i++)
		if (!plan->errands[i].reason || !plan->errands[i].rule ||
			(plan->errands[i].step == STEP_RUN && !plan->errands[i].argv) ||
			(i && plan->errands[i].stage < plan->errands[i - 1].stage))
			abort();
}

static void use_entries(const struct decision *d, void *ctx)
{
	struct entry_list *list = entry_list_new(ctx);
	const char *missed, *changed, *by;
	struct err err;

	for (size_t i = 0; i < 3; i++) {
		struct entry *e = entry_list_add(list);

		e->id = i ? "b" : "a";
		e->title = "Debian GNU/Linux";
		e->version = i == 2 ? NULL : "6.1.0-42-amd64";
		e->options = "root=/dev/sda1 ro dyndbg=\"file a.c +p\" quiet";
		e->kernel.path = "/vmlinuz";
		e->format = "bls1";
	}
	if (entries_apply(d, list, choices_new(ctx), &missed, &err) < 0 ||
		entries_change_options(d, ctx, "a b=\"c d\"", &changed, &by) < 0)
		abort();
}

static void write_and_read(const struct decision *d, void *ctx)
{
	struct decision *back;
	struct err err;
	size_t len;
	char *bytes = decision_write(d, &len);

	if (!bytes || decision_parse(bytes, len, ctx, &back, &err) < 0)
		abort();
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	struct decision *d;
	struct err err;

	if (decision_parse((const char *)data, size, ctx, &d, &err) == 0) {
		use_plan(d, small_machine(ctx), ctx);
		use_entries(d, ctx);
		write_and_read(d, ctx);
	}
	talloc_free(ctx);
	return 0;
}
