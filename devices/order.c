// SPDX-License-Identifier: GPL-2.0-or-later
/* Who has to wait for whom. */
#include <errno.h>
#include <talloc.h>

#include "devices/run.h"

struct run *run_of(const struct quiesce *q, const struct pci_function *f)
{
	return &q->runs[f - q->plan->devices[0].function];
}

static void add_edge(
	struct quiesce *q, const struct pci_function *first, const struct pci_function *second)
{
	if (first == second)
		return;
	if (q->edges)
		q->edges[q->edge_count] = (struct edge){run_of(q, first), run_of(q, second)};
	q->edge_count++;
}

/*
 * A virtual function before its physical one; a consumer before its supplier, because the kernel
 * would unbind it in the middle of the supplier's step (drivers/base/dd.c, __device_release_driver);
 * and whatever stands below a function that is no bridge (Intel's VMD) before that.
 */
static void add_edges(struct quiesce *q)
{
	q->edge_count = 0;
	for (size_t i = 0; i < q->plan->count; i++) {
		const struct pci_function *f = q->plan->devices[i].function;

		if (f->physical)
			add_edge(q, f, f->physical);
		for (size_t c = 0; c < f->consumer_count; c++)
			add_edge(q, f->consumers[c], f);
		for (const struct pci_function *above = f->parent; above; above = above->parent)
			if (!pci_is_bridge(above))
				add_edge(q, f, above);
	}
}

static void add_ports(struct quiesce *q)
{
	q->port_count = 0;
	for (size_t i = 0; i < q->plan->count; i++)
		if (q->plan->devices[i].function->child)
			q->ports[q->port_count++].bridge = q->plan->devices[i].function;
	for (size_t p = 0; p < q->port_count; p++)
		for (const struct pci_function *f = q->ports[p].bridge->child; f; f = f->sibling)
			run_of(q, f)->port = &q->ports[p];
}

int order_prepare(struct quiesce *q)
{
	q->edges = NULL;
	add_edges(q);
	q->edges = talloc_zero_array(q, struct edge, q->edge_count + 1);
	q->ports = talloc_zero_array(q, struct port, q->plan->count + 1);
	if (!q->edges || !q->ports)
		return -ENOMEM;
	add_edges(q);
	add_ports(q);
	return 0;
}

/*
 * Has it let go, and is a reset of its port all that it waits for? That may itself wait for r to let
 * go, when a consumer and its supplier stand on one card. What vanishes with r's driver (virtual
 * functions, a domain below VMD) has to be through all the same.
 */
static int awaits_port(const struct run *first, const struct run *r)
{
	const struct pci_function *f = first->device->function;

	return first->phase == STEPS && !first->bound && !first->busy && first->looked &&
	       first->next < first->device->step_count &&
	       step_kind(first->device->steps[first->next]) & STEP_IS_PORT &&
	       f->physical != r->device->function && !pci_is_below(f, r->device->function);
}

int order_unbind(const struct quiesce *q, const struct run *r, const struct run **holder)
{
	int waiting = 0;

	for (size_t i = 0; i < q->edge_count; i++) {
		const struct run *first = q->edges[i].first;

		if (q->edges[i].second != r)
			continue;
		if (first->phase != DONE && !first->overdue && !awaits_port(first, r)) {
			waiting = 1;
		} else if (first->bound && !pci_is_bridge(first->device->function)) {
			*holder = first;
			return -EBUSY;
		}
	}
	return !waiting;
}

/* Is r still going to let go of its driver? */
static int will_let_go(const struct run *r)
{
	if (r->overdue || r->device->action != PLAN_QUIESCE || r->phase > STEPS)
		return 0;
	for (size_t i = r->next; i < r->device->step_count; i++)
		if (r->device->steps[i] == STEP_UNBIND)
			return 1;
	return 0;
}

int order_reset(const struct quiesce *q, const struct run *r, const struct run **holder)
{
	int waiting = 0;

	for (size_t i = 0; i < q->edge_count; i++) {
		const struct run *first = q->edges[i].first;

		if (q->edges[i].second != r ||
			first->device->function->physical != r->device->function)
			continue;
		if (first->bound && !will_let_go(first)) {
			*holder = first;
			return -EBUSY;
		}
		waiting |= first->bound || (first->busy && !first->overdue);
	}
	return !waiting;
}

/* Whose line is still to be looked at: after a reset it would be too late for that. */
static int will_look(const struct run *r)
{
	return !r->looked && r->phase <= STEPS && r->device->action == PLAN_QUIESCE;
}

int order_port_reset(const struct quiesce *q, const struct run *r, const struct run **holder)
{
	int waiting = 0;

	for (const struct pci_function *f = r->device->function->parent->child; f; f = f->sibling) {
		const struct run *other = run_of(q, f);

		if (other->bound && will_let_go(other)) {
			waiting = 1;
		} else if (other->bound || other->is_left || (other->busy && other->overdue)) {
			*holder = other;
			return -EBUSY;
		} else if (other != r && (other->busy || will_look(other))) {
			waiting = 1;
		}
	}
	return !waiting;
}

int order_port_is_busy(const struct run *r)
{
	const struct run *by = r->port ? r->port->by : NULL;

	return by && by != r && by->busy && by->phase == STEPS &&
	       step_kind(by->running) & STEP_IS_PORT;
}
