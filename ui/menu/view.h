/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_VIEW_H
#define MENU_VIEW_H

/*
 * The inside of the menu: consoles, the screens that they show, and the tables that make a screen. Nearly
 * every screen is a list (list.h) of rows with details beside them, and a row of a table (struct screen);
 * a form draws itself. What a key does stands in tables of bindings, of which the line of hints and
 * the help are made too.
 */

#include <stdbool.h>

#include "ui/menu/history.h"
#include "ui/menu/line_edit.h"
#include "ui/menu/menu.h"
#include "ui/menu/model.h"
#include "ui/menu/page.h"
#include "ui/translate.h"

#define VIEWS_MAX 8 /* screens above each other */

struct console;
struct lines;
struct view;

struct area {
	int x, y, width, height;
};

/* One line of a list. Its strings live until the next row is asked for, or are the model's. */
struct row {
	const char *key;  /* what it is, also when the list has changed; NULL for none */
	const char *text; /* never NULL */
	const char *note; /* behind it; NULL for none */
	enum grid_style style;
	enum grid_style note_style; /* GRID_PLAIN means dim */
	int depth;
	char mark;      /* before it; 0 for none */
	bool is_parent; /* what follows deeper can be folded away, */
	bool is_folded; /* and is at first */
	bool is_choice; /* gets a number to be chosen by */
};

/* Some keys that do the same. */
struct binding {
	uint32_t keys[4];
	const char *key_name; /* as the help names it: "Enter" */
	const char *hint;     /* a word for the line of hints, NULL for none there */
	const char *help;     /* a sentence */
	void (*act)(struct menu *menu, struct console *console);
	unsigned int flags; /* enum binding_flags */
};
enum binding_flags {
	BINDING_GUARDED = 1 << 0, /* asks for the password, where there is one */
	BINDING_DEEPER = 1 << 1,  /* nothing to hint at on the first screen */
};

struct screen {
	const char *name;
	const char *ask;   /* what the engine is asked for when it is opened, NULL for nothing */
	const char *empty; /* what is said where there is no row */
	const char *help;  /* what it is for, some sentences; NULL for none */
	const struct binding
		*bindings; /* its own, before those of all lists; the last has no act */
	/* Of a list: */
	size_t (*count)(const struct menu *menu);
	void (*row)(const struct menu *menu, void *ctx, size_t i, struct row *row);
	void (*detail)(const struct menu *menu, size_t i, struct page *page); /* NULL for none */
	/* Of a form, instead: */
	void (*draw)(
		struct menu *menu, struct console *console, struct grid *grid, struct area area);
	bool (*key)(struct menu *menu, struct console *console, const struct key_event *event);
	bool takes_text; /* letters are text there: menu_bindings do not count, its own say all */
};

extern const struct screen screen_entries, screen_more, screen_help, screen_unlock, screen_plan,
	screen_devices, screen_facts, screen_log, screen_report, screen_settings, screen_power,
	screen_edit;

/* The screens that are gone to by name, or by a key from every list. */
struct place {
	const struct screen *screen;
	uint32_t keys[2];
	const char *key_name, *what;
	unsigned int flags; /* enum binding_flags */
};
extern const struct place menu_places[]; /* the last has no screen */
/* Go to the one of this key. */
bool place_key(struct menu *menu, struct console *console, uint32_t key);

struct view {
	const struct screen *screen;
	size_t *shown; /* indices of the rows that are seen: not folded, not filtered out */
	size_t shown_count;
	size_t cursor; /* in shown */
	char *cursor_key;
	int top;             /* the first that is drawn, in shown */
	const char *filter;  /* NULL for none */
	const char **turned; /* keys of parents that are not as they are at first: a talloc array */
	size_t turned_count;
	long page_row;           /* whose details are shown; -1 for none */
	long long rests_ms;      /* when the cursor will have rested; 0 if it has */
	bool shows_page;         /* details over the whole screen, */
	int page_from;           /* from this line on */
	unsigned int generation; /* of the model that shown is of */
	void *form;              /* of a form: its own */
};

/* A question over the screen. The answer's text is wiped afterwards. */
struct prompt {
	const char *title, *text; /* text: some sentences, NULL for none */
	struct line_edit *edit;   /* NULL for a question of yes and no */
	unsigned int look;        /* enum line_edit_look */
	bool is_filter;           /* every key counts at once: text is what is looked for */
	void (*answer)(struct menu *menu, struct console *console, struct prompt *prompt,
		const char *text); /* text "" for yes */
	const void *of;
};

struct console { /* a talloc context */
	enum menu_console kind;
	int number, width, height;
	struct view *views[VIEWS_MAX];
	size_t view_count;
	struct prompt *prompt;
	const char *message; /* the last line but one, until the next key */
	enum grid_style message_style;
	bool is_changed;
	bool is_admitted;          /* the password was given here */
	uint32_t stuck_key;        /* is held since before the menu stood */
	long long key_ms;          /* when the last key came; -1 for never */
	const struct place *place; /* that is gone to, perhaps behind a password */
	char *text;                /* lines to be printed, "" for none */
	struct lines *lines;       /* of a console that prints lines (lines.h), NULL for others */
};

enum countdown_state {
	COUNTDOWN_WAITS, /* until there is something to count for */
	COUNTDOWN_RUNS,
	COUNTDOWN_OVER,    /* the time is up; something is waited for */
	COUNTDOWN_STOPPED, /* by a key, or because there is none */
};

struct menu { /* a talloc context */
	struct menu_setup setup;
	struct model *model;
	struct console *consoles[MENU_CONSOLES_MAX];
	int console_count;
	long long now_ms, begin_ms; /* begin_ms -1 until the first clock */
	enum countdown_state countdown;
	long long countdown_end_ms;
	int countdown_ms;    /* how long it is in all */
	json_t *failed;      /* array of the ids of what it booted in vain */
	json_t *requests;    /* array of what is to be asked */
	bool has_settings;   /* they were told, or there are none to be told */
	bool shows_hidden;   /* entries that a rule hides are shown */
	json_t *leave;       /* array of slots to be left alone */
	const char *booting; /* the title of what was asked to be booted, NULL for nothing */
	const char *booting_id;
	int booting_console; /* where it was asked; -1 by the countdown */
	enum menu_wish wish;
	int wish_console;
	struct entry_row *entry_rows; /* screen_entries.c */
	size_t entry_row_count;
	unsigned int entry_generation;
	struct history *arguments; /* that were edited on any console; NULL before the first */
	const char *password;      /* the hash that a disk has; NULL for none */
	bool sets_password;        /* somebody who was admitted has set another */
};

/* menu.c */
struct view *menu_view(const struct console *console);
void menu_open(struct menu *menu, struct console *console, const struct screen *screen, void *form);
void menu_close(struct menu *menu, struct console *console);
/* For the engine; consumes the request. */
void menu_request(struct menu *menu, json_t *request);
void menu_wish(struct menu *menu, enum menu_wish wish, int console);
void menu_say(struct console *console, enum grid_style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Do what a binding does, behind the password if it has to be. */
void menu_act(struct menu *menu, struct console *console, const struct binding *binding);
/* Is it held down since before the menu stood? */
bool menu_is_stuck(struct menu *menu, struct console *console, uint32_t key);
/* The binding of a key in a table, NULL. */
const struct binding *binding_of(const struct binding *table, uint32_t key);

/* menu.c: what every screen has, for hints and help. */
extern const struct binding menu_bindings[];

/* frame.c: what all screens share. Draws the top and the bottom, and returns what is left for the screen. */
struct area frame_draw(struct menu *menu, struct console *console, struct grid *grid);

/* countdown.c */
/* What it would boot; NULL for nothing. */
const struct model_entry *countdown_entry(const struct menu *menu);
void countdown_listed(struct menu *menu);
/* What it booted did not load. */
void countdown_failed(struct menu *menu, const char *id);
void countdown_stop(struct menu *menu);
void countdown_clock(struct menu *menu);
long long countdown_wait_ms(const struct menu *menu);

/* guard.c */
enum guard {
	GUARD_OPEN,
	GUARD_ASKS,    /* for the password */
	GUARD_UNKNOWN, /* whether there is one: a disk may have it */
};
enum guard guard_state(const struct menu *menu);
bool guard_fits(const struct menu *menu, const char *password);
void guard_settings_told(struct menu *menu);

/* For who reads a table (model.h) of the model: how many rows it has, and the row i. */
size_t table_count(const struct menu *menu, enum model_table which);
const json_t *table_row(const struct menu *menu, enum model_table which, size_t i);
enum grid_style style_of_state(const json_t *row); /* of its "state" */

/* boot.c: asks for it. entry NULL for one that is made from nothing; edit may be NULL. */
void menu_boot(struct menu *menu, int console, const struct model_entry *entry, json_t *edit);

/* prompt.c */
struct prompt *prompt_open(struct console *console, const char *title, const char *text);
void prompt_close(struct console *console);
void prompt_draw(struct console *console, struct grid *grid);
void prompt_key(struct menu *menu, struct console *console, const struct key_event *event);
/* Is it "y", "yes", or what that is in the user's language, or its first letter? */
bool prompt_is_yes(const char *text);

/* screen_plan.c */
void plan_ask(struct menu *menu);
/* screen_unlock.c: something that was asked for is done; perhaps an unlocking. */
void unlock_done(struct menu *menu, const json_t *message);

/* screen_entries.c: the entry that the cursor stands on, NULL. */
const struct model_entry *entries_selected(struct menu *menu, struct console *console);
/* The entry of a row of the screen, NULL for what stands above entries. */
const struct model_entry *entries_at(const struct menu *menu, size_t row);
void entries_go_to_default(struct menu *menu, struct console *console);

/* screen_edit.c: a form of the entry that the cursor stands on, and of nothing. */
void edit_selected(struct menu *menu, struct console *console);
void edit_new(struct menu *menu, struct console *console);

#endif
