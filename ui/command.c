// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/command.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/baseline.h"
#include "devices/log.h"
#include "ui/dump_file.h"
#include "ui/print.h"

enum exit_code command_fail(enum exit_code code, const struct err *err)
{
	char line[2 * ERR_TEXT_MAX];

	log_error("%s", print_escape(line, sizeof(line), err->text));
	return code;
}

/* jansson leaves DEL as it is, which a terminal need not. It can only stand within a string. */
static int print_part(const char *bytes, size_t len, void *data)
{
	FILE *out = data;

	for (const char *del; (del = memchr(bytes, 0x7f, len)); bytes = del + 1) {
		fwrite(bytes, 1, (size_t)(del - bytes), out);
		fputs("\\u007f", out);
		len -= (size_t)(del + 1 - bytes);
	}
	fwrite(bytes, 1, len, out);
	return ferror(out) ? -1 : 0;
}

enum exit_code command_print_json(struct session *s, struct json_t *json)
{
	int rc = json_dump_callback(json, print_part, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);

	json_decref(json);
	s->answered = 1;
	putchar('\n');
	return rc == 0 || ferror(stdout) ? EXIT_DONE : EXIT_FAILED; /* main() tells of the latter */
}

static int read_snapshot(struct session *s, struct pci_snapshot **snapshot, struct err *err)
{
	if (s->options.pci_dump)
		return dump_file_read(s, s->options.pci_dump, snapshot, err);
	return pci_snapshot_read(&s->machine, s->memory, snapshot, err);
}

void command_warn_of_rights(const struct session *s, const struct still_plan *p)
{
	if (!s->options.pci_dump && geteuid() != 0 && !*s->machine.root && p->snapshot->count)
		log_warn("without root rights the devices' capabilities cannot be read: exec would "
			 "see more and may do more than this shows");
}

/* Of a dump nobody knows what machine it is from; this one it is not. */
static const struct host unknown_host = {"", "", "", "", "", "", "", "", "", .others = NULL};

static int read_host(struct session *s, struct still_plan *p, struct err *err)
{
	struct host *host;
	int rc;

	if (s->options.pci_dump) {
		p->facts.host = &unknown_host;
		return 0;
	}
	rc = host_read(&s->machine, p->snapshot, s->memory, &host, err);
	if (rc == 0)
		p->facts.host = host;
	return rc;
}

static int read_optouts(struct session *s, struct still_plan *p, struct err *err)
{
	struct host_optouts *optouts = talloc_zero(s->memory, struct host_optouts);

	if (!optouts || host_optouts(p->facts.host, s->memory, optouts) < 0)
		return err_errno(err, -ENOMEM, "read the kernel's command line");
	if (optouts->bad)
		log_warn("%s", optouts->bad);
	p->facts.optouts = optouts;
	return 0;
}

int command_read_facts(struct session *s, struct still_plan *p, struct err *err)
{
	struct pci_snapshot *baseline;
	int rc = read_snapshot(s, &p->snapshot, err);

	if (rc < 0)
		return rc;
	/* Without one nothing is restored, and `save` is what tells of that. */
	if (!s->options.pci_dump && baseline_read(&s->machine, s->memory, &baseline, NULL) == 0)
		baseline_attach(p->snapshot, baseline);
	p->facts = (struct policy_facts){.snapshot = p->snapshot};
	rc = read_host(s, p, err);
	return rc < 0 ? rc : read_optouts(s, p, err);
}

int command_ask(
	struct session *s, const struct question *question, struct still_plan *p, struct err *err)
{
	int rc = policy_ask(&s->machine, &p->facts, question, s->memory, &p->decision, NULL, err);

	return rc < 0 ? rc : policy_plan(p->decision, &p->facts, s->memory, &p->plan, err);
}

/* The policy's own decision, or, when it does not load, that of the built-in one. */
int command_decide(struct session *s, struct still_plan *p, const char *explain, struct err *err)
{
	struct question question = {
		.files = POLICY_ALL, .extra = s->options.policy, .explain = explain};
	struct err cause;

	p->policy_error = NULL;
	if (command_ask(s, &question, p, &cause) == 0)
		return 0;
	p->policy_error = talloc_strdup(s->memory, cause.text);
	question = (struct question){.files = POLICY_BUILTIN, .explain = explain};
	return command_ask(s, &question, p, err);
}

/* Who uses what on other buses depends on the snapshot. */
int command_decide_again(struct session *s, struct still_plan *p, struct err *err)
{
	const struct question question = {.files = POLICY_ALL, .extra = s->options.policy};
	int rc = read_host(s, p, err);

	if (rc < 0)
		return rc;
	return p->is_kept ? policy_plan(p->decision, &p->facts, s->memory, &p->plan, err)
			  : command_ask(s, &question, p, err);
}

int command_make_plan(struct session *s, struct still_plan *p, struct err *err)
{
	return command_make_plan_by_hand(s, p, NULL, err);
}

int command_make_plan_by_hand(struct session *s, struct still_plan *p,
	const struct host_optouts *by_hand, struct err *err)
{
	int rc = command_read_facts(s, p, err);

	p->is_kept = 0;
	if (rc < 0)
		return rc;
	p->facts.by_hand = by_hand;
	command_warn_of_rights(s, p);
	return command_decide(s, p, NULL, err);
}

void command_policy_error(const struct still_plan *p)
{
	char line[2 * ERR_TEXT_MAX];

	if (p->policy_error)
		log_error("the policy does not load, so this is the built-in one (load, exec and "
			  "quiesce "
			  "refuse): %s",
			print_escape(line, sizeof(line), p->policy_error));
}
