// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/journal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

static const char *const results[] = {"running", "ok", "failed", "hung", "late", "skipped"};
static const char *const verdicts[] = {"still", "loud", "left"};

size_t journal_capacity(const struct plan *plan)
{
	size_t n = plan->errand_count;

	/* Beside its own steps a function may need its interrupt lowered, before or after. */
	for (size_t i = 0; i < plan->count; i++)
		n += plan->devices[i].step_count + 2;
	return n;
}

struct journal *journal_new(void *ctx, const struct plan *plan)
{
	struct journal *j = talloc_zero(ctx, struct journal);

	if (!j)
		return NULL;
	j->capacity = journal_capacity(plan);
	j->verdict_capacity = plan->count + JOURNAL_NEWCOMERS_MAX;
	j->entries = talloc_zero_array(j, struct journal_entry, j->capacity);
	j->verdicts = talloc_zero_array(j, struct journal_verdict, j->verdict_capacity);
	if (!j->entries || !j->verdicts) {
		talloc_free(j);
		return NULL;
	}
	return j;
}

struct journal_entry *journal_begin(
	struct journal *j, const char *slot, enum step step, const char *rule, uint64_t start_us)
{
	struct journal_entry *entry;

	if (j->count >= j->capacity)
		return NULL;
	entry = &j->entries[j->count++];
	*entry = (struct journal_entry){.step = step, .start_us = start_us};
	snprintf(entry->slot, sizeof(entry->slot), "%s", slot);
	snprintf(entry->rule, sizeof(entry->rule), "%s", rule);
	return entry;
}

void journal_judge(struct journal *j, const char *slot, int verdict, const char *why)
{
	struct journal_verdict *v;

	if (j->verdict_count >= j->verdict_capacity)
		return;
	v = &j->verdicts[j->verdict_count++];
	v->verdict = verdict;
	snprintf(v->slot, sizeof(v->slot), "%s", slot);
	snprintf(v->why, sizeof(v->why), "%s", why);
}

/* Nearly sorted already, and qsort(3) may allocate. */
void journal_sort(struct journal *j)
{
	for (size_t i = 1; i < j->count; i++) {
		struct journal_entry entry = j->entries[i];
		size_t at = i;

		for (; at > 0 && j->entries[at - 1].start_us > entry.start_us; at--)
			j->entries[at] = j->entries[at - 1];
		j->entries[at] = entry;
	}
}

size_t journal_count(const struct journal *j, int verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < j->verdict_count; i++)
		n += (int)j->verdicts[i].verdict == verdict;
	return n;
}

const char *journal_result_name(enum journal_result result)
{
	return results[result];
}

int journal_result_from_name(const char *name, enum journal_result *result)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++)
		if (!strcmp(results[i], name)) {
			*result = (enum journal_result)i;
			return 0;
		}
	return -ENOENT;
}

const char *journal_verdict_name(int verdict)
{
	return verdicts[verdict];
}
