/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_MENU_H
#define MENU_MENU_H

/*
 * The boot menu as a state machine: keys, messages and time in; screens, requests and an end out. It
 * reads no file, knows no terminal and no clock, and asks nobody; so it can be driven by a test, and
 * whoever drives it never waits for it.
 *
 * One menu serves all consoles: what is known (entries, plan, log), the countdown, and what was
 * asked for are one state; each console has its own screen, cursor and filter.
 *
 *	menu_clock(menu, now_ms);                 time, any clock that only goes forward
 *	menu_key(menu, console, &event);          a key, decoded (key.h)
 *	menu_hear(menu, message);                 a message of the engine (engine.h)
 *	while ((request = menu_ask(menu))) ...    what is to be sent to the engine
 *	if (menu_changed(menu, console))
 *		menu_draw(menu, console, grid);
 *	poll(..., menu_wait_ms(menu));            until time alone changes something; -1 for never
 */

#include <jansson.h>

#include "ui/menu/grid.h"
#include "ui/menu/key.h"

#define MENU_CONSOLES_MAX 8

struct menu;

struct menu_setup {
	int timeout_ms;      /* of the countdown, whatever configurations say; -1 to go by those,
			         MENU_TIMEOUT_NEVER for none at all */
	unsigned int flags;  /* enum menu_flags */
	const char *version; /* of stillboot */
	const char *
		password; /* crypt(3)'s hash that edit, unlock, settings and shell ask for; NULL for none */
	/* Does this password fit the hash? */
	int (*verify)(const char *hash, const char *password);
};
#define MENU_TIMEOUT_NEVER (-2)

enum menu_flags {
	MENU_MAY_SHELL = 1 << 0, /* a shell is a choice */
	MENU_MAY_QUIT = 1 << 1,  /* leaving the menu is one: not in an appliance */
};

struct menu *menu_new(void *ctx, const struct menu_setup *setup);

enum menu_console {
	MENU_SCREEN, /* shows screens, also while the machine is stilled */
	MENU_SERIAL, /* a serial line: shows screens, but plain lines while the machine is stilled */
	MENU_LINES,  /* a dumb terminal or a pipe: a numbered prompt */
};

/* A console of this size; its number from 0 on, or a negative errno. */
int menu_add_console(struct menu *menu, enum menu_console kind, int width, int height);
/* To be called when the size has changed, and after a shell (MENU_SHELL). */
void menu_resize(struct menu *menu, int console, int width, int height);

void menu_clock(struct menu *menu, long long now_ms);
void menu_key(struct menu *menu, int console, const struct key_event *event);
/* What is not understood is passed over: 0, or -EINVAL for who wants to know. */
int menu_hear(struct menu *menu, const json_t *message);
/* The engine has ended, for this reason, and is begun again or not. */
enum menu_loss { MENU_BEGUN_AGAIN, MENU_LOST_FOR_GOOD };
void menu_lost_engine(struct menu *menu, const char *why, enum menu_loss loss);

/* The next request, the caller's to decref; NULL for none. */
json_t *menu_ask(struct menu *menu);

/* Is another screen to be shown than menu_draw() drew last? */
int menu_changed(const struct menu *menu, int console);
/* All of them are: the language has changed. */
void menu_touch(struct menu *menu);
/* Into a grid of the console's size. */
void menu_draw(struct menu *menu, int console, struct grid *grid);
long long menu_wait_ms(const struct menu *menu);

/* Consoles of lines: what was typed, without its line feed (NULL at the end of the input); and what is
 * to be printed next, as it is, belonging to the caller; NULL for nothing. Serial consoles too have
 * something to be printed once the machine is stilled (MENU_LEAVE_SCREENS). */
void menu_line(struct menu *menu, int console, const char *line);
char *menu_take_text(struct menu *menu, void *ctx, int console);
/* Is the next line one that must not be seen? Then the driver turns the terminal's echo off (of the line feed
 * too, which the menu prints), and wipes the line. To be asked after each menu_line(). */
int menu_hides_input(const struct menu *menu, int console);

/* What the driver is to do beside drawing; asked for after each event, and told once. */
enum menu_wish {
	MENU_GO_ON,
	MENU_QUIT,          /* end */
	MENU_SHELL,         /* a shell on this console, then go on */
	MENU_REPAINT,       /* this console's terminal shows garbage: draw it all again */
	MENU_LEAVE_SCREENS, /* the jump begins: no screens on serial lines any more (menu_lines) */
	MENU_COME_BACK,     /* it was none, as that of a dry run: all is as before it */
};
enum menu_wish menu_wishes(struct menu *menu, int *console);

#endif
