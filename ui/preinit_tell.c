// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/preinit_tell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ui/print.h"

void preinit_say(struct session *s, enum log_level level, const char *fmt, ...)
{
	char text[2 * ERR_TEXT_MAX], line[2 * ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print_escape(line, sizeof(line), text);
	s->machine.effects->klog(&s->machine, level, line);
	if (!(s->options.given & OPT_JSON))
		puts(line);
}

/* The last reset of it that went well, or else the last step; NULL for none. */
static const struct journal_entry *done_to(const struct journal *j, const char *slot)
{
	const struct journal_entry *last = NULL;

	for (size_t i = 0; i < j->count; i++) {
		const struct journal_entry *e = &j->entries[i];

		if (strcmp(e->slot, slot) || (e->result != JOURNAL_OK && e->result != JOURNAL_LATE))
			continue;
		if (!last || !(step_kind(last->step) & STEP_IS_RESET) ||
			step_kind(e->step) & STEP_IS_RESET)
			last = e;
	}
	return last;
}

static size_t count_restored(const struct preinit *p, const char *slot)
{
	size_t n = 0;

	for (size_t i = 0; i < p->restored_count; i++)
		n += !strcmp(p->restored[i].slot, slot);
	return n;
}

static const struct journal_verdict *verdict_of(const struct journal *j, const char *slot)
{
	for (size_t i = 0; i < j->verdict_count; i++)
		if (!strcmp(j->verdicts[i].slot, slot))
			return &j->verdicts[i];
	return NULL;
}

/* "bus reset", "mask"; a reset through the port is told of one of those that it hit. */
static const char *done_in_words(
	const struct preinit_work *w, const struct pci_function *f, char words[32])
{
	const struct journal_entry *e = done_to(&w->record->journal, f->slot);

	if ((!e || !(step_kind(e->step) & STEP_IS_RESET)) &&
		preinit_was_reset(&w->record->journal, w->facts->snapshot, f))
		return "reset with its neighbour";
	if (!e)
		return NULL;
	snprintf(words, 32, "%s%s", step_name(e->step),
		step_kind(e->step) & STEP_IS_RESET ? " reset" : "");
	return words;
}

/* One line of a device that was touched, or is loud. */
static void tell_one(struct session *s, const struct preinit_work *w, const struct plan_device *d)
{
	const char *slot = d->function->slot;
	const struct journal_verdict *v = verdict_of(&w->record->journal, slot);
	size_t restored = count_restored(w->record, slot);
	int loud = v && v->verdict == VERDICT_LOUD, left = v && v->verdict == VERDICT_LEFT;
	char words[32], settings[64] = "";
	const char *done = done_in_words(w, d->function, words);

	if (d->action == PLAN_LEFT || (!done && !restored && !loud && !left))
		return;
	if (restored)
		snprintf(settings, sizeof(settings), ", %zu setting%s put back", restored,
			restored == 1 ? "" : "s");
	preinit_say(s, loud || left ? LOG_WARN : LOG_INFO, "%s: %s; %s%s%s%s", slot, d->reason,
		done ? done : "nothing done", settings,
		loud   ? ", loud: "
		: left ? ", left: "
		       : ", still",
		loud || left ? v->why : "");
}

static size_t count_resets(const struct preinit_work *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->facts->snapshot->count; i++)
		n += preinit_was_reset(&w->record->journal, w->facts->snapshot,
			     &w->facts->snapshot->functions[i]) != 0;
	return n;
}

void preinit_tell(struct session *s, const struct preinit_work *w)
{
	const struct journal *j = &w->record->journal;
	char duration[32];

	for (size_t i = 0; i < w->plan->count; i++)
		tell_one(s, w, &w->plan->devices[i]);
	preinit_say(s, w->record->hung ? LOG_WARN : LOG_INFO,
		"%s: %zu functions, %zu reset, %zu still, %zu loud, %zu left, %zu hung, in %s",
		boot_kind_name(w->record->boot), w->plan->count, count_resets(w),
		journal_count(j, VERDICT_STILL), journal_count(j, VERDICT_LOUD),
		journal_count(j, VERDICT_LEFT), w->record->hung,
		print_duration(duration, sizeof(duration), j->duration_us));
}
