// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "devices/log.h"
#include "ui/print.h"
#include "ui/report/report.h"

/* One that arrived is told of by the report itself. */
static int is_news(const struct attempt *attempt)
{
	return attempt->state == ATTEMPT_LOST || attempt->state == ATTEMPT_UNKNOWN;
}

static enum exit_code report_attempt(struct session *s, const struct attempt *attempt)
{
	if (s->options.given & OPT_JSON)
		command_print_json(s, json_pack("{so}", "attempt", attempt_json(attempt)));
	else
		attempt_print(attempt, stdout);
	return EXIT_FAILED;
}

/* A record that is not to be trusted is an error, whatever else there is to tell. */
static enum exit_code report(struct session *s, const struct report *r)
{
	const enum exit_code code = r->why_rc == 0 || r->why_rc == -ENOENT ? EXIT_DONE
									   : EXIT_FAILED;

	if (s->options.given & OPT_JSON)
		return command_print_json(s, report_json(r)) == EXIT_DONE ? code : EXIT_FAILED;
	report_print(r, s->options.given & OPT_VERBOSE ? REPORT_ALL : REPORT_SHORT);
	if (is_news(&r->attempt))
		attempt_print(&r->attempt, stdout);
	return code;
}

/* What this boot is told of need not be told again; where nothing can be kept, that is all. */
static void keep(struct session *s, const struct report *r)
{
	struct history_jump jump;
	struct err err;

	if (r->why_rc == 0 || r->why_rc == -ENOENT)
		attempt_told(s, &r->attempt);
	if (report_make_jump(s, r, &jump) && jump_history_add(&s->machine, &jump, &err) < 0)
		log_debug("this jump is not kept in the history: %s", err.text);
}

static enum exit_code show_history(struct session *s)
{
	struct jump_history *h;
	struct err err;

	if (jump_history_read(&s->machine, s->memory, &h, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	for (size_t i = 0; i < h->damage_count; i++)
		log_warn("/%s:%zu: %s; it is passed over", HISTORY_FILE, h->damages[i].line,
			h->damages[i].why);
	if (s->options.given & OPT_JSON)
		return command_print_json(s, history_json(h));
	history_print(stdout, h);
	return EXIT_DONE;
}

enum exit_code command_report(struct session *s)
{
	enum exit_code code;
	struct report r;

	if (s->options.given & OPT_HISTORY)
		return show_history(s);
	report_read(s, &r);
	if (report_has_arrived(&r))
		code = report(s, &r);
	else if (r.why_rc == -ENOENT && is_news(&r.attempt))
		code = report_attempt(s, &r.attempt);
	else
		code = command_fail(EXIT_FAILED, &r.why);
	if (geteuid() == 0 && !*s->machine.root)
		keep(s, &r);
	return code;
}
