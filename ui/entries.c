// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/entries.h"

#include "devices/log.h"
#include "policy/entries.h"
#include "ui/print.h"
#include "ui/target.h"

static int find(struct session *s, struct discovery **d, struct err *err)
{
	const struct options *o = &s->options;
	unsigned int flags = o->given & OPT_ALL_DISKS ? DISCOVER_ALL_DISKS : 0;
	struct volume_set *set;
	int rc;

	if (!o->dir_count)
		return discover(&s->machine, s->memory, flags, d, err);
	rc = volumes_of_trees(s->memory, o->dirs, o->dir_count, &set, err);
	return rc < 0 ? rc : discover_in(NULL, s->memory, set, d, err);
}

static void tell_problems(const struct discovery *d)
{
	for (size_t i = 0; i < d->problem_count; i++) {
		char line[ERR_TEXT_MAX];

		log_warn("%s", print_escape(line, sizeof(line), d->problems[i]));
	}
}

int entries_look(struct session *s, struct entries_view *view, struct err *err)
{
	const char *missed;
	int rc = command_make_plan(s, &view->policy, err);

	if (rc == 0)
		rc = find(s, &view->discovery, err);
	if (rc == 0)
		rc = entries_apply(view->policy.decision, view->discovery->entries,
			view->discovery->choices, &missed, err);
	if (rc < 0)
		return rc;
	command_policy_error(&view->policy);
	if (missed)
		target_warn_of_default(view->policy.decision, missed);
	tell_problems(view->discovery);
	return 0;
}
