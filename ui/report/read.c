// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "devices/baseline.h"
#include "devices/pci_dump.h"
#include "ui/report/report.h"

#define TITLE "# stillboot baseline, "

/* Where the baseline comes from, as its first line says. */
static const char *read_baseline_title(struct session *s)
{
	char *text;

	if (machine_read_file(&s->machine, s->memory, BASELINE_FILE, PCI_DUMP_MAX, &text, NULL) < 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	if (!strncmp(text, TITLE, strlen(TITLE)))
		text += strlen(TITLE);
	return talloc_strndup(s->memory, text, strnlen(text, 256));
}

static void read_findings(struct session *s, struct report *r)
{
	const struct journal *journal = NULL;
	struct pci_snapshot *snapshot = NULL;

	if (kernel_log_read(&s->machine, s->memory, &r->log, NULL) < 0)
		return;
	if (pci_snapshot_read(&s->machine, s->memory, &snapshot, NULL) < 0)
		snapshot = NULL;
	if (r->handoff && !r->handoff->incomplete && !r->handoff->is_crash)
		journal = &r->handoff->journal;
	if (suggest_rules(r->log, journal, snapshot, s->memory, &r->suggestions,
		    &r->suggestion_count) < 0)
		r->suggestion_count = 0;
}

void report_read(struct session *s, struct report *r)
{
	struct arrival arrival;
	struct err err;
	int rc;

	*r = (struct report){.why_rc = 0};
	r->why_rc = handoff_read(&s->machine, s->memory, &r->handoff, &r->why);
	if (r->why_rc < 0)
		r->handoff = NULL;
	r->attempt = attempt_read(s, r->handoff);
	rc = preinit_read(&s->machine, s->memory, &r->preinit, &err);
	if (rc < 0) {
		r->preinit = NULL;
		if (rc != -ENOENT)
			r->preinit_error = talloc_strdup(s->memory, err.text);
	}
	if (!report_has_arrived(r))
		return;
	arrival_read(&s->machine, &arrival);
	timeline_make(r->handoff, r->preinit, &arrival, &r->timeline);
	r->baseline = read_baseline_title(s);
	read_findings(s, r);
}

int report_has_arrived(const struct report *r)
{
	return r->handoff || (r->preinit && r->preinit->boot != BOOT_FIRMWARE);
}

/* Of an attempt is known what it was to be. */
static struct history_jump lost_jump(const struct record *r)
{
	struct history_jump jump = {.from = "", .to = r->kernel, .entry = r->entry, .is_lost = 1};

	if (r->time > 0)
		jump.timeline.at_us[MOMENT_REQUEST] = (uint64_t)r->time * 1000000;
	return jump;
}

static int arrived_jump(struct session *s, const struct report *r, struct history_jump *jump)
{
	const struct journal *j = &r->handoff->journal;
	char *kernel;

	if (r->handoff->is_crash || machine_read_file(&s->machine, s->memory,
					    "proc/sys/kernel/osrelease", 128, &kernel, NULL) < 0)
		return 0;
	*jump = (struct history_jump){
		.from = r->handoff->kernel,
		.to = kernel,
		.entry = r->handoff->entry,
		.hops = r->handoff->hops,
		.still = (unsigned int)journal_count(j, VERDICT_STILL),
		.loud = (unsigned int)journal_count(j, VERDICT_LOUD),
		.left = (unsigned int)journal_count(j, VERDICT_LEFT),
		.timeline = r->timeline,
	};
	return 1;
}

int report_make_jump(struct session *s, const struct report *r, struct history_jump *jump)
{
	char *boot_id;

	if (machine_read_file(&s->machine, s->memory, "proc/sys/kernel/random/boot_id", 128,
		    &boot_id, NULL) < 0)
		return 0;
	if (r->handoff) {
		if (!arrived_jump(s, r, jump))
			return 0;
	} else if (r->attempt.state == ATTEMPT_LOST) {
		*jump = lost_jump(r->attempt.record);
	} else {
		return 0;
	}
	jump->boot_id = boot_id;
	return 1;
}
