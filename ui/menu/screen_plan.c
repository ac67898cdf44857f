// SPDX-License-Identifier: GPL-2.0-or-later
/* The plan as a tree of the machine, before it is carried out and while it is. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/list.h"

static const json_t *row_at(const struct menu *menu, size_t i)
{
	return table_row(menu, MODEL_PLAN, i);
}

static size_t count(const struct menu *menu)
{
	return table_count(menu, MODEL_PLAN);
}

static int depth_at(const struct menu *menu, size_t i)
{
	return (int)model_number(row_at(menu, i), "depth", 0);
}

void plan_ask(struct menu *menu)
{
	menu_request(menu, json_pack("{ss sO}", "ask", "plan", "leave", menu->leave));
}

static enum grid_style style_of(const struct model_progress *p)
{
	static const struct {
		const char *word;
		enum grid_style style;
	} styles[] = {
		/* translators: of a device: proven still, not so, left alone; of a step: the rest. */
		{N_("still"), GRID_GOOD},
		{N_("loud"), GRID_BAD},
		{N_("failed"), GRID_WARN},
		{N_("hung"), GRID_BAD},
		{N_("late"), GRID_WARN},
		{"begun", GRID_STRONG},
		{N_("left"), GRID_DIM},
		{N_("ok"), GRID_DIM},
		{N_("skipped"), GRID_DIM},
	};
	const char *word = p->verdict ? p->verdict : p->state;

	for (size_t i = 0; word && i < sizeof(styles) / sizeof(*styles); i++)
		if (!strcmp(word, styles[i].word))
			return styles[i].style;
	return GRID_DIM;
}

static const char *progress_text(const struct menu *menu, void *ctx, const struct model_progress *p)
{
	long long ms = menu->now_ms - p->since_ms;

	if (p->verdict)
		return p->detail && *p->detail
			       ? talloc_asprintf(ctx, "%s: %s", _(p->verdict), p->detail)
			       : _(p->verdict);
	if (!p->state || !p->step)
		return "";
	if (strcmp(p->state, "begun"))
		return talloc_asprintf(ctx, "%s %s%s%s", p->step, _(p->state),
			p->detail && *p->detail ? ": " : "", p->detail ? p->detail : "");
	/* translators: a step, how long it runs, and how long it may. */
	return p->deadline_ms > 0 ? talloc_asprintf(ctx, _("%s ... %lld s of %lld s"), p->step,
					    ms / 1000, p->deadline_ms / 1000)
				  : talloc_asprintf(ctx, _("%s ... %lld s"), p->step, ms / 1000);
}

static bool is_left(const json_t *line)
{
	const char *action = model_string(line, "action");

	return action && !strcmp(action, "left");
}

static const char *what_text(void *ctx, const json_t *line)
{
	const char *what = model_string(line, "what"), *reason = model_string(line, "reason");

	if (is_left(line) && reason)
		return talloc_asprintf(ctx, "%s (%s)", what ? what : "", reason);
	return what;
}

static void row(const struct menu *menu, void *ctx, size_t i, struct row *row)
{
	const json_t *line = row_at(menu, i);
	const char *slot = model_string(line, "slot"), *name = model_string(line, "name");
	const struct model_progress *p = model_progress_of(menu->model, slot);

	row->key = slot;
	row->text = talloc_asprintf(
		ctx, "%s%s%s", slot ? slot : "", slot && name ? " " : "", name ? name : "");
	row->note = p ? progress_text(menu, ctx, p) : what_text(ctx, line);
	row->note_style = p ? style_of(p) : is_left(line) ? GRID_DIM : GRID_GOOD;
	row->depth = depth_at(menu, i);
	row->is_parent = i + 1 < count(menu) && depth_at(menu, i + 1) > row->depth;
	row->mark = model_flag(line, "by_hand") ? '!' : 0;
}

static void detail(const struct menu *menu, size_t i, struct page *page)
{
	const json_t *line = row_at(menu, i);
	const struct model_progress *p = model_progress_of(menu->model, model_string(line, "slot"));

	page_add(page, GRID_HEADING, model_string(line, "name"));
	page_field(page, _("Slot"), model_string(line, "slot"));
	page_field(page, _("What"), model_string(line, "what"));
	page_field(page, _("Why"), model_string(line, "reason"));
	page_field(page, _("Rule"), model_string(line, "rule"));
	if (p)
		page_field(page, _("Now"), progress_text(menu, page, p));
	if (model_flag(line, "by_hand"))
		page_add(page, GRID_WARN, _("Left alone by hand, for this boot."));
	if (menu->model->policy_error)
		page_addf(page, GRID_BAD, _("The policy does not load: %s"),
			menu->model->policy_error);
}

/* Into the set of what is left alone, or out of it. */
static void turn(json_t *leave, const char *slot)
{
	for (size_t i = 0; i < json_array_size(leave); i++)
		if (!strcmp(json_string_value(json_array_get(leave, i)), slot)) {
			json_array_remove(leave, i);
			return;
		}
	json_array_append_new(leave, json_string(slot));
}

static void act_leave(struct menu *menu, struct console *c)
{
	long i = list_selected(menu_view(c));
	const json_t *line = i < 0 ? NULL : row_at(menu, (size_t)i);
	const char *slot = model_string(line, "slot"), *kind = model_string(line, "kind");

	if (!slot || !kind || strcmp(kind, "device")) {
		menu_say(c, GRID_WARN, "%s", _("Only a device can be left alone."));
		return;
	}
	if (is_left(line) && !model_flag(line, "by_hand")) {
		menu_say(c, GRID_WARN, "%s", _("It is left alone already."));
		return;
	}
	turn(menu->leave, slot);
	plan_ask(menu);
}

static const struct binding bindings[] = {
	{{' ', KEY_RETURN, 0, 0}, N_("Space"), N_("leave alone"),
		N_("Leave the device alone in this boot, or no longer."), act_leave,
		BINDING_GUARDED},
	{.act = NULL},
};

const struct screen screen_plan = {
	.name = N_("Stillness"),
	.ask = "plan",
	.empty = N_("The plan is being made."),
	.help = N_("What will be done to each device before the jump, why, and which rule says so. "
		   "Nothing is done before an entry is booted. Of resets with \"or\" between them, "
		   "the next is "
		   "done only if the device is not still after the one before."),
	.bindings = bindings,
	.count = count,
	.row = row,
	.detail = detail,
};
