// SPDX-License-Identifier: GPL-2.0-or-later
/* Logical volumes: `lvm lvs` tells which there are, `lvm lvchange` activates those that may be. */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/stack/dm.h"
#include "boot/stack/lvm_report.h"
#include "boot/stack/parts.h"
#include "boot/stack/tool.h"
#include "devices/cleanup.h"

#define KEY "LVM"
#define TYPE "LVM2_member"
#define BATCH 64 /* volumes for one call */

/* Only our members exist; whatever the machine's lvm.conf says, nothing is written beside them. */
#define CONFIG                                                                                     \
	"devices{global_filter=[%s\"r|.*|\"] filter=[\"a|.*|\"] use_devicesfile=0 hints=\"none\" " \
	"obtain_device_list_from_udev=0 external_device_info_source=\"none\"} "                    \
	"global{metadata_read_only=1} backup{backup=0 archive=0} "                                 \
	"activation{monitoring=0 read_only_volume_list=[\"@*\"%s]}"

/* A path goes into a regular expression of LVM's configuration. */
static int is_harmless(const char *device)
{
	return device[strspn(device, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789/_.:!-")] == '\0';
}

static char *filter_of(const struct stack_round *r, void *ctx)
{
	char *filter = talloc_strdup(ctx, "");

	for (size_t i = 0; i < r->count && filter; i++)
		if (!strcmp(r->members[i].type, TYPE) && is_harmless(r->members[i].device))
			filter = talloc_asprintf_append(
				filter, "\"a|^%s$|\",", r->members[i].device);
	return filter;
}

/* groups is what else stands in the list of groups that are activated read-only. */
static char *config_of(void *ctx, const char *filter, const char *groups)
{
	return talloc_asprintf(ctx, CONFIG, filter, groups);
}

static int read_report(struct stack_round *r, void *ctx, const char *filter,
	struct lvm_report **report, struct err *err)
{
	const char *const argv[] = {"lvm", "lvs", "--all", "--readonly", "--foreign", "--shared",
		"--reportformat", "json", "--options", STACK_LVM_FIELDS, "--config",
		config_of(ctx, filter, ""), NULL};
	char *text;
	int rc = r->stack->ask(r->m, ctx, argv, &text, err);

	return rc < 0 ? rc : lvm_report_parse(ctx, text, strlen(text), report, err);
}

/* Activate up to BATCH volumes; what did not come is seen by who looks for it. */
static int activate(struct stack_round *r, void *ctx, const char *filter,
	struct lvm_volume *const *volumes, size_t count, struct err *err)
{
	const char *argv[12 + BATCH] = {"lvm", "lvchange", "--activate", "y", "--activationmode",
		"complete", "--poll", "n"};
	char *groups = talloc_strdup(ctx, "");
	size_t n = 8;

	for (size_t i = 0; i < count && groups; i++) {
		groups = talloc_asprintf_append(groups, ",\"%s\"", volumes[i]->name);
		argv[n++] = volumes[i]->name;
	}
	argv[n++] = "--config";
	argv[n] = groups ? config_of(ctx, filter, groups) : NULL;
	if (!argv[n])
		return err_errno(err, -ENOMEM, "activate logical volumes");
	return tool_do(r->m, argv, err);
}

static const char *first_member(const struct stack_round *r)
{
	size_t i = 0;

	while (strcmp(r->members[i].type, TYPE))
		i++;
	return r->members[i].device;
}

static int add_volume(struct stack_round *r, const struct lvm_volume *v, const char *reason)
{
	const char *device = *v->device ? v->device : first_member(r);
	struct stack_part part = {.state = v->state,
		.kind = "LVM volume",
		.name = v->name,
		.uuid = v->uuid,
		.device = device,
		.reason = reason};

	return stack_is_open(r->stack, v->uuid) ? 0 : stack_add(r, KEY, &part);
}

static int note_active(struct stack_round *r, void *ctx, struct lvm_volume *v, const char *why)
{
	char *block = dm_find(r->m, ctx, "uuid", v->dm_uuid);
	struct stack_part part = {.state = STACK_OPEN,
		.kind = "LVM volume",
		.name = v->name,
		.uuid = v->uuid,
		.device = v->device};

	if (!block) {
		v->state = STACK_LEFT;
		return add_volume(r, v, why);
	}
	part.opened = talloc_asprintf(ctx, "/dev/%s", block);
	return part.opened ? stack_add_open(r, KEY, &part) : -ENOMEM;
}

static int expect_batch(struct stack_round *r, struct lvm_volume *const *volumes, size_t count)
{
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++) {
		const struct stack_item item = {
			STACK_ITEM_VOLUME, strchr(volumes[i]->name, '/') + 1, volumes[i]->dm_uuid};

		rc = stack_expect(r, &item);
	}
	return rc;
}

static int activate_batch(struct stack_round *r, void *ctx, const char *filter,
	struct lvm_volume *const *volumes, size_t count)
{
	int rc = expect_batch(r, volumes, count);
	struct err err;
	char *why;

	if (rc < 0)
		return rc;
	rc = activate(r, ctx, filter, volumes, count, &err);
	why = rc < 0 ? stack_tool_reason(ctx, "lvm2", rc, &err)
		     : talloc_strdup(ctx, "lvm did not activate it");
	rc = rc == -ETIME ? stack_add_stuck(r, KEY, TYPE, NULL, &err) : 0;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = note_active(r, ctx, volumes[i], why);
	return rc;
}

static int take_report(
	struct stack_round *r, void *ctx, const char *filter, const struct lvm_report *report)
{
	struct lvm_volume *batch[BATCH];
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; i < report->count && rc == 0; i++) {
		struct lvm_volume *v = &report->volumes[i];

		if (v->state != STACK_OPEN)
			rc = add_volume(r, v, v->reason);
		else if (!stack_is_open(r->stack, v->uuid))
			batch[n++] = v;
		if (n == BATCH) {
			rc = activate_batch(r, ctx, filter, batch, n);
			n = 0;
		}
	}
	return rc == 0 && n ? activate_batch(r, ctx, filter, batch, n) : rc;
}

/* Each member is one that could not be asked. */
static int add_failure(struct stack_round *r, const char *why)
{
	int rc = 0;

	for (size_t i = 0; i < r->count && rc == 0; i++) {
		struct stack_part part = {.state = STACK_LEFT,
			.kind = "LVM member",
			.name = r->members[i].device,
			.uuid = r->members[i].uuid,
			.device = r->members[i].device,
			.reason = why};

		if (!strcmp(r->members[i].type, TYPE))
			rc = stack_add(r, KEY, &part);
	}
	return rc;
}

int stack_lvm(struct stack_round *r)
{
	_cleanup_talloc_ void *ctx = talloc_new(NULL);
	char *filter = filter_of(r, ctx);
	int rc = filter ? stack_changed(r, KEY, filter) : -ENOMEM;
	struct lvm_report *report;
	struct err err;

	if (rc <= 0 || !*filter)
		return rc;
	rc = read_report(r, ctx, filter, &report, &err);
	if (rc == -ETIME)
		return stack_add_stuck(r, KEY, TYPE, NULL, &err);
	if (rc < 0)
		return add_failure(r, stack_tool_reason(ctx, "lvm2", rc, &err));
	return take_report(r, ctx, filter, report);
}
