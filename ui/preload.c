// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/preload.h"

#include <errno.h>
#include <stdlib.h>

#include "boot/handoff.h"
#include "boot/jump.h"
#include "boot/service/systemd.h"
#include "boot/stack/record.h"
#include "devices/log.h"
#include "ui/at_end.h"
#include "ui/attempt.h"
#include "ui/lock.h"
#include "ui/pinned.h"
#include "ui/print.h"
#include "ui/refusal.h"
#include "ui/stilling.h"

/* Beside what was loaded by hand only an exitrd that is there: with another kernel in it, it would
 * boot that one. */
static int wants_exitrd(enum record_by by, enum exitrd_owner owner)
{
	return by == RECORD_BY_LOAD ? owner == EXITRD_OURS : owner != EXITRD_FOREIGN;
}

/* What is to be done is done when nobody uses anything any more; unless there is nothing to decide
 * by. */
static int is_for_the_end(struct session *s, enum record_by by, const struct still_plan *plan)
{
	return (by != RECORD_BY_LOAD || wants_exitrd(by, exitrd_owner(&s->machine))) &&
	       !plan->is_kept && !plan->policy_error;
}

/* Does who jumps have reason to refuse it? What is loaded by hand may be for somebody else's jump. */
static int check_jump(struct session *s, enum record_by by, struct err *err)
{
	if (wants_exitrd(by, exitrd_owner(&s->machine)))
		return jump_check(&s->machine, JUMP_FROM_EXITRD, err);
	return by == RECORD_BY_LOAD ? 0 : jump_check(&s->machine, JUMP_FORCE, err);
}

enum exit_code preload_check(struct session *s, enum record_by by, struct still_plan *plan)
{
	enum exit_code code = refusal_check(s);
	struct err err;

	if (code != EXIT_DONE)
		return code;
	if (check_jump(s, by, &err) < 0)
		return command_fail(EXIT_REFUSED, &err);
	if (kexec_check(&s->machine, &err) < 0 || command_make_plan(s, plan, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	code = refusal_check_policy(s, plan);
	if (code == EXIT_DONE)
		code = refusal_check_jump(plan);
	if (code == EXIT_DONE && is_for_the_end(s, by, plan) && at_end_plan(s, plan, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	return code == EXIT_DONE ? refusal_check_still(s, plan) : code;
}

int preload_forget(struct session *s, struct err *err)
{
	int rc = kexec_unload(&s->machine, err), removed;
	struct err why;

	pinned_forget(s);
	record_remove(&s->machine, RECORD_PRELOADED);
	removed = exitrd_remove(&s->machine, &why);
	return rc == 0 && removed < 0 ? err_set(err, removed, "%s", why.text) : rc;
}

static int is_by_service(struct session *s)
{
	struct record *before;

	return record_read(&s->machine, s->memory, RECORD_PRELOADED, &before, NULL) == 0 &&
	       before->by == RECORD_BY_SERVICE;
}

static void ask_service_again(struct machine *m)
{
	static const char *const again[] = {
		"systemctl", "--no-block", "try-reload-or-restart", SYSTEMD_SERVICE, NULL};

	m->effects->run(m, again, NULL);
}

void preload_replaced(struct session *s)
{
	const int by_service = is_by_service(s);

	preload_forget(s, NULL);
	lock_release(s);
	if (by_service)
		ask_service_again(&s->machine);
}

/* In the keeper, or where nothing acts in this process. */
static void undo(void *argument)
{
	struct preloaded *p = argument;

	preload_forget(p->session, NULL);
	attempt_cancel(p->session);
	if (p->by_service_before && p->record.by != RECORD_BY_SERVICE)
		ask_service_again(&p->session->machine);
}

/* Who closes what was unlocked needs the disks no more. */
static void close_stacks(struct session *s)
{
	struct err err;

	if (stack_record_close_all(&s->machine, &err) < 0)
		log_warn("what was unlocked stays open: %s", err.text);
}

/* For a policy that does not load any more; the exitrd has a copy of its own. */
static int keep_decision(struct session *s, const struct preloaded *p, struct err *err)
{
	int rc = pinned_save(s, &p->plan, err);

	if (rc < 0 && p->record.by == RECORD_BY_LOAD) {
		log_warn("the plan cannot be kept beside it: %s", err->text);
		pinned_forget(s); /* that of an earlier load */
		rc = 0;
	}
	return rc;
}

static int build_exitrd(struct session *s, const struct preloaded *p, struct err *err)
{
	struct exitrd exitrd = {
		.pinned = &p->target.pinned,
		.title = p->target.title,
		.reboot_is_kexec = p->configuration.reboot == REBOOT_BY_KEXEC,
	};
	char *decision;
	int rc;

	if (!wants_exitrd(p->record.by, p->owner))
		return 0;
	exitrd.decision = decision = decision_write(p->plan.decision, &exitrd.decision_len);
	rc = decision ? exitrd_build(&s->machine, &exitrd, err)
		      : err_errno(err, -ENOMEM, "keep the plan");
	free(decision);
	return rc;
}

static int keep_record(struct session *s, struct preloaded *p, struct err *err)
{
	const struct pinned *pinned = &p->target.pinned;
	int rc;

	p->record.entry = p->target.title;
	p->record.kernel = pinned->image.version;
	p->record.has_handoff = pinned->handoff_room > 0;
	rc = record_stamp(&s->machine, s->memory, &p->record, err);
	if (rc == 0)
		rc = record_write(&s->machine, RECORD_PRELOADED, &p->record, err);
	return rc < 0 && p->record.by == RECORD_BY_LOAD ? 0 : rc;
}

static void look_before(struct session *s, struct preloaded *p)
{
	p->owner = exitrd_owner(&s->machine);
	p->by_service_before = is_by_service(s);
}

/* The kernel is loaded: what stands beside it. */
static int finish(struct session *s, struct preloaded *p, struct err *err)
{
	int rc = keep_decision(s, p, err);

	if (rc == 0)
		rc = build_exitrd(s, p, err);
	if (rc == 0)
		rc = keep_record(s, p, err);
	if (rc == 0 && stilling_interrupted())
		rc = err_set(err, -EINTR, "interrupted: no kernel is left loaded");
	return rc;
}

static int load(struct session *s, struct preloaded *p, struct err *err)
{
	int rc;

	stilling_block_signals();
	rc = keeper_start(&s->machine, undo, p, s->lock ? s->lock : -1, &p->keeper, err);
	if (rc < 0)
		return rc;
	rc = target_load(s, &p->target, &p->loader, err);
	if (rc < 0) /* what was loaded before still is */
		keeper_dismiss(&p->keeper);
	return rc;
}

int preload(struct session *s, enum record_by by, struct preloaded *p, struct err *err)
{
	/* Who jumps without our exitrd does not load it again: the first handoff goes along, with what the
	 * firmware left and how far that is. */
	size_t room = handoff_size_max(NULL);
	int rc = 0;

	p->session = s;
	p->record = (struct record){.by = by};
	p->keeper = (struct keeper){.socket = -1};
	look_before(s, p);
	if (wants_exitrd(by, p->owner)) {
		room = handoff_size_max(p->plan.plan);
		rc = configuration_read(&s->machine, s->memory, &p->configuration, err);
	}
	if (rc == 0)
		rc = target_pin(s, p->plan.decision, room,
			by == RECORD_BY_SERVICE ? ONESHOT_COMES_FIRST : ONESHOT_IS_USED_UP,
			&p->target, err);
	if (rc < 0)
		return rc;
	close_stacks(s);
	rc = load(s, p, err);
	if (rc == 0) {
		rc = finish(s, p, err);
		if (rc < 0)
			preload_undo(p);
	}
	pin_release(&p->target.pinned);
	return rc;
}

void preload_settle(struct preloaded *p)
{
	keeper_dismiss(&p->keeper);
}

void preload_commit(struct session *s, const struct preloaded *p)
{
	char line[ERR_TEXT_MAX];
	struct err err;

	if (p->target.commit && commit_run(&s->machine, p->target.commit, &err) < 0)
		log_warn("%s; the choice or the count stays as it was",
			print_escape(line, sizeof(line), err.text));
}

void preload_undo(struct preloaded *p)
{
	keeper_call(&p->keeper);
}
