/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_RUN_H
#define BOOT_GRUB_RUN_H

/*
 * Running a configuration as GRUB does (grub-core/script/execute.c). The file is parsed and run
 * statement by statement; menu entries and submenus are put down when their command is met, and
 * their bodies are run afterwards, when all variables have the values that they have when the menu
 * is shown (menu.c). Only the variable root is what it was at the command, so that a file which
 * sets it between entries means what its author thought.
 *
 * Nothing is booted and nothing written: linux and initrd tell what an entry is, save_env what is to
 * be written when it is really booted.
 *
 * Bounds: each statement is a step, and the bytes of the scripts pay for them. When they are used up,
 * loops end and functions are no longer called; what stands in the files is still run, once, and a
 * body ends where its own few steps are used up. When too
 * many files were looked for, no others are there; when values have put too many bytes into
 * statements, they are empty.
 */

#include "boot/grub/scope.h"
#include "boot/grub/tree.h"
#include "boot/reading.h"

#define GRUB_STEPS_MIN 5000
#define GRUB_STEPS_MAX 1000000
#define GRUB_STEPS_PER_BYTE 10
#define GRUB_STEPS_BODY 100          /* that each entry's body has, whatever was used before */
#define GRUB_LOOKUPS_MAX 20000       /* files that are looked for */
#define GRUB_VALUES_BYTES (32 << 20) /* bytes of values in all statements */
#define GRUB_NESTING_MAX 300         /* lists of statements that are run within each other */
#define GRUB_SOURCES_MAX 10          /* files that read files */
#define GRUB_FUNCTIONS_MAX 1024      /* more are not remembered */
#define GRUB_ARGS_MAX 1024           /* words of one statement */
#define GRUB_ARGS_BYTES (64 << 10)   /* and their bytes */
#define GRUB_KEEP_MAX (10 << 20)     /* bytes of all entries' strings */
#define GRUB_TREE_MAX (16 << 20)     /* bytes of statements that must be kept */
#define GRUB_SCRATCH_MAX (12 << 20)  /* bytes of arguments of all commands that are running */

/* What a command gives back, and `$?`: GRUB's numbers (include/grub/err.h). */
enum grub_status {
	GRUB_OK = 0,
	GRUB_FALSE = 1,
	GRUB_NO_MEMORY = 3,
	GRUB_NO_FILE = 5,
	GRUB_BAD_NUMBER = 10,
	GRUB_NO_DEVICE = 12,
	GRUB_UNKNOWN_COMMAND = 16,
	GRUB_INVALID_COMMAND = 17,
	GRUB_BAD_ARGUMENT = 18,
	GRUB_TOO_DEEP = 48,
};

/* A command with its words. */
struct grub_call {
	char **argv; /* argc strings and NULL; argv[0] is the command */
	size_t argc;
	const struct grub_node *node; /* for its block, line, and words as they were written */
};

struct grub_params { /* $1 $2 ... */
	char **argv;
	size_t argc;
	void *owned; /* what setparams made */
	/* Those of the function that put an entry down: where an entry has fewer of its own, GRUB
	 * has nothing; these are what was meant. */
	char **outer_argv;
	size_t outer_argc;
};

/* One file that is being run. */
struct grub_source {
	const char *file; /* path from the filesystem's root; the list's */
	const struct volume *volume;
};

/* A file of the Boot Loader Specification that blscfg has met. */
struct grub_conf {
	struct grub_conf *next;
	const struct volume *volume;
	const char *path;
	bool is_put; /* in a menu */
};

#define GRUB_LOADED_COUNT 2

/* A device that loopback made of a file. Strings are the list's. */
struct grub_loop {
	const char *name, *file;
	const struct volume *volume; /* NULL where it cannot be looked into */
	const char *reason;          /* then why, as a part of a sentence */
};

#define GRUB_LOOPS_MAX 32 /* VOLUMES_INSIDE_MAX: as many as can be looked into */

struct grub_run {
	struct reading *reading;
	struct entry_list *list;
	struct grub_arena keep;    /* the list's: what entries are made of */
	struct grub_arena tree;    /* statements */
	struct grub_arena scratch; /* arguments of commands that are running */
	char *text;                /* the words that are being put together; GRUB_ARGS_BYTES */

	struct grub_scope *globals; /* of the file */
	struct grub_scope *scope;   /* where variables are set now */
	struct grub_function *functions;
	size_t function_count;
	struct grub_params *params; /* NULL outside of functions and bodies */

	int status; /* $? */
	unsigned long loops, breaks;
	bool continues;          /* breaks are of continue */
	bool returning;          /* from a function */
	bool booting;            /* `boot` was met: the entry is complete */
	unsigned int conditions; /* does anybody ask for the status? */
	unsigned int nesting, sources;
	size_t steps, step_limit, step_max;
	size_t step_grants; /* what bodies have had beyond the limit */
	bool told_steps;
	size_t lookups, value_bytes;
	size_t kept; /* statements that must not be given back were parsed so many times */

	char *loaded[GRUB_LOADED_COUNT]; /* next_entry and saved_entry of the environment block */
	enum entry_choice default_choice;

	struct grub_conf *confs;       /* that blscfg has met */
	struct entry_file environment; /* the block that was loaded; path NULL if none was */
	struct grub_source source;
	const char *own_root; /* the configuration's volume as root names it */
	struct grub_menu *menu;
	size_t items;              /* of all menus */
	struct grub_draft *draft;  /* of the entry whose body is run; NULL outside */
	struct grub_draft *direct; /* of a kernel that is loaded outside of entries */
	struct grub_loop loopbacks[GRUB_LOOPS_MAX];
	size_t loopback_count; /* met so far; the last of them are kept */
	const char *told_file; /* where something was last found wrong */
	unsigned int told_line;
	void (*echo)(void *data, const char *text); /* where `echo` prints, for tests; or NULL */
	void *echo_data;
	bool told_full;
	int rc; /* -ENOMEM: stop */
};

/* run.c */
void grub_run_list(struct grub_run *g, const struct grub_node *list);
/* So many bytes of a file are going to be run: they pay for steps. */
void grub_pay(struct grub_run *g, size_t len);
/* Parse and run bytes, which live as long as g. */
void grub_run_bytes(struct grub_run *g, const char *bytes, size_t len);
/* Run a command with words that are known. */
int grub_run_call(struct grub_run *g, struct grub_call *call);
/* Count a step of what stands in this line. False when there are none left: whatever repeats is to
 * end. */
bool grub_step(struct grub_run *g, unsigned int line);
/* May a file be looked for, or something be done that takes as long as so many? */
bool grub_lookup(struct grub_run *g, size_t cost);
/* Tell the user, with the file that is run and a line in it. */
__attribute__((format(printf, 3, 4))) void grub_problem(
	struct grub_run *g, unsigned int line, const char *format, ...);

/* function.c */
int grub_define(struct grub_run *g, const struct grub_node *node);
const struct grub_function *grub_function(const struct grub_run *g, const char *name);
int grub_call_function(
	struct grub_run *g, const struct grub_function *function, struct grub_call *call);

/* words.c: the words from this piece on, with values for variables. The call is valid until the
 * scratch arena goes back. False when memory ran out. */
bool grub_expand(
	struct grub_run *g, const struct grub_node *node, size_t piece, struct grub_call *call);

/* Variables. NULL or "" if it is not set. */
const char *grub_get(const struct grub_run *g, const char *name);
const char *grub_get_text(const struct grub_run *g, const char *name);
void grub_set(struct grub_run *g, const char *name, const char *value); /* NULL unsets */
/* An arena gave nothing. Either memory ran out: then all ends. Or there is more than we take, which
 * is told: then no more entries are taken, and those that there are stay. */
void grub_no_room(struct grub_run *g);
/* Strings that live as long as the list; "" where there is no room. */
const char *grub_keep(struct grub_run *g, const char *text);
const char *grub_keep_len(struct grub_run *g, const char *text, size_t len);

#endif
