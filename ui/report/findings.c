// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernels said of devices in trouble, and the rules that follow from it. */
#include <stdio.h>
#include <string.h>

#include "ui/json.h"
#include "ui/print.h"
#include "ui/report/report.h"

#define SHOWN_MAX 12 /* messages of one kernel; --json has all */
#define KIND_COLUMNS 11

static void print_message(const char *slot, const char *kind, const char *text)
{
	fputs("  ", stdout);
	print_text(stdout, *slot ? slot : "-", PCI_SLOT_MAX - 2);
	print_styled(stdout, STYLE_BAD, kind ? kind : "", KIND_COLUMNS);
	print_text(stdout, text, 0);
	putchar('\n');
}

static void print_more(size_t count)
{
	if (count > SHOWN_MAX)
		printf("  and %zu more\n", count - SHOWN_MAX);
}

/* A slot and a kind are told by the text, which the kernel that wrote it tied to a device. */
static void print_before(const struct handoff *h)
{
	if (!h || !h->message_count)
		return;
	fputs("\nThe kernel before said of devices in trouble:\n", stdout);
	for (size_t i = 0; i < h->message_count && i < SHOWN_MAX; i++) {
		char slot[PCI_SLOT_MAX] = "";

		if (kernel_log_slot(h->messages[i], slot) < 0)
			slot[0] = '\0';
		print_message(slot, kernel_log_kind(h->messages[i]), h->messages[i]);
	}
	print_more(h->message_count);
}

static void print_here(const struct kernel_log *log)
{
	if (!log || !log->count)
		return;
	fputs("\nThis kernel says of devices in trouble:\n", stdout);
	for (size_t i = 0; i < log->count && i < SHOWN_MAX; i++)
		print_message(log->messages[i].slot, log->messages[i].kind, log->messages[i].text);
	print_more(log->total);
}

static void print_why_not(const struct suggestion *s)
{
	printf("%s: %s, and no rule helps: %s.\n", s->slot, s->done, s->why_not);
}

/* The rules stand at the first column, and are put where they belong as they are: their lines have tabs and
 * are broken already. */
static void print_rule(const char *rule)
{
	while (*rule) {
		size_t len = strcspn(rule, "\n");
		char line[512];

		snprintf(line, sizeof(line), "%.*s", (int)len, rule);
		if (line[0] == '\t') {
			putchar('\t');
			print_text(stdout, line + 1, 0);
		} else {
			print_text(stdout, line, 0);
		}
		putchar('\n');
		rule += len + (rule[len] == '\n');
	}
}

static void print_suggestions(const struct suggestion *list, size_t count)
{
	size_t rules = 0;

	for (size_t i = 0; i < count; i++)
		rules += list[i].rule != NULL;
	if (count)
		putchar('\n');
	for (size_t i = 0; i < count; i++)
		if (list[i].why_not)
			print_why_not(&list[i]);
	if (!rules)
		return;
	printf("%s would help the next jump, in a file like /etc/stillboot/policy.d/50-mine.lua:\n",
		rules == 1 ? "This rule" : "These rules");
	for (size_t i = 0; i < count; i++)
		if (list[i].rule) {
			putchar('\n');
			print_rule(list[i].rule);
		}
}

void findings_print(const struct report *r)
{
	print_before(r->handoff);
	print_here(r->log);
	print_suggestions(r->suggestions, r->suggestion_count);
}

static json_t *message_json(
	const char *kernel, json_t *time, const char *slot, const char *kind, const char *text)
{
	return json_pack("{ss so so so so}", "kernel", kernel, "time_us", time, "slot",
		*slot ? json_text(slot) : json_null(), "kind", json_text(kind), "text",
		json_text(text));
}

json_t *messages_json(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; r->handoff && i < r->handoff->message_count; i++) {
		const char *text = r->handoff->messages[i];
		char slot[PCI_SLOT_MAX] = "";

		if (kernel_log_slot(text, slot) < 0)
			slot[0] = '\0';
		json_array_append_new(list,
			message_json("before", json_null(), slot, kernel_log_kind(text), text));
	}
	for (size_t i = 0; r->log && i < r->log->count; i++) {
		const struct kernel_message *m = &r->log->messages[i];

		json_array_append_new(
			list, message_json("this", json_integer((json_int_t)m->time_us), m->slot,
				      m->kind, m->text));
	}
	return list;
}

json_t *suggestions_json(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->suggestion_count; i++) {
		const struct suggestion *s = &r->suggestions[i];

		json_array_append_new(
			list, json_pack("{ss so sI so so so}", "slot", s->slot, "because",
				      json_text(s->because->text), "messages",
				      (json_int_t)s->messages, "done", json_text(s->done), "rule",
				      json_text(s->rule), "why_not", json_text(s->why_not)));
	}
	return list;
}
