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
	undo_forget(&s->machine);
	return EXIT_DONE;
}
