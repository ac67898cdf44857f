// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/menu/menu.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include "devices/log.h"
#include "ui/menu/lines.h"
#include "ui/menu/list.h"

/* A key that comes within this time of the first moment, and again and again after less than
 * that, is held down since before: a book lies on it, or somebody's impatience. */
#define STUCK_BEGIN_MS 300
#define STUCK_GAP_MS 700

static int destroy(struct menu *menu)
{
	json_decref(menu->requests);
	json_decref(menu->leave);
	json_decref(menu->failed);
	return 0;
}

struct menu *menu_new(void *ctx, const struct menu_setup *setup)
{
	struct menu *menu = talloc_zero(ctx, struct menu);

	if (!menu)
		return NULL;
	menu->setup = *setup;
	menu->begin_ms = -1;
	menu->model = model_new(menu);
	menu->requests = json_array();
	menu->leave = json_array();
	menu->failed = json_array();
	menu->countdown = setup->timeout_ms == MENU_TIMEOUT_NEVER ? COUNTDOWN_STOPPED
								  : COUNTDOWN_WAITS;
	talloc_set_destructor(menu, destroy);
	if (!menu->model || !menu->requests || !menu->leave || !menu->failed) {
		talloc_free(menu);
		return NULL;
	}
	menu_request(menu, json_pack("{ss}", "ask", "look"));
	return menu;
}

struct view *menu_view(const struct console *c)
{
	return c->views[c->view_count - 1];
}

void menu_request(struct menu *menu, json_t *request)
{
	json_array_append_new(menu->requests, request);
}

json_t *menu_ask(struct menu *menu)
{
	json_t *request = json_incref(json_array_get(menu->requests, 0));

	if (request)
		json_array_remove(menu->requests, 0);
	return request;
}

void menu_wish(struct menu *menu, enum menu_wish wish, int console)
{
	menu->wish = wish;
	menu->wish_console = console;
}

enum menu_wish menu_wishes(struct menu *menu, int *console)
{
	enum menu_wish wish = menu->wish;

	*console = menu->wish_console;
	menu->wish = MENU_GO_ON;
	return wish;
}

void menu_say(struct console *c, enum grid_style style, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	talloc_free((void *)c->message);
	c->message = talloc_vasprintf(c, fmt, args);
	c->message_style = style;
	c->is_changed = true;
	va_end(args);
}

void menu_touch(struct menu *menu)
{
	for (int i = 0; i < menu->console_count; i++)
		menu->consoles[i]->is_changed = true;
}

void menu_open(struct menu *menu, struct console *c, const struct screen *screen, void *form)
{
	struct view *v;

	/* A screen that is open already is come back to. */
	for (size_t i = 0; i < c->view_count && !form; i++)
		if (c->views[i]->screen == screen) {
			while (c->view_count > i + 1)
				talloc_free(c->views[--c->view_count]);
			return;
		}
	if (c->view_count == VIEWS_MAX)
		menu_close(menu, c);
	v = talloc_zero(c, struct view);
	if (!v) {
		talloc_free(form);
		return;
	}
	v->screen = screen;
	v->form = talloc_steal(v, form);
	c->views[c->view_count++] = v;
	c->is_changed = true;
	if (screen->ask)
		menu_request(menu, json_pack("{ss sO}", "ask", screen->ask, "leave", menu->leave));
}

void menu_close(struct menu *menu, struct console *c)
{
	(void)menu;
	if (c->view_count > 1)
		talloc_free(c->views[--c->view_count]);
	c->is_changed = true;
}

int menu_add_console(struct menu *menu, enum menu_console kind, int width, int height)
{
	struct console *c = talloc_zero(menu, struct console);

	if (!c || menu->console_count == MENU_CONSOLES_MAX) {
		talloc_free(c);
		return c ? -ENOSPC : -ENOMEM;
	}
	c->kind = kind;
	c->number = menu->console_count;
	c->key_ms = -1;
	c->text = talloc_strdup(c, "");
	if (kind != MENU_SCREEN)
		c->lines = lines_new(menu, c);
	menu_open(menu, c, &screen_entries, NULL);
	if (!c->view_count || !c->text || (kind != MENU_SCREEN && !c->lines)) {
		talloc_free(c);
		return -ENOMEM;
	}
	menu->consoles[menu->console_count++] = c;
	menu_resize(menu, c->number, width, height);
	return c->number;
}

void menu_resize(struct menu *menu, int console, int width, int height)
{
	struct console *c = menu->consoles[console];

	c->width = width;
	c->height = height;
	c->is_changed = true;
	lines_come_back(c);
}

void menu_clock(struct menu *menu, long long now_ms)
{
	if (menu->begin_ms < 0)
		menu->begin_ms = now_ms;
	menu->now_ms = now_ms;
	countdown_clock(menu);
	if (menu->model->boot == MODEL_NO_RETURN)
		menu_touch(menu); /* elapsed times */
	for (int i = 0; i < menu->console_count; i++)
		menu->consoles[i]->is_changed |= list_clock(menu, menu_view(menu->consoles[i]));
	lines_settle(menu);
}

#define JUMP_REPAINT_MS 500

long long menu_wait_ms(const struct menu *menu)
{
	long long ms = menu->model->boot == MODEL_NO_RETURN ? JUMP_REPAINT_MS
							    : countdown_wait_ms(menu);

	for (int i = 0; i < menu->console_count; i++) {
		const long long rest = list_wait_ms(menu, menu_view(menu->consoles[i]));

		ms = rest >= 0 && (ms < 0 || rest < ms) ? rest : ms;
	}
	return ms;
}

const struct binding *binding_of(const struct binding *table, uint32_t key)
{
	for (const struct binding *b = table; b && b->act; b++)
		for (size_t i = 0; i < sizeof(b->keys) / sizeof(*b->keys); i++)
			if (b->keys[i] && b->keys[i] == key)
				return b;
	return NULL;
}

static void answer_password(
	struct menu *menu, struct console *c, struct prompt *p, const char *text)
{
	const struct binding *b = p->of;

	if (!guard_fits(menu, text)) {
		menu_say(c, GRID_BAD, "%s", _("That is not the password."));
		return;
	}
	c->is_admitted = true;
	if (menu_view(c)->screen->count)
		list_update(menu, menu_view(c));
	b->act(menu, c);
}

static void ask_password(struct console *c, const struct binding *b)
{
	struct prompt *p = prompt_open(
		c, _("Password"), _("This needs the password of this menu."));

	if (!p)
		return;
	p->edit = line_edit_new(p, "");
	p->look = LINE_EDIT_SECRET;
	p->of = b;
	p->answer = answer_password;
}

void menu_act(struct menu *menu, struct console *c, const struct binding *b)
{
	enum guard guard = b->flags & BINDING_GUARDED && !c->is_admitted ? guard_state(menu)
									 : GUARD_OPEN;

	if (guard == GUARD_OPEN)
		b->act(menu, c);
	else if (guard == GUARD_ASKS)
		ask_password(c, b);
	else
		menu_say(c, GRID_WARN, "%s",
			_("A disk may hold a password for this, and is still being looked at."));
}

static void act_back(struct menu *menu, struct console *c)
{
	if (c->view_count > 1)
		menu_close(menu, c);
	else
		c->is_admitted = false;
}

static void act_quit(struct menu *menu, struct console *c)
{
	if (c->view_count == 1 && menu->setup.flags & MENU_MAY_QUIT)
		menu_wish(menu, MENU_QUIT, c->number);
	else
		act_back(menu, c);
}

static void act_help(struct menu *menu, struct console *c)
{
	menu_open(menu, c, &screen_help, NULL);
}

static void act_more(struct menu *menu, struct console *c)
{
	menu_open(menu, c, &screen_more, NULL);
}

static void act_repaint(struct menu *menu, struct console *c)
{
	menu_wish(menu, MENU_REPAINT, c->number);
}

const struct binding menu_bindings[] = {
	{{'m', KEY_FN + 2, 0, 0}, "m", N_("more"), N_("All other screens."), act_more, 0},
	{{'?', 'h', KEY_FN + 1, 0}, "?", N_("help"), N_("What the keys do."), act_help, 0},
	{{KEY_ESC, KEY_CURSOR_LEFT, 0, 0}, N_("Esc"), N_("back"), N_("Back to the screen before."),
		act_back, BINDING_DEEPER},
	{{'q', 0, 0, 0}, "q", NULL,
		N_("Back; from the first screen out of the menu, where that can be."), act_quit, 0},
	{{KEY_CONTROL('l'), 0, 0, 0}, "^L", NULL, N_("Draw the screen anew."), act_repaint, 0},
	{.act = NULL},
};

bool menu_is_stuck(struct menu *menu, struct console *c, uint32_t key)
{
	bool first = c->key_ms < 0 && menu->now_ms - menu->begin_ms < STUCK_BEGIN_MS;
	bool again = c->stuck_key == key && menu->now_ms - c->key_ms < STUCK_GAP_MS;

	c->key_ms = menu->now_ms;
	c->stuck_key = first || again ? key : KEY_NO;
	return first || again;
}

void menu_key(struct menu *menu, int console, const struct key_event *event)
{
	struct console *c = menu->consoles[console];
	const struct screen *screen = menu_view(c)->screen;
	const struct binding *b;

	if (menu_is_stuck(menu, c, event->key) || menu->model->boot == MODEL_NO_RETURN)
		return;
	c->is_changed = true;
	countdown_stop(menu);
	talloc_free((void *)c->message);
	c->message = NULL;
	if (c->prompt) {
		prompt_key(menu, c, event);
		return;
	}
	if (screen->key && screen->key(menu, c, event))
		return;
	if (screen->count)
		list_update(menu, menu_view(c)); /* the key is meant for what is there now */
	b = binding_of(screen->bindings, event->key);
	if (b && !menu_view(c)->shows_page) {
		menu_act(menu, c, b);
		return;
	}
	if (screen->count && list_key(menu, c, event))
		return;
	b = binding_of(menu_bindings, event->key);
	if (b)
		menu_act(menu, c, b);
	else if (screen->count)
		place_key(menu, c, event->key);
}

/* What was asked for did not work: where it was asked, or everywhere. */
static void tell_failure(struct menu *menu, const json_t *message)
{
	const char *text = model_string(message, "text"), *what = model_string(message, "ask");
	bool is_boot = what && !strcmp(what, "boot");

	for (int i = 0; i < menu->console_count; i++)
		if (!is_boot || menu->booting_console < 0 || menu->booting_console == i)
			menu_say(menu->consoles[i], GRID_BAD, "%s",
				text ? text : _("That did not work."));
	if (is_boot && menu->booting && menu->booting_console < 0 && menu->booting_id)
		countdown_failed(menu, menu->booting_id);
}

/* A boot that was carried out says nothing any more; this one was a dry run. */
static void tell_success(struct menu *menu, const json_t *message)
{
	const char *text = model_string(message, "text"), *what = model_string(message, "ask");

	if (what && !strcmp(what, "boot"))
		text = _("That was a dry run: nothing was done.");
	for (int i = 0; text && i < menu->console_count; i++)
		menu_say(menu->consoles[i], GRID_GOOD, "%s", text);
}

/* Everybody sees how far it is. */
static void begin_jump(struct menu *menu)
{
	menu_wish(menu, MENU_LEAVE_SCREENS, -1);
	for (int i = 0; i < menu->console_count; i++) {
		prompt_close(menu->consoles[i]);
		menu_open(menu, menu->consoles[i], &screen_plan, NULL);
	}
}

/* It failed, or was a dry run. */
static void end_boot(struct menu *menu, enum model_boot before)
{
	talloc_free((void *)menu->booting);
	menu->booting = NULL;
	if (before == MODEL_NO_RETURN)
		menu_wish(menu, MENU_COME_BACK, -1);
}

/* The cursor goes where something is under way. */
static void follow_step(struct menu *menu, const json_t *message)
{
	const char *state = model_string(message, "state"), *slot = model_string(message, "slot");

	if (!state || strcmp(state, "begun") || !slot)
		return;
	for (int i = 0; i < menu->console_count; i++)
		if (menu_view(menu->consoles[i])->screen == &screen_plan)
			list_go_to(menu, menu_view(menu->consoles[i]), slot);
}

/* Those that were told, and the answer to the question for them. */
static bool is_of_settings(enum model_news news, const json_t *message)
{
	const char *what = model_string(message, news == MODEL_CHANGED ? "say" : "ask");

	return (news == MODEL_CHANGED || news == MODEL_DONE || news == MODEL_FAILED) && what &&
	       !strcmp(what, "settings");
}

int menu_hear(struct menu *menu, const json_t *message)
{
	enum model_boot before = menu->model->boot;
	enum model_news news = model_hear(menu->model, message, menu->now_ms);

	if (news == MODEL_NOTHING)
		return -EINVAL;
	if (news == MODEL_LISTED) {
		for (int i = 0; i < menu->console_count; i++)
			if (menu->consoles[i]->key_ms < 0) /* nobody has moved the cursor */
				entries_go_to_default(menu, menu->consoles[i]);
		menu_request(menu, json_pack("{ss}", "ask", "settings"));
		countdown_listed(menu);
	}
	if (is_of_settings(news, message))
		guard_settings_told(menu);
	if (news == MODEL_FAILED)
		tell_failure(menu, message);
	if (news == MODEL_DONE)
		tell_success(menu, message);
	if (news == MODEL_DONE)
		unlock_done(menu, message);
	if (before != MODEL_NO_RETURN && menu->model->boot == MODEL_NO_RETURN)
		begin_jump(menu);
	if (before != MODEL_IDLE && menu->model->boot == MODEL_IDLE)
		end_boot(menu, before);
	if (news == MODEL_STEP)
		follow_step(menu, message);
	menu_touch(menu);
	lines_hear(menu, news, message);
	return 0;
}

void menu_lost_engine(struct menu *menu, const char *why, enum menu_loss loss)
{
	enum model_boot before = menu->model->boot;

	model_log(menu->model, LOG_ERROR, why, menu->now_ms);
	model_lose(menu->model, why);
	end_boot(menu, before);
	json_array_clear(menu->requests); /* were for the one that is gone */
	menu_request(menu, json_pack("{ss}", "ask", "look"));
	for (int i = 0; i < menu->console_count; i++)
		menu_say(menu->consoles[i], GRID_BAD,
			loss == MENU_BEGUN_AGAIN
				/* translators: behind "The search for entries ...". */
				? _("%s; it is started again")
				: _("%s; nothing can be booted from this menu any more"),
			why);
}

int menu_changed(const struct menu *menu, int console)
{
	return menu->consoles[console]->is_changed;
}

void menu_draw(struct menu *menu, int console, struct grid *g)
{
	struct console *c = menu->consoles[console];
	const struct screen *screen = menu_view(c)->screen;
	struct area area;

	grid_clear(g);
	area = frame_draw(menu, c, g);
	if (screen->draw)
		screen->draw(menu, c, g, area);
	else
		list_draw(menu, c, g, area);
	if (c->prompt)
		prompt_draw(c, g);
	c->is_changed = false;
}
