// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/stilling.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <talloc.h>

#include "boot/jump.h"
#include "devices/log.h"
#include "devices/usage.h"

static const sigset_t *stop_signals(sigset_t *set)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(set, signals[i]);
	return set;
}

void stilling_block_signals(void)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, stop_signals(&set), NULL);
}

int stilling_interrupted(void)
{
	sigset_t wanted, pending;

	sigpending(&pending);
	sigandset(&pending, &pending, stop_signals(&wanted));
	return !sigisemptyset(&pending);
}

/* The same of devices on other buses that errands unbind. */
static int check_others(struct session *s, const struct still_plan *p, struct err *err)
{
	struct host *now;
	int rc = host_read(&s->machine, p->snapshot, s->memory, &now, err);

	for (size_t i = 0; rc == 0 && i < p->plan->errand_count; i++) {
		const struct plan_errand *e = &p->plan->errands[i];
		const struct bus_device *before, *other;

		if (e->step != STEP_UNBIND)
			continue;
		before = host_find(p->facts.host, e->subject);
		other = host_find(now, e->subject);
		if (other && other->uses & ~(before ? before->uses : 0))
			rc = err_set(err, -EPERM, "%s came into use meanwhile: %s", e->subject,
				other->use ? other->use : "somebody needs it");
	}
	return rc;
}

int stilling_check_again(struct session *s, const struct still_plan *p, struct err *err)
{
	unsigned int *before = talloc_array(s->memory, unsigned int, p->snapshot->count);
	int rc;

	if (!before)
		return err_errno(err, -ENOMEM, "look at the devices once more");
	for (size_t i = 0; i < p->snapshot->count; i++) {
		struct pci_function *f = &p->snapshot->functions[i];

		before[i] = f->uses;
		f->uses = 0;
		f->use = NULL;
	}
	rc = usage_read(&s->machine, p->snapshot, err);
	for (size_t i = 0; rc == 0 && i < p->snapshot->count; i++) {
		const struct pci_function *f = &p->snapshot->functions[i];

		if (p->plan->devices[i].action == PLAN_QUIESCE && f->uses & ~before[i])
			rc = err_set(
				err, -EPERM, "%s came into use meanwhile: %s", f->slot, f->use);
	}
	return rc < 0 ? rc : check_others(s, p, err);
}

enum exit_code stilling_get_out(struct session *s, const struct decision *decision)
{
	int to_crash = decision->boot.on_hang == POLICY_HANG_CRASH &&
		       jump_has_crash_kernel(&s->machine);
	struct err err;

	log_info("a driver does not let go, and a kexec would wait for it for ever: %s",
		to_crash ? "crashing into the crash kernel" : "emergency restart");
	if (jump_out(&s->machine, to_crash ? JUMP_HANG_CRASH : JUMP_HANG_RESTART, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	return EXIT_DONE;
}

size_t stilling_run(struct quiesce *q, const struct stilling_watch *watch)
{
	sigset_t all;
	size_t hung;

	sigfillset(&all); /* stopping is as bad as ending */
	sigprocmask(SIG_BLOCK, &all, NULL);
	mlockall(MCL_CURRENT);
	watch->begin(watch->ctx);
	hung = quiesce_run(q, &watch->steps);
	watch->end(watch->ctx, quiesce_journal(q), hung);
	return hung;
}
