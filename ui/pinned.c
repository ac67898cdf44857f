// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/pinned.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "devices/log.h"
#include "ui/print.h"

int pinned_save(struct session *s, const struct still_plan *p, struct err *err)
{
	size_t len;
	char *bytes = decision_write(p->decision, &len);
	int rc = -ENOMEM;

	if (bytes)
		rc = s->machine.effects->save_file(&s->machine, PINNED_FILE, bytes, len, err);
	else
		err_errno(err, rc, "keep the plan");
	free(bytes);
	return rc;
}

void pinned_forget(struct session *s)
{
	s->machine.effects->remove_file(&s->machine, PINNED_FILE, NULL);
}

static int read_kept(
	struct session *s, const char *path, struct decision **decision, struct err *err)
{
	char *text;
	int rc = machine_read_file(&s->machine, s->memory, path, DECISION_MAX, &text, err);

	return rc < 0 ? rc : decision_parse(text, strlen(text), s->memory, decision, err);
}

static struct decision *decide_nothing(struct session *s, const char *why)
{
	struct decision *d = talloc_zero(s->memory, struct decision);

	if (d) {
		d->no_quiesce = "built-in";
		d->no_quiesce_why = why;
	}
	return d;
}

int pinned_use(struct session *s, const char *path, struct still_plan *p, struct err *err)
{
	struct err why;

	if (read_kept(s, path, &p->decision, &why) == 0) {
		log_line(p->policy_error ? LOG_WARN : LOG_DEBUG,
			"the plan of when the kernel was loaded is used");
	} else {
		log_warn("no plan was kept (%s): no device is stilled, the kernel's own shutdown() "
			 "serves",
			why.text);
		p->decision = decide_nothing(
			s, p->policy_error ? p->policy_error : "no plan was kept");
	}
	if (!p->decision)
		return err_errno(err, -ENOMEM, "go on without a policy");
	p->policy_error = NULL;
	p->is_kept = 1;
	return policy_plan(p->decision, &p->facts, s->memory, &p->plan, err);
}

int pinned_take(struct session *s, struct still_plan *p, struct err *err)
{
	char line[2 * ERR_TEXT_MAX];

	log_error(
		"the policy does not load: %s", print_escape(line, sizeof(line), p->policy_error));
	p->policy_error = talloc_asprintf(
		s->memory, "the policy does not load: %s", p->policy_error);
	return pinned_use(s, PINNED_FILE, p, err);
}
