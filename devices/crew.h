/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_CREW_H
#define DEVICES_CREW_H

/*
 * The workers that carry out steps. Each is a forked process, because a step may never return: a
 * thread in uninterruptible sleep would keep the whole process from ever exiting. A worker is
 * locked in memory, exempt from the OOM killer and ready before the first step, so that from then
 * on no disk and no free memory is needed. In a boot (PLAN_FOR_BOOT) it is not exempt: others need the
 * memory more.
 *
 * A worker ends when the crew is freed, or whoever started it is gone: then nobody waits for it. One that is in
 * a step by then is killed in a jump, as far as the kernel lets it be. In a boot it goes through with its step,
 * however long that takes, and only then ends: else what a step changes for its time would stay so for the whole
 * boot (a port's hot-plug notification, driver_override, reset_method). Signals do not reach it, the old root's
 * end does not matter to it, and nothing is locked by it but what the kernel locks.
 *
 * A machine whose effects live in this process (machine_effects.parallel is 0: printing, scripted)
 * has no workers: crew_submit() carries the step out itself and its result is there at once.
 */

#include "devices/machine.h"
#include "devices/plan.h"
#include "devices/stillness.h"

#define CREW_MAX 256 /* workers; more steps than that wait for a free one */
/* Of a plan for the boot: each costs memory, which a crash kernel may not have; but so many resets are to take
 * no longer than one. */
#define CREW_BOOT_MAX 64
#define CREW_WORKER_BYTES (256 << 10) /* what one costs */

struct crew;

enum crew_job {
	CREW_STEP,     /* step_run() */
	CREW_ERRAND,   /* errand_run() */
	CREW_PROVE,    /* stillness_prove() */
	CREW_HOLD,     /* step_hold() */
	CREW_NEWCOMER, /* newcomer_still() */
};

struct crew_result {
	enum crew_job job;
	size_t index; /* of the plan's device or errand, or what crew_submit_slot() was given */
	int rc;       /* step_run()'s or errand_run()'s */
	struct proof proof;
	uint64_t duration_us;
	char why[160]; /* the error's sentence; of an errand also why there was nothing to do */
};

/* Each function with steps and each errand may take one with it for ever. One more looks at the others, and
 * holds them; what appeared meanwhile may take that. */
size_t crew_wanted(const struct plan *plan);

/* Fork min(wanted, CREW_MAX) workers that know this plan, and wait until each is ready. In a boot fewer will do,
 * and one at least: a crash kernel may have no memory for more. The crew belongs to ctx; freeing it tells the
 * workers to go. */
int crew_start(struct machine *m, const struct plan *plan, size_t wanted, void *ctx,
	struct crew **crew, struct err *err);

/* Is there a worker free to take a job? */
int crew_has_room(const struct crew *crew);

/* Give a job on the plan's device or errand of this index to a free worker; call only when there is
 * room. The step is a CREW_STEP's. Allocates nothing. */
void crew_submit(struct crew *crew, size_t index, enum crew_job job, enum step step);

/* The same for a slot that the plan does not know (CREW_NEWCOMER); index is only handed back. */
void crew_submit_slot(struct crew *crew, size_t index, const char *slot);

/* End the worker that has this job, and what it started: no result comes of it. Only for what holds
 * no lock of the kernel's. */
void crew_kill(struct crew *crew, size_t index, enum crew_job job);

/* Wait up to timeout_ms (-1 for ever) for a result. 1 with *result written, 0 on time-out or with
 * nothing under way. A worker that died counts as a result with -ECHILD. */
int crew_wait(struct crew *crew, int timeout_ms, struct crew_result *result);

#endif
