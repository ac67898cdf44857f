// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/fixture.h"

#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

static void begun(void *ctx, const struct journal_entry *e)
{
	(void)e;
	((struct fixture *)ctx)->begun++;
}

static void ended(void *ctx, const struct journal_entry *e)
{
	(void)e;
	((struct fixture *)ctx)->ended++;
}

struct quiesce_watch fixture_watch(struct fixture *f)
{
	return (struct quiesce_watch){begun, ended, f};
}

void fixture_plan(struct plan_device *d, const enum step *steps, size_t count)
{
	memcpy(d->steps, steps, count * sizeof(*steps));
	d->step_count = count;
	d->action = PLAN_QUIESCE;
	d->reason = "test";
}

struct fixture *fixture_new(const unsigned int traits[4])
{
	static const enum step port[] = {STEP_UNBIND, STEP_SUBORDINATE, STEP_FLR, STEP_MASK};
	static const enum step root[] = {STEP_UNBIND, STEP_FLR, STEP_MASK};
	static const enum step single[] = {STEP_UNBIND, STEP_BUS, STEP_FLR, STEP_MASK};
	struct scripted *s = scripted_new();
	struct fixture *f = talloc_zero(NULL, struct fixture);
	struct pci_snapshot *snap = snapshot_new(f);
	size_t endpoint = 0;

	f->s = s;
	f->snapshot = snap;
	snapshot_add(snap, "0000:00:01.0", 0x030000, "bochs");
	snapshot_bridge(snap, "0000:00:02.0", PCI_EXP_TYPE_ROOT_PORT, 1, 1);
	snapshot_bridge(snap, "0000:00:03.0", PCI_EXP_TYPE_ROOT_PORT, 2, 2);
	snapshot_add(snap, "0000:00:1f.2", 0x010601, "ahci")->resets = PCI_RESET_FLR;
	snapshot_add(snap, "0000:01:00.0", 0x020000, "e1000e");
	snapshot_add(snap, "0000:01:00.1", 0x020000, "e1000e");
	snapshot_add(snap, "0000:02:00.0", 0x010802, "nvme");
	pci_link_tree(snap);
	s->snapshot = snap;
	f->plan.count = snap->count;
	f->plan.devices = talloc_zero_array(f, struct plan_device, snap->count);
	for (size_t i = 0; i < snap->count; i++) {
		struct plan_device *d = &f->plan.devices[i];

		*d = (struct plan_device){.function = &snap->functions[i],
			.action = PLAN_LEFT,
			.reason = "left by the test",
			.rule = "test:1",
			.unbind_deadline_ms = 30000,
			.reset_deadline_ms = 70000};
		if (i >= 3) {
			fixture_plan(d, i == 3 ? root : i == 6 ? single : port, i == 3 ? 3 : 4);
			scripted_add(s, d->function, traits[endpoint++]);
		}
	}
	return f;
}

void fixture_free(struct fixture *f)
{
	scripted_free(f->s);
	talloc_free(f);
}

const struct journal *fixture_run(struct fixture *f, size_t hung_expected)
{
	const struct quiesce_watch watch = fixture_watch(f);

	assert_int_equal(quiesce_prepare(&f->s->machine, &f->plan, f, &f->quiesce, NULL), 0);
	assert_int_equal(quiesce_run(f->quiesce, &watch), hung_expected);
	return quiesce_journal(f->quiesce);
}

const struct journal_entry *fixture_entry(const struct journal *j, const char *slot, enum step step)
{
	for (size_t i = 0; i < j->count; i++)
		if (!strcmp(j->entries[i].slot, slot) && j->entries[i].step == step)
			return &j->entries[i];
	return NULL;
}

int fixture_verdict(const struct journal *j, const char *slot)
{
	for (size_t i = 0; i < j->verdict_count; i++)
		if (!strcmp(j->verdicts[i].slot, slot))
			return (int)j->verdicts[i].verdict;
	fail_msg("no verdict for %s", slot);
	return -1;
}

int fixture_before(const struct fixture *f, const char *first, const char *second)
{
	int a = scripted_find(f->s, first), b = scripted_find(f->s, second);

	return a >= 0 && b >= 0 && a < b;
}
