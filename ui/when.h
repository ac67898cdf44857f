/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_WHEN_H
#define UI_WHEN_H

/*
 * When a reboot shall be: `--when TIME`. It is carried out by a timer of systemd that runs this
 * program again, so nothing of ours waits for it, and what is booted is what is right then.
 */

#include <time.h>

#include "ui/command.h"

#define WHEN_UNIT "stillboot-reboot"
#define WHEN_MAX (366L * 24 * 3600) /* seconds from now */

struct when {
	enum { WHEN_CANCEL, WHEN_IN, WHEN_AT } what;
	long seconds; /* of WHEN_IN */
	time_t at;    /* the time on the clock, of WHEN_IN too */
};

/* "+30" and "+30s", "+5m", "+2h"; "HH:MM", the next time the clock shows that; "YYYY-MM-DD HH:MM"
 * and with ":SS"; "cancel". Local time. -EINVAL with what it takes, -ERANGE for what is past or too
 * far. */
int when_parse(const char *text, time_t now, struct when *when, struct err *err);

/* Have the timer, in the place of an earlier one, run what this command line says without --when.
 * Tells everybody, unless --no-wall. */
int when_schedule(struct session *s, const struct when *when, struct err *err);
/* -ENOENT if nothing is planned. */
int when_cancel(struct session *s, struct err *err);

#endif
