// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>

#include "ui/entries.h"
#include "ui/json.h"

static const struct entry *find(const struct entry_list *list, const char *wanted)
{
	if (wanted)
		return entry_list_find(list, wanted);
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i].is_default)
			return &list->entries[i];
	return NULL;
}

enum exit_code command_show(struct session *s)
{
	const char *wanted = s->options.arguments[0];
	struct entries_view view;
	const struct entry *e;
	struct err err;

	if (!entries_places_usable(&s->options))
		return EXIT_USAGE;
	if (entries_look(s, &view, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	e = find(view.discovery->entries, wanted);
	if (!e) {
		err_set(&err, -ENOENT,
			wanted ? "there is no entry '%s'; `stillboot list` shows what there is"
			       : "there are no boot entries",
			wanted);
		return command_fail(EXIT_FAILED, &err);
	}
	if (s->options.given & OPT_JSON)
		return command_print_json(
			s, json_with_error(entry_json(e), view.policy.policy_error));
	entry_print(e, view.discovery);
	return EXIT_DONE;
}
