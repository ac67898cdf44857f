/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_FRONT_H
#define MENU_FRONT_H

/*
 * The front: what drives the menu. One poll loop over the terminals, the engine, signals and time. It
 * decides nothing that a person sees (menu.h) and nothing about disks (engine.h).
 */

#include "ui/command.h"
#include "ui/menu/child.h"
#include "ui/menu/key.h"
#include "ui/menu/menu.h"
#include "ui/menu/outbox.h"
#include "ui/menu/quiet.h"
#include "ui/menu/render.h"
#include "ui/menu/term.h"

/* Where somebody sits: a console of the menu (its number in front->seats is the menu's). */
struct seat {
	struct term *term; /* NULL: lines are read and printed, below */
	int is_gone;       /* its terminal was hung up */
	int is_unheard;    /* of lines: nobody reads them any more */
	int is_kernels;    /* the kernel prints there too */
	int in, is_serial; /* what is read; -1 for nothing any more */
	struct outbox out; /* of lines */
	char line[1024];   /* typed so far, of lines */
	size_t line_len;
	struct grid *grid;
	struct key_decoder decoder;
	long long byte_ms; /* when the last byte came */
	pid_t shell;       /* has the terminal; 0 for none */
};

enum front_state {
	FRONT_ON,
	FRONT_JUMPS, /* there is no way back: signals are ignored */
	FRONT_ENDS,
};

struct front {
	struct session *s;
	child_run *run_engine;
	struct menu *menu;
	struct renders *renders;
	struct seat seats[MENU_CONSOLES_MAX];
	int seat_count;
	struct child engine;
	int flags;                /* enum menu_flags */
	int has_language;         /* a setting says so */
	int engine_begins;        /* how often it was begun */
	int has_more;             /* messages of the engine were left for later */
	int steps_unheard;        /* told by the engine, and not on all screens yet */
	struct child_lines lines; /* what we print ourselves, or a library does */
	int output, errors;       /* where standard output and error led before */
	int signals;
	struct quiet quiet;
	enum front_state state;
};

/* The engine has ended so often for no good reason: it is not begun again. */
#define FRONT_ENGINE_BEGINS_MAX 4

/* Show the menu until it ends. The engine is run_engine, in a process of its own. */
enum exit_code front_run(struct session *s, const struct menu_setup *setup, child_run *run_engine);

/* command_menu.c: the same, as the options and the settings of this system say. flags are enum menu_flags. */
enum exit_code menu_show(struct session *s, unsigned int flags);

/* front_seat.c. Take a console ("ttyS0", "/dev/ttyS0", "ttyS0,ascii"), NULL for that of standard input and output: its screen, or lines where it has
 * none. */
int front_add_seat(struct front *front, const char *console, struct err *err);
/* What was typed. */
void front_seat_read(struct front *front, int number);
/* An Escape by itself, or the like. */
void front_seat_late(struct front *front, int number, long long now_ms);
/* Milliseconds until that, -1 for never. */
long long front_seat_wait_ms(const struct seat *seat, long long now_ms);
/* Show what has changed, and send what it takes. */
void front_seat_show(struct front *front, int number);
int front_seat_pending(const struct seat *seat);
/* Is what the menu shows on the terminal, or is there no way for it? */
int front_seat_is_shown(const struct front *front, int number);
/* After term_suspend(): all of it is shown again. */
void front_seat_resume(struct front *front, int number);
void front_seat_leave(struct front *front, int number);

/* front_engine.c */
int front_engine_begin(struct front *front, struct err *err);
void front_engine_read(struct front *front);
void front_engine_ask(struct front *front);
/* A process has ended: the engine or a shell. */
void front_reap(struct front *front);

#endif
