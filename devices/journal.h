/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_JOURNAL_H
#define DEVICES_JOURNAL_H

/*
 * The record of each step and errand: device, step, rule, start, duration, result. Made with room for all that
 * can happen before the first unbind, because nothing is allocated after it. Entries are in the
 * order in which their steps began.
 */

#include "devices/plan.h"

enum journal_result {
	JOURNAL_RUNNING, /* begun, and nothing heard yet */
	JOURNAL_OK,
	JOURNAL_FAILED,  /* the kernel said no; detail says what */
	JOURNAL_HUNG,    /* missed its deadline and never came back */
	JOURNAL_LATE,    /* missed its deadline, but came back before the jump */
	JOURNAL_SKIPPED, /* not begun; detail says why */
};

#define JOURNAL_SLOT_MAX 64
#define JOURNAL_DETAIL_MAX 160
#define JOURNAL_RULE_MAX 96

struct journal_entry {
	/* Of the function, or what an errand is about ("platform:i2c-0", "sys/...", a module): its
	 * subject, JOURNAL_MACHINE where it has none. */
	char slot[JOURNAL_SLOT_MAX];
	enum step step;
	char rule[JOURNAL_RULE_MAX];
	uint64_t start_us; /* since the quiesce began */
	uint64_t duration_us;
	enum journal_result result;
	char detail[JOURNAL_DETAIL_MAX]; /* "" when all is said */
};

#define JOURNAL_MACHINE "machine"

/* Functions that may appear while the others are stilled; more are not told of. */
#define JOURNAL_NEWCOMERS_MAX 32

/* What became of one function; one for each of the plan, then one for each that appeared. */
struct journal_verdict {
	char slot[PCI_SLOT_MAX];
	enum { VERDICT_STILL, VERDICT_LOUD, VERDICT_LEFT } verdict;
	char why[JOURNAL_DETAIL_MAX]; /* why it is loud or was left */
};

struct journal {
	struct journal_entry *entries;
	size_t count, capacity;
	struct journal_verdict *verdicts;
	size_t verdict_count, verdict_capacity;
	uint64_t duration_us; /* of the whole quiesce */
};

/* How many entries this plan can make. */
size_t journal_capacity(const struct plan *plan);

/* A journal for this plan below ctx; NULL when memory ran out. */
struct journal *journal_new(void *ctx, const struct plan *plan);

/* Begin an entry; NULL when it is full, which a plan's own journal never is. The slot and rule are
 * cut to their fields. */
struct journal_entry *journal_begin(
	struct journal *j, const char *slot, enum step step, const char *rule, uint64_t start_us);

/* Add what became of a function. */
void journal_judge(struct journal *j, const char *slot, int verdict, const char *why);

/* Put the entries in the order in which their steps began: those that are told of only afterwards
 * (STEP_INTX, STEP_UIO) were added late. */
void journal_sort(struct journal *j);

/* How many functions have this verdict. */
size_t journal_count(const struct journal *j, int verdict);

const char *journal_result_name(enum journal_result result);
/* -ENOENT for no such word. */
int journal_result_from_name(const char *name, enum journal_result *result);
const char *journal_verdict_name(int verdict);

#endif
