/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_LINES_H
#define MENU_LINES_H

/*
 * Consoles that print lines. One of kind MENU_LINES has a numbered prompt: what it prints is said once, when
 * it is news, so that a log file or a slow line is not flooded. Such a console, and a serial one once
 * the machine is stilled, tells how far a jump is, a line before and a line after each step.
 *
 * A number is given to an entry when it is first printed and stays its own for good: who chooses from a
 * list that has scrolled away gets what stood there, or is told that it is gone. What is no longer the
 * same (id, title, submenu, filesystem) is another entry and gets another number.
 *
 * Lines are cut at the width of the console; details and sentences are broken.
 */

#include "ui/menu/view.h"

/* What the next line answers. */
enum lines_question {
	LINES_COMMAND,
	LINES_PASSWORD,
	LINES_PASSPHRASE,
	LINES_REALLY,
	LINES_ARGUMENTS, /* of an entry that is edited, */
	LINES_EDIT,      /* and what to do with it */
	LINES_QUESTIONS,
};

struct lines_number {
	const char *id, *title, *place; /* place: its filesystem and submenus */
	bool is_there, is_printed;
};

struct lines { /* a talloc context */
	struct lines_number *numbers;
	size_t number_count;
	bool is_listed;          /* the list was printed; news come after it */
	unsigned int generation; /* of the list that was told of last */
	const char *starred;     /* title of the default that was told of, NULL for none */
	bool is_at_prompt;       /* a prompt stands in the line */
	bool is_closed;          /* no line comes any more */
	bool is_over;            /* the menu ends */
	bool is_away;            /* a shell was asked for, which leaves the prompt behind */
	enum lines_question question;
	const char *prompt;                  /* of a question other than LINES_COMMAND */
	const struct lines_command *command; /* waits for the password or a yes, with this */
	const char *rest;
	const char *device;             /* waits for its passphrase */
	size_t edited;                  /* number of the entry, */
	json_t *edit;                   /* and what it is to be: an EDIT of engine.h */
	enum countdown_state countdown; /* that was told of, with this title */
	const char *counted;
	bool is_booting;   /* was told */
	bool wants_plan;   /* it is to be printed when it comes */
	bool is_stilled;   /* the outcome was told */
	const char *asked; /* the last request of this console that has no answer yet */
	char **early;      /* typed before the list was there */
	size_t early_count;
};

/* lines.c */
struct lines *lines_new(struct menu *menu, struct console *console);
/* After a message. */
void lines_hear(struct menu *menu, enum model_news news, const json_t *message);
/* After anything else: print what is news; end where nobody can choose any more. */
void lines_settle(struct menu *menu);
/* A shell on the console has ended, perhaps. */
void lines_come_back(struct console *console);
/* Ask a question instead of waiting for a command. */
void lines_ask(struct console *console, enum lines_question question, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* For the engine; consumes the request, NULL for one that cannot be made. */
void lines_request(struct menu *menu, struct console *console, json_t *request);

/* lines_news.c */
/* Print what the console was not told of yet. */
void lines_news(struct menu *menu, struct console *console);
/* The prompt, where something can be typed and none stands. */
void lines_prompt(struct menu *menu, struct console *console);
/* Does it count, or wait for disks? */
bool lines_counts(enum countdown_state state);

/* lines_print.c: a line, cut; a text that is broken; a page, which is freed. */
int lines_width(const struct console *console);
void lines_say(struct console *console, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lines_tell(struct console *console, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* What can be typed, and what it does, in two columns. */
void lines_help(struct console *console, const char *usage, const char *help);
void lines_page(struct console *console, struct page *page);
/* As it is. */
void lines_put(struct console *console, const char *text);

/* lines_list.c */
/* Print what has the text in it, or everything for NULL. */
void lines_list(struct menu *menu, struct console *console, const char *filter);
/* Say in a line or two what has changed since. */
void lines_list_news(struct menu *menu, struct console *console);
/* The number that stands at the beginning of a text, alone; 0 for none. */
size_t lines_number(const char *text);
/* The entry that was printed with this number; NULL, having said why, if there is none. */
const struct model_entry *lines_entry(struct menu *menu, struct console *console, size_t number);

/* lines_commands.c */
void lines_obey(struct menu *menu, struct console *console, const char *line);
/* With the command that waited for this answer. */
void lines_go_on(struct menu *menu, struct console *console, enum lines_question answered);
bool lines_password_fits(struct menu *menu, const char *password);
void lines_print_plan(struct menu *menu, struct console *console);

/* lines_edit.c */
void lines_edit(struct menu *menu, struct console *console, const char *rest);
void lines_edit_arguments(struct menu *menu, struct console *console, const char *line);
void lines_edit_obey(struct menu *menu, struct console *console, const char *line);
void lines_edit_end(struct console *console);

/* lines_stilling.c */
void lines_print_progress(
	struct menu *menu, struct console *console, enum model_news news, const json_t *message);

#endif
