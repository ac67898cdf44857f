/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_ATTEMPT_H
#define UI_ATTEMPT_H

/*
 * A jump that was tried, on record from before the shutdown until the boot that it arrives in
 * (boot/service/record.h): a boot that came another way finds it there, and says so.
 */

#include <stdio.h>

#include "boot/handoff.h"
#include "boot/service/record.h"
#include "ui/command.h"

/* The machine is about to leave for what is preloaded. What cannot be written is warned of. */
void attempt_write(struct session *s, const struct record *preloaded);
void attempt_forget(struct session *s);
/* The machine does not leave after all: forget what this boot tried. */
void attempt_cancel(struct session *s);

enum attempt_state {
	ATTEMPT_NONE,      /* or an earlier boot was told of it */
	ATTEMPT_UNDER_WAY, /* of this boot */
	ATTEMPT_ARRIVED,
	ATTEMPT_LOST,   /* another boot is there, and not by a jump from that one */
	ATTEMPT_UNKNOWN /* the next kernel was not to be told of it: nobody knows */
};

struct attempt {
	enum attempt_state state;
	struct record *record; /* NULL for ATTEMPT_NONE */
	const char *reason;    /* the last that stillboot said into the log of a kernel that died
				  (pstore), NULL for nothing */
};

/* handoff is this boot's, or NULL. Strings belong to the session's memory. */
struct attempt attempt_read(struct session *s, const struct handoff *handoff);

/* Is there nothing more to tell: has it arrived, according to what this boot was handed over, or was an
 * earlier boot told that it did not? Then it is forgotten. */
void attempt_settle(struct session *s);
/* This boot was told of it. The next one need not be, and what has come to its end is forgotten. */
void attempt_told(struct session *s, const struct attempt *attempt);

/* "arrived", "lost", ... */
const char *attempt_word(enum attempt_state state);
/* One sentence and a line. */
void attempt_print(const struct attempt *attempt, FILE *out);
/* An object of json_t, or null. */
struct json_t *attempt_json(const struct attempt *attempt);

#endif
