// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>
#include <string.h>
#include <talloc.h>
#include <wchar.h>
#include <wctype.h>

#include "ui/menu/view.h"

static int wipe(struct prompt *p)
{
	if (p->edit)
		line_edit_wipe(p->edit);
	return 0;
}

struct prompt *prompt_open(struct console *c, const char *title, const char *text)
{
	prompt_close(c);
	c->prompt = talloc_zero(c, struct prompt);
	if (!c->prompt)
		return NULL;
	talloc_set_destructor(c->prompt, wipe);
	c->prompt->title = talloc_strdup(c->prompt, title);
	c->prompt->text = text ? talloc_strdup(c->prompt, text) : NULL;
	return c->prompt;
}

void prompt_close(struct console *c)
{
	talloc_free(c->prompt);
	c->prompt = NULL;
}

/* In the last line, so that what is found can be seen. */
static void draw_filter(const struct prompt *p, struct grid *g)
{
	int y = g->height - 1, used;

	grid_fill(g, 0, y, g->width, GRID_PLAIN, ' ');
	used = grid_text(g, 0, y, g->width / 2, GRID_STRONG, p->title);
	used += grid_text(g, used, y, 2, GRID_STRONG, ": ");
	line_edit_draw(p->edit, g, (int[3]){used, y, g->width - used}, p->look | LINE_EDIT_FOCUS);
}

static struct page *make_page(const struct prompt *p)
{
	struct page *page = page_new(NULL);

	page_add(page, GRID_HEADING, p->title);
	page_add(page, GRID_PLAIN, p->text);
	page_add(page, GRID_DIM,
		p->edit ? _("Enter takes it, Esc goes back.") : _("y for yes, Esc or n for no."));
	return page;
}

void prompt_draw(struct console *c, struct grid *g)
{
	const struct prompt *p = c->prompt;
	int width = g->width < 66 ? g->width : 66, height, x, y, edits = p->edit != NULL;
	struct page *page;

	if (p->is_filter) {
		draw_filter(p, g);
		return;
	}
	page = make_page(p);
	if (!page)
		return;
	height = page_height(page, width - 4) + 2 + 2 * edits;
	height = height > g->height ? g->height : height;
	x = (g->width - width) / 2;
	y = (g->height - height) / 3;
	grid_box(g, x, y, width, height);
	page_draw(page, g, x + 2, y + 1, width - 4, height - 2 - 2 * edits, 0);
	if (edits) {
		grid_text(g, x + 2, y + height - 2, 2, GRID_STRONG, "> ");
		line_edit_draw(p->edit, g, (int[3]){x + 4, y + height - 2, width - 6},
			p->look | LINE_EDIT_FOCUS);
	}
	talloc_free(page);
}

/* The answer may open another prompt: this one is out of the way then. */
static void answer(struct menu *menu, struct console *c, const char *text)
{
	struct prompt *p = c->prompt;

	c->prompt = NULL;
	talloc_steal(NULL, p);
	if (p->answer)
		p->answer(menu, c, p, text);
	talloc_free(p);
}

/* translators: what is typed for yes; its first letter alone is taken too, as "y" always is. */
static const char yes[] = N_("yes");

bool prompt_is_yes(const char *text)
{
	const char *word = _(yes);
	size_t first = mbrlen(word, strlen(word), &(mbstate_t){0});

	return !strcmp(text, "y") || !strcmp(text, yes) || !strcmp(text, word) ||
	       (strlen(text) == first && !strncmp(text, word, first));
}

static bool is_yes(uint32_t key)
{
	char text[MB_LEN_MAX + 1] = "";
	size_t len = key < KEY_FIRST ? wcrtomb(text, (wchar_t)towlower(key), &(mbstate_t){0}) : 0;

	return key == KEY_RETURN || (len && len <= MB_LEN_MAX && prompt_is_yes(text));
}

void prompt_key(struct menu *menu, struct console *c, const struct key_event *event)
{
	struct prompt *p = c->prompt;

	if (event->key == KEY_ESC || event->key == KEY_CONTROL('c') ||
		(!p->edit && (event->key == 'n' || event->key == 'N'))) {
		if (p->is_filter)
			p->answer(menu, c, p, "");
		prompt_close(c);
	} else if (!p->edit) {
		if (is_yes(event->key))
			answer(menu, c, "");
	} else if (event->key == KEY_RETURN) {
		answer(menu, c, line_edit_text(p->edit));
	} else if (line_edit_key(p->edit, event) && p->is_filter) {
		p->answer(menu, c, p, line_edit_text(p->edit));
	}
}
