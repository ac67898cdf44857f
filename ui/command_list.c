// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "devices/log.h"
#include "ui/entries.h"
#include "ui/json.h"
#include "ui/remember.h"

static enum exit_code print_json(struct session *s, const struct entries_view *view)
{
	const struct discovery *d = view->discovery;
	json_t *entries = json_array(), *problems = json_array();

	for (size_t i = 0; i < d->entries->count; i++)
		json_array_append_new(entries, entry_json(&d->entries->entries[i]));
	for (size_t i = 0; i < d->problem_count; i++)
		json_array_append_new(problems, json_text(d->problems[i]));
	return command_print_json(
		s, json_with_error(json_pack("{so so so}", "entries", entries, "choices",
					   entries_choices_json(d), "problems", problems),
			   view->policy.policy_error));
}

#define SET (OPT_SET_DEFAULT | OPT_SET_ONESHOT)

static int is_usable(const struct options *o)
{
	if ((o->given & SET) == SET) {
		log_error("--set-default or --set-oneshot, not both");
		return 0;
	}
	if (o->given & SET && (o->dir_count || o->given & OPT_JSON)) {
		log_error("%s goes with neither --dir nor --json",
			o->set_default ? "--set-default" : "--set-oneshot");
		return 0;
	}
	return 1;
}

enum exit_code command_list(struct session *s)
{
	struct entries_view view;
	struct err err;

	if (!is_usable(&s->options))
		return EXIT_USAGE;
	if (entries_look(s, &view, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (s->options.given & SET)
		return remember_choice(s, &view);
	if (discovery_close(view.discovery, &err) < 0)
		log_warn("%s", err.text);
	if (s->options.given & OPT_JSON)
		return print_json(s, &view);
	if (!view.discovery->entries->count)
		puts("No boot entries were found.");
	setvbuf(stdout, NULL, _IOFBF, 0); /* a thousand lines are not a thousand writes */
	entries_print(view.discovery->entries, s->options.given);
	if (s->options.given & OPT_EXPLAIN)
		entries_explain(view.discovery);
	return EXIT_DONE;
}
