/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_SCENE_H
#define TESTS_UNIT_SCENE_H

/*
 * What a policy is tested on: functions, a host, opt-outs, all empty at first and to be filled by the
 * test before it asks. Rules are text; errors and rules call it "x.lua". Whatever fails ends the test.
 */

#include "policy/loaded.h"
#include "policy/policy.h"

struct scene { /* a talloc context; all that is made from it lives below it */
	struct policy_facts facts;
	struct pci_snapshot *snapshot;
	struct host host;
	struct host_optouts optouts;
};

struct scene *scene_new(void *ctx);

/* A device of another bus; the returned pointer is valid until the next call. */
struct bus_device *scene_other(
	struct scene *scene, const char *bus, const char *name, const char *driver);

/* The rules alone, or behind the built-in ones. */
enum scene_files { SCENE_RULES, SCENE_DEFAULTS };

struct policy *scene_load(struct scene *scene, enum scene_files files, const char *rules);
struct decision *scene_decide(struct scene *scene, enum scene_files files, const char *rules);
struct plan *scene_plan(struct scene *scene, enum scene_files files, const char *rules);

/* Loading or deciding fails with this error. */
void scene_fails(struct scene *scene, const char *rules, const char *error);
/* The same, of bytes. */
void scene_fails_on(struct scene *scene, const char *bytes, size_t len, const char *error);

/* What is planned for a slot. The domain may be left out. */
const struct plan_device *plan_at(const struct plan *plan, const char *slot);
/* Its steps as in "unbind bus", "left" for what is left; and the reason. */
void expect_steps(const struct plan *plan, const char *slot, const char *steps);
void expect_reason(const struct plan *plan, const char *slot, const char *reason);

/* For cmocka: *state is a scene. */
int scene_setup(void **state);
int scene_teardown(void **state);

#endif
