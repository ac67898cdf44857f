/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_CHILD_H
#define MENU_CHILD_H

/*
 * The engine as a process, from the front's side: begun, listened to, and ended. The front never waits for it but
 * in child_end().
 */

#include <poll.h>
#include <sys/types.h>

#include "ui/command.h"
#include "ui/menu/message.h"

#define CHILD_END_MS 5000 /* for "bye": volumes are closed and filesystems unmounted */
#define CHILD_KILL_MS 1000

/* Lines that something prints, made messages of the log. */
struct child_lines {
	int fd; /* the reading end of a pipe, non-blocking; -1 for none */
	char line[1024];
	size_t len;
	char bytes[4096]; /* read, from begin to end not looked at yet */
	size_t begin, end;
};

struct child {
	pid_t pid; /* 0 for none */
	int socket;
	struct messages *messages;
	struct child_lines lines; /* its standard output and error */
	char why[128];            /* it has ended, in a sentence */
};

/* What a new process closes that is the front's alone. */
typedef void child_close(void *front);

/* Be the engine on a socket: engine_run(). */
typedef enum exit_code child_run(struct session *s, int socket);

/* A new process that runs this, with no terminal of ours and no signal blocked. */
int child_begin(struct child *child, struct session *s, child_run *run, child_close *close_front,
	void *front, struct err *err);

/* Has it ended? Then 1, child->why says how, and all that it held is given up; what it said before can be
 * read until then. */
int child_reap(struct child *child);
/* It talks nonsense: end it, now. */
void child_kill(struct child *child);

/* Ask it to end and wait, but not for ever: one that waits for a disk is left to itself. */
void child_end(struct child *child);

/* The next line as {"say": "log", ...}, the caller's to decref; NULL when there is none yet. */
json_t *child_next_line(struct child_lines *lines);

#endif
