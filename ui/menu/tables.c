// SPDX-License-Identifier: GPL-2.0-or-later
/* Screens that show what the engine tells, row by row: devices, facts, the last jump; and the log. */
#include <string.h>
#include <talloc.h>

#include "devices/log.h"
#include "ui/menu/list.h"

size_t table_count(const struct menu *menu, enum model_table which)
{
	return json_array_size(menu->model->tables[which]);
}

const json_t *table_row(const struct menu *menu, enum model_table which, size_t i)
{
	return json_array_get(menu->model->tables[which], i);
}

enum grid_style style_of_state(const json_t *row)
{
	static const struct {
		const char *state;
		enum grid_style style;
	} styles[] = {{"good", GRID_GOOD}, {"warn", GRID_WARN}, {"bad", GRID_BAD}};
	const char *state = model_string(row, "state");

	for (size_t i = 0; state && i < sizeof(styles) / sizeof(*styles); i++)
		if (!strcmp(state, styles[i].state))
			return styles[i].style;
	return GRID_PLAIN;
}

static const char *text_of(const json_t *row, const char *name)
{
	const char *text = model_string(row, name);

	return text ? text : "";
}

static size_t device_count(const struct menu *menu)
{
	return table_count(menu, MODEL_DEVICES);
}

static int depth_of(const struct menu *menu, enum model_table which, size_t i)
{
	return (int)model_number(table_row(menu, which, i), "depth", 0);
}

static void device_row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	const json_t *device = table_row(menu, MODEL_DEVICES, i);
	const char *uses = model_string(device, "uses"), *driver = model_string(device, "driver");

	row->key = model_string(device, "slot");
	row->text = talloc_asprintf(ctx, "%s %s", text_of(device, "slot"), text_of(device, "name"));
	row->note = uses ? talloc_asprintf(ctx, "%s: %s", driver ? driver : "-", uses) : driver;
	row->depth = depth_of(menu, MODEL_DEVICES, i);
	row->is_parent = i + 1 < device_count(menu) &&
			 depth_of(menu, MODEL_DEVICES, i + 1) > row->depth;
	if (model_flag(device, "drift"))
		row->note_style = GRID_WARN;
}

static void device_detail(const struct menu *menu, size_t i, struct page *page)
{
	const json_t *device = table_row(menu, MODEL_DEVICES, i);

	page_add(page, GRID_HEADING, model_string(device, "name"));
	page_field(page, _("Slot"), model_string(device, "slot"));
	page_field(page, _("Driver"), model_string(device, "driver"));
	page_field(page, _("Used by"), model_string(device, "uses"));
	if (model_flag(device, "drift"))
		page_add(page, GRID_WARN,
			_("Its configuration is another than the firmware left it in."));
	page_add_all(page, GRID_PLAIN, json_object_get(device, "lines"));
}

const struct screen screen_devices = {
	.name = N_("Devices"),
	.ask = "devices",
	.empty = N_("No PCI device was found, or they are still being looked at."),
	.help = N_("The PCI devices as they are connected, who drives them, and who uses them."),
	.count = device_count,
	.row = device_row,
	.detail = device_detail,
};

static size_t fact_count(const struct menu *menu)
{
	return table_count(menu, MODEL_FACTS);
}

static void fact_row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	const json_t *fact = table_row(menu, MODEL_FACTS, i);
	enum grid_style style = style_of_state(fact);
	int columns = grid_columns(text_of(fact, "label"));

	row->key = model_string(fact, "label");
	row->text = talloc_asprintf(
		ctx, "%s%*s", text_of(fact, "label"), columns < 18 ? 18 - columns : 0, "");
	row->style = GRID_DIM;
	row->note = model_string(fact, "value");
	row->note_style = style ? style : GRID_STRONG;
}

const struct screen screen_facts = {
	.name = N_("System"),
	.ask = "facts",
	.empty = N_("The machine is being looked at."),
	.help = N_("What this machine is, and what its kernel and firmware allow."),
	.count = fact_count,
	.row = fact_row,
};

static size_t report_count(const struct menu *menu)
{
	return table_count(menu, MODEL_REPORT);
}

static void report_row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	const json_t *line = table_row(menu, MODEL_REPORT, i);

	(void)ctx;
	row->text = text_of(line, "text");
	row->style = style_of_state(line);
}

static void report_detail(const struct menu *menu, size_t i, struct page *page)
{
	const json_t *line = table_row(menu, MODEL_REPORT, i);

	page_add(page, GRID_HEADING, model_string(line, "text"));
	page_add_all(page, GRID_PLAIN, json_object_get(line, "detail"));
}

const struct screen screen_report = {
	.name = N_("Last jump"),
	.ask = "report",
	.empty = N_("This kernel was not started by stillboot: there is no report."),
	.help = N_("What the kernel before this one did to the devices on the way here."),
	.count = report_count,
	.row = report_row,
	.detail = report_detail,
};

static size_t log_count(const struct menu *menu)
{
	return menu->model->log_count;
}

/* The newest first: that is what one looks for. */
static const struct model_log_line *log_line_at(const struct menu *menu, size_t i)
{
	return model_log_at(menu->model, menu->model->log_count - 1 - i);
}

static void log_row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	static const enum grid_style styles[] = {[LOG_ERROR] = GRID_BAD,
		[LOG_WARN] = GRID_WARN,
		[LOG_INFO] = GRID_PLAIN,
		[LOG_DEBUG] = GRID_DIM};
	const struct model_log_line *line = log_line_at(menu, i);
	long long ms = line->at_ms - menu->begin_ms;

	row->text = talloc_asprintf(
		ctx, "%4lld.%03lld  %s", ms / 1000, ms % 1000, line->text ? line->text : "");
	row->style = styles[line->level];
}

static void log_detail(const struct menu *menu, size_t i, struct page *page)
{
	page_add(page, GRID_PLAIN, log_line_at(menu, i)->text);
}

const struct screen screen_log = {
	.name = N_("Log"),
	.empty = N_("Nothing has happened yet."),
	.help = N_("What happened since the menu was started, the newest first, with the seconds "
		   "since then."),
	.count = log_count,
	.row = log_row,
	.detail = log_detail,
};
