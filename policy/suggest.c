// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/utf8.h"

enum symptom {
	SYMPTOM_NONE,
	SYMPTOM_ACTS,   /* it goes on by itself */
	SYMPTOM_SILENT, /* it does not answer its driver */
};

/* The strongest that was done to a device. */
enum done {
	DONE_NOTHING, /* left */
	DONE_UNKNOWN, /* no journal speaks of it */
	DONE_UNBIND,
	DONE_FUNCTION, /* reset by itself */
	DONE_BUS,      /* through its port */
	DONE_POWER,
	DONE_COUNT
};

static const char *const done_words[] = {
	[DONE_NOTHING] = "it was left alone",
	[DONE_UNKNOWN] = "what was done to it is not known",
	[DONE_UNBIND] = "its driver let go, and no reset was done",
	[DONE_FUNCTION] = "it was reset by itself",
	[DONE_BUS] = "it was reset through its port",
	[DONE_POWER] = "its slot's power was switched off and on",
};

#define LADDER                                                                                     \
	"\"unbind\", \"bus\", \"subordinate\", \"flr\", \"pm\", \"sbr\", \"disable\", \"mask\""

/* What to do the next time: NULL for nothing stronger. */
static const struct {
	const char *steps, *why;
} remedies[][DONE_COUNT] = {
	[SYMPTOM_ACTS] =
		{
			[DONE_NOTHING] = {LADDER, "it acted on after a jump that left it alone"},
			[DONE_UNKNOWN] = {LADDER, "it acted on after a jump"},
			[DONE_UNBIND] = {LADDER, "it acted on after a jump without a reset"},
			[DONE_FUNCTION] = {"\"unbind\", \"bus\", \"subordinate\", \"sbr\", "
					   "\"disable\", \"mask\"",
				"a reset by itself did not stop it"},
			[DONE_BUS] = {"\"unbind\", \"power\", \"bus\", \"subordinate\", "
				      "\"disable\", \"mask\"",
				"a reset through its port did not stop it"},
		},
	[SYMPTOM_SILENT] =
		{
			[DONE_NOTHING] = {LADDER,
				"it did not answer after a jump that left it alone"},
			[DONE_UNKNOWN] = {LADDER, "it did not answer after a jump"},
			[DONE_UNBIND] = {LADDER, "it did not answer after a jump without a reset"},
			[DONE_FUNCTION] = {"\"unbind\", \"bus\", \"subordinate\", \"disable\", "
					   "\"restore\", \"mask\"",
				"it did not answer after a reset by itself"},
			[DONE_BUS] =
				{"\"unbind\", \"flr\", \"pm\", \"disable\", \"restore\", \"mask\"",
					"it did not answer after a reset through its port"},
		},
};

/* By the words of kernel_log_kind(). */
static enum symptom symptom_of(const char *kind)
{
	static const struct {
		const char *kind;
		enum symptom symptom;
	} kinds[] = {
		{"iommu", SYMPTOM_ACTS},
		{"interrupt", SYMPTOM_ACTS},
		{"aer", SYMPTOM_ACTS},
		{"firmware", SYMPTOM_SILENT},
		{"timeout", SYMPTOM_SILENT},
		{"reset", SYMPTOM_SILENT},
		{"power", SYMPTOM_SILENT},
		{"probe", SYMPTOM_SILENT},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kind, kinds[i].kind))
			return kinds[i].symptom;
	return SYMPTOM_NONE;
}

/* Of these one message is proof enough. The others healthy devices say now and then, too. */
static int is_proof(const char *kind)
{
	static const char *const kinds[] = {"iommu", "interrupt", "reset", "firmware"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return 1;
	return 0;
}

static enum done done_by(enum step step)
{
	if (step == STEP_POWER)
		return DONE_POWER;
	if (!(step_kind(step) & STEP_IS_RESET))
		return DONE_UNBIND;
	return step_kind(step) & STEP_IS_PORT || step == STEP_BUS ? DONE_BUS : DONE_FUNCTION;
}

static const struct journal_verdict *verdict_of(const struct journal *j, const char *slot)
{
	for (size_t i = 0; j && i < j->verdict_count; i++)
		if (!strcmp(j->verdicts[i].slot, slot))
			return &j->verdicts[i];
	return NULL;
}

static enum done what_was_done(const struct journal *j, const char *slot)
{
	const struct journal_verdict *v = verdict_of(j, slot);
	enum done done = DONE_UNBIND;

	if (!v)
		return DONE_UNKNOWN;
	if (v->verdict == VERDICT_LEFT)
		return DONE_NOTHING;
	for (size_t i = 0; i < j->count; i++) {
		const struct journal_entry *e = &j->entries[i];

		if (!strcmp(e->slot, slot) && e->result == JOURNAL_OK && done_by(e->step) > done)
			done = done_by(e->step);
	}
	return done;
}

/* Where no step of a rule's would be taken. */
static const char *hopeless(const struct pci_function *f, enum done done)
{
	if (f && pci_is_bridge(f))
		return "a bridge is never reset";
	if (f && f->physical)
		return "it is part of another function: what is wrong may be that one";
	if (f && f->place == PCI_PLACE_LEGACY && done != DONE_NOTHING)
		return "legacy PCI is never reset";
	if (f && f->place == PCI_PLACE_ROOT && done >= DONE_FUNCTION && done != DONE_UNKNOWN)
		return "no port stands above it that could reset it";
	if (done == DONE_POWER)
		return "there is no stronger step than what was done";
	return NULL;
}

/* A line for a comment: the log's text has no line ends (utf8_clean), but a reason comes from elsewhere. */
static const char *one_line(void *ctx, const char *text)
{
	char *copy = talloc_strdup(ctx, text);

	if (copy)
		utf8_clean(copy, KERNEL_MESSAGE_MAX);
	return copy;
}

static char *left_comment(void *ctx, const struct journal_verdict *v)
{
	if (!v || v->verdict != VERDICT_LEFT)
		return talloc_strdup(ctx, "");
	return talloc_asprintf(ctx,
		"-- It was left: %s. What is in use needs `use = \"any\"` besides.\n",
		v->why[0] ? one_line(ctx, v->why) : "nobody says why");
}

static char *make_rule(void *ctx, const struct suggestion *s, enum symptom symptom, enum done done,
	const struct journal_verdict *v)
{
	char *rule = talloc_asprintf(ctx,
		"-- %s\n%sdevice {\n\tslot = \"%s\",\n\tsteps = { %s },\n\twhy = \"%s\",\n}\n",
		one_line(ctx, s->because->text), left_comment(ctx, v), s->slot,
		remedies[symptom][done].steps, remedies[symptom][done].why);

	if (rule && v && v->verdict == VERDICT_LOUD)
		rule = talloc_strdup_append_buffer(rule, "-- It was loud before the jump already: "
							 "rather restart through the firmware.\n"
							 "boot { require_still = true }\n");
	return rule;
}

/* The messages are in order: the first of a slot's makes it. */
static struct suggestion *find(struct suggestion *list, size_t count, const char *slot)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].slot, slot))
			return &list[i];
	return NULL;
}

/* A port speaks of what stands below it ("0000:00:1c.0: AER: Corrected error received: 0000:01:00.0",
 * drivers/pci/pcie/aer.c): then it is about the last that is named. */
static void find_subject(const struct kernel_message *message, const struct pci_snapshot *snapshot,
	char slot[PCI_SLOT_MAX])
{
	const struct pci_function *f = snapshot ? pci_find(snapshot, message->slot) : NULL;
	char copy[KERNEL_MESSAGE_MAX + 1], other[PCI_SLOT_MAX], *rest;

	strcpy(slot, message->slot);
	if (!f || !pci_is_bridge(f))
		return;
	strcpy(copy, message->text);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (kernel_log_slot(word, other) == 0 && pci_find(snapshot, other))
			strcpy(slot, other);
}

static int complete(struct suggestion *s, const struct journal *journal,
	const struct pci_snapshot *snapshot, void *ctx)
{
	enum symptom symptom = symptom_of(s->because->kind);
	enum done done = what_was_done(journal, s->slot);

	s->done = done_words[done];
	s->why_not = hopeless(snapshot ? pci_find(snapshot, s->slot) : NULL, done);
	if (!s->why_not)
		s->rule = make_rule(ctx, s, symptom, done, verdict_of(journal, s->slot));
	return s->why_not || s->rule ? 0 : -ENOMEM;
}

/* Those that are left, in their order. */
static size_t drop_doubtful(struct suggestion *list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (list[i].messages > 1 || is_proof(list[i].because->kind))
			list[kept++] = list[i];
	return kept;
}

int suggest_rules(const struct kernel_log *log, const struct journal *journal,
	const struct pci_snapshot *snapshot, void *ctx, struct suggestion **suggestions,
	size_t *count)
{
	struct suggestion *list = talloc_zero_array(ctx, struct suggestion, SUGGESTIONS_MAX), *s;
	size_t n = 0;
	int rc = list ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < log->count; i++) {
		const struct kernel_message *message = &log->messages[i];
		char slot[PCI_SLOT_MAX];

		if (!message->slot[0] || message->time_us > SUGGEST_SINCE_BOOT_US ||
			symptom_of(message->kind) == SYMPTOM_NONE)
			continue;
		find_subject(message, snapshot, slot);
		s = find(list, n, slot);
		if (!s && n < SUGGESTIONS_MAX) {
			s = &list[n++];
			*s = (struct suggestion){.because = message};
			strcpy(s->slot, slot);
		}
		if (s)
			s->messages++;
	}
	n = rc == 0 ? drop_doubtful(list, n) : 0;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = complete(&list[i], journal, snapshot, list);
	if (rc < 0)
		return rc;
	*suggestions = list;
	*count = n;
	return 0;
}
