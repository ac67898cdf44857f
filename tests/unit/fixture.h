/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_FIXTURE_H
#define TESTS_UNIT_FIXTURE_H

#include "devices/quiesce.h"
#include "tests/unit/scripted.h"

/* A plan for two functions below one port, one below another, one on the root bus, and a display. */
struct fixture {
	struct scripted *s;
	struct pci_snapshot *snapshot;
	struct plan plan;
	struct quiesce *quiesce;
	size_t begun, ended;
};

/* traits are those of the four functions. */
struct fixture *fixture_new(const unsigned int traits[4]);
void fixture_free(struct fixture *f);

/* One that counts. */
struct quiesce_watch fixture_watch(struct fixture *f);

/* Give a device these steps. */
void fixture_plan(struct plan_device *d, const enum step *steps, size_t count);

/* Carry the plan out; so many steps have to hang. */
const struct journal *fixture_run(struct fixture *f, size_t hung_expected);

/* What the journal says of a step, NULL if nothing; of a function, which has to be
 * there. */
const struct journal_entry *fixture_entry(
	const struct journal *j, const char *slot, enum step step);
int fixture_verdict(const struct journal *j, const char *slot);

/* Did the machine see the one before the other? */
int fixture_before(const struct fixture *f, const char *first, const char *second);

#endif
