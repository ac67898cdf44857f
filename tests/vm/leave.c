// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * leave now|build|build-all KERNEL INITRD CMDLINE: load it and put it into an exitrd; "now" ends this
 * system and jumps, "build" leaves that to whoever executes the exitrd as PID 1, for whom "reboot" is a
 * jump too if it is "build-all". Without the checks and the undoing of `stillboot reboot`.
 */

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/handoff.h"
#include "boot/leave/exitrd.h"
#include "devices/log.h"
#include "policy/decision.h"
#include "ui/at_end.h"
#include "ui/leave.h"
#include "ui/persona.h"
#include "ui/target.h"

static int build(struct session *s, const char *how, struct err *err)
{
	struct target target;
	struct still_plan plan;
	enum kexec_loader loader;
	struct exitrd what;
	int rc = at_end_plan(s, &plan, err);

	if (rc == 0)
		rc = target_pin(s, plan.decision, handoff_size_max(plan.plan), ONESHOT_IS_USED_UP,
			&target, err);
	if (rc == 0)
		rc = target_load(s, &target, &loader, err);
	if (rc < 0)
		return rc;
	what = (struct exitrd){.pinned = &target.pinned,
		.title = target.title,
		.reboot_is_kexec = !strcmp(how, "build-all")};
	what.decision = decision_write(plan.decision, &what.decision_len);
	return exitrd_build(&s->machine, &what, err);
}

/* Nothing is used up here. */
static void settle(void *argument)
{
	(void)argument;
}

int main(int argc, char **argv)
{
	static const char *const none[] = {NULL};
	const struct persona *persona = argc ? persona_called(argv[0]) : NULL;
	struct session s = {.options = {.command = "leave", .arguments = none}};
	struct err err;

	json_object_seed(1); /* main.c says why */
	if (persona)
		return persona->run(argc, argv);
	if (argc == 2 && !strcmp(argv[1], "--version")) /* the exitrd tries its program so */
		return 0;
	if (argc != 5) {
		fprintf(stderr, "Usage: leave now|build|build-all KERNEL INITRD CMDLINE\n");
		return EXIT_USAGE;
	}
	log_setup(1, 2, LOG_INFO);
	s.memory = talloc_new(NULL);
	s.options.kernel = argv[2];
	s.options.initrds[s.options.initrd_count++] = argv[3];
	s.options.cmdline = argv[4];
	s.options.given = OPT_KERNEL | OPT_INITRD | OPT_CMDLINE;
	if (machine_open(&s.machine, NULL, &err) < 0 || build(&s, argv[1], &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	return strcmp(argv[1], "now") ? EXIT_DONE : leave_now(&s, settle, NULL);
}
