// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * decide DIR POLICY: how long the policy takes for the machine below DIR. Prints two times in
 * microseconds, each the median of RUNS: deciding and planning with rules that are loaded, in this
 * process; and asking as the program does, which is forking, loading, deciding, and reading the answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

#include "devices/clock.h"
#include "policy/ask.h"

#define RUNS 21

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t median(uint64_t *times)
{
	qsort(times, RUNS, sizeof(*times), by_size);
	return times[RUNS / 2];
}

/* A policy each time: what predicates see is made when the first is asked. */
static int decide(struct machine *m, const struct policy_facts *facts, const char *extra,
	uint64_t *took, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct decision *d;
	struct policy *p;
	struct plan *plan;
	uint64_t begin = 0;
	int rc = policy_new(ctx, facts, &p);

	if (rc == 0)
		rc = policy_load(m, p, POLICY_BUILTIN, extra, err);
	begin = clock_now_us();
	if (rc == 0)
		rc = policy_decide(p, NULL, ctx, &d, err);
	if (rc == 0)
		rc = policy_plan(d, facts, ctx, &plan, err);
	*took = clock_now_us() - begin;
	talloc_free(ctx);
	return rc;
}

static int ask(struct machine *m, const struct policy_facts *facts, const char *extra,
	uint64_t *took, struct err *err)
{
	const struct question question = {.files = POLICY_BUILTIN, .extra = extra};
	void *ctx = talloc_new(NULL);
	uint64_t begin = clock_now_us();
	struct decision *d;
	int rc = policy_ask(m, facts, &question, ctx, &d, NULL, err);

	*took = clock_now_us() - begin;
	talloc_free(ctx);
	return rc;
}

int main(int argc, char **argv)
{
	uint64_t decided[RUNS], asked[RUNS];
	struct policy_facts facts = {0};
	struct pci_snapshot *snapshot;
	struct host *host;
	struct machine m;
	struct err err;
	int rc;

	if (argc != 3)
		return 2;
	rc = machine_open(&m, argv[1], &err);
	if (rc == 0)
		rc = pci_snapshot_read(&m, NULL, &snapshot, &err);
	if (rc == 0)
		rc = host_read(&m, snapshot, snapshot, &host, &err);
	if (rc == 0)
		facts = (struct policy_facts){.snapshot = snapshot, .host = host};
	for (int i = 0; i < RUNS && rc == 0; i++) {
		rc = decide(&m, &facts, argv[2], &decided[i], &err);
		if (rc == 0)
			rc = ask(&m, &facts, argv[2], &asked[i], &err);
	}
	if (rc < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	printf("%zu %llu %llu\n", snapshot->count, (unsigned long long)median(decided),
		(unsigned long long)median(asked));
	talloc_free(snapshot);
	machine_close(&m);
	return 0;
}
