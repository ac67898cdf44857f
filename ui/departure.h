/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_DEPARTURE_H
#define UI_DEPARTURE_H

/*
 * A jump from its first check to its end, for `exec`, the menu and the end of a system (shutdown.h):
 * plan, pin, load, hold, still the devices, reload with the handoff, jump. Whoever asks for it says what is
 * pinned and shows how far it is. Up to the first unbind a failure leaves the machine as it was, and no kernel loaded.
 */

#include "ui/stilling.h"
#include "ui/target.h"

enum departure_phase {
	DEPARTURE_PIN,
	DEPARTURE_LOAD,
	DEPARTURE_CHECK,
	DEPARTURE_HOLD,
	DEPARTURE_QUIESCE, /* from here on nothing is allocated, and there is no way back */
	DEPARTURE_RELOAD,
	DEPARTURE_JUMP,
	DEPARTURE_PHASES
};

struct departure_watch {
	/* How far it is; NULL for who does not want to know. */
	void (*phase)(void *ctx, enum departure_phase phase);
	/* All is ready: this is what will be booted, and what will be done. NULL likewise. */
	void (*ready)(void *ctx, const struct target *target, const struct still_plan *plan);
	void *ctx;
	struct stilling_watch stilling;
};

/* Pin what is to be booted, with this room for a handoff, and have no disk open afterwards: 1 if there was one
 * open when it began, so that who uses the disks is to be seen anew, else 0. With --loaded a target without
 * files means the kernel that is loaded already; one with files is it too, and is only loaded again, with
 * the handoff. */
typedef int departure_pin(void *ctx, const struct still_plan *plan, size_t handoff_room,
	struct target *target, struct err *err);

struct departure {
	departure_pin *pin;
	void *pin_ctx;
	/* What somebody leaves alone this time; NULL for nothing. */
	const struct host_optouts *by_hand;
	const struct departure_watch *watch;
	/* A decision that is kept in this file, below the machine's root, and final: no policy is asked.
	 * NULL for the policy's. */
	const char *kept;
};

/* A disk that did not answer discovery is held by a process that cannot end: it is in use. The plan is made
 * anew if there is one. volumes may be NULL. */
int departure_leave_stuck(
	struct session *s, const struct volume_set *volumes, struct still_plan *p, struct err *err);

/* Go. Options decide about force and an unattended machine. Says what went wrong; EXIT_DONE only of a
 * machine that does not really act. Signals that ask to stop are blocked from the loading on. */
enum exit_code departure_run(struct session *s, const struct departure *d);

#endif
