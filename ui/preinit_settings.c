// SPDX-License-Identifier: GPL-2.0-or-later
/* What resets have cleared is put back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/config_refill.h"
#include "devices/config_registers.h"
#include "devices/config_restore.h"
#include "ui/preinit_run.h"

#define WENT_WELL (1U << JOURNAL_OK | 1U << JOURNAL_LATE)

/* By a step that ended in one of these (1 << enum journal_result). */
static int was_hit(const struct journal *j, const struct pci_snapshot *s,
	const struct pci_function *f, unsigned int results)
{
	for (size_t i = 0; i < j->count; i++) {
		const struct journal_entry *e = &j->entries[i];
		const struct pci_function *by;

		if (!(step_kind(e->step) & STEP_IS_RESET) || !(results & 1U << e->result))
			continue;
		if (!strcmp(e->slot, f->slot))
			return 1;
		by = step_kind(e->step) & STEP_IS_PORT ? pci_find(s, e->slot) : NULL;
		if (by && by->parent && by->parent == f->parent)
			return 1;
	}
	return 0;
}

int preinit_was_reset(
	const struct journal *j, const struct pci_snapshot *s, const struct pci_function *f)
{
	return was_hit(j, s, f, WENT_WELL);
}

/* Looking at its configuration space would wait for a step that hangs (drivers/pci/access.c, pci_wait_cfg): for
 * its own, or for one of a port above it, which may be several above. */
static int is_held(const struct preinit_work *w, const struct pci_function *f)
{
	const struct journal *j = &w->record->journal;

	for (size_t i = 0; i < j->count; i++) {
		const struct journal_entry *e = &j->entries[i];
		const struct pci_function *by = pci_find(w->facts->snapshot, e->slot);

		if (e->result != JOURNAL_HUNG || !by)
			continue;
		if (by == f)
			return 1;
		if (step_kind(e->step) & STEP_IS_PORT && by->parent && pci_is_below(f, by->parent))
			return 1;
	}
	return 0;
}

static int note(struct preinit *p, const struct pci_function *f, enum preinit_source source,
	const struct config_refilled *what)
{
	struct preinit_restored *r = talloc_realloc(
		p, p->restored, struct preinit_restored, (unsigned int)p->restored_count + 1);

	if (!r)
		return -ENOMEM;
	p->restored = r;
	r = &p->restored[p->restored_count++];
	*r = (struct preinit_restored){
		.offset = what->offset, .source = source, .was = what->was, .is = what->is};
	snprintf(r->slot, sizeof(r->slot), "%s", f->slot);
	snprintf(r->reg, sizeof(r->reg), "%s", what->name);
	return 0;
}

/* Power, MSI and Command are off on purpose, and what config_restore() leaves alone is no reason. */
static int is_lost(const struct config_difference *differences, int n)
{
	for (int i = 0; i < n; i++)
		if (differences[i].reg.turn >= TURN_LTR && differences[i].reg.turn <= TURN_BARS)
			return 1;
	return 0;
}

static int read_now(struct preinit_work *w, const struct pci_function *f,
	uint8_t now[CONFIG_SPACE_SIZE], struct err *err)
{
	size_t size = f->config_len < CONFIG_SPACE_SIZE ? f->config_len : CONFIG_SPACE_SIZE;

	return (int)w->m->effects->read_config(w->m, f->slot, now, size, err);
}

/* As it was before the reset. */
static int put_before_back(struct preinit_work *w, const struct pci_function *f, struct err *err)
{
	struct config_difference differences[CONFIG_REGISTERS_MAX];
	uint8_t reset[CONFIG_SPACE_SIZE], now[CONFIG_SPACE_SIZE];
	int len = read_now(w, f, reset, err), n, failed, rc = 0;

	if (len < 0)
		return len;
	n = config_compare(f->config, f->config_len, reset, (size_t)len, differences);
	if (n < 0)
		return err_set(err, n, "%s does not answer as before its reset", f->slot);
	if (!is_lost(differences, n))
		return 0;
	failed = config_restore(w->m, f, f->config, f->config_len, err);
	len = read_now(w, f, now, failed < 0 ? NULL : err);
	if (len < 0)
		return failed < 0 ? failed : len;
	n = config_compare(reset, (size_t)len, now, (size_t)len, differences);
	for (int i = 0; rc == 0 && i < n; i++) {
		const struct config_difference *d = &differences[i];

		rc = note(w->record, f, PREINIT_BEFORE,
			&(struct config_refilled){d->reg.name, d->reg.offset, d->was, d->is});
	}
	return rc < 0 ? err_errno(err, rc, "note what was put back") : failed;
}

static int put_firmware_back(struct preinit_work *w, const struct pci_function *f, struct err *err)
{
	struct config_refilled refilled[CONFIG_REFILLS_MAX];
	size_t count;
	int rc = config_refill(
		w->m, f, f->baseline->config, f->baseline->config_len, refilled, &count, err);

	for (size_t i = 0; i < count; i++)
		if (note(w->record, f, PREINIT_BASELINE, &refilled[i]) < 0)
			return err_errno(err, -ENOMEM, "note what was put back");
	return rc < 0 ? rc : 0;
}

/* LEFT also where somebody has it who came meanwhile. */
static int verdict_of(const struct journal *j, const struct pci_function *f)
{
	for (size_t i = 0; i < j->verdict_count; i++)
		if (!strcmp(j->verdicts[i].slot, f->slot))
			return (int)j->verdicts[i].verdict;
	return VERDICT_LEFT;
}

static int put_back_one(struct preinit_work *w, const struct pci_function *f, struct err *err)
{
	const struct pci_snapshot *s = w->facts->snapshot;
	const struct handoff *h = w->facts->handoff;
	/* A reset that failed may be one that a device came back from too late. */
	int here = was_hit(&w->record->journal, s, f, WENT_WELL | 1U << JOURNAL_FAILED);
	int rc;

	/* Drivers may bind again since the last reset: then bus mastering and MSI are the driver's. */
	if (preinit_has_driver(w, f))
		return 0;
	rc = here ? put_before_back(w, f, err) : 0;
	if (rc == 0 && f->baseline && (here || (h && preinit_was_reset(&h->journal, s, f))))
		rc = put_firmware_back(w, f, err);
	return rc;
}

int preinit_put_back(struct preinit_work *w, struct err *err)
{
	for (size_t i = 0; i < w->plan->count; i++) {
		const struct plan_device *d = &w->plan->devices[i];
		int verdict = verdict_of(&w->record->journal, d->function), rc;

		if (d->action == PLAN_LEFT || verdict == VERDICT_LEFT ||
			(w->record->hung && verdict != VERDICT_STILL) || is_held(w, d->function))
			continue;
		rc = put_back_one(w, d->function, err);
		if (rc == -ENOMEM)
			return rc;
		if (rc < 0)
			w->trouble(w->ctx, err->text);
		if (rc == -EPERM) /* a locked-down kernel says so of every one */
			break;
	}
	return 0;
}
