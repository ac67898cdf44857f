/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PRELOAD_H
#define UI_PRELOAD_H

/*
 * A kernel in its place for a later jump, for `load`, `reboot` and the service: chosen, pinned,
 * loaded, the policy's decision kept beside it, and the tree built that PID 1 ends in
 * (boot/leave/exitrd.h). All of it or nothing: until preload_settle() a failure, a signal and the
 * death of this process have everything undone, the last by a keeper (keeper.h), so that no reboot
 * goes into half of it. Undone means that no kernel is loaded, which restarts through the firmware;
 * where the service had loaded one before, it is asked to load it again.
 */

#include "boot/leave/exitrd.h"
#include "boot/service/configuration.h"
#include "boot/service/record.h"
#include "ui/keeper.h"
#include "ui/target.h"

/* Strings belong to the session's memory; the pinned files are closed. */
struct preloaded {
	struct still_plan plan;
	struct target target;
	enum kexec_loader loader;
	enum exitrd_owner owner; /* who had run/initramfs before: EXITRD_FOREIGN keeps it */
	struct record record;
	struct configuration configuration;
	/* To undo it. */
	struct keeper keeper;
	struct session *session;
	int by_service_before;
};

/* May there be a jump at all, and what would be done, where that is at the end of a shutdown, by
 * then (at_end.h)? EXIT_DONE, or it has said what is in the way: rights, kexec_load_disabled, a
 * policy that does not load, one that forbids the jump, and one that requires stillness where a
 * device has no step that could still it. */
enum exit_code preload_check(struct session *s, enum record_by by, struct still_plan *plan);

/* Do it, for the plan in p, which is that of the check by the same. RECORD_BY_LOAD builds no
 * exitrd, but renews one that is there. Signals that ask to stop are blocked from the loading on;
 * one that came is -EINTR. On an error all is undone; -EREMOTE,
 * before anything is done, where the service is to leave a choice for one boot to the boot loader. p must stay where it is until it is settled
 * or undone. */
int preload(struct session *s, enum record_by by, struct preloaded *p, struct err *err);

/* It stays. */
void preload_settle(struct preloaded *p);
/* The machine leaves for it, and the disk can still be written: a choice for one boot is used up. */
void preload_commit(struct session *s, const struct preloaded *p);
/* It does not stay. Returns when all is undone. */
void preload_undo(struct preloaded *p);

/* Whatever was preloaded by whomever: unload, and forget all that stood beside it. The first
 * failure after having tried all. */
int preload_forget(struct session *s, struct err *err);

/* The same where a kernel of somebody else was loaded in its place, and does not stay: what the service had
 * loaded it is asked to load again. Others may begin (lock.h). */
void preload_replaced(struct session *s);

#endif
