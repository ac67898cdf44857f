// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "boot/kexec.h"
#include "boot/stack/record.h"
#include "devices/log.h"
#include "ui/pinned.h"
#include "ui/print.h"
#include "ui/refusal.h"
#include "ui/target.h"

enum exit_code command_load(struct session *s)
{
	enum exit_code code = refusal_check(s);
	enum kexec_loader loader;
	struct still_plan plan;
	struct target target;
	struct err err;
	int rc;

	if (code != EXIT_DONE)
		return code;
	if (kexec_check(&s->machine, &err) < 0 || command_make_plan(s, &plan, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	code = refusal_check_policy(s, &plan);
	if (code == EXIT_DONE)
		code = refusal_check_jump(&plan);
	if (code != EXIT_DONE)
		return code;
	if (target_pin(s, plan.decision, 0, &target, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	rc = target_load(s, &target, &loader, &err);
	pin_release(&target.pinned);
	if (rc < 0)
		return command_fail(EXIT_FAILED, &err);
	if (stack_record_close_all(&s->machine, &err) < 0)
		log_warn("what was unlocked stays open: %s", err.text);
	if (pinned_save(s, &plan, &err) < 0) {
		log_warn("the plan cannot be kept beside it: %s", err.text);
		pinned_forget(s); /* that of an earlier load */
	}
	fputs("loaded: ", stdout);
	print_text(stdout, target.title, 0);
	puts(loader == KEXEC_BY_TOOLS ? " (by kexec-tools)" : "");
	return EXIT_DONE;
}

enum exit_code command_unload(struct session *s)
{
	enum exit_code code = refusal_check(s);
	struct err err;

	if (code != EXIT_DONE)
		return code;
	if (kexec_unload(&s->machine, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	pinned_forget(s);
	return EXIT_DONE;
}
