// SPDX-License-Identifier: GPL-2.0-or-later
/* What would be done, as a tree of the machine. */
#include "ui/menu/engine_parts.h"

#include <errno.h>
#include <talloc.h>

#include "boot/volume/held.h"
#include "ui/departure.h"
#include "ui/plan_show.h"

const struct host_optouts *engine_leaves(struct engine *e, const json_t *request)
{
	struct host_optouts *leaves = talloc_zero(e->s->memory, struct host_optouts);

	if (!leaves)
		return NULL;
	leaves->leave = engine_texts(e, request, "leave");
	while (leaves->leave && leaves->leave[leaves->leave_count])
		leaves->leave_count++;
	return leaves->leave_count ? leaves : NULL;
}

/* NULL where they are not this machine's. */
static const struct volume_set *volumes_of(const struct engine *e)
{
	const struct discovery *d = e->follow.view.discovery;

	return d && e->follow.watch ? d->volumes : NULL;
}

void engine_mark_held(struct engine *e)
{
	struct session *s = e->s;
	const struct volume_set *volumes = volumes_of(e);

	s->machine.held = volumes ? volumes_held(&s->machine, s->memory, volumes) : NULL;
}

int engine_make_plan(
	struct engine *e, const struct host_optouts *by_hand, struct still_plan *p, struct err *err)
{
	int rc;

	engine_mark_held(e);
	rc = command_make_plan_by_hand(e->s, p, by_hand, err);
	return rc < 0 || p->policy_error ? rc : departure_leave_stuck(e->s, volumes_of(e), p, err);
}

static size_t walk(const struct pci_snapshot *s, const struct pci_function *f, int depth,
	struct engine_node *nodes)
{
	size_t n = 0;

	for (; f; f = f->sibling) {
		nodes[n++] = (struct engine_node){(size_t)(f - s->functions), depth};
		n += walk(s, f->child, depth + 1, nodes + n);
	}
	return n;
}

struct engine_node *engine_tree(void *ctx, const struct pci_snapshot *s)
{
	struct engine_node *nodes = talloc_zero_array(ctx, struct engine_node, s->count + 1);
	size_t n = 0;

	for (size_t i = 0; nodes && i < s->count; i++) {
		const struct pci_function *f = &s->functions[i];

		if (f->parent)
			continue;
		nodes[n++] = (struct engine_node){i, 0};
		n += walk(s, f->child, 1, nodes + n);
	}
	return nodes;
}

/* A row that is about no function. */
static void add_other(json_t *list, const struct plan_row *row, const char *kind)
{
	const struct plan_errand *errand = row->of;
	int is_device = row->kind == ROW_ERRAND && errand->step == STEP_UNBIND;

	json_array_append_new(list,
		json_pack("{si so so ss so so so so sb}", "depth", 0, "slot",
			json_text(is_device ? row->subject : NULL), "name", json_text(row->subject),
			"kind", kind, "what", json_text(row->what), "reason",
			json_text(row->reason), "rule", json_text(row->rule), "action",
			is_device ? json_string("quiesce") : json_null(), "by_hand", 0));
}

static void add_function(
	json_t *list, const struct plan_row *row, int depth, const struct host_optouts *by_hand)
{
	const struct plan_device *d = row->of;
	const struct pci_function *f = d->function;

	json_array_append_new(
		list, json_pack("{si so so ss so so so ss sb}", "depth", depth, "slot",
			      json_text(f->slot), "name",
			      json_text(f->device_name ? f->device_name : f->class_name), "kind",
			      pci_is_bridge(f) ? "bridge" : "device", "what", json_text(row->what),
			      "reason", json_text(row->reason), "rule", json_text(row->rule),
			      "action", d->action == PLAN_LEFT ? "left" : "quiesce", "by_hand",
			      by_hand && host_leaves_function(by_hand, f)));
}

/* The functions, from their rows, which stand in the order of what is done. */
static int add_functions(json_t *list, const struct still_plan *p, const struct plan_rows *rows,
	const struct host_optouts *by_hand)
{
	const struct engine_node *nodes = engine_tree((void *)(uintptr_t)rows, p->snapshot);
	const struct plan_row **of = talloc_zero_array(
		rows, const struct plan_row *, p->snapshot->count + 1);

	if (!nodes || !of)
		return -ENOMEM;
	for (size_t i = 0; i < rows->count; i++)
		if (rows->rows[i].kind == ROW_DEVICE) {
			const struct plan_device *d = rows->rows[i].of;

			of[d - p->plan->devices] = &rows->rows[i];
		}
	for (size_t i = 0; i < p->snapshot->count; i++)
		add_function(list, of[nodes[i].index], nodes[i].depth, by_hand);
	return 0;
}

static const char *const kinds[] = {
	[ROW_OFF] = "off",
	[ROW_ERRAND] = "errand",
	[ROW_DROPPED] = "errand",
	[ROW_OPTION] = "option",
	[ROW_BOOT] = "option",
};

/* What is done before the first function stands above them, the rest below. */
static int add_rows(json_t *list, const struct still_plan *p, const struct plan_rows *rows,
	const struct host_optouts *by_hand)
{
	int rc = 0, functions = 0;

	for (size_t i = 0; i < rows->count && rc == 0; i++) {
		const struct plan_row *row = &rows->rows[i];

		if (row->kind != ROW_DEVICE)
			add_other(list, row, kinds[row->kind]);
		else if (!functions++)
			rc = add_functions(list, p, rows, by_hand);
	}
	return rc;
}

int engine_plan(struct engine *e, const json_t *request, struct err *text)
{
	const struct host_optouts *by_hand = engine_leaves(e, request);
	struct plan_rows *rows;
	struct still_plan p;
	json_t *list;
	int rc = engine_make_plan(e, by_hand, &p, text);

	if (rc < 0)
		return rc;
	pci_name_functions(&e->s->machine, p.snapshot);
	list = json_array();
	rows = plan_rows(e->s->memory, &p, PLAN_WITH_TARGET);
	if (!rows || add_rows(list, &p, rows, by_hand) < 0) {
		json_decref(list);
		return err_errno(text, -ENOMEM, "show the plan");
	}
	engine_say(
		e, "plan", json_pack("{so so}", "rows", list, "error", json_text(p.policy_error)));
	return 0;
}
