// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/shutdown_work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "boot/jump.h"
#include "boot/leave/disks.h"
#include "boot/leave/exitrd_target.h"
#include "boot/leave/firmware.h"
#include "boot/leave/processes.h"
#include "boot/volume/held.h"
#include "devices/clock.h"
#include "devices/log.h"
#include "ui/print.h"
#include "ui/progress.h"

#define LIVE_UPDATE "dev/liveupdate" /* of the kernel's Live Update Orchestrator */

struct work {
	struct session *s;
	const struct shutdown_request *request;
	volatile enum departure_phase *phase;
	struct exitrd_target *target;
	struct disks_left left;
};

static void say_what_stays(struct session *s, const struct disks_left *all)
{
	char line[ERR_TEXT_MAX];

	for (size_t i = 0; i < all->mounts->count; i++) {
		const struct unmount_left *left = &all->mounts->left[i];

		log_line(left->is_on_disk ? LOG_WARN : LOG_DEBUG, "%s stays mounted%s%s%s: %s",
			left->source, left->is_writable ? "" : ", read-only",
			left->holder ? ", held by " : "",
			left->holder ? processes_name(&s->machine, s->memory, left->holder) : "",
			print_escape(line, sizeof(line), left->why));
	}
	for (const char *const *device = all->devices; *device; device++)
		log_warn("not taken apart: %s", print_escape(line, sizeof(line), *device));
}

enum kind { ON_DISK, WRITABLE };

static size_t count_left(const struct unmount_result *mounts, enum kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < mounts->count; i++)
		count += mounts->left[i].is_on_disk &&
			 (mounts->left[i].is_writable || kind == ON_DISK);
	return count;
}

/* Storage daemons of the initramfs are left running as long as nothing is in the way: a disk may be
 * theirs (https://systemd.io/ROOT_STORAGE_DAEMONS). */
static int give_up_disks(struct work *w, struct err *err)
{
	static const char old_root[] = "/" EXITRD_OLD_ROOT;
	struct machine *m = &w->s->machine;
	int rc;

	log_info("unmounting %s", old_root);
	rc = disks_give_up(m, old_root, w->s->memory, &w->left, err);
	if (rc < 0 || !count_left(w->left.mounts, ON_DISK) || unmount_stuck(w->left.mounts) ||
		!w->request->is_init)
		return rc;
	if (processes_end(m, w->request->timeout_ms, err) < 0)
		log_warn("%s", err->text);
	return disks_give_up(m, old_root, w->s->memory, &w->left, err);
}

static int is_held_by_others(const struct unmount_result *mounts)
{
	for (size_t i = 0; i < mounts->count; i++)
		if (mounts->left[i].holder > 1)
			return 1;
	return 0;
}

/* What stays mounted is clean, and nobody will read or write it any more: PID 1, which holds it, is
 * stopped, and all others are gone. Then its disk is nobody's. 1 if it is so. */
static int let_go(struct work *w)
{
	struct machine *m = &w->s->machine;
	struct err err;

	if (w->request->is_init || count_left(w->left.mounts, WRITABLE) ||
		is_held_by_others(w->left.mounts) || !processes_init_is_frozen(m))
		return 0;
	if (unmount_detach(m, "/" EXITRD_OLD_ROOT, &err) < 0) {
		log_warn("%s", err.text);
		return 0;
	}
	m->held = unmount_devices(m, w->s->memory, w->left.mounts);
	log_info("only PID 1, which is stopped, has the old root still, read-only: it is let go");
	return 1;
}

static void wait_for_uptime(struct work *w)
{
	uint64_t now = clock_boot_us(), until = w->request->minimum_uptime_us;

	if (until <= now)
		return;
	log_info("waiting %llu s, until the system has been up for %llu s",
		(unsigned long long)(until - now + 999999) / 1000000,
		(unsigned long long)until / 1000000);
	w->s->machine.effects->settle(
		&w->s->machine, (unsigned int)((until - now + 999) / 1000), NULL);
}

/* Is there to be a jump? Says why not where one is expected. */
static int jumps(struct work *w)
{
	const struct shutdown_verb *verb = w->request->verb;
	const char *why;
	struct err err;

	if (verb->jumps == JUMPS_NEVER)
		return 0;
	if (exitrd_target_read(&w->s->machine, w->s->memory, "", &w->target, &err) < 0) {
		log_error("%s: restarting through the firmware", err.text);
		return 0;
	}
	if (verb->jumps == JUMPS_IF_ASKED && !w->target->reboot_is_kexec)
		return 0;
	why = firmware_is_wanted(&w->s->machine);
	if (why)
		log_info("restarting through the firmware: %s", why);
	return !why;
}

static int pin(void *ctx, const struct still_plan *plan, size_t handoff_room, struct target *target,
	struct err *err)
{
	struct work *w = ctx;
	int rc;

	(void)handoff_room; /* it was made when the tree was */
	*target = (struct target){
		.decision = plan->decision,
		.title = w->target->title,
		.pinned = {.kernel_fd = -1, .initrd_fd = -1},
	};
	rc = exitrd_target_open(&w->s->machine, w->s->memory, w->target, &target->pinned, err);
	target->cmdline = target->pinned.cmdline;
	return rc;
}

static void note_phase(void *ctx, enum departure_phase phase)
{
	struct work *w = ctx;

	*w->phase = phase;
}

static enum exit_code jump(struct work *w)
{
	struct progress progress = {&w->s->machine, 0};
	const struct departure_watch watch = {
		.phase = note_phase, .ctx = w, .stilling = progress_watch(&progress)};
	const struct departure departure = {
		.pin = pin, .pin_ctx = w, .watch = &watch, .kept = EXITRD_DECISION};
	struct err err;

	/* Where the kernel has no place for them nothing was to be kept. */
	if (w->request->keeps_descriptors &&
		faccessat(w->s->machine.root_fd, LIVE_UPDATE, F_OK, 0) == 0)
		log_warn("file descriptors that services keep for the next kernel are lost: this "
			 "jump does not carry them");
	/* What is in use still nobody will close any more: the kernel makes it read-only. */
	if (jump_check(&w->s->machine, JUMP_NOTHING_IN_USE, &err) < 0)
		w->s->options.given |= OPT_FORCE;
	/* What is loaded stays, in case there is no memory for another. */
	if (kexec_is_loaded(&w->s->machine))
		w->s->options.given |= OPT_LOADED;
	log_info("stilling the devices for %s", w->target->title);
	return departure_run(w->s, &departure);
}

static enum exit_code do_as_told(struct work *w)
{
	struct machine *m = &w->s->machine;
	enum machine_reboot how = w->request->verb->how;
	struct err err;
	int rc;

	if ((!w->left.mounts || count_left(w->left.mounts, WRITABLE)) && unmount_sync(m, &err) < 0)
		log_warn("%s", err.text);
	rc = how == MACHINE_REBOOT_FIRMWARE ? firmware_restart(m, &err)
					    : m->effects->reboot(m, how, &err);
	return rc < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}

enum exit_code shutdown_work(struct session *s, const struct shutdown_request *request,
	volatile enum departure_phase *phase)
{
	struct work w = {.s = s, .request = request, .phase = phase};
	const struct unmount_left *stuck;
	struct err err;

	if (give_up_disks(&w, &err) < 0) {
		command_fail(EXIT_FAILED, &err);
		return request->verb->jumps == JUMPS_NEVER ? do_as_told(&w) : EXIT_FAILED;
	}
	stuck = unmount_stuck(w.left.mounts);
	if (stuck) {
		log_error("%s: its disk does not answer, and whoever writes to it or waits for it "
			  "never comes back",
			stuck->source);
		return EXIT_FAILED;
	}
	if (!w.left.mounts->count || !let_go(&w))
		say_what_stays(s, &w.left);
	wait_for_uptime(&w);
	return jumps(&w) ? jump(&w) : do_as_told(&w);
}
