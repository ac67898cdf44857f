// SPDX-License-Identifier: GPL-2.0-or-later
/* What preinit did in this kernel's initramfs. */
#include <stdio.h>

#include "ui/journal_print.h"
#include "ui/json.h"
#include "ui/print.h"
#include "ui/report/report.h"

#define SHOWN_MAX 12 /* registers; all with REPORT_ALL */

static void print_restored(const struct preinit *p, enum report_detail detail)
{
	size_t shown = detail == REPORT_ALL || p->restored_count < SHOWN_MAX ? p->restored_count
									     : SHOWN_MAX;

	for (size_t i = 0; i < shown; i++) {
		const struct preinit_restored *r = &p->restored[i];

		fputs("  ", stdout);
		print_text(stdout, r->slot, PCI_SLOT_MAX - 2);
		fputs("put back ", stdout);
		print_text(stdout, r->reg, 0);
		printf(": was 0x%x, is 0x%x%s\n", r->was, r->is,
			r->source == PREINIT_BASELINE ? ", as the firmware had it" : "");
	}
	if (shown < p->restored_count)
		printf("  and %zu more registers (-v shows all)\n", p->restored_count - shown);
}

void report_preinit_print(const struct preinit *p, enum report_detail detail)
{
	const struct journal *j = &p->journal;
	char time[32];

	if (p->off) {
		fputs("\nPreinit did nothing here: ", stdout);
		print_text(stdout, p->off, 0);
		putchar('\n');
		return;
	}
	printf("\nPreinit, before this kernel's drivers: %zu still, %zu loud, %zu left, in %s\n",
		journal_count(j, VERDICT_STILL), journal_count(j, VERDICT_LOUD),
		journal_count(j, VERDICT_LEFT),
		print_duration(time, sizeof(time),
			p->end_us > p->begin_us ? p->end_us - p->begin_us : j->duration_us));
	if (p->handoff) {
		fputs("  it did not take the handoff: ", stdout);
		print_text(stdout, p->handoff, 0);
		putchar('\n');
	}
	journal_print_steps(
		j, detail == REPORT_ALL ? JOURNAL_ALL_STEPS : JOURNAL_STEPS_THAT_MATTER);
	print_restored(p, detail);
	if (p->hung)
		printf("  %zu step%s never came back\n", p->hung, p->hung == 1 ? "" : "s");
	journal_print_verdicts(j, VERDICT_LOUD);
	if (detail == REPORT_ALL)
		journal_print_verdicts(j, VERDICT_LEFT);
}

static json_t *restored_json(const struct preinit *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->restored_count; i++) {
		const struct preinit_restored *r = &p->restored[i];

		json_array_append_new(list,
			json_pack("{so so sI ss so so}", "slot", json_text(r->slot), "register",
				json_text(r->reg), "offset", (json_int_t)r->offset, "from",
				r->source == PREINIT_BASELINE ? "baseline" : "before", "was",
				json_hex(r->was, 8), "is", json_hex(r->is, 8)));
	}
	return list;
}

json_t *report_preinit_json(const struct preinit *p)
{
	if (!p)
		return json_null();
	return journal_json(
		&p->journal, json_pack("{ss sI so so so}", "boot", boot_kind_name(p->boot), "hung",
				     (json_int_t)p->hung, "off", json_text(p->off), "handoff",
				     json_text(p->handoff), "restored", restored_json(p)));
}
