// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "tests/unit/scripted.h"

struct scene *scene_new(void *ctx)
{
	struct scene *scene = talloc_zero(ctx, struct scene);

	assert_non_null(scene);
	scene->snapshot = snapshot_new(scene);
	scene->host = (struct host){"", "", "", "", "", "", "", "", "", .others = NULL};
	scene->facts = (struct policy_facts){
		.snapshot = scene->snapshot, .host = &scene->host, .optouts = &scene->optouts};
	return scene;
}

struct bus_device *scene_other(
	struct scene *scene, const char *bus, const char *name, const char *driver)
{
	struct host *h = &scene->host;

	h->others = talloc_realloc(scene, h->others, struct bus_device, h->other_count + 1);
	assert_non_null(h->others);
	h->others[h->other_count] = (struct bus_device){
		.bus = bus, .name = name, .driver = driver, .can_unbind = driver != NULL};
	return &h->others[h->other_count++];
}

static int add(struct scene *scene, enum scene_files files, const char *bytes, size_t len,
	struct policy **p, struct err *err)
{
	struct machine nowhere = {.root_fd = -1, .root = "/nowhere"};
	int rc = policy_new(scene, &scene->facts, p);

	assert_int_equal(rc, 0);
	if (files == SCENE_DEFAULTS)
		rc = policy_load(&nowhere, *p, POLICY_BUILTIN, NULL, err);
	return rc < 0 ? rc : policy_add_chunk(*p, bytes, len, "x.lua", err);
}

struct policy *scene_load(struct scene *scene, enum scene_files files, const char *rules)
{
	struct policy *p;
	struct err err;

	if (add(scene, files, rules, strlen(rules), &p, &err) < 0)
		fail_msg("%s", err.text);
	return p;
}

struct decision *scene_decide(struct scene *scene, enum scene_files files, const char *rules)
{
	struct policy *p = scene_load(scene, files, rules);
	struct decision *d = NULL;
	struct err err;

	if (policy_decide(p, NULL, scene, &d, &err) < 0)
		fail_msg("%s", err.text);
	return d;
}

struct plan *scene_plan(struct scene *scene, enum scene_files files, const char *rules)
{
	struct decision *d = scene_decide(scene, files, rules);
	struct plan *plan = NULL;
	struct err err;

	if (policy_plan(d, &scene->facts, scene, &plan, &err) < 0)
		fail_msg("%s", err.text);
	return plan;
}

void scene_fails_on(struct scene *scene, const char *bytes, size_t len, const char *error)
{
	struct decision *d;
	struct policy *p;
	struct err err;
	int rc = add(scene, SCENE_RULES, bytes, len, &p, &err);

	if (rc == 0)
		rc = policy_decide(p, NULL, scene, &d, &err);
	if (rc == 0)
		fail_msg("accepted: %s", bytes);
	assert_string_equal(err.text, error);
	talloc_free(p);
}

void scene_fails(struct scene *scene, const char *rules, const char *error)
{
	scene_fails_on(scene, rules, strlen(rules), error);
}

const struct plan_device *plan_at(const struct plan *plan, const char *slot)
{
	static const char domain[] = "0000:";

	for (size_t i = 0; i < plan->count; i++) {
		const char *at = plan->devices[i].function->slot;

		if (!strcmp(at, slot) || (!strncmp(at, domain, sizeof(domain) - 1) &&
						 !strcmp(at + sizeof(domain) - 1, slot)))
			return &plan->devices[i];
	}
	fail_msg("no function %s", slot);
	return NULL;
}

void expect_steps(const struct plan *plan, const char *slot, const char *steps)
{
	const struct plan_device *d = plan_at(plan, slot);
	char text[128] = "";

	assert_non_null(d->reason);
	assert_non_null(d->rule);
	for (size_t i = 0; i < d->step_count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, step_name(d->steps[i]));
	}
	if (d->action == PLAN_LEFT) {
		assert_int_equal(d->step_count, 0);
		strcpy(text, "left");
	}
	if (strcmp(text, steps))
		fail_msg("%s: \"%s\", not \"%s\" (%s)", slot, text, steps, d->reason);
}

void expect_reason(const struct plan *plan, const char *slot, const char *reason)
{
	assert_string_equal(plan_at(plan, slot)->reason, reason);
}

int scene_setup(void **state)
{
	*state = scene_new(NULL);
	return 0;
}

int scene_teardown(void **state)
{
	return talloc_free(*state);
}
