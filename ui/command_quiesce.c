// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/jump.h"
#include "boot/leave/firmware.h"
#include "devices/clock.h"
#include "devices/log.h"
#include "devices/undo.h"
#include "ui/budget.h"
#include "ui/journal_print.h"
#include "ui/print.h"
#include "ui/plan_show.h"
#include "ui/preload.h"
#include "ui/progress.h"
#include "ui/refusal.h"

#define RESTART_MS 8000 /* systemd goes on 10 s after the 80 s that it gives us */

/* The device on another bus that this errand unbinds below a disk in use; NULL for none. */
static const struct bus_device *disk_of(const struct still_plan *p, const struct plan_errand *e)
{
	const struct bus_device *other = e->step == STEP_UNBIND
						 ? host_find(p->facts.host, e->subject)
						 : NULL;

	return other && other->uses & PCI_USE_DISK ? other : NULL;
}

/* Data may be lost below a filesystem even where a rule asks for that; and who is left still runs. */
static int check_use(const struct session *s, const struct still_plan *p, struct err *err)
{
	if (s->options.given & OPT_FORCE)
		return 0;
	for (size_t i = 0; i < p->plan->count; i++) {
		const struct plan_device *d = &p->plan->devices[i];

		if (!(d->function->uses & PCI_USE_DISK) || pci_is_bridge(d->function))
			continue;
		return err_set(err, -EPERM,
			"%s is in use: %s; unmount it first, or use --force to %s",
			d->function->slot, d->function->use,
			d->action == PLAN_LEFT ? "leave it as it is and still the others"
					       : "still it all the same");
	}
	for (size_t i = 0; i < p->plan->errand_count; i++) {
		const struct plan_errand *e = &p->plan->errands[i];
		const struct bus_device *other = disk_of(p, e);

		if (other)
			return err_set(err, -EPERM,
				"%s is in use: %s; unmount it first, or use --force to unbind it "
				"all the same",
				e->subject, other->use);
	}
	return 0;
}

static void leave_one(struct host_optouts *o, const char *name, const char *use)
{
	log_warn("%s is left as it is, whatever a rule says: %s", name, use);
	o->leave[o->leave_count++] = name;
}

/* Who gives a time is in the midst of a shutdown, and we run from the old root: rules for the end of a system,
 * where nothing is in use any more, must not take the disk from below a filesystem. */
static int leave_disks(struct session *s, struct still_plan *p, struct err *err)
{
	const struct plan *plan = p->plan;
	struct host_optouts *o = talloc_zero(s->memory, struct host_optouts);

	if (o)
		o->leave = talloc_array(o, const char *, plan->count + plan->errand_count + 1);
	if (!o || !o->leave)
		return err_errno(err, -ENOMEM, "leave disks as they are");
	for (size_t i = 0; i < plan->count; i++)
		if (plan->devices[i].action == PLAN_QUIESCE &&
			plan->devices[i].function->uses & PCI_USE_DISK)
			leave_one(
				o, plan->devices[i].function->slot, plan->devices[i].function->use);
	for (size_t i = 0; i < plan->errand_count; i++)
		if (disk_of(p, &plan->errands[i]))
			leave_one(o, plan->errands[i].subject, disk_of(p, &plan->errands[i])->use);
	p->facts.by_hand = o;
	return o->leave_count ? command_decide_again(s, p, err) : 0;
}

/* What an earlier quiesce unbound, and nobody has bound since, is still to be bound by rebind. It
 * is no matter of this quiesce: when this one is given up, what the earlier one did stays. */
static int note(
	struct session *s, const struct still_plan *p, const struct undo *earlier, struct err *err)
{
	struct undo *undo = undo_take(&s->machine, p->plan, s->memory);

	if (!undo || (earlier && undo_merge(undo, earlier) < 0))
		return err_errno(err, -ENOMEM, "note how the devices were");
	return undo_write(&s->machine, undo, err);
}

static void give_up(struct session *s, struct quiesce *q, const struct undo *earlier)
{
	struct err err;

	quiesce_release(q);
	if (!earlier)
		undo_forget(&s->machine);
	else if (undo_write(&s->machine, earlier, &err) < 0)
		log_debug("%s", err.text);
}

/* Up to here nothing was changed; from hold on it is undone. */
static enum exit_code hold(struct session *s, const struct still_plan *p, struct quiesce *q,
	const struct undo *earlier, const struct budget *budget)
{
	const uint64_t hold_us = HOLD_DEADLINE_MS * UINT64_C(1000);
	struct err err;
	int rc;

	if (budget->end_us && clock_now_us() + hold_us > budget->end_us) {
		give_up(s, q, earlier);
		log_error("no time is left to still the devices");
		return EXIT_FAILED;
	}
	rc = quiesce_hold(q, &err);
	if (rc == 0 && stilling_interrupted())
		rc = err_set(&err, -EINTR, "interrupted: no device was touched");
	if (rc == 0)
		return EXIT_DONE;
	command_fail(EXIT_FAILED, &err);
	/* A device stays locked, for whoever waits for it and for whoever undoes something about it.
	 * Who gave the time would call the kexec all the same. */
	if (budget->end_us && (rc == -ETIME || rc == -ECHILD))
		stilling_get_out(s, p->decision);
	else
		give_up(s, q, earlier);
	return EXIT_FAILED;
}

/* Who gave the time would call a kexec that waits for the disk for ever: then we do not return. */
static int write_out(struct session *s, const struct budget *budget, struct err *err)
{
	struct machine *m = &s->machine;
	uint64_t now = clock_now_us();
	int rc;

	if (!budget->end_us)
		return jump_sync(m, JUMP_SYNC_MS, JUMP_WHILE_WRITING, err);
	rc = jump_sync(m, now < budget->end_us ? (unsigned int)((budget->end_us - now) / 1000) : 0,
		JUMP_NOT_LONGER, err);
	if (rc == -ETIME) {
		log_error("%s", err->text);
		firmware_restart_within(m, RESTART_MS);
	}
	return rc;
}

static enum exit_code begin(struct session *s, const struct still_plan *p, struct quiesce *q,
	const struct budget *budget)
{
	struct undo *earlier = NULL;
	struct err err;
	int rc = stilling_check_again(s, p, &err);

	if (rc == 0)
		rc = write_out(s, budget, &err);
	if (rc == 0)
		rc = undo_read(&s->machine, s->memory, &earlier, &err);
	if (rc == 0 || rc == -ENOENT)
		rc = note(s, p, earlier, &err);
	if (rc < 0)
		return command_fail(rc == -EPERM ? EXIT_REFUSED : EXIT_FAILED, &err);
	return hold(s, p, q, earlier, budget);
}

static enum exit_code tell(struct session *s, const struct journal *j, size_t hung)
{
	enum exit_code code = hung || journal_count(j, VERDICT_LOUD) ? EXIT_FAILED : EXIT_DONE;

	if (s->options.given & OPT_JSON) {
		json_t *object = json_pack("{sI}", "hung", (json_int_t)hung);

		if (command_print_json(s, journal_json(j, object)) != EXIT_DONE)
			return EXIT_FAILED;
	} else {
		/* What matters most stands last, where it is seen. */
		journal_print_verdicts(j, VERDICT_LEFT);
		journal_print_verdicts(j, VERDICT_STILL);
		journal_print_verdicts(j, VERDICT_LOUD);
		printf("%zu still, %zu loud, %zu left, %zu hung\n", journal_count(j, VERDICT_STILL),
			journal_count(j, VERDICT_LOUD), journal_count(j, VERDICT_LEFT), hung);
	}
	if (hung)
		log_error("a driver does not let go: a reboot or kexec now would wait for it for "
			  "ever; `echo b > /%s` restarts at once",
			"proc/sysrq-trigger");
	return code;
}

static enum exit_code still(struct session *s, const struct still_plan *p, struct quiesce *q,
	const struct budget *budget)
{
	struct progress progress = {&s->machine, s->options.given & OPT_JSON};
	struct stilling_watch watch = progress_watch(&progress);
	enum exit_code code;
	size_t hung;

	quiesce_end_by(q, budget->end_us);
	hung = stilling_run(q, &watch);
	code = tell(s, quiesce_journal(q), hung);
	budget_end(s, budget);
	/* Who gave the time would call the kexec when it is over. */
	if (hung && budget->end_us)
		stilling_get_out(s, p->decision);
	return code;
}

/* Who gave the time calls the kexec, which goes through the firmware where no kernel is loaded any more. */
static enum exit_code unload(struct session *s, const char *why)
{
	struct err err;

	log_warn("the firmware comes first: %s; no kernel is left loaded", why);
	if (preload_forget(s, &err) == 0)
		return EXIT_DONE;
	command_fail(EXIT_FAILED, &err);
	firmware_restart_within(&s->machine, RESTART_MS);
	return EXIT_FAILED;
}

enum exit_code command_quiesce(struct session *s)
{
	enum exit_code code = refusal_check(s);
	struct budget budget;
	struct still_plan p;
	const char *why;
	struct quiesce *q;
	struct err err;
	int rc;

	if (code != EXIT_DONE)
		return code;
	rc = budget_begin(s, &budget, &err);
	if (rc < 0)
		return command_fail(rc == -EINVAL ? EXIT_USAGE : EXIT_REFUSED, &err);
	why = budget.end_us ? firmware_is_wanted(&s->machine) : NULL;
	if (why)
		return unload(s, why);
	if (budget.end_us && jump_check(&s->machine, JUMP_FORCE, &err) < 0)
		return command_fail(EXIT_REFUSED, &err);
	if (command_make_plan(s, &p, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	code = refusal_check_policy(s, &p);
	if (code != EXIT_DONE)
		return code;
	if (budget.end_us && leave_disks(s, &p, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (check_use(s, &p, &err) < 0)
		return command_fail(EXIT_REFUSED, &err);
	if (quiesce_prepare(&s->machine, p.plan, s->memory, &q, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (!(s->options.given & OPT_JSON))
		plan_print(&p, 0, stdout);
	stilling_block_signals();
	code = begin(s, &p, q, &budget);
	return code == EXIT_DONE ? still(s, &p, q, &budget) : code;
}
