// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/departure.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/handoff.h"
#include "boot/jump.h"
#include "boot/leave/firmware.h"
#include "boot/stack/record.h"
#include "devices/clock.h"
#include "devices/log.h"
#include "devices/usage_disk.h"
#include "ui/pinned.h"
#include "ui/preload.h"
#include "ui/print.h"
#include "ui/refusal.h"

/* Everything of a jump, made before the first unbind. */
struct jump {
	const struct departure *asked;
	struct still_plan plan;
	struct quiesce *quiesce;
	struct target target; /* without files for --loaded */
	enum kexec_loader loader;
	int loaded; /* by us */
	enum jump_mode mode;
	struct handoff handoff;
	struct handoff_archive *archive; /* room for the handoff, NULL when there will be none */
	const char *why_once; /* the image is not loaded again with a handoff; NULL where it is */
};

int departure_leave_stuck(
	struct session *s, const struct volume_set *volumes, struct still_plan *p, struct err *err)
{
	size_t stuck = 0;

	for (size_t i = 0; volumes && i < volumes->problem_count; i++) {
		const char *name = volumes->problems[i].stuck;

		if (!name)
			continue;
		usage_mark_disk(&s->machine, p->snapshot, name, "a disk on it does not answer");
		stuck++;
	}
	return stuck ? command_decide_again(s, p, err) : 0;
}

static void enter(const struct jump *j, enum departure_phase phase)
{
	const struct departure_watch *watch = j->asked->watch;

	if (watch->phase)
		watch->phase(watch->ctx, phase);
}

/* What keeps an image from being loaded twice is known before anything is touched. */
static const char *why_once(struct session *s, const struct jump *j)
{
	if (j->target.pinned.initrd_fd < 0)
		return "there is no initrd of ours to carry it";
	if (!j->target.pinned.handoff_room)
		return "its command line has no room to name it";
	if (j->loader != KEXEC_BY_KERNEL)
		return "kexec-tools have loaded the image";
	return pin_can_reload(&s->machine, &j->target.pinned)
		       ? NULL
		       : "memory is too short to load the image again";
}

/* All of it that is known by now; the journal comes last. */
static int prepare_handoff(struct session *s, struct jump *j, struct err *err)
{
	const size_t room = j->target.pinned.handoff_room;
	const struct plan *plan = j->plan.plan;
	const struct handoff_times times = j->handoff.times;
	int rc;

	j->handoff = j->target.known;
	j->handoff.times = times;
	rc = handoff_archive_new(s->memory, room, &j->archive, err);
	if (rc == 0 && !j->handoff.boot_id)
		rc = handoff_identify(&s->machine, s->memory, &j->handoff, err);
	j->handoff.entry = j->target.title;
	if (rc == 0)
		rc = handoff_save_config(plan, s->memory, &j->handoff, err);
	if (rc == 0)
		rc = handoff_pack(s->memory, handoff_pack_room(plan, room), &j->handoff, err);
	if (rc == 0 && !j->target.known.left_out)
		target_tell_left_out(&j->handoff);
	return rc;
}

/* Load it while everything still works: the bad image is found here, and nothing is touched yet. */
static int load(struct session *s, struct jump *j, struct err *err)
{
	int rc;

	enter(j, DEPARTURE_LOAD);
	stilling_block_signals();
	if (!(s->options.given & OPT_LOADED)) {
		rc = target_load(s, &j->target, &j->loader, err);
		if (rc < 0)
			return rc;
		j->loaded = 1;
	}
	rc = handoff_tie_prepare(s->memory, &j->target.pinned, err);
	if (rc < 0)
		return rc;
	j->why_once = why_once(s, j);
	if (j->why_once)
		return 0;
	return prepare_handoff(s, j, err);
}

/* What `stillboot unlock` opened has been read: the disks below it are to be free. */
static int close_stacks(struct session *s, struct err *err)
{
	int rc = stack_record_close_all(&s->machine, err);

	return rc < 0 ? err_wrap(err, rc, "close what was unlocked") : rc;
}

/* Who uses which disk is another matter now. */
static int look_again(struct session *s, struct jump *j, struct err *err)
{
	int rc = command_read_facts(s, &j->plan, err);

	j->plan.facts.by_hand = j->asked->by_hand;
	return rc < 0 ? rc : command_decide_again(s, &j->plan, err);
}

static int prepare(struct session *s, struct jump *j, struct err *err)
{
	int rc, freed = 0;

	enter(j, DEPARTURE_PIN);
	rc = j->asked->pin(
		j->asked->pin_ctx, &j->plan, handoff_size_max(j->plan.plan), &j->target, err);
	if (rc >= 0) {
		freed = rc;
		rc = close_stacks(s, err);
	}
	if (rc > 0 || (rc == 0 && freed))
		rc = look_again(s, j, err);
	if (rc == 0)
		rc = departure_leave_stuck(s, j->target.volumes, &j->plan, err);
	if (rc == 0)
		rc = quiesce_prepare(&s->machine, j->plan.plan, s->memory, &j->quiesce, err);
	return rc < 0 ? rc : load(s, j, err);
}

/* For the end of a system, which is in an exitrd, there is nothing else to undo. */
static void unload(struct session *s, const struct jump *j)
{
	if (j->asked->kept)
		kexec_unload(&s->machine, NULL);
	else
		preload_replaced(s);
}

/* After a failure no kernel of ours stays behind, for somebody else's reboot to jump into. */
static enum exit_code give_up(
	struct session *s, struct jump *j, enum exit_code code, const struct err *err)
{
	pin_release(&j->target.pinned);
	TALLOC_FREE(j->quiesce);
	if (j->loaded)
		unload(s, j);
	return command_fail(code, err);
}

static void reload_with_handoff(struct session *s, struct jump *j)
{
	struct pinned *p = &j->target.pinned;
	struct err err = {.text = ""};

	if (!j->archive) {
		log_info("no journal is handed over to the next kernel: %s", j->why_once);
		return;
	}
	j->handoff.journal = *quiesce_journal(j->quiesce);
	j->handoff.times.jump_us = clock_wall_us();
	if (handoff_write(&j->handoff, j->archive, &err) < 0 ||
		handoff_attach(&s->machine, p, j->archive, &err) < 0 ||
		kexec_reload(&s->machine, p, &err) < 0)
		log_info("the image loaded before is used, without a report: %s", err.text);
}

/* What came meanwhile: finding and loading a kernel takes its time. */
static int check_again(struct session *s, const struct jump *j, struct err *err)
{
	int rc;

	enter(j, DEPARTURE_CHECK);
	rc = jump_check(&s->machine, j->mode, err);
	return rc < 0 ? rc : stilling_check_again(s, &j->plan, err);
}

/* Choices for one boot are used up and boots counted while filesystems can still be written. */
static void commit(struct session *s, const struct jump *j)
{
	char line[ERR_TEXT_MAX];
	struct err err;

	if (j->target.commit && commit_run(&s->machine, j->target.commit, &err) < 0)
		log_warn("%s; the choice or the count stays as it was",
			print_escape(line, sizeof(line), err.text));
}

/* The last that can be undone, and is when it fails or somebody stops us. */
static int hold(struct session *s, const struct jump *j, struct err *err)
{
	int rc;

	enter(j, DEPARTURE_HOLD);
	rc = jump_settle_disks(&s->machine, j->mode, err);
	if (rc == 0)
		rc = quiesce_hold(j->quiesce, err);
	if (rc == 0 && stilling_interrupted())
		rc = err_set(err, -EINTR,
			"interrupted: no device was touched, and no kernel is left loaded");
	if (rc < 0)
		quiesce_release(j->quiesce);
	return rc;
}

/* Something is loud, and the policy does not want to jump then. */
static enum exit_code restart(struct session *s, const struct jump *j)
{
	struct err err = {.text = ""};

	log_info(
		"a device is not still, and %s says require_still: restarting through the firmware",
		j->plan.decision->boot_where[BOOT_REQUIRE_STILL]);
	if (s->machine.effects->reboot(&s->machine, MACHINE_REBOOT_FIRMWARE, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	return EXIT_DONE;
}

/* From here there is no way back. */
static enum exit_code leave(struct session *s, struct jump *j)
{
	struct err err = {.text = ""};
	size_t hung;

	enter(j, DEPARTURE_QUIESCE);
	j->handoff.times.quiesce_begin_us = clock_wall_us();
	hung = stilling_run(j->quiesce, &j->asked->watch->stilling);
	j->handoff.times.quiesce_end_us = clock_wall_us();
	if (hung)
		return stilling_get_out(s, j->plan.decision);
	if (j->plan.decision->boot.require_still &&
		journal_count(quiesce_journal(j->quiesce), VERDICT_LOUD))
		return restart(s, j);
	enter(j, DEPARTURE_RELOAD);
	reload_with_handoff(s, j);
	enter(j, DEPARTURE_JUMP);
	log_info("jumping into %s", j->target.title);
	if (jump_go(&s->machine, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	return EXIT_DONE;
}

static int make_plan(struct session *s, struct jump *j, struct err *err)
{
	int rc;

	if (!j->asked->kept)
		return command_make_plan_by_hand(s, &j->plan, j->asked->by_hand, err);
	rc = command_read_facts(s, &j->plan, err);
	return rc < 0 ? rc : pinned_use(s, j->asked->kept, &j->plan, err);
}

/* Is it allowed at all, and what would be done? */
static enum exit_code plan_it(struct session *s, struct jump *j)
{
	enum exit_code code;
	struct err err;

	if (!(s->options.given & OPT_LOADED) && kexec_check(&s->machine, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (jump_check(&s->machine, j->mode, &err) < 0)
		return command_fail(EXIT_REFUSED, &err);
	if (make_plan(s, j, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	code = refusal_check_policy(s, &j->plan);
	return code == EXIT_DONE ? refusal_check_jump(&j->plan) : code;
}

/* Who sits there may have reasons of their own; the end of a system that somebody else carries out (dracut's)
 * has none. */
static enum exit_code check_firmware(struct session *s)
{
	const char *why = s->options.given & OPT_UNATTENDED ? firmware_is_wanted(&s->machine)
							    : NULL;

	if (!why)
		return EXIT_DONE;
	log_error("the firmware comes first: %s; `reboot` goes there", why);
	return EXIT_REFUSED;
}

/* At the end of a system somebody else was asked, who has noted when. */
static struct handoff_times times_so_far(struct session *s, const struct departure *d)
{
	struct handoff_times times = {.request_us = clock_wall_us()};

	if (d->kept) {
		times.request_us = handoff_requested(&s->machine);
		times.services_down_us = s->began_us;
	}
	return times;
}

enum exit_code departure_run(struct session *s, const struct departure *d)
{
	struct jump j = {.asked = d, .target = {.pinned = {.kernel_fd = -1, .initrd_fd = -1}}};
	enum exit_code code = refusal_check(s);
	struct err err;
	int rc;

	if (code != EXIT_DONE)
		return code;
	j.handoff.times = times_so_far(s, d);
	j.mode = s->options.given & OPT_FORCE ? JUMP_FORCE : JUMP_NOTHING_IN_USE;
	code = check_firmware(s);
	if (code == EXIT_DONE)
		code = plan_it(s, &j);
	if (code != EXIT_DONE)
		return code;
	if (prepare(s, &j, &err) < 0)
		return give_up(s, &j, EXIT_FAILED, &err);
	if (d->watch->ready)
		d->watch->ready(d->watch->ctx, &j.target, &j.plan);
	rc = check_again(s, &j, &err);
	if (rc < 0)
		return give_up(s, &j, rc == -EPERM ? EXIT_REFUSED : EXIT_FAILED, &err);
	commit(s, &j);
	if (hold(s, &j, &err) < 0)
		return give_up(s, &j, EXIT_FAILED, &err);
	return leave(s, &j);
}
