// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/arrival/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boot/arrival/arrival.h"
#include "boot/handoff.h"
#include "boot/preinit.h"

#define CLOCK_MAX_US (UINT64_C(1) << 52) /* the year 2112: a number beyond it is no time */

static const char *const names[MOMENTS] = {
	[MOMENT_REQUEST] = "request",
	[MOMENT_SERVICES_DOWN] = "services_down",
	[MOMENT_QUIESCE_BEGIN] = "quiesce_begin",
	[MOMENT_QUIESCE_END] = "quiesce_end",
	[MOMENT_JUMP] = "jump",
	[MOMENT_KERNEL] = "kernel",
	[MOMENT_PREINIT] = "preinit",
	[MOMENT_PREINIT_END] = "preinit_end",
	[MOMENT_USERSPACE] = "userspace",
	[MOMENT_LOGIN] = "login",
};

const char *moment_name(enum moment moment)
{
	return names[moment];
}

/* Of a crash kernel nobody jumped: what its record tells is when it was loaded. */
static void take_first_kernel(const struct handoff *h, struct timeline *t)
{
	if (!h || h->is_crash)
		return;
	t->at_us[MOMENT_REQUEST] = h->times.request_us;
	t->at_us[MOMENT_SERVICES_DOWN] = h->times.services_down_us;
	t->at_us[MOMENT_QUIESCE_BEGIN] = h->times.quiesce_begin_us;
	t->at_us[MOMENT_QUIESCE_END] = h->times.quiesce_end_us;
	t->at_us[MOMENT_JUMP] = h->times.jump_us;
}

/* A clock that was set on the way must not turn it round. Returns the last moment's time. */
static uint64_t go_forward(struct timeline *t, enum moment from, enum moment to)
{
	uint64_t last = 0;

	for (int i = from; i <= (int)to; i++) {
		if (t->at_us[i] > CLOCK_MAX_US)
			t->at_us[i] = 0;
		if (t->at_us[i] && t->at_us[i] < last)
			t->at_us[i] = last;
		last = t->at_us[i] ? t->at_us[i] : last;
	}
	return last;
}

static uint64_t kernel_began(struct timeline *t, uint64_t jump, uint64_t kernel)
{
	if (!jump || !kernel)
		return kernel;
	t->clocks_disagree = kernel + TIMELINE_BACK_MAX_US < jump ||
			     (kernel > jump && kernel - jump > TIMELINE_GAP_MAX_US);
	return t->clocks_disagree || kernel < jump ? jump : kernel;
}

void timeline_make(const struct handoff *handoff, const struct preinit *preinit,
	const struct arrival *arrival, struct timeline *t)
{
	uint64_t kernel;

	*t = (struct timeline){0};
	take_first_kernel(handoff, t);
	kernel = kernel_began(t, go_forward(t, MOMENT_REQUEST, MOMENT_JUMP), arrival->kernel_us);
	if (!kernel)
		return;
	t->at_us[MOMENT_KERNEL] = kernel;
	if (preinit && preinit->uptime_us) {
		uint64_t took = preinit->end_us > preinit->begin_us
					? preinit->end_us - preinit->begin_us
					: 0;

		t->at_us[MOMENT_PREINIT] = kernel + preinit->uptime_us;
		t->at_us[MOMENT_PREINIT_END] = t->at_us[MOMENT_PREINIT] + took;
	}
	if (arrival->userspace_us)
		t->at_us[MOMENT_USERSPACE] = kernel + arrival->userspace_us;
	if (arrival->login_us)
		t->at_us[MOMENT_LOGIN] = kernel + arrival->login_us;
	go_forward(t, MOMENT_KERNEL, MOMENT_LOGIN);
}

size_t timeline_parts(const struct timeline *t, struct timeline_part parts[MOMENTS])
{
	uint64_t first = 0;
	int before = -1;
	size_t n = 0;

	for (int i = 0; i < MOMENTS; i++) {
		if (!t->at_us[i])
			continue;
		if (before < 0)
			first = t->at_us[i];
		else
			parts[n++] = (struct timeline_part){
				.from = (enum moment)before,
				.to = (enum moment)i,
				.begin_us = t->at_us[before] - first,
				.duration_us = t->at_us[i] - t->at_us[before],
				.is_about = before < MOMENT_KERNEL && i >= MOMENT_KERNEL,
			};
		before = i;
	}
	return n;
}

uint64_t timeline_between(const struct timeline *t, enum moment from, enum moment to)
{
	while (from < to && !t->at_us[from])
		from++;
	while (to > from && !t->at_us[to])
		to--;
	return t->at_us[to] - t->at_us[from];
}

json_t *timeline_json(const struct timeline *t)
{
	json_t *times = json_object();
	char key[32];

	for (int i = 0; i < MOMENTS; i++) {
		snprintf(key, sizeof(key), "%s_us", names[i]);
		json_object_set_new(times, key,
			t->at_us[i] ? json_integer((json_int_t)t->at_us[i]) : json_null());
	}
	return times;
}

int timeline_from_json(const json_t *times, struct timeline *t)
{
	struct timeline read = {0};
	uint64_t last = 0;
	char key[32];

	for (int i = 0; i < MOMENTS; i++) {
		json_int_t n;

		snprintf(key, sizeof(key), "%s_us", names[i]);
		n = json_integer_value(json_object_get(times, key));
		if (n <= 0 || (uint64_t)n > CLOCK_MAX_US)
			continue;
		if ((uint64_t)n < last)
			return -EBADMSG;
		last = read.at_us[i] = (uint64_t)n;
	}
	*t = read;
	return 0;
}
