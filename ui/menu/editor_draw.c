// SPDX-License-Identifier: GPL-2.0-or-later
/* The form: its fields below each other, and what has changed below them. It may be higher than the screen. */
#include <string.h>
#include <talloc.h>

#include "ui/menu/editor.h"
#include "ui/menu/line_wrap.h"
#include "ui/menu/word_diff.h"
#include "ui/translate.h"

#define WIDTH_MIN 2

/* Where the next row comes. It is laid out twice: first without a grid, to know how far to scroll. */
struct sheet {
	struct grid *g; /* NULL while it is only measured */
	int x, y, width, height;
	int top, row;
	int focus_from, focus_to, cursor; /* rows: of the field with the cursor, and the cursor's */
};

static const struct {
	int field;
	const char *label;
} labels[] = {
	{EDITOR_DEVICE, N_("Device")},
	{EDITOR_LINUX, N_("Kernel")},
	{EDITOR_INITRD, N_("Initrd")},
	{EDITOR_DEVICETREE, N_("Device tree")},
	{EDITOR_OPTIONS, N_("Arguments")},
};
#define LABELS (sizeof(labels) / sizeof(*labels))

static const char *label_of(int field)
{
	size_t i = LABELS - 1;

	while (i && labels[i].field > field)
		i--;
	return _(labels[i].label);
}

int editor_left(void)
{
	int widest = 0;

	for (size_t i = 0; i < LABELS; i++) {
		int columns = grid_columns(_(labels[i].label));

		widest = columns > widest ? columns : widest;
	}
	return widest + 3;
}

int editor_width(int width)
{
	width -= editor_left() + 1;
	return width < WIDTH_MIN ? WIDTH_MIN : width;
}

/* The line of the grid that the current row is drawn in, -1 for none. */
static int line_of(const struct sheet *s)
{
	int y = s->row - s->top;

	return s->g && y >= 0 && y < s->height ? s->y + y : -1;
}

static int put(struct sheet *s, int x, enum grid_style style, const char *text)
{
	int y = line_of(s);

	return y < 0 ? 0 : grid_text(s->g, s->x + x, y, s->width - x, style, text);
}

static void put_cursor(struct sheet *s, int x)
{
	s->cursor = s->row;
	if (line_of(s) < 0)
		return;
	s->g->cursor_x = s->x + (x < s->width ? x : s->width - 1);
	s->g->cursor_y = line_of(s);
}

static void put_label(struct sheet *s, const struct editor *e, int field)
{
	int y = line_of(s);

	put(s, 1, GRID_DIM, label_of(field));
	if (y >= 0 && field == e->field)
		grid_restyle(s->g, s->x, y, editor_left() - 1, GRID_SELECTED);
}

static const json_t *volume_named(const struct model *model, const char *name)
{
	const json_t *volume;
	size_t i;

	json_array_foreach (model->volumes, i, volume)
		if (!strcmp(editor_volume_name(volume), name))
			return volume;
	return NULL;
}

static char *device_text(const struct editor *e, const struct model *model)
{
	const json_t *volume = volume_named(model, e->device);
	const char *label = model_string(volume, "label"), *type = model_string(volume, "type");

	if (!*e->device)
		return talloc_strdup(NULL, _("the running system"));
	if (!volume)
		return talloc_asprintf(NULL, _("%s (not here)"), e->device);
	return talloc_asprintf(NULL, "%s%s%s%s%s", label && *label ? label : "",
		label && *label ? "  " : "", e->device, type ? "  " : "", type ? type : "");
}

static void put_device(struct sheet *s, const struct editor *e, const struct model *model)
{
	char *text = device_text(e, model);
	int x = editor_left();

	if (!text)
		return;
	if (e->field == EDITOR_DEVICE) {
		put_cursor(s, x);
		x += put(s, x, GRID_STRONG, "\u2190 ");
		x += put(s, x, GRID_PLAIN, text);
		put(s, x, GRID_STRONG, " \u2192");
	} else {
		put(s, x, GRID_PLAIN, text);
	}
	talloc_free(text);
}

/* What stands in an empty field. */
static const char *hint_of(int field)
{
	if (field == EDITOR_LINUX)
		return N_("(needed)");
	/* translators: one more initrd; and no initrd, device tree or arguments. */
	return editor_is_initrd(field) && field > EDITOR_INITRD ? N_("(one more)") : N_("(none)");
}

static void put_path(struct sheet *s, const struct editor *e, int field)
{
	int x = editor_left(), y = line_of(s), has_focus = field == e->field;

	if (has_focus)
		put_cursor(s, x);
	if (!*line_edit_text(e->lines[field]) && !has_focus)
		put(s, x, GRID_DIM, _(hint_of(field)));
	else if (y >= 0)
		line_edit_draw(e->lines[field], s->g, (int[3]){s->x + x, y, editor_width(s->width)},
			has_focus ? LINE_EDIT_FOCUS : 0);
}

/* Mark the words of a row that were added. */
static void mark_added(struct sheet *s, const char *text, const struct line_row *row,
	const struct word *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t from, to;
		int x;

		if (words[i].state != WORD_ADDED)
			continue;
		from = (size_t)(words[i].text - text);
		to = from + words[i].len;
		from = from < row->from ? row->from : from;
		to = to > row->to ? row->to : to;
		if (from >= to)
			continue;
		x = line_columns(text, row->from, from);
		grid_restyle(s->g, s->x + editor_left() + x, line_of(s),
			line_columns(text, from, to), GRID_GOOD);
	}
}

static void put_row(struct sheet *s, const char *text, const struct line_row *row)
{
	char *part = talloc_strndup(NULL, text + row->from, row->to - row->from);

	if (part)
		grid_text_from(s->g, s->x + editor_left(), line_of(s), editor_width(s->width), 0,
			GRID_PLAIN, part);
	talloc_free(part);
}

/* The arguments, in as many rows as they take. */
static void put_options(struct sheet *s, const struct editor *e)
{
	const char *text = line_edit_text(e->lines[EDITOR_OPTIONS]);
	const char *old = model_string(e->original, "options");
	size_t at = line_edit_at(e->lines[EDITOR_OPTIONS]), count = 0, word_count = 0;
	struct line_row *rows = line_wrap(NULL, text, editor_width(s->width) - 1, &count);
	struct word *words = word_diff(rows, old ? old : "", text, &word_count);
	size_t cursor = line_row_of(rows, count, at);

	if (!*text && e->field != EDITOR_OPTIONS)
		put(s, editor_left(), GRID_DIM, _(hint_of(EDITOR_OPTIONS)));
	for (size_t i = 0; i < count; i++) {
		if (i)
			s->row++;
		if (e->field == EDITOR_OPTIONS && i == cursor)
			put_cursor(s, editor_left() + line_columns(text, rows[i].from, at));
		if (line_of(s) < 0)
			continue;
		put_row(s, text, &rows[i]);
		if (e->id)
			mark_added(s, text, &rows[i], words, word_count);
	}
	talloc_free(rows);
}

static void put_field(struct sheet *s, struct editor *e, const struct model *model, int field)
{
	e->first_row[field] = s->row;
	if (field == e->field)
		s->focus_from = s->row;
	put_label(s, e, field);
	if (field == EDITOR_DEVICE)
		put_device(s, e, model);
	else if (field == EDITOR_OPTIONS)
		put_options(s, e);
	else
		put_path(s, e, field);
	if (field == e->field)
		s->focus_to = s->row;
	s->row++;
}

/* A word of what has changed, behind the last one if there is room: "+quiet". Returns the column behind it. */
static int put_word(struct sheet *s, int x, const struct word *word)
{
	char *text = talloc_asprintf(
		NULL, "%c%.*s", word->state == WORD_ADDED ? '+' : '-', (int)word->len, word->text);
	int left = editor_left(), width = editor_width(s->width);
	size_t count = 0;
	struct line_row *rows = text ? line_wrap(text, text, width, &count) : NULL;

	if (x > left && text && x + grid_columns(text) > left + width) {
		s->row++;
		x = left;
	}
	for (size_t i = 0; i < count; i++) {
		char *part = talloc_strndup(rows, text + rows[i].from, rows[i].to - rows[i].from);

		if (i) {
			s->row++;
			x = left;
		}
		if (line_of(s) >= 0 && part)
			grid_text_from(s->g, s->x + x, line_of(s), width, 0,
				word->state == WORD_ADDED ? GRID_GOOD : GRID_BAD, part);
		x += part ? grid_columns(part) : 0;
	}
	talloc_free(text);
	return x + 2;
}

/* What is another in one field, under its label. The first of all has a line above it. */
static void put_words(struct sheet *s, int field, const struct word *words, size_t count)
{
	int x = editor_left(), some = 0;

	for (size_t i = 0; i < count; i++) {
		if (words[i].state == WORD_SAME || !words[i].len)
			continue;
		if (!some++)
			put(s, 1, GRID_DIM, label_of(field));
		x = put_word(s, x, &words[i]);
	}
	if (some)
		s->row++;
}

static void put_change(struct sheet *s, int field, const char *old, const char *new)
{
	const struct word words[] = {
		{WORD_REMOVED, old, strlen(old)}, {WORD_ADDED, new, strlen(new)}};

	if (strcmp(old, new) != 0)
		put_words(s, field, words, 2);
}

/* Paths as words, those with blanks in them too. */
static void put_changed_initrds(struct sheet *s, const json_t *old, const json_t *new)
{
	const json_t *path;
	size_t i, k;

	for (int side = 0; side < 2; side++)
		json_array_foreach (side ? new : old, i, path) {
			const json_t *other;
			const char *text = json_string_value(path);
			struct word word = {side ? WORD_ADDED : WORD_REMOVED, text, strlen(text)};
			int is_there = 0;

			json_array_foreach (side ? old : new, k, other)
				is_there |= json_equal(path, other);
			if (!is_there)
				put_words(s, EDITOR_INITRD, &word, 1);
		}
}

static const char *text_in(const json_t *edit, const char *name)
{
	const char *text = model_string(edit, name);

	return text ? text : "";
}

/* Of an entry that is made from nothing all is new: nobody has to be told. */
static void put_changes(struct sheet *s, const struct editor *e)
{
	json_t *now = editor_edit(e);
	const json_t *old = e->original;
	struct word *words;
	size_t count = 0;

	if (!now || !e->id || json_equal(now, old)) {
		json_decref(now);
		return;
	}
	s->row++;
	put(s, 1, GRID_HEADING, _("Changes"));
	s->row++;
	put_change(s, EDITOR_DEVICE, text_in(old, "device"), text_in(now, "device"));
	put_change(s, EDITOR_LINUX, text_in(old, "linux"), text_in(now, "linux"));
	put_changed_initrds(s, json_object_get(old, "initrd"), json_object_get(now, "initrd"));
	put_change(s, EDITOR_DEVICETREE, text_in(old, "devicetree"), text_in(now, "devicetree"));
	words = word_diff(NULL, text_in(old, "options"), text_in(now, "options"), &count);
	if (words)
		put_words(s, EDITOR_OPTIONS, words, count);
	talloc_free(words);
	json_decref(now);
}

static void lay_out(struct sheet *s, struct editor *e, const struct model *model)
{
	s->row = 0;
	put(s, 1, GRID_HEADING, e->id ? e->title : _("A new entry"));
	s->row++;
	for (int field = 0; field < EDITOR_FIELDS; field++) {
		e->first_row[field] = -1;
		if (editor_is_seen(e, field))
			put_field(s, e, model, field);
	}
	put_changes(s, e);
}

/* All of the field with the cursor is to be seen, of the arguments with the changes below them; where there
 * is no room for that, its beginning, and the cursor at any rate. */
static int scroll(const struct sheet *s, const struct editor *e)
{
	int top = e->top, end = e->field == EDITOR_OPTIONS ? s->row : s->focus_to + 1;

	if (top < end - s->height)
		top = end - s->height;
	if (top > s->focus_from)
		top = s->focus_from;
	if (top < s->cursor - s->height + 1)
		top = s->cursor - s->height + 1;
	if (top > s->row - s->height)
		top = s->row - s->height;
	return top < 0 ? 0 : top;
}

void editor_draw(struct editor *e, const struct model *model, struct grid *g, const int at[4])
{
	struct sheet s = {.x = at[0], .y = at[1], .width = at[2], .height = at[3]};

	lay_out(&s, e, model);
	s.top = e->top = scroll(&s, e);
	s.g = g;
	lay_out(&s, e, model);
}
