// SPDX-License-Identifier: GPL-2.0-or-later
/* The drivers that plain kexec would leave running, worst first. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/audit.h"
#include "devices/cleanup.h"
#include "ui/command.h"
#include "ui/json.h"
#include "ui/plan_show.h"
#include "ui/print.h"

/* What a jump by plain kexec means for a driver's devices; the worst first. */
enum outlook {
	LEFT_RUNNING, /* no shutdown(), though it could be stopped by remove() */
	NOTHING,      /* neither: only managed resources, or a reset, stop it */
	UNKNOWN,
	SHUT_DOWN, /* shutdown() is called; what it does is another question */
	OUTLOOKS
};

static const struct {
	const char *name, *meaning;
	enum style style;
} outlooks[OUTLOOKS] = {
	[LEFT_RUNNING] = {"left running", "no shutdown(), but remove()", STYLE_BAD},
	[NOTHING] = {"left running", "neither shutdown() nor remove()", STYLE_BAD},
	[UNKNOWN] = {"unknown", "", STYLE_DIM},
	[SHUT_DOWN] = {"shut down", "has shutdown()", STYLE_GOOD},
};

static const char *const answers[] = {"no", "yes", "unknown"};

static enum outlook outlook_of(const struct audit_driver *d)
{
	if (d->shutdown == AUDIT_YES)
		return SHUT_DOWN;
	if (d->shutdown == AUDIT_UNKNOWN || d->remove == AUDIT_UNKNOWN)
		return UNKNOWN;
	return d->remove == AUDIT_YES ? LEFT_RUNNING : NOTHING;
}

static json_t *driver_json(const struct audit_driver *d)
{
	return json_pack("{so so ss ss so}", "driver", json_text(d->name), "module",
		json_text(d->module), "remove", answers[d->remove], "shutdown",
		answers[d->shutdown], "why", json_text(d->why));
}

/* A directory of module files. */

static size_t count_yes(const struct audit_list *list, size_t answer_offset)
{
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++)
		n += *(const enum audit_answer *)((const char *)&list->drivers[i] +
						  answer_offset) == AUDIT_YES;
	return n;
}

static void print_driver(const struct audit_driver *d)
{
	print_text(stdout, d->name ? d->name : "?", 28);
	print_text(stdout, d->module ? d->module : "", 28);
	printf("remove() ");
	print_text(stdout, answers[d->remove], 9);
	printf("shutdown() ");
	print_text(stdout, answers[d->shutdown], d->why ? 9 : 0);
	if (d->why)
		print_text(stdout, d->why, 0);
	putchar('\n');
}

static enum exit_code show_modules(struct session *s, const struct audit_list *list)
{
	size_t removes = count_yes(list, offsetof(struct audit_driver, remove));
	size_t shutdowns = count_yes(list, offsetof(struct audit_driver, shutdown));
	json_t *drivers = json_array();
	size_t unknown = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct audit_driver *d = &list->drivers[i];

		unknown += outlook_of(d) == UNKNOWN;
		if (s->options.given & OPT_JSON)
			json_array_append_new(drivers, driver_json(d));
		else
			print_driver(d);
	}
	if (s->options.given & OPT_JSON)
		return command_print_json(
			s, json_pack("{sI sI sI sI sI so}", "modules", (json_int_t)list->modules,
				   "known", (json_int_t)(list->count - unknown), "unknown",
				   (json_int_t)unknown, "remove", (json_int_t)removes, "shutdown",
				   (json_int_t)shutdowns, "drivers", drivers));
	json_decref(drivers);
	printf("%zu PCI drivers in %zu modules: %zu have remove(), %zu have shutdown(); %zu more "
	       "are "
	       "unknown\n",
		list->count - unknown, list->modules, removes, shutdowns, unknown);
	return EXIT_DONE;
}

static enum exit_code audit_directory(struct session *s, struct audit *audit)
{
	struct audit_list *list;
	struct err err;

	if (audit_modules(audit, AT_FDCWD, s->options.modules, s->memory, &list, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	return show_modules(s, list);
}

/* This machine. */

struct bound {
	struct audit_driver driver;
	const struct plan_device **devices; /* those bound to it */
	size_t count;
};

static struct bound *find_bound(struct bound *bound, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(bound[i].driver.name, name))
			return &bound[i];
	return NULL;
}

/* The drivers of the plan's devices, each once; NULL without memory. */
static struct bound *collect(
	struct session *s, struct audit *audit, const struct plan *plan, size_t *count)
{
	struct bound *bound = talloc_zero_array(s->memory, struct bound, plan->count);

	*count = 0;
	for (size_t i = 0; bound && i < plan->count; i++) {
		const struct plan_device *d = &plan->devices[i];
		struct bound *b;

		if (!d->function->driver)
			continue;
		b = find_bound(bound, *count, d->function->driver);
		if (!b) {
			b = &bound[(*count)++];
			audit_driver(audit, d->function->driver, &b->driver);
			b->devices = talloc_array(bound, const struct plan_device *, plan->count);
		}
		if (!b->devices)
			return NULL;
		b->devices[b->count++] = d;
	}
	return bound;
}

static int worst_first(const void *x, const void *y)
{
	const struct bound *a = x, *b = y;
	int order = (int)outlook_of(&a->driver) - (int)outlook_of(&b->driver);

	return order ? order : strcmp(a->driver.name, b->driver.name);
}

static void print_cure(const struct plan_device *d)
{
	_cleanup_talloc_ char *steps = NULL;

	fputs("    ", stdout);
	print_text(stdout, d->function->slot, PCI_SLOT_MAX);
	if (d->action == PLAN_LEFT) {
		print_styled(stdout, STYLE_DIM, "left: ", 0);
		print_text(stdout, d->reason, 0);
		putchar('\n');
		return;
	}
	steps = plan_steps_in_words(NULL, d);
	print_text(stdout, steps && *steps ? steps : "-", 0);
	putchar('\n');
}

static void print_bound(const struct bound *b)
{
	enum outlook outlook = outlook_of(&b->driver);

	print_text(stdout, b->driver.name, 20);
	print_styled(stdout, outlooks[outlook].style, outlooks[outlook].name, 14);
	print_text(stdout, outlook == UNKNOWN ? b->driver.why : outlooks[outlook].meaning, 0);
	putchar('\n');
	for (size_t i = 0; i < b->count; i++)
		print_cure(b->devices[i]);
}

static json_t *bound_json(const struct bound *b)
{
	json_t *json = driver_json(&b->driver), *devices = json_array();

	for (size_t i = 0; i < b->count; i++) {
		const struct plan_device *d = b->devices[i];
		json_t *steps = json_array();

		for (size_t n = 0; n < d->step_count; n++)
			json_array_append_new(steps, json_string(step_name(d->steps[n])));
		json_array_append_new(
			devices, json_pack("{ss ss so so}", "slot", d->function->slot, "action",
					 d->action == PLAN_LEFT ? "left" : "quiesce", "steps",
					 steps, "reason", json_text(d->reason)));
	}
	json_object_set_new(
		json, "plain_kexec", json_string(outlooks[outlook_of(&b->driver)].name));
	json_object_set_new(json, "devices", devices);
	return json;
}

static enum exit_code show_machine(struct session *s, const struct bound *bound, size_t count)
{
	size_t running = 0, unknown = 0;
	json_t *drivers = json_array();

	for (size_t i = 0; i < count; i++) {
		enum outlook outlook = outlook_of(&bound[i].driver);

		running += outlook <= NOTHING;
		unknown += outlook == UNKNOWN;
		if (s->options.given & OPT_JSON)
			json_array_append_new(drivers, bound_json(&bound[i]));
		else
			print_bound(&bound[i]);
	}
	if (s->options.given & OPT_JSON)
		return command_print_json(s, json_pack("{so}", "drivers", drivers));
	json_decref(drivers);
	printf("%zu driver%s in use: plain kexec leaves %zu running, %zu unknown\n", count,
		count == 1 ? "" : "s", running, unknown);
	return EXIT_DONE;
}

static enum exit_code audit_machine(struct session *s, struct audit *audit)
{
	struct still_plan p;
	struct bound *bound;
	struct err err;
	size_t count;

	if (command_make_plan(s, &p, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	command_policy_error(&p);
	bound = collect(s, audit, p.plan, &count);
	if (!bound) {
		err_errno(&err, -ENOMEM, "audit the drivers");
		return command_fail(EXIT_FAILED, &err);
	}
	if (count)
		qsort(bound, count, sizeof(*bound), worst_first);
	return show_machine(s, bound, count);
}

enum exit_code command_audit(struct session *s)
{
	struct audit *audit = audit_new(&s->machine, s->memory);
	struct err err;

	if (!audit) {
		err_errno(&err, -ENOMEM, "audit the drivers");
		return command_fail(EXIT_FAILED, &err);
	}
	return s->options.modules ? audit_directory(s, audit) : audit_machine(s, audit);
}
