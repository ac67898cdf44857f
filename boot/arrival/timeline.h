/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_ARRIVAL_TIMELINE_H
#define BOOT_ARRIVAL_TIMELINE_H

/*
 * The way here, from the request to the login, on one clock. Pure; owns nothing.
 *
 * Two kernels measured it. What the first one did is on its own CLOCK_REALTIME. The next one reads the
 * machine's clock when it starts, and that one counts whole seconds (read_persistent_clock64(), of which
 * x86's mach_get_cmos_time() and most others know no fraction): when it began is known to a second only.
 * What follows is counted from there by its own clock, which is exact. So all parts are exact but the one
 * from the jump to the kernel; and no moment is ever before the one that it follows.
 */

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct handoff;
struct preinit;
struct arrival;

enum moment {
	MOMENT_REQUEST,       /* somebody wanted it */
	MOMENT_SERVICES_DOWN, /* the system had ended */
	MOMENT_QUIESCE_BEGIN,
	MOMENT_QUIESCE_END,
	MOMENT_JUMP,
	MOMENT_KERNEL, /* this one began: from here on its own clock */
	MOMENT_PREINIT,
	MOMENT_PREINIT_END,
	MOMENT_USERSPACE, /* the system's own service manager began */
	MOMENT_LOGIN,     /* users may log in */
	MOMENTS
};

struct timeline {
	uint64_t at_us
		[MOMENTS]; /* microseconds since 1970, never decreasing; 0 where nobody knows */
	/* The clocks of the two kernels are so far apart that the time between them means nothing: it is
	 * taken for none. */
	int clocks_disagree;
};

/* More between the jump and the kernel, or a kernel that began so long before it was jumped into, is
 * no time that passed, but a clock that was set. */
#define TIMELINE_GAP_MAX_US UINT64_C(600000000)
#define TIMELINE_BACK_MAX_US UINT64_C(2000000)

/* Put it together; handoff and preinit may be NULL. */
void timeline_make(const struct handoff *handoff, const struct preinit *preinit,
	const struct arrival *arrival, struct timeline *t);

/* From one moment that is known to the next. */
struct timeline_part {
	enum moment from, to;
	uint64_t begin_us; /* since the first moment that is known */
	uint64_t duration_us;
	int is_about; /* measured by two clocks: right to a second */
};

/* The parts in their order; returns how many there are, 0 where less than two moments are known. */
size_t timeline_parts(const struct timeline *t, struct timeline_part parts[MOMENTS]);

/* From this moment, or the first that is known behind it, to that one, or the last before it; 0 where
 * nobody knows. */
uint64_t timeline_between(const struct timeline *t, enum moment from, enum moment to);

/* "request", "services_down", ...: the words of --json and of the history. */
const char *moment_name(enum moment moment);

/* { "request_us": N, ... }: null where nobody knows. And back: what is missing, or is no number that a
 * time could be, nobody knows; 0, or -EBADMSG if they do not go forward. */
json_t *timeline_json(const struct timeline *t);
int timeline_from_json(const json_t *times, struct timeline *t);

#endif
