// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <unistd.h>

#include "devices/log.h"
#include "ui/entries.h"
#include "ui/json.h"
#include "ui/remember.h"

#define SET (OPT_SET_DEFAULT | OPT_SET_ONESHOT)
#define ELSEWHERE (OPT_DIR | OPT_IMAGE)

/* Does one of these options stand beside option, which goes with none of them? Says so. */
static int clashes(const struct options *o, option_set option, option_set with)
{
	option_set odd = o->given & option ? o->given & with : 0;

	if (odd)
		log_error(
			"--%s does not go with --%s", option_name(option), option_name(odd & -odd));
	return odd != 0;
}

static int is_usable(const struct options *o)
{
	const option_set looking = OPT_WATCH | OPT_JSON | ELSEWHERE;

	return !clashes(o, OPT_SET_DEFAULT, looking | OPT_SET_ONESHOT) &&
	       !clashes(o, OPT_SET_ONESHOT, looking) &&
	       !clashes(o, OPT_WATCH, ELSEWHERE | OPT_ROOT) && entries_places_usable(o);
}

/* That there is nothing, and where it might be. */
static void print_nothing(const struct session *s)
{
	const struct options *o = &s->options;

	fputs("No boot entries were found", stdout);
	if (o->given & OPT_WATCH)
		fputs(" so far", stdout);
	puts(o->given & (ELSEWHERE | OPT_ALL_DISKS | OPT_ROOT)
			? "."
			: " on what is mounted; --all-disks looks on all disks.");
	if (geteuid())
		puts("Only root may read everything.");
}

static void print_list(struct session *s, const struct entries_view *view)
{
	if (!view->discovery->entries->count)
		print_nothing(s);
	setvbuf(stdout, NULL, _IOFBF, 0); /* a thousand lines are not a thousand writes */
	entries_print(view->discovery->entries, s->options.given);
	if (s->options.given & OPT_EXPLAIN)
		entries_explain(view->discovery);
}

/* One of those that --watch prints: JSON is a line each. */
static void print_again(struct session *s, const struct entries_view *view, long ms)
{
	if (s->options.given & OPT_JSON) {
		json_t *json = entries_json(view);

		json_object_set_new(json, "ms", json_integer(ms));
		json_dumpf(json, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
		putchar('\n');
		json_decref(json);
	} else {
		if (s->answered)
			printf("\nAfter %ld s:\n", ms / 1000);
		print_list(s, view);
	}
	s->answered = 1;
	fflush(stdout);
}

enum exit_code command_list(struct session *s)
{
	struct entries_view view;
	struct err err;

	if (!is_usable(&s->options))
		return EXIT_USAGE;
	if (s->options.given & OPT_WATCH)
		return entries_watch(s, print_again);
	if (entries_look(s, &view, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (s->options.given & SET)
		return remember_choice(s, &view);
	if (discovery_close(view.discovery, &err) < 0)
		log_warn("%s", err.text);
	if (s->options.given & OPT_JSON)
		return command_print_json(s, entries_json(&view));
	print_list(s, &view);
	return EXIT_DONE;
}
