/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_REPORT_REPORT_H
#define UI_REPORT_REPORT_H

/*
 * All that is known of the way into this kernel: what the one before it handed over, what preinit did
 * here, and what this one knows itself. Read once, then shown as text, as JSON, or in the menu.
 */

#include <jansson.h>

#include "boot/arrival/arrival.h"
#include "boot/arrival/jump_history.h"
#include "boot/arrival/timeline.h"
#include "boot/handoff.h"
#include "boot/preinit.h"
#include "devices/kernel_log.h"
#include "policy/suggest.h"
#include "ui/attempt.h"
#include "ui/command.h"

struct report {
	struct handoff *handoff; /* NULL where there is none that can be trusted: */
	int why_rc;              /* then what handoff_read() returned, */
	struct err why;          /* and its sentence */
	struct attempt attempt;
	struct preinit *preinit;   /* NULL where it did not run */
	const char *preinit_error; /* why its record cannot be read; NULL */
	struct timeline timeline;
	const char *baseline;   /* its first line; NULL where there is none */
	struct kernel_log *log; /* of this kernel; NULL where it cannot be read */
	struct suggestion *suggestions;
	size_t suggestion_count;
};

/* Read it: all of it belongs to the session's memory. What cannot be read is not there. */
void report_read(struct session *s, struct report *r);

/* Is there anything to tell, of a jump that arrived here or of what preinit did? */
int report_has_arrived(const struct report *r);

enum report_detail { REPORT_SHORT, REPORT_ALL };

/* To standard output. Of many steps the short form has those that did not go well and the slowest. */
void report_print(const struct report *r, enum report_detail detail);
json_t *report_json(const struct report *r);

/* The jump as the history has it, or the one that was lost before this boot came another way; strings belong to
 * the session's memory. Else there is none: 0. */
int report_make_jump(struct session *s, const struct report *r, struct history_jump *jump);

/* A line for each part, with a bar on a common scale; below the quiesce its slowest steps. columns is that
 * of the terminal, 0 for none: then it takes TIMELINE_COLUMNS. */
#define TIMELINE_COLUMNS 80
void timeline_print(
	FILE *out, const struct timeline *t, const struct journal *journal, int columns);
/* { "from", "to", "begin_us", "duration_us", "about" } of each part. */
json_t *timeline_parts_json(const struct timeline *t);
/* What happened between two moments, in words: "stilling devices". */
const char *timeline_words(enum moment from, enum moment to);
/* "2.31 s", "about 1 s". */
const char *timeline_duration(
	char *buf, size_t size, const struct timeline *t, const struct timeline_part *part);

/* Messages of both kernels and the rules that follow from them. */
void findings_print(const struct report *r);
json_t *messages_json(const struct report *r);
json_t *suggestions_json(const struct report *r);

/* What preinit did here. */
void report_preinit_print(const struct preinit *p, enum report_detail detail);
json_t *report_preinit_json(const struct preinit *p);

/* The table of jumps. */
void history_print(FILE *out, const struct jump_history *h);
json_t *history_json(const struct jump_history *h);

#endif
