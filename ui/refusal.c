// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/refusal.h"

#include <unistd.h>

#include "devices/log.h"
#include "devices/stillness.h"
#include "ui/lock.h"
#include "ui/pinned.h"
#include "ui/print.h"

static enum exit_code check_target(const struct options *o)
{
	if (o->kernel && o->argument_count) {
		log_error("name an entry ('%s') or --kernel, not both", o->arguments[0]);
		return EXIT_USAGE;
	}
	if (!o->kernel && o->initrd_count) {
		log_error("--initrd goes with --kernel");
		return EXIT_USAGE;
	}
	if ((o->given & OPT_CMDLINE) && (o->given & OPT_REUSE_CMDLINE)) {
		log_error("--cmdline or --reuse-cmdline, not both");
		return EXIT_USAGE;
	}
	if ((o->given & OPT_LOADED) &&
		(o->argument_count ||
			(o->given & (OPT_KERNEL | OPT_CMDLINE | OPT_REUSE_CMDLINE | OPT_APPEND)))) {
		log_error("--loaded takes what is loaded as it is: name nothing else");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

enum exit_code refusal_check_machine(struct session *s)
{
	if (s->options.given & OPT_DRY_RUN)
		return EXIT_DONE;
	if (*s->machine.root) {
		log_error("--root is another machine than this one: %s needs --dry-run with it",
			s->options.command);
		return EXIT_USAGE;
	}
	if (geteuid() != 0) {
		log_error("%s needs root rights", s->options.command);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

enum exit_code refusal_check_rights(struct session *s)
{
	enum exit_code code = check_target(&s->options);

	return code == EXIT_DONE ? refusal_check_machine(s) : code;
}

enum exit_code refusal_check(struct session *s)
{
	enum exit_code code = refusal_check_rights(s);

	return code == EXIT_DONE ? lock_take(s) : code;
}

enum exit_code refusal_check_jump(const struct still_plan *p)
{
	const struct decision *d = p->decision;

	if (!d->no_jump)
		return EXIT_DONE;
	log_error("%s: no kexec on this machine%s%s; `reboot` restarts it through the firmware",
		d->no_jump, d->no_jump_why ? ": " : "", d->no_jump_why ? d->no_jump_why : "");
	return EXIT_REFUSED;
}

enum exit_code refusal_check_policy(struct session *s, struct still_plan *p)
{
	char line[2 * ERR_TEXT_MAX];
	struct err err;

	if (!p->policy_error)
		return EXIT_DONE;
	if (p->facts.optouts && p->facts.optouts->quiesce_off) {
		log_warn("the policy does not load, but nothing is stilled, as the kernel's "
			 "command line says: %s",
			print_escape(line, sizeof(line), p->policy_error));
		return EXIT_DONE;
	}
	if (s->options.given & OPT_UNATTENDED)
		return pinned_take(s, p, &err) < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
	log_error("the policy does not load, and it may have protected something: %s",
		print_escape(line, sizeof(line), p->policy_error));
	return EXIT_REFUSED;
}

enum exit_code refusal_check_still(struct session *s, const struct still_plan *p)
{
	const struct decision *d = p->decision;

	for (size_t i = 0; d->boot.require_still && i < p->plan->count; i++) {
		const struct plan_device *device = &p->plan->devices[i];
		struct proof proof;

		if (device->action != PLAN_QUIESCE || device->step_count)
			continue;
		stillness_prove(&s->machine, device->function, &proof);
		if (proof.stillness != LOUD)
			continue;
		log_error("%s: %s, no step could change that, and %s says require_still: leave it "
			  "by a rule, or take that back",
			device->function->slot, proof.why, d->boot_where[BOOT_REQUIRE_STILL]);
		return EXIT_REFUSED;
	}
	return EXIT_DONE;
}
