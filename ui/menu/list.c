// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/list.h"

#include <string.h>
#include <strings.h>
#include <talloc.h>

/* Longer than a key that is held down takes to come again, 33 ms (drivers/input/input.c,
 * input_register_device()), with a slow line's delays; shorter than it takes to look elsewhere. */
#define REST_MS 150

static bool is_turned(const struct view *v, const char *key)
{
	for (size_t i = 0; key && i < v->turned_count; i++)
		if (!strcmp(v->turned[i], key))
			return true;
	return false;
}

bool list_is_folded(const struct view *v, const struct row *row)
{
	return row->is_parent && row->is_folded != is_turned(v, row->key);
}

static void turn(struct view *v, const char *key)
{
	const char **more;

	for (size_t i = 0; i < v->turned_count; i++)
		if (!strcmp(v->turned[i], key)) {
			v->turned[i] = v->turned[--v->turned_count];
			return;
		}
	more = talloc_realloc(v, v->turned, const char *, v->turned_count + 1);
	if (!more)
		return;
	v->turned = more;
	more[v->turned_count] = talloc_strdup(more, key);
	v->turned_count += more[v->turned_count] != NULL;
}

static bool matches(const char *filter, const struct row *row)
{
	return strcasestr(row->text, filter) || (row->note && strcasestr(row->note, filter));
}

/* What is seen without a filter: all but what stands below a folded parent. */
static void show_unfolded(struct menu *menu, struct view *v, size_t count)
{
	void *ctx = talloc_new(NULL);
	int hidden_below = -1; /* deeper than this is folded away */

	for (size_t i = 0; i < count; i++) {
		struct row row = {.text = ""};

		v->screen->row(menu, ctx, i, &row);
		if (hidden_below >= 0 && row.depth > hidden_below) {
			talloc_free_children(ctx);
			continue;
		}
		hidden_below = list_is_folded(v, &row) ? row.depth : -1;
		v->shown[v->shown_count++] = i;
		talloc_free_children(ctx);
	}
	talloc_free(ctx);
}

/* What matches, and what it stands below; folded or not. */
static void show_filtered(struct menu *menu, struct view *v, size_t count)
{
	size_t above[LIST_DEPTH_MAX]; /* the last row of each depth, */
	bool is_seen[LIST_DEPTH_MAX]; /* and whether it was taken already */
	void *ctx = talloc_new(NULL);
	int depths = 0;

	for (size_t i = 0; i < count; i++) {
		struct row row = {.text = ""};
		int depth;

		v->screen->row(menu, ctx, i, &row);
		depth = row.depth < LIST_DEPTH_MAX ? row.depth : LIST_DEPTH_MAX - 1;
		depth = depth < 0 ? 0 : depth; /* a message may say so */
		for (; depths < depth; depths++)
			is_seen[depths] = true; /* a depth that was left out */
		above[depth] = i;
		is_seen[depth] = false;
		depths = depth + 1;
		for (int d = 0; matches(v->filter, &row) && d < depths; d++) {
			if (!is_seen[d])
				v->shown[v->shown_count++] = above[d];
			is_seen[d] = true;
		}
		talloc_free_children(ctx);
	}
	talloc_free(ctx);
}

static bool has_key(const struct menu *menu, const struct view *v, size_t i, const char *key)
{
	void *ctx = talloc_new(NULL);
	struct row row = {.text = ""};
	bool has;

	v->screen->row(menu, ctx, i, &row);
	has = row.key && !strcmp(row.key, key);
	talloc_free(ctx);
	return has;
}

static void remember_cursor(const struct menu *menu, struct view *v)
{
	void *ctx = talloc_new(NULL);
	struct row row = {.text = ""};
	char *key = NULL;

	if (v->cursor < v->shown_count) {
		v->screen->row(menu, ctx, v->shown[v->cursor], &row);
		key = row.key ? talloc_strdup(v, row.key) : NULL;
	}
	talloc_free(v->cursor_key);
	v->cursor_key = key;
	talloc_free(ctx);
}

static void find_cursor(const struct menu *menu, struct view *v)
{
	for (size_t i = 0; v->cursor_key && i < v->shown_count; i++)
		if (has_key(menu, v, v->shown[i], v->cursor_key)) {
			v->cursor = i;
			return;
		}
	if (v->cursor >= v->shown_count)
		v->cursor = v->shown_count ? v->shown_count - 1 : 0;
}

/* Details are those of the cursor's row. */
static void rest(struct view *v)
{
	v->rests_ms = 0;
	v->page_row = list_selected(v);
}

static void show(struct menu *menu, struct view *v)
{
	size_t count = v->screen->count(menu);

	talloc_free(v->shown);
	v->shown = talloc_array(v, size_t, count + 1);
	v->shown_count = 0;
	if (v->shown && v->filter)
		show_filtered(menu, v, count);
	else if (v->shown)
		show_unfolded(menu, v, count);
	find_cursor(menu, v);
	rest(v); /* the row whose details were shown may be gone */
}

void list_update(struct menu *menu, struct view *v)
{
	if (v->shown && v->generation == menu->model->generation)
		return;
	v->generation = menu->model->generation;
	show(menu, v);
}

long list_selected(const struct view *v)
{
	return v->cursor < v->shown_count ? (long)v->shown[v->cursor] : -1;
}

void list_filter(struct menu *menu, struct view *v, const char *filter)
{
	talloc_free((void *)v->filter);
	v->filter = filter && *filter ? talloc_strdup(v, filter) : NULL;
	show(menu, v);
}

/* Unfold what row i stands below. */
static void unfold_above(struct menu *menu, struct view *v, size_t i)
{
	void *ctx = talloc_new(NULL);
	struct row row = {.text = ""};
	int depth;

	v->screen->row(menu, ctx, i, &row);
	depth = row.depth;
	while (i-- && depth) {
		struct row above = {.text = ""};

		v->screen->row(menu, ctx, i, &above);
		if (above.depth >= depth)
			continue;
		depth = above.depth;
		if (list_is_folded(v, &above) && above.key)
			turn(v, above.key);
	}
	talloc_free(ctx);
}

void list_go_to(struct menu *menu, struct view *v, const char *key)
{
	size_t count = v->screen->count(menu);

	for (size_t i = 0; i < count; i++)
		if (has_key(menu, v, i, key)) {
			talloc_free(v->cursor_key);
			v->cursor_key = talloc_strdup(v, key);
			unfold_above(menu, v, i);
			show(menu, v);
			return;
		}
}

int list_numbers_before(const struct menu *menu, const struct view *v, size_t from)
{
	void *ctx = talloc_new(NULL);
	int numbers = 0;

	for (size_t i = 0; i < from && numbers < LIST_CHOICES; i++) {
		struct row row = {.text = ""};

		v->screen->row(menu, ctx, v->shown[i], &row);
		numbers += row.is_choice;
		talloc_free_children(ctx);
	}
	talloc_free(ctx);
	return numbers;
}

static void put_cursor(const struct menu *menu, struct view *v, size_t at)
{
	v->cursor = at;
	v->rests_ms = menu->now_ms + REST_MS;
	remember_cursor(menu, v);
}

bool list_clock(const struct menu *menu, struct view *v)
{
	const long before = v->page_row;

	if (!v->rests_ms || menu->now_ms < v->rests_ms)
		return false;
	rest(v);
	return v->page_row != before;
}

long long list_wait_ms(const struct menu *menu, const struct view *v)
{
	const long long left = v->rests_ms - menu->now_ms;

	if (!v->rests_ms)
		return -1;
	return left > 0 ? left : 0;
}

static void move_by(struct view *v, struct menu *menu, long by)
{
	long to = (long)v->cursor + by, last = (long)v->shown_count - 1;

	if (v->shows_page) {
		v->page_from += (int)by;
		return;
	}
	put_cursor(menu, v, to < 0 || last < 0 ? 0 : (size_t)(to > last ? last : to));
}

static void act_up(struct menu *menu, struct console *c)
{
	move_by(menu_view(c), menu, -1);
}

static void act_down(struct menu *menu, struct console *c)
{
	move_by(menu_view(c), menu, 1);
}

static long page_of(const struct console *c)
{
	return c->height > 6 ? c->height - 5 : 1;
}

static void act_page_up(struct menu *menu, struct console *c)
{
	move_by(menu_view(c), menu, -page_of(c));
}

static void act_page_down(struct menu *menu, struct console *c)
{
	move_by(menu_view(c), menu, page_of(c));
}

static void act_home(struct menu *menu, struct console *c)
{
	menu_view(c)->page_from = 0;
	move_by(menu_view(c), menu, -1000000);
}

static void act_end(struct menu *menu, struct console *c)
{
	move_by(menu_view(c), menu, 1000000);
}

/* Fold or unfold the row; what cannot be folded shows its details, or goes to what it stands below. */
static void act_open(struct menu *menu, struct console *c)
{
	struct view *v = menu_view(c);
	void *ctx = talloc_new(NULL);
	struct row row = {.text = ""};

	if (list_selected(v) >= 0)
		v->screen->row(menu, ctx, (size_t)list_selected(v), &row);
	if (row.is_parent && row.key && list_is_folded(v, &row)) {
		turn(v, row.key);
		show(menu, v);
	} else if (!row.is_parent && v->screen->detail) {
		v->shows_page = true;
		v->page_from = 0;
		rest(v);
	}
	talloc_free(ctx);
}

static void act_shut(struct menu *menu, struct console *c)
{
	struct view *v = menu_view(c);
	void *ctx = talloc_new(NULL);
	struct row row = {.text = ""};
	size_t i = v->cursor;
	int depth;

	if (v->shows_page) {
		v->shows_page = false;
		talloc_free(ctx);
		return;
	}
	if (list_selected(v) >= 0)
		v->screen->row(menu, ctx, v->shown[i], &row);
	depth = row.depth;
	while (i && depth && !(row.is_parent && !list_is_folded(v, &row)) && row.depth >= depth)
		v->screen->row(menu, ctx, v->shown[--i], &row);
	if (row.is_parent && row.key && !list_is_folded(v, &row) && !v->filter) {
		v->cursor = i;
		remember_cursor(menu, v);
		turn(v, row.key);
		show(menu, v);
	}
	talloc_free(ctx);
}

static void answer_filter(struct menu *menu, struct console *c, struct prompt *p, const char *text)
{
	(void)p;
	list_filter(menu, menu_view(c), text);
}

static void act_filter(struct menu *menu, struct console *c)
{
	struct prompt *p = prompt_open(c, _("Find"), NULL);

	(void)menu;
	if (!p)
		return;
	p->edit = line_edit_new(p, menu_view(c)->filter ? menu_view(c)->filter : "");
	p->is_filter = true;
	p->answer = answer_filter;
}

const struct binding list_bindings[] = {
	{{KEY_CURSOR_UP, 'k', KEY_WHEEL_UP, KEY_CONTROL('p')}, N_("Up, k"), NULL,
		N_("One line up."), act_up, 0},
	{{KEY_CURSOR_DOWN, 'j', KEY_WHEEL_DOWN, KEY_CONTROL('n')}, N_("Down, j"), NULL,
		N_("One line down."), act_down, 0},
	{{KEY_PAGE_UP, KEY_CONTROL('b'), 0, 0}, N_("PgUp"), NULL, N_("One page up."), act_page_up,
		0},
	{{KEY_PAGE_DOWN, KEY_CONTROL('f'), 0, 0}, N_("PgDn"), NULL, N_("One page down."),
		act_page_down, 0},
	{{KEY_LINE_HOME, 'g', 0, 0}, N_("Home, g"), NULL, N_("To the first line."), act_home, 0},
	{{KEY_LINE_END, 'G', 0, 0}, N_("End, G"), NULL, N_("To the last line."), act_end, 0},
	{{KEY_CURSOR_RIGHT, 'i', '+', 0}, N_("Right, i"), NULL,
		N_("Unfold, or show all details over the whole screen."), act_open, 0},
	{{KEY_CURSOR_LEFT, '-', 0, 0}, N_("Left"), NULL, N_("Fold, or leave the details."),
		act_shut, 0},
	{{'/', KEY_CONTROL('s'), 0, 0}, "/", N_("find"),
		N_("Show only what has this text in it. Esc shows all again."), act_filter, 0},
	{.act = NULL},
};

/* A click chooses the row; where it is chosen already, it is as good as Enter. */
static int click(struct menu *menu, struct console *c, const struct key_event *event)
{
	struct view *v = menu_view(c);
	size_t at = (size_t)(v->top + event->y - 1);
	static const struct key_event enter = {.key = KEY_RETURN};

	if (v->shows_page || event->y < 1 || at >= v->shown_count)
		return 1;
	if (at == v->cursor) {
		const struct binding *b = v->screen->bindings
						  ? binding_of(v->screen->bindings, enter.key)
						  : NULL;

		if (b)
			menu_act(menu, c, b);
		return 1;
	}
	put_cursor(menu, v, at);
	return 1;
}

/* A digit puts the cursor on the row that it stands before. */
static int choose(struct menu *menu, struct console *c, int number)
{
	struct view *v = menu_view(c);

	for (size_t i = 0; i < v->shown_count; i++)
		if (list_numbers_before(menu, v, i + 1) == number) {
			put_cursor(menu, v, i);
			return 1;
		}
	return 0;
}

int list_key(struct menu *menu, struct console *c, const struct key_event *event)
{
	struct view *v = menu_view(c);
	const struct binding *b;

	list_update(menu, v);
	if (event->key == KEY_CLICK)
		return click(menu, c, event);
	if (event->key >= '1' && event->key <= '9')
		return choose(menu, c, (int)event->key - '0');
	if (event->key == KEY_ESC && (v->filter || v->shows_page)) {
		if (v->shows_page)
			v->shows_page = false;
		else
			list_filter(menu, v, NULL);
		return 1;
	}
	b = binding_of(list_bindings, event->key);
	if (b)
		menu_act(menu, c, b);
	return b != NULL;
}
