// SPDX-License-Identifier: GPL-2.0-or-later
/* md arrays: assembled read-only by mdadm above overlays, so that not even a bitmap is written. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/stack/dm.h"
#include "boot/stack/overlay.h"
#include "boot/stack/md_examine.h"
#include "boot/stack/parts.h"
#include "boot/stack/tool.h"
#include "devices/cleanup.h"

#define KIND "RAID array"
#define TYPE "linux_raid_member"
#define MEMBERS_MAX 256
#define NUMBERS 128 /* md0 to md127: what every kernel and mdadm has nodes for */

/* One array: the members with its UUID. */
struct array {
	const char *uuid, *name;
	const struct stack_member *members[MEMBERS_MAX];
	size_t count;
	struct md_member examined;
};

static void collect(const struct stack_round *r, const char *uuid, struct array *a)
{
	*a = (struct array){.uuid = uuid};
	for (size_t i = 0; i < r->count && a->count < MEMBERS_MAX; i++) {
		const struct stack_member *member = &r->members[i];

		if (strcmp(member->type, TYPE) || !member->uuid || strcmp(member->uuid, uuid))
			continue;
		a->members[a->count++] = member;
		if (!a->name && member->label && *member->label)
			a->name = member->label;
	}
	if (!a->name)
		a->name = uuid;
}

/* "/dev/md127", the highest that is free; NULL if none is. */
static char *free_device(struct machine *m, void *ctx)
{
	for (int n = NUMBERS; n--;) {
		char path[48];

		snprintf(path, sizeof(path), "sys/class/block/md%d", n);
		if (faccessat(m->root_fd, path, F_OK, 0) < 0)
			return talloc_asprintf(ctx, "/dev/md%d", n);
	}
	return NULL;
}

static int is_running(struct machine *m, const char *device)
{
	_cleanup_talloc_ char *size = NULL;
	char path[64];

	snprintf(path, sizeof(path), "sys/class/block/%.16s/size", device + strlen("/dev/"));
	return machine_read_file(m, NULL, path, 64, &size, NULL) == 0 && strcmp(size, "0");
}

static int add_left(struct stack_round *r, const struct array *a, const char *reason)
{
	int is_incomplete = a->examined.devices > a->count;
	struct stack_part part = {
		.state = is_incomplete ? STACK_WAITING : STACK_LEFT,
		.kind = KIND,
		.name = a->name,
		.uuid = a->uuid,
		.device = a->members[0]->device,
		.reason = reason,
	};

	return stack_add(r, a->uuid, &part);
}

static int add_failure(
	struct stack_round *r, void *ctx, const struct array *a, int failure, const struct err *err)
{
	int rc = failure == -ETIME ? stack_add_stuck(r, a->uuid, TYPE, a->uuid, err) : 0;

	return rc < 0 ? rc : add_left(r, a, stack_tool_reason(ctx, "mdadm", failure, err));
}

/* The overlays that were made, until it works or not. */
struct overlays {
	char *nodes[MEMBERS_MAX];
	size_t count;
};

static void drop_overlays(struct stack_round *r, struct overlays *o)
{
	for (size_t i = 0; i < o->count; i++) {
		_cleanup_talloc_ char *name = overlay_name(
			r->m, NULL, o->nodes[i] + strlen("/dev/"));

		if (name)
			dm_remove(r->m, name, NULL);
	}
}

static int make_overlays(struct stack_round *r, void *ctx, const struct array *a,
	struct overlays *o, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < a->count && rc == 0; i++) {
		rc = overlay_make(r->m, ctx, a->members[i]->device, &o->nodes[i], err);
		o->count += rc == 0;
	}
	return rc;
}

static int start(struct stack_round *r, const struct array *a, const struct overlays *o,
	const char *device, struct err *err)
{
	const char *argv[8 + MEMBERS_MAX] = {"mdadm", "--assemble", "--config=none", "--readonly"};
	const char *const stop[] = {"mdadm", "--stop", device, NULL};
	size_t n = 4;
	int rc;

	if (r->flags & STACK_DEGRADED)
		argv[n++] = "--run";
	argv[n++] = device;
	for (size_t i = 0; i < a->count; i++)
		argv[n++] = o->nodes[i];
	rc = tool_do(r->m, argv, err);
	if (rc == 0)
		return 0;
	if (is_running(r->m, device))
		tool_do(r->m, stop, NULL);
	return rc;
}

static int note_running(struct stack_round *r, void *ctx, const struct array *a, const char *device)
{
	struct stack_part part = {.state = STACK_OPEN,
		.kind = KIND,
		.name = a->name,
		.uuid = a->uuid,
		.device = a->members[0]->device,
		.opened = device};

	if (a->count < a->examined.devices)
		part.reason = talloc_asprintf(
			ctx, "only %zu of its %u devices are there", a->count, a->examined.devices);
	return stack_add_open(r, a->uuid, &part);
}

static int expect(struct stack_round *r, const struct array *a, const char *device)
{
	const struct stack_item item = {STACK_ITEM_ARRAY, device + strlen("/dev/"), a->uuid};

	return stack_expect(r, &item);
}

static int assemble(struct stack_round *r, void *ctx, const struct array *a)
{
	char *device = free_device(r->m, ctx);
	struct overlays overlays = {.count = 0};
	struct err err;
	int rc = device ? make_overlays(r, ctx, a, &overlays, &err)
			: err_set(&err, -EBUSY, "there are too many arrays");

	tool_load_module(r->m, "md_mod", "sys/module/md_mod");
	if (rc == 0)
		rc = expect(r, a, device);
	if (rc == -ENOMEM)
		return rc;
	if (rc == 0)
		rc = start(r, a, &overlays, device, &err);
	if (rc == 0 && is_running(r->m, device))
		return note_running(r, ctx, a, device);
	drop_overlays(r, &overlays);
	if (rc < 0)
		return add_failure(r, ctx, a, rc, &err);
	return add_left(r, a, "mdadm did not start it");
}

static int examine(struct stack_round *r, void *ctx, struct array *a, struct err *err)
{
	const char *const argv[] = {"mdadm", "--examine", a->members[0]->device, NULL};
	char *text;
	int rc = r->stack->ask(r->m, ctx, argv, &text, err);

	if (rc == 0)
		md_examine_parse(text, &a->examined);
	return rc;
}

/* While members may still come, one that lacks some waits. */
static int consider(struct stack_round *r, void *ctx, struct array *a)
{
	struct err err;
	int rc = examine(r, ctx, a, &err);
	const char *reason;

	if (rc < 0)
		return add_failure(r, ctx, a, rc, &err);
	reason = md_member_reason(&a->examined);
	if (!reason && a->count == MEMBERS_MAX)
		reason = "it has too many members";
	return reason ? add_left(r, a, reason) : assemble(r, ctx, a);
}

static char *signature(const struct stack_round *r, void *ctx, const struct array *a)
{
	char *text = talloc_asprintf(ctx, "%u", r->flags & STACK_DEGRADED);

	for (size_t i = 0; i < a->count && text; i++)
		text = talloc_asprintf_append(text, " %s", a->members[i]->device);
	return text;
}

int stack_md(struct stack_round *r)
{
	int rc = 0;

	for (size_t i = 0; i < r->count && rc >= 0; i++) {
		_cleanup_talloc_ void *ctx = talloc_new(NULL);
		const struct stack_member *member = &r->members[i];
		struct array *a = ctx ? talloc(ctx, struct array) : NULL;
		char *now;

		if (strcmp(member->type, TYPE) || !member->uuid)
			continue;
		if (!a)
			return -ENOMEM;
		collect(r, member->uuid, a);
		if (a->members[0] != member || stack_is_open(r->stack, a->uuid))
			continue; /* another member stands for the array */
		now = signature(r, ctx, a);
		rc = now ? stack_changed(r, a->uuid, now) : -ENOMEM;
		if (rc > 0)
			rc = consider(r, ctx, a);
	}
	return rc < 0 ? rc : 0;
}
