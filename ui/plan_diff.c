// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/plan_diff.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "ui/plan_show.h"

struct sides {
	const char *old_file, *new_file; /* NULL for none */
	struct plan_rows *old, *new;
	const struct plan_row **partners; /* for each old row its new one; NULL if it is gone */
	char *taken;                      /* for each new row: it is somebody's partner */
	struct plan_rows *changes;        /* what differs, for people, ... */
	json_t *list;                     /* and for programs */
};

static int same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static int is_of(const char *rule, const char *file)
{
	size_t len = file ? strlen(file) : 0;

	return rule && len && !strncmp(rule, file, len) && rule[len] == ':';
}

/* Where two rules of the compared files differ only in their line, nothing has changed. */
static int same_rule(const struct sides *s, const char *old, const char *new)
{
	return same_text(old, new) || (is_of(old, s->old_file) && is_of(new, s->new_file));
}

static int same_row(const struct sides *s, const struct plan_row *a, const struct plan_row *b)
{
	return a->kind == b->kind && a->stage == b->stage && a->deadline_ms == b->deadline_ms &&
	       !strcmp(a->subject, b->subject) && !strcmp(a->what, b->what) &&
	       same_text(a->reason, b->reason) && same_rule(s, a->rule, b->rule);
}

/* Rows about the same thing: the function; of what else there is, equal ones. */
static int are_partners(const struct sides *s, const struct plan_row *a, const struct plan_row *b)
{
	if (a->kind == ROW_DEVICE || a->kind == ROW_OFF)
		return a->kind == b->kind && !strcmp(a->subject, b->subject);
	return same_row(s, a, b);
}

/* Both lists are in nearly the same order, so the search begins behind the last partner. */
static void find_partners(struct sides *s)
{
	size_t next = 0;

	for (size_t i = 0; i < s->old->count; i++)
		for (size_t n = 0; n < s->new->count; n++) {
			size_t at = (next + n) % s->new->count;

			if (s->taken[at] || !are_partners(s, &s->old->rows[i], &s->new->rows[at]))
				continue;
			s->partners[i] = &s->new->rows[at];
			s->taken[at] = 1;
			next = at + 1;
			break;
		}
}

/* One side of a difference as a row that is marked. Where the deadline is what differs, it is told. */
static void add_side(struct plan_rows *changes, const struct plan_row *row, char mark,
	const struct plan_row *other)
{
	struct plan_row *added = &changes->rows[changes->count];
	char *what = NULL;

	if (!row)
		return;
	*added = *row;
	added->mark = mark;
	if (other && other->deadline_ms != row->deadline_ms && row->deadline_ms)
		what = talloc_asprintf(
			changes, "%s, within %g s", row->what, row->deadline_ms / 1000.0);
	if (what)
		added->what = what;
	changes->count++;
}

static json_t *difference_json(const struct plan_row *old, const struct plan_row *new)
{
	static const char *const kinds[] = {
		[ROW_OFF] = "off",
		[ROW_DEVICE] = "device",
		[ROW_ERRAND] = "errand",
		[ROW_DROPPED] = "dropped",
		[ROW_OPTION] = "option",
		[ROW_BOOT] = "boot",
	};

	return json_pack("{ss so so}", "kind", kinds[(old ? old : new)->kind], "old",
		old ? plan_row_json(old) : json_null(), "new",
		new ? plan_row_json(new) : json_null());
}

static void add_difference(struct sides *s, const struct plan_row *old, const struct plan_row *new)
{
	add_side(s->changes, old, '-', new);
	add_side(s->changes, new, '+', old);
	json_array_append_new(s->list, difference_json(old, new));
}

/* What was first, each beside what became of it; then what is new. */
static void compare(struct sides *s)
{
	for (size_t i = 0; i < s->old->count; i++) {
		const struct plan_row *old = &s->old->rows[i], *new = s->partners[i];

		if (!new || !same_row(s, old, new))
			add_difference(s, old, new);
	}
	for (size_t i = 0; i < s->new->count; i++)
		if (!s->taken[i])
			add_difference(s, NULL, &s->new->rows[i]);
}

static const char *or_none(const char *file)
{
	return file && strcmp(file, "/dev/null") ? file : NULL;
}

/* The plan with this file in the place of --policy. */
static int plan_by(struct session *s, const struct still_plan *facts, const char *file,
	struct plan_rows **rows, struct err *err)
{
	const struct question question = {.files = POLICY_ALL, .extra = file};
	struct still_plan *p = talloc(s->memory, struct still_plan);
	int rc = p ? 0 : err_errno(err, -ENOMEM, "compare");

	if (rc < 0)
		return rc;
	*p = *facts;
	rc = command_ask(s, &question, p, err);
	if (rc < 0)
		return rc;
	*rows = plan_rows(s->memory, p, PLAN_WITH_TARGET | PLAN_IN_FULL);
	return *rows ? 0 : err_errno(err, -ENOMEM, "compare");
}

/* Room for all that may come out of it. */
static int make_room(struct session *s, struct sides *sides, struct err *err)
{
	size_t count = sides->old->count + sides->new->count;

	sides->partners = talloc_zero_array(s->memory, const struct plan_row *, count + 1);
	sides->taken = talloc_zero_array(s->memory, char, count + 1);
	sides->changes = talloc_zero(s->memory, struct plan_rows);
	if (sides->changes)
		sides->changes->rows = talloc_array(sides->changes, struct plan_row, count + 1);
	if (!sides->partners || !sides->taken || !sides->changes || !sides->changes->rows)
		return err_errno(err, -ENOMEM, "compare");
	sides->list = json_array();
	return 0;
}

enum exit_code plan_diff(struct session *s, struct still_plan *p)
{
	struct sides sides = {
		.old_file = or_none(s->options.diff),
		.new_file = or_none(s->options.policy),
	};
	struct err err;
	size_t count;

	if (plan_by(s, p, sides.old_file, &sides.old, &err) < 0 ||
		plan_by(s, p, sides.new_file, &sides.new, &err) < 0 ||
		make_room(s, &sides, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	find_partners(&sides);
	compare(&sides);
	if (s->options.given & OPT_JSON)
		return command_print_json(s, json_pack("{so}", "changes", sides.list));
	count = json_array_size(sides.list);
	json_decref(sides.list);
	plan_rows_print(sides.changes, PLAN_IN_FULL, stdout);
	if (count)
		printf("%zu difference%s\n", count, count == 1 ? "" : "s");
	else
		puts("no difference");
	return EXIT_DONE;
}
