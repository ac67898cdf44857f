/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PLAN_SHOW_H
#define UI_PLAN_SHOW_H

/*
 * The plan for people and as JSON. For people it is a table of rows: what it is about, what is done,
 * why, and which rule said so; functions in their order, what belongs to none of them in its place.
 *
 * As JSON, whose names stay as they are:
 *
 *   devices  [{slot, class, vendor, device, driver, action ("quiesce", "left"), reason, rule,
 *              steps: [{step, stage}], deadline_ms}]    deadline_ms: for the driver to let go
 *   errands  [{step, stage, subject, value, command, settle_ms, deadline_ms, reason, rule}]
 *   dropped  the same, for what is not done
 *   options  [{how ("add", "remove"), word, reason, rule}]
 *   off      {reason, rule}, or null
 *   boot     {default, timeout_ms, on_hang, require_still: {value, rule}}; only what a rule says
 *   load_retries, and policy_error where the policy does not load
 *
 * --diff: {changes: [{kind ("off", "device", "errand", "dropped", "option", "boot"), old, new}]}, the
 * sides as above, a setting of boot as {setting, rule}; null for none. --explain: {rules: [{rule,
 * matches, field, saw, decides}], plan (a device or an errand as above, or null), done, dropped_steps:
 * [{step, reason}], arranged_by, off_by}.
 */

#include <jansson.h>
#include <stdio.h>

#include "ui/command.h"

enum plan_row_kind {
	ROW_OFF,     /* stilling is switched off; of: struct plan */
	ROW_DEVICE,  /* of: struct plan_device */
	ROW_ERRAND,  /* of: struct plan_errand */
	ROW_DROPPED, /* of: struct plan_errand */
	ROW_OPTION,  /* a change of the target's command line; of: struct option_change */
	ROW_BOOT,    /* how the policy wants to boot; of: NULL */
};

struct plan_row {
	enum plan_row_kind kind;
	char mark; /* '-' or '+' to stand before it; 0 for none */
	const void *of;
	unsigned int stage, deadline_ms; /* 0 where there is none */
	const char *subject, *what;
	const char *reason, *rule; /* NULL for none */
};

struct plan_rows { /* a talloc context */
	struct plan_row *rows;
	size_t count;
};

enum plan_detail {
	PLAN_WITH_TARGET = 1 << 0, /* how rules change the target's command line */
	PLAN_IN_FULL = 1 << 1,     /* how they want to boot; and no folding */
};

/* The rows of a plan; they point into it. NULL if there is no memory. */
struct plan_rows *plan_rows(void *ctx, const struct still_plan *p, unsigned int detail);

/* Print them. On a terminal long ones are wrapped, and unless in full three or more equal neighbours
 * that are left become two lines; elsewhere each row is one line. */
void plan_rows_print(const struct plan_rows *rows, unsigned int detail, FILE *out);

/* All of it, with a closing line that counts. */
void plan_print(const struct still_plan *p, unsigned int detail, FILE *out);

/* The steps of one device: "unbind nvme, bus or flr or mask"; "" for none. Belongs to ctx. */
char *plan_steps_in_words(void *ctx, const struct plan_device *d);

/* As JSON: one device, one row's errand or option, and the whole plan. */
json_t *plan_device_json(const struct plan_device *d);
json_t *plan_row_json(const struct plan_row *row);
json_t *plan_json(const struct still_plan *p);

#endif
