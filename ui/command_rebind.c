// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>

#include "devices/log.h"
#include "devices/undo.h"
#include "ui/print.h"
#include "ui/refusal.h"

static void complain(void *ctx, const char *what)
{
	char line[2 * ERR_TEXT_MAX];

	(void)ctx;
	log_error("%s", print_escape(line, sizeof(line), what));
}

static void name_lost(const struct undo *undo)
{
	char line[2 * PLAN_SUBJECT_MAX];

	for (size_t i = 0; i < undo->errand_count; i++)
		if (!undo->errands[i].value[0])
			log_warn("%s %s cannot be undone", step_name(undo->errands[i].step),
				print_escape(line, sizeof(line), undo->errands[i].subject));
}

enum exit_code command_rebind(struct session *s)
{
	enum exit_code code = refusal_check(s);
	size_t failures, bound;
	struct undo *undo;
	struct err err;
	int rc;

	if (code != EXIT_DONE)
		return code;
	rc = undo_read(&s->machine, s->memory, &undo, &err);
	if (rc == -ENOENT)
		rc = err_set(&err, rc,
			"there is nothing to undo: no quiesce was done since this "
			"machine booted, or it was undone already");
	if (rc < 0)
		return command_fail(EXIT_FAILED, &err);
	failures = undo_apply(&s->machine, undo, &bound, complain, NULL);
	printf("%zu driver%s %s again\n", bound, bound == 1 ? "" : "s",
		s->options.given & OPT_DRY_RUN ? "would be bound" : "bound");
	if (failures) {
		log_error("%zu change%s could not be undone; `stillboot rebind` tries again",
			failures, failures == 1 ? "" : "s");
		return EXIT_FAILED;
	}
	name_lost(undo);
	undo_forget(&s->machine);
	return EXIT_DONE;
}
