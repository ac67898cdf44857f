/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_TARGET_H
#define UI_TARGET_H

/*
 * What is to be booted: an entry, or the files of --kernel and --initrd; found, checked and
 * pinned.
 */

#include "boot/commit.h"
#include "boot/discover.h"
#include "boot/handoff.h"
#include "boot/kexec.h"
#include "boot/pin.h"
#include "boot/volume/volume.h"
#include "ui/command.h"

struct target {
	struct pinned pinned;
	const struct decision *decision; /* by which it was chosen */
	const char *title;
	struct handoff known;   /* by target_load(): how each handoff of this boot begins */
	const char *cmdline;    /* what it is given, ... */
	const char *changed_by; /* and the rules that had a hand in it; NULL for none */
	struct commit *commit;  /* what is written when it is booted, NULL for named files */
	const struct volume_set
		*volumes; /* what discovery looked at, closed; NULL for named files */
};

/* What becomes of a choice for one boot that names something else: somebody who is there wants what they say;
 * where nobody is, the boot loader knows what to do with it. */
enum target_oneshot { ONESHOT_IS_USED_UP, ONESHOT_COMES_FIRST };

/* Find what the options name and pin it, with this room for a handoff; the decision says what is the
 * default and what becomes of the command line. -EREMOTE with a sentence if it is not to be booted,
 * because a choice for one boot comes first. Afterwards no disk is held open. Strings belong to the
 * session's memory. */
int target_pin(struct session *s, const struct decision *decision, size_t handoff_room,
	enum target_oneshot oneshot, struct target *target, struct err *err);

/* Pin an entry of a discovery that is there already, and on which the policy has had its say; or one
 * that was made from it, with volumes of its own. The discovery is closed, whatever comes of it; whoever
 * watches is to be freed before. */
int target_pin_entry(struct session *s, struct discovery *d, const struct entry *e,
	const struct still_plan *plan, size_t handoff_room, struct target *target, struct err *err);

/* Say what of a handoff had no room, if anything. */
void target_tell_left_out(const struct handoff *handoff);

/* Load it with a first handoff, again and again if a rule says so. */
int target_load(
	struct session *s, struct target *target, enum kexec_loader *loader, struct err *err);

/* Say what is booted: title, and the command line where rules changed it. */
void target_print(const struct target *target);

/* The policy names a default that is not there. */
void target_warn_of_default(const struct decision *d, const char *missed);

#endif
