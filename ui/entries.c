// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/entries.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "devices/log.h"
#include "policy/entries.h"
#include "ui/print.h"
#include "ui/target.h"

#define PROBLEMS_TOLD 40

int entries_places_usable(const struct options *o)
{
	static const option_set places[] = {OPT_ALL_DISKS, OPT_DIR, OPT_IMAGE};
	option_set first = 0;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (!(o->given & places[i]))
			continue;
		if (first) {
			log_error("--%s or --%s, not both", option_name(first),
				option_name(places[i]));
			return 0;
		}
		first = places[i];
	}
	if (first == OPT_IMAGE && o->root) {
		log_error("--image needs the running machine's kernel: it goes without --root");
		return 0;
	}
	return 1;
}

/* In trees and images, what this machine's firmware and kernel say is of no interest. */
int entries_find(struct session *s, void *ctx, struct discovery **d, struct err *err)
{
	const struct options *o = &s->options;
	unsigned int flags = o->given & OPT_ALL_DISKS ? DISCOVER_ALL_DISKS : 0;
	struct volume_set *set;
	int rc;

	if (!o->dir_count && !o->image)
		return discover(&s->machine, ctx, flags, d, err);
	rc = o->image ? volumes_of_image(&s->machine, ctx, o->image, &set, err)
		      : volumes_of_trees(ctx, o->dirs, o->dir_count, &set, err);
	return rc < 0 ? rc : discover_in(NULL, ctx, set, d, err);
}

/* Of devices these commands tell nothing, so what cannot be seen of them is no news here. */
int entries_decide(struct session *s, struct still_plan *p, struct err *err)
{
	int rc = command_read_facts(s, p, err);

	if (s->options.given & OPT_ALL_DISKS && !s->options.root && geteuid())
		log_warn("disks that are not mounted were not looked at: that needs root");
	p->is_kept = 0;
	if (rc == 0)
		rc = command_decide(s, p, NULL, err);
	if (rc == 0)
		command_policy_error(p);
	return rc;
}

static bool was_told(const struct discovery *before, const char *problem)
{
	for (size_t i = 0; before && i < before->problem_count; i++)
		if (!strcmp(before->problems[i], problem))
			return true;
	return false;
}

/* Line by line; of very many, some. */
static void tell_problems(const struct discovery *d, const struct discovery *before)
{
	size_t told = 0, more = 0;

	for (size_t i = 0; i < d->problem_count; i++) {
		char line[ERR_TEXT_MAX];

		if (was_told(before, d->problems[i]))
			continue;
		if (told++ < PROBLEMS_TOLD)
			log_warn("%s", print_escape(line, sizeof(line), d->problems[i]));
		else
			more++;
	}
	if (more)
		log_warn("%zu more problems like these; `stillboot list --json` has all", more);
}

int entries_judge(struct entries_view *view, const struct discovery *before, struct err *err)
{
	const char *missed;
	int rc = entries_apply(view->policy.decision, view->discovery->entries,
		view->discovery->choices, &missed, err);

	if (rc < 0)
		return rc;
	if (missed && !before)
		target_warn_of_default(view->policy.decision, missed);
	tell_problems(view->discovery, before);
	return 0;
}

int entries_look(struct session *s, struct entries_view *view, struct err *err)
{
	int rc = entries_decide(s, &view->policy, err);

	if (rc == 0)
		rc = entries_find(s, s->memory, &view->discovery, err);
	return rc < 0 ? rc : entries_judge(view, NULL, err);
}
