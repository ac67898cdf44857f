// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/stack/lvm_report.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"

#define VOLUMES_MAX 4096
#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.-"

static const char *field(const json_t *row, const char *name)
{
	const char *value = json_string_value(json_object_get(row, name));

	return value ? value : "";
}

/* lvm(8), VALID NAMES. */
static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len && len < 128 && *name != '-' && strspn(name, NAME_BYTES) == len;
}

static bool is_plain(const char *segment)
{
	return !strcmp(segment, "linear") || !strcmp(segment, "striped");
}

/* "/dev/sda2(0),/dev/sdb2(0)": of what is being moved the name of another volume stands here. */
static bool lies_on_devices(const char *devices)
{
	for (const char *d = devices; d; d = strchr(d, ',')) {
		d += *d == ',';
		if (strncmp(d, "/dev/", 5))
			return false;
	}
	return true;
}

static const char *group_reason(void *ctx, const json_t *row)
{
	const char *lock = field(row, "vg_lock_type"), *system = field(row, "vg_systemid");

	if (*field(row, "vg_exported"))
		return "its volume group is exported";
	if (*lock && strcmp(lock, "none"))
		return "its volume group is shared by several machines";
	if (*system)
		return talloc_asprintf(ctx, "its volume group belongs to the system %s", system);
	return NULL;
}

static const char *volume_reason(void *ctx, const json_t *row)
{
	const char *segment = field(row, "segtype"), *why = group_reason(ctx, row);

	if (why)
		return why;
	if (!is_name(field(row, "vg_name")) || !is_name(field(row, "lv_name")))
		return "its name is not one that LVM allows";
	if (!is_plain(segment))
		return talloc_asprintf(ctx,
			"a volume of type %s is not activated: that could write to the disks",
			segment);
	if (strcmp(field(row, "lv_role"), "public"))
		return "a volume with a snapshot is not activated: that could write to the disks";
	if (*field(row, "lv_skip_activation"))
		return "it is marked to be skipped (lvchange --setactivationskip)";
	if (!lies_on_devices(field(row, "devices")))
		return "it is being moved to another disk";
	return NULL;
}

/* A UUID without its dashes, behind what there is. */
static char *append_compact(char *text, const char *uuid)
{
	for (; text && *uuid; uuid++)
		if (*uuid != '-')
			text = talloc_asprintf_append(text, "%c", *uuid);
	return text;
}

static int describe(void *ctx, const json_t *row, struct lvm_volume *v)
{
	const char *devices = field(row, "devices");
	bool is_partial = strstr(field(row, "lv_health_status"), "partial");

	*v = (struct lvm_volume){
		.name = talloc_asprintf(ctx, "%s/%s", field(row, "vg_name"), field(row, "lv_name")),
		.uuid = talloc_strdup(ctx, field(row, "lv_uuid")),
		.dm_uuid = append_compact(
			append_compact(talloc_strdup(ctx, "LVM-"), field(row, "vg_uuid")),
			field(row, "lv_uuid")),
		.device = *devices == '/' ? talloc_strndup(ctx, devices, strcspn(devices, "(,"))
					  : talloc_strdup(ctx, ""),
		.reason = is_partial ? "a disk of its volume group is missing"
				     : volume_reason(ctx, row),
	};
	v->state = is_partial ? STACK_WAITING : v->reason ? STACK_LEFT : STACK_OPEN;
	return v->name && v->uuid && v->dm_uuid && v->device ? 0 : -ENOMEM;
}

/* There is a row for each segment: one that may not be activated decides. */
static int add_row(struct lvm_report *report, const json_t *row)
{
	struct lvm_volume v;

	if (!*field(row, "lv_uuid") || *field(row, "lv_name") == '[' ||
		strstr(field(row, "lv_role"), "private") || report->count == VOLUMES_MAX)
		return 0;
	if (describe(report, row, &v) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < report->count; i++) {
		struct lvm_volume *known = &report->volumes[i];

		if (strcmp(known->dm_uuid, v.dm_uuid))
			continue;
		if (known->state == STACK_OPEN)
			*known = v;
		return 0;
	}
	if (report->count == talloc_array_length(report->volumes)) {
		struct lvm_volume *more = talloc_realloc(
			report, report->volumes, struct lvm_volume, 2 * report->count);

		if (!more)
			return -ENOMEM;
		report->volumes = more;
	}
	report->volumes[report->count++] = v;
	return 0;
}

static int add_rows(struct lvm_report *report, const json_t *root)
{
	const json_t *part, *row;
	size_t i, j;
	int rc = 0;

	json_array_foreach (json_object_get(root, "report"), i, part)
		json_array_foreach (json_object_get(part, "lv"), j, row)
			if (rc == 0)
				rc = add_row(report, row);
	return rc;
}

int lvm_report_parse(
	void *ctx, const char *text, size_t len, struct lvm_report **report, struct err *err)
{
	_cleanup_talloc_ struct lvm_report *r = talloc_zero(ctx, struct lvm_report);
	json_error_t where;
	json_t *root;
	int rc = -ENOMEM;

	if (r)
		r->volumes = talloc_array(r, struct lvm_volume, 16);
	if (!r || !r->volumes)
		return err_errno(err, -ENOMEM, "read the report of lvm");
	root = json_loadb(text, len, 0, &where);
	if (!json_is_array(json_object_get(root, "report"))) {
		json_decref(root);
		return err_set(err, -EINVAL, "lvm's report cannot be read: %s", where.text);
	}
	rc = add_rows(r, root);
	json_decref(root);
	if (rc < 0)
		return err_errno(err, rc, "read the report of lvm");
	*report = r;
	r = NULL;
	return 0;
}
