// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "devices/log.h"
#include "ui/command.h"
#include "ui/json.h"
#include "ui/plan_explain.h"
#include "ui/plan_diff.h"
#include "ui/plan_show.h"

static enum exit_code show(struct session *s, const struct still_plan *p)
{
	int full = (s->options.given & OPT_VERBOSE) != 0;

	if (s->options.given & OPT_JSON)
		return command_print_json(s, json_with_error(plan_json(p), p->policy_error));
	plan_print(p, PLAN_WITH_TARGET | (full ? PLAN_IN_FULL : 0), stdout);
	return EXIT_DONE;
}

enum exit_code command_plan(struct session *s)
{
	const struct options *o = &s->options;
	const char *slot = o->arguments[0];
	struct still_plan p;
	struct err err;

	if (slot && o->diff) {
		log_error("--explain or --diff, not both");
		return EXIT_USAGE;
	}
	if (!(o->given & OPT_EXPLAIN) != !slot) {
		log_error("--explain and a device go together: `stillboot plan --explain SLOT`");
		return EXIT_USAGE;
	}
	if (command_read_facts(s, &p, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	command_warn_of_rights(s, &p);
	if (slot)
		return plan_explain(s, &p);
	if (o->diff)
		return plan_diff(s, &p);
	if (command_decide(s, &p, NULL, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	command_policy_error(&p);
	return show(s, &p);
}
