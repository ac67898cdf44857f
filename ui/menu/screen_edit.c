// SPDX-License-Identifier: GPL-2.0-or-later
/* An entry as a form, to be changed for one boot or kept as one's own. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/editor.h"
#include "ui/menu/line_wrap.h"
#include "ui/menu/view.h"

static struct editor *editor_here(const struct console *c)
{
	return menu_view(c)->form;
}

/* What was typed as arguments is offered in other forms. */
static void remember(struct menu *menu, const struct editor *e)
{
	const char *text = line_edit_text(e->lines[EDITOR_OPTIONS]);
	const char *old = model_string(e->original, "options");

	if (menu->arguments && (!old || strcmp(text, old) != 0))
		history_add(menu->arguments, text);
}

/* Entries may have been told anew since it was opened, without this one. */
static const struct model_entry *entry_of(const struct menu *menu, const struct editor *e)
{
	const struct model_entries *all = &menu->model->entries;

	for (size_t i = 0; e->id && i < all->count; i++)
		if (!strcmp(all->list[i].id, e->id))
			return &all->list[i];
	return NULL;
}

static bool has_kernel(struct console *c, struct editor *e)
{
	if (*line_edit_text(e->lines[EDITOR_LINUX]))
		return true;
	editor_go(e, EDITOR_LINUX);
	menu_say(c, GRID_BAD, "%s", _("There is no kernel to boot: give its path."));
	return false;
}

/* An entry that is as it was is booted as such. */
static void act_boot(struct menu *menu, struct console *c)
{
	struct editor *e = editor_here(c);
	const struct model_entry *entry = entry_of(menu, e);
	json_t *edit;

	if (!has_kernel(c, e))
		return;
	remember(menu, e);
	edit = editor_edit(e);
	if (entry && json_equal(edit, e->original)) {
		json_decref(edit);
		edit = NULL;
	}
	menu_boot(menu, c->number, entry, edit);
}

static void answer_title(struct menu *menu, struct console *c, struct prompt *p, const char *text)
{
	struct editor *e = editor_here(c);

	(void)p;
	if (!text[strspn(text, " ")]) {
		menu_say(c, GRID_WARN, "%s", _("It was not kept: it needs a title."));
		return;
	}
	menu_request(menu,
		json_pack("{ss ss so}", "ask", "keep", "title", text, "edit", editor_edit(e)));
	editor_set_safe(e);
	remember(menu, e);
}

static void act_keep(struct menu *menu, struct console *c)
{
	struct editor *e = editor_here(c);
	struct prompt *p = has_kernel(c, e) ? prompt_open(c, _("Title"), NULL) : NULL;

	(void)menu;
	if (!p)
		return;
	p->text = talloc_strdup(p, _("It is kept as an entry of your own, under this title."));
	p->edit = line_edit_new(p, e->title);
	if (p->edit)
		line_edit_remember(p->edit);
	p->answer = answer_title;
}

static void act_next(struct menu *menu, struct console *c)
{
	struct editor *e = editor_here(c);

	(void)menu;
	if (!editor_step(e, 1))
		editor_go(e, EDITOR_DEVICE);
}

static void act_previous(struct menu *menu, struct console *c)
{
	struct editor *e = editor_here(c);

	(void)menu;
	if (!editor_step(e, -1))
		editor_go(e, EDITOR_OPTIONS);
}

static void act_undo(struct menu *menu, struct console *c)
{
	(void)menu;
	editor_go_through_past(editor_here(c), PAST_UNDO);
}

static void act_redo(struct menu *menu, struct console *c)
{
	(void)menu;
	editor_go_through_past(editor_here(c), PAST_REDO);
}

static void act_reset(struct menu *menu, struct console *c)
{
	(void)menu;
	editor_reset(editor_here(c));
}

static void answer_leave(struct menu *menu, struct console *c, struct prompt *p, const char *text)
{
	(void)p;
	(void)text;
	remember(menu, editor_here(c));
	menu_close(menu, c);
}

static void act_leave(struct menu *menu, struct console *c)
{
	struct prompt *p;

	if (!editor_is_changed(editor_here(c))) {
		menu_close(menu, c);
		return;
	}
	p = prompt_open(c, _("Drop your changes?"), _("They are neither booted nor kept."));
	if (p)
		p->answer = answer_leave;
}

static void act_help(struct menu *menu, struct console *c)
{
	menu_open(menu, c, &screen_help, NULL);
}

static const struct binding bindings[] = {
	{{KEY_RETURN, KEY_FN + 10, KEY_CONTROL('x'), 0}, N_("Enter"), N_("boot"),
		N_("Boot it as it stands here."), act_boot, 0},
	{{KEY_ESC, KEY_CONTROL('c'), 0, 0}, N_("Esc"), N_("back"),
		N_("Back to the entries; asks if something would be lost."), act_leave, 0},
	/* ^S stops the line where the terminal has flow control. */
	{{KEY_CONTROL('o'), KEY_FN + 2, KEY_CONTROL('s'), 0}, "^O", N_("keep"),
		N_("Keep it as an entry of your own, under a title."), act_keep, 0},
	{{KEY_TAB, 0, 0, 0}, N_("Tab"), N_("next"), N_("To the next field; so does Down."),
		act_next, 0},
	{{KEY_BACK_TAB, 0, 0, 0}, N_("Shift-Tab"), NULL, N_("To the field before; so does Up."),
		act_previous, 0},
	{{KEY_FN + 1, 0, 0, 0}, "F1", N_("help"), N_("What the keys do."), act_help, 0},
	{{KEY_CONTROL('z'), KEY_CONTROL('_'), 0, 0}, "^Z", N_("undo"),
		N_("Take the last change back."), act_undo, 0},
	{{'z' | KEY_WITH_ALT, 0, 0, 0}, N_("Alt-Z"), NULL,
		N_("Make the change that was taken back again."), act_redo, 0},
	{{KEY_CONTROL('r'), KEY_FN + 5, 0, 0}, "^R", N_("original"),
		N_("Everything as it was at first."), act_reset, 0},
	{.act = NULL},
};

/* Within the rows of the arguments. 0 where there is no such row. */
static int move_row(const struct console *c, struct line_edit *line, int by)
{
	const char *text = line_edit_text(line);
	size_t count = 0, row, at = line_edit_at(line);
	struct line_row *rows = line_wrap(NULL, text, editor_width(c->width) - 1, &count);
	int column;

	row = line_row_of(rows, count, at);
	if (!rows || row + (size_t)by >= count) { /* above the first as well */
		talloc_free(rows);
		return 0;
	}
	column = line_columns(text, rows[row].from, at);
	row += (size_t)by;
	at = line_at_column(text, &rows[row], column);
	if (at == rows[row].to && row + 1 < count && at > rows[row].from)
		at--; /* else it would stand in the row below; a row ends with a blank or is full */
	line_edit_place(line, at);
	talloc_free(rows);
	return 1;
}

/* Up and down: the rows of a field, then what was typed there earlier, then the fields. */
static void move(struct menu *menu, struct console *c, const struct key_event *event)
{
	struct editor *e = editor_here(c);
	struct line_edit *line = e->lines[e->field];
	int by = event->key == KEY_CURSOR_UP ? -1 : 1;

	if (e->field == EDITOR_OPTIONS && !line_edit_is_recalled(line) && move_row(c, line, by))
		return;
	if (!editor_key(e, menu->model, event))
		editor_step(e, by);
}

static void click(struct console *c, const struct key_event *event)
{
	struct editor *e = editor_here(c);
	int row = event->y - 1 + e->top, field = -1;

	for (int i = 0; i < EDITOR_FIELDS; i++)
		if (e->first_row[i] >= 0 && e->first_row[i] <= row)
			field = i;
	if (field >= 0)
		editor_go(e, field);
}

/* Whatever is no key of the form is for the field. What means nothing there means nothing at all, but for
 * what draws the screen anew: "m" is a letter here. */
static bool key(struct menu *menu, struct console *c, const struct key_event *event)
{
	if (binding_of(bindings, event->key) || event->key == KEY_CONTROL('l'))
		return false;
	if (event->key == KEY_CURSOR_UP || event->key == KEY_CURSOR_DOWN)
		move(menu, c, event);
	else if (event->key == KEY_CLICK)
		click(c, event);
	else
		editor_key(editor_here(c), menu->model, event);
	return true;
}

static void draw(struct menu *menu, struct console *c, struct grid *g, struct area area)
{
	editor_draw(
		editor_here(c), menu->model, g, (int[4]){area.x, area.y, area.width, area.height});
	if (c->prompt)
		g->cursor_x = g->cursor_y = -1;
}

static void open_editor(struct menu *menu, struct console *c, const struct model_entry *entry)
{
	struct editor *e;

	if (!menu->arguments)
		menu->arguments = history_new(menu);
	e = editor_new(NULL, menu->model, entry, menu->arguments);
	if (e)
		menu_open(menu, c, &screen_edit, e);
}

void edit_selected(struct menu *menu, struct console *c)
{
	const struct model_entry *entry = entries_selected(menu, c);

	if (entry)
		open_editor(menu, c, entry);
	else
		menu_say(c, GRID_WARN, "%s", _("Choose an entry to edit."));
}

void edit_new(struct menu *menu, struct console *c)
{
	open_editor(menu, c, NULL);
}

const struct screen screen_edit = {
	.name = N_("Edit"),
	.help = N_("What is changed here counts for this boot only, unless it is kept. "
		   "Paths are those of the device's filesystem. Words that are new are marked, and "
		   "below "
		   "the form stands what has changed. In the arguments, Up brings what was typed "
		   "there "
		   "earlier."),
	.bindings = bindings,
	.takes_text = true,
	.draw = draw,
	.key = key,
};
