// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "boot/kexec.h"
#include "ui/departure.h"
#include "ui/plan_show.h"
#include "ui/progress.h"

/* Find and pin what the options name. */
static int pin(void *ctx, const struct still_plan *plan, size_t handoff_room, struct target *target,
	struct err *err)
{
	struct session *s = ctx;

	if (!(s->options.given & OPT_LOADED))
		return target_pin(s, plan->decision, handoff_room, ONESHOT_IS_USED_UP, target, err);
	target->title = "the kernel that was loaded before";
	if (!kexec_is_loaded(&s->machine))
		return err_set(err, -ENOENT, "no kernel is loaded; `stillboot load` loads one");
	return 0;
}

static void ready(void *ctx, const struct target *target, const struct still_plan *plan)
{
	(void)ctx;
	target_print(target);
	plan_print(plan, 0, stdout);
}

enum exit_code command_exec(struct session *s)
{
	struct progress progress = {&s->machine, 0};
	const struct departure_watch watch = {
		.ready = ready, .stilling = progress_watch(&progress)};
	const struct departure departure = {.pin = pin, .pin_ctx = s, .watch = &watch};

	signal(SIGPIPE, SIG_IGN); /* a pager that was left must not leave a kernel loaded */
	return departure_run(s, &departure);
}
