// SPDX-License-Identifier: GPL-2.0-or-later
/* The devices, as `stillboot devices -v` and --drift tell of them. */
#include "ui/menu/engine_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/audit.h"
#include "devices/baseline.h"
#include "ui/devices.h"
#include "ui/drift.h"

/* Cut up where lines end. */
static json_t *lines_json(char *text)
{
	json_t *lines = json_array();
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		json_array_append_new(lines, json_text(line));
	return lines;
}

/* baseline is NULL where none was saved: then nothing has drifted. */
static json_t *row_json(
	const struct pci_function *f, int depth, const struct pci_snapshot *baseline)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int drift;
	json_t *row;

	if (!out)
		return NULL;
	devices_print_details(out, f, DEVICES_ALL);
	drift = baseline ? drift_print(out, f, pci_find(baseline, f->slot)) : 0;
	fclose(out);
	row = json_pack("{si so so so so sb so}", "depth", depth, "slot", json_text(f->slot),
		"name", json_text(f->device_name ? f->device_name : f->class_name), "driver",
		json_text(f->driver), "uses", json_text(f->use), "drift", drift, "lines",
		lines_json(text));
	free(text);
	return row;
}

int engine_devices(struct engine *e, const json_t *request, struct err *text)
{
	struct session *s = e->s;
	struct pci_snapshot *baseline = NULL;
	struct engine_node *nodes;
	struct still_plan p;
	struct audit *audit;
	json_t *rows;
	int rc = engine_make_plan(e, NULL, &p, text);

	(void)request;
	if (rc < 0)
		return rc;
	nodes = engine_tree(s->memory, p.snapshot);
	if (!nodes)
		return err_errno(text, -ENOMEM, "show the devices");
	pci_name_functions(&s->machine, p.snapshot);
	audit = audit_new(&s->machine, s->memory);
	if (audit)
		audit_functions(audit, p.snapshot);
	if (baseline_read(&s->machine, s->memory, &baseline, NULL) < 0)
		baseline = NULL;
	rows = json_array();
	for (size_t i = 0; i < p.snapshot->count; i++)
		json_array_append_new(rows,
			row_json(&p.snapshot->functions[nodes[i].index], nodes[i].depth, baseline));
	engine_say(e, "devices", json_pack("{so}", "rows", rows));
	return 0;
}
