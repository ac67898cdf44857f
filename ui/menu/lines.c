// SPDX-License-Identifier: GPL-2.0-or-later
/* What consoles of lines read, and when they print what. */
#include "ui/menu/lines.h"

#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include "ui/print.h"

#define EARLY_MAX 64 /* lines; more are not kept */

static void wipe(char *text)
{
	explicit_bzero(text, strlen(text));
	talloc_free(text);
}

static int destroy(struct lines *l)
{
	json_decref(l->edit);
	while (l->early_count)
		wipe(l->early[--l->early_count]);
	return 0;
}

struct lines *lines_new(struct menu *menu, struct console *c)
{
	struct lines *l = talloc_zero(c, struct lines);

	if (!l)
		return NULL;
	l->countdown = menu->countdown;
	talloc_set_destructor(l, destroy);
	return l;
}

void lines_ask(struct console *c, enum lines_question question, const char *fmt, ...)
{
	struct lines *l = c->lines;
	char prompt[256];
	va_list args;
	char *text;

	va_start(args, fmt);
	text = talloc_vasprintf(NULL, fmt, args);
	va_end(args);
	talloc_free((void *)l->prompt);
	l->prompt = talloc_strdup(l, print_escape(prompt, sizeof(prompt), text ? text : ""));
	l->question = question;
	talloc_free(text);
}

void lines_request(struct menu *menu, struct console *c, json_t *request)
{
	if (!request) { /* JSON takes only UTF-8 */
		lines_tell(c, _("That is not text that can be sent."));
		return;
	}
	talloc_free((void *)c->lines->asked);
	c->lines->asked = talloc_strdup(c->lines, model_string(request, "ask"));
	menu_request(menu, request);
}

static void answer_password(struct menu *menu, struct console *c, const char *line)
{
	if (!lines_password_fits(menu, line))
		lines_tell(c, _("That is not the password."));
	else
		lines_go_on(menu, c, LINES_PASSWORD);
}

static void answer_passphrase(struct menu *menu, struct console *c, const char *line)
{
	lines_tell(c, _("Unlocking %s ..."), c->lines->device);
	lines_request(menu, c,
		json_pack("{ss ss ss}", "ask", "unlock", "device", c->lines->device, "passphrase",
			line));
}

static void answer_really(struct menu *menu, struct console *c, const char *line)
{
	if (prompt_is_yes(line))
		lines_go_on(menu, c, LINES_REALLY);
	else
		lines_tell(c, _("Nothing was done."));
}

static const struct {
	void (*answer)(struct menu *menu, struct console *console, const char *line);
	bool is_hidden;
} questions[LINES_QUESTIONS] = {
	[LINES_COMMAND] = {lines_obey, false},
	[LINES_PASSWORD] = {answer_password, true},
	[LINES_PASSPHRASE] = {answer_passphrase, true},
	[LINES_REALLY] = {answer_really, false},
	[LINES_ARGUMENTS] = {lines_edit_arguments, false},
	[LINES_EDIT] = {lines_edit_obey, false},
};

int menu_hides_input(const struct menu *menu, int console)
{
	const struct lines *l = menu->consoles[console]->lines;

	return l && questions[l->question].is_hidden;
}

/* What was typed, without what a terminal has sent of itself; NULL where there is nothing else. */
static char *typed(void *ctx, const char *line)
{
	struct line_edit *e = line_edit_new(ctx, "");
	struct key_decoder d = {0};
	struct key_event event;
	size_t from, len;
	const char *text;
	char *result;

	if (!e)
		return NULL;
	for (const char *p = line; *p; p++)
		if (key_decode(&d, (unsigned char)*p, &event))
			line_edit_key(e, &event);
	text = line_edit_text(e);
	if (!*text && line[strspn(line, "\r")]) {
		talloc_free(e);
		return NULL;
	}
	from = strspn(text, " \t");
	len = strlen(text);
	while (len > from && text[len - 1] == ' ')
		len--;
	result = talloc_strndup(ctx, text + from, len - from);
	talloc_free(e);
	return result;
}

/* Its echo has ended the line of the prompt, or nothing has. */
static void take(struct menu *menu, struct console *c, const char *line)
{
	struct lines *l = c->lines;
	enum lines_question question = l->question;
	void *ctx = talloc_new(NULL);
	const char *text = questions[question].is_hidden ? line : typed(ctx, line);

	if (questions[question].is_hidden)
		lines_put(c, "\n");
	l->is_at_prompt = false;
	l->question = text ? LINES_COMMAND : question;
	if (text)
		questions[question].answer(menu, c, text);
	talloc_free(ctx);
}

/* Lines that came before the list speak of all of it. */
static void take_early(struct menu *menu, struct console *c)
{
	struct lines *l = c->lines;

	while (l->early_count && l->is_listed && !menu->booting &&
		!json_array_size(menu->model->busy)) {
		char *line = l->early[0];

		memmove(l->early, l->early + 1, --l->early_count * sizeof(*l->early));
		lines_prompt(menu, c);
		if (!questions[l->question].is_hidden) { /* as if it were typed now */
			char echo[LINE_EDIT_MAX];

			lines_put(c, print_escape(echo, sizeof(echo), line));
			lines_put(c, "\n");
		}
		take(menu, c, line);
		wipe(line);
		lines_news(menu, c);
	}
}

static void forget_request(struct lines *l)
{
	talloc_free((void *)l->asked);
	l->asked = NULL;
	l->wants_plan = false;
}

static void update(struct menu *menu, struct console *c)
{
	if (c->kind != MENU_LINES || c->lines->is_over || menu->model->boot == MODEL_NO_RETURN)
		return;
	if (menu->model->lost)
		forget_request(c->lines); /* it has no answer any more */
	lines_news(menu, c);
	take_early(menu, c);
	lines_prompt(menu, c);
}

/* Nobody can choose any more, and nothing goes on by itself. */
static bool is_deserted(const struct menu *menu)
{
	const struct model *m = menu->model;

	for (int i = 0; i < menu->console_count; i++) {
		const struct console *c = menu->consoles[i];

		if (c->kind != MENU_LINES || !c->lines->is_closed || c->lines->is_over ||
			c->lines->early_count || c->lines->asked)
			return false;
	}
	if (!(menu->setup.flags & MENU_MAY_QUIT)) /* an appliance goes on looking */
		return false;
	if (menu->booting || m->boot != MODEL_IDLE || m->lost || lines_counts(menu->countdown))
		return false;
	return menu->countdown == COUNTDOWN_STOPPED || (m->is_listed && !json_array_size(m->busy));
}

void lines_settle(struct menu *menu)
{
	for (int i = 0; i < menu->console_count; i++)
		update(menu, menu->consoles[i]);
	if (!menu->console_count || !is_deserted(menu))
		return;
	for (int i = 0; i < menu->console_count; i++) {
		lines_tell(menu->consoles[i],
			_("The input has ended, and nothing is booted by itself: leaving."));
		menu->consoles[i]->lines->is_over = true;
	}
	menu_wish(menu, MENU_QUIT, 0);
}

static void hear(struct menu *menu, struct console *c, enum model_news news, const json_t *message)
{
	const char *say = model_string(message, "say"), *ask = model_string(message, "ask");
	struct lines *l = c->lines;

	update(menu, c); /* what has led here comes first */
	if (l->wants_plan && say && !strcmp(say, "plan")) {
		lines_print_plan(menu, c);
		l->wants_plan = false;
	}
	if ((news == MODEL_DONE || news == MODEL_FAILED) && ask && l->asked &&
		!strcmp(ask, l->asked))
		forget_request(l);
	lines_print_progress(menu, c, news, message);
}

void lines_hear(struct menu *menu, enum model_news news, const json_t *message)
{
	for (int i = 0; i < menu->console_count; i++)
		if (menu->consoles[i]->lines)
			hear(menu, menu->consoles[i], news, message);
	lines_settle(menu);
}

void lines_come_back(struct console *c)
{
	if (c->lines && c->lines->is_away)
		c->lines->is_at_prompt = c->lines->is_away = false;
}

static void keep_early(struct lines *l, const char *line)
{
	char **more = l->early_count < EARLY_MAX
			      ? talloc_realloc(l, l->early, char *, l->early_count + 1)
			      : NULL;

	if (!more)
		return;
	l->early = more;
	more[l->early_count] = talloc_strdup(l, line);
	l->early_count += more[l->early_count] != NULL;
}

/* Enter that is held since before the menu stood is nobody's; nor is what only a terminal has sent. */
static bool is_meant(struct menu *menu, struct console *c, const char *line)
{
	char *text;
	bool is;

	if (questions[c->lines->question].is_hidden)
		return true;
	if (!line[strspn(line, "\r")])
		return !menu_is_stuck(menu, c, KEY_RETURN);
	text = typed(NULL, line);
	is = text != NULL;
	talloc_free(text);
	return is;
}

static void end_input(struct console *c)
{
	struct lines *l = c->lines;

	l->is_closed = true;
	l->question = LINES_COMMAND;
	lines_edit_end(c);
	if (l->is_at_prompt)
		lines_put(c, "\n");
	l->is_at_prompt = false;
}

void menu_line(struct menu *menu, int console, const char *line)
{
	struct console *c = menu->consoles[console];
	struct lines *l = c->lines;
	bool may_count = menu->countdown != COUNTDOWN_STOPPED;

	if (c->kind != MENU_LINES || l->is_closed || menu->model->boot == MODEL_NO_RETURN)
		return;
	if (!line) {
		end_input(c);
	} else if (!is_meant(menu, c, line)) {
		l->is_at_prompt = false; /* its echo is there all the same */
	} else {
		countdown_stop(menu);
		if (may_count && !line[strspn(line, " \r")] && l->question == LINES_COMMAND)
			l->is_at_prompt = false; /* that was all it is for */
		else if (!l->is_listed || l->early_count)
			keep_early(l, line);
		else
			take(menu, c, line);
	}
	lines_settle(menu);
}

char *menu_take_text(struct menu *menu, void *ctx, int console)
{
	struct console *c = menu->consoles[console];
	char *text;

	if (c->lines)
		update(menu, c);
	text = *c->text ? talloc_strdup(ctx, c->text) : NULL;
	talloc_free(c->text);
	c->text = talloc_strdup(c, "");
	return text;
}
