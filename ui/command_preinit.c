// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "devices/baseline.h"
#include "devices/kernel_words.h"
#include "devices/log.h"
#include "devices/pci_dump.h"
#include "devices/usage.h"
#include "ui/preinit_tell.h"
#include "ui/progress.h"
#include "ui/refusal.h"

#define HANDOFF "stillboot/handoff" /* where the archive behind the initrd has put it */

struct look {
	struct session *session;
	struct preinit_facts facts;
	struct pci_snapshot *snapshot;
	struct handoff *handoff;
	struct host_optouts optouts;
	struct plan *plan;
	struct preinit *record;
};

static uint64_t time_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Once in a boot: on a system that runs, what has no driver may be in use all the same. */
static enum exit_code check(struct session *s)
{
	enum exit_code code = refusal_check(s);

	if (code != EXIT_DONE || s->options.given & (OPT_FORCE | OPT_DRY_RUN))
		return code;
	if (faccessat(s->machine.root_fd, PREINIT_FILE, F_OK, 0) < 0)
		return EXIT_DONE;
	log_error("preinit has run in this boot already, and drivers may have come since: --force "
		  "runs it once more");
	return EXIT_REFUSED;
}

/* The record in the file where the whole boot finds it. */
static int keep_handoff(struct machine *m, void *ctx, struct err *err)
{
	char *text = NULL;
	int rc = machine_read_file(m, ctx, HANDOFF, HANDOFF_MAX, &text, err);

	if (rc == -ENOENT || rc == -ENOTDIR) /* it has been kept before */
		return 0;
	if (rc == 0)
		rc = m->effects->save_file(m, "run/stillboot/handoff", text, strlen(text), err);
	return rc;
}

/* What the previous kernel knew. What is wrong with it is told, and nothing of it is believed. */
static void take_handoff(struct look *l)
{
	struct session *s = l->session;
	struct err err;
	int rc = handoff_read(&s->machine, s->memory, &l->handoff, &err);

	if (rc == -ENOENT)
		return;
	if (rc == 0 && l->handoff->tie != HANDOFF_TIED)
		rc = err_set(&err, -ESTALE,
			"the handoff is not tied to this jump by the kernel's command line");
	if (rc < 0) {
		preinit_say(s, LOG_WARN, "the handoff is not used: %s", err.text);
		l->record->handoff = talloc_strdup(l->record, err.text);
		l->handoff = NULL;
		return;
	}
	l->facts.handoff = l->handoff;
	rc = keep_handoff(&s->machine, s->memory, &err);
	if (rc == 0)
		rc = baseline_inherit(&s->machine, l->handoff, &err);
	if (rc < 0)
		preinit_say(s, LOG_WARN, "what was handed over cannot be kept: %s", err.text);
}

/* A boot by the firmware: what it left is worth keeping, and nothing is worth changing. */
static void keep_baseline(struct look *l)
{
	struct session *s = l->session;
	struct err err;

	if (faccessat(s->machine.root_fd, BASELINE_FILE, F_OK, 0) == 0) {
		preinit_say(s, LOG_INFO, "this boot has a baseline already");
		return;
	}
	/* Every later kernel would inherit it, and take what it lacks for what the firmware lacks. */
	if (!l->snapshot->count) {
		preinit_say(s, LOG_INFO,
			"no baseline is kept: no PCI function is seen (no /sys, or none is found "
			"yet)");
		return;
	}
	if (baseline_write(&s->machine, l->snapshot, &err) < 0)
		preinit_say(s, LOG_WARN, "no baseline is kept: %s", err.text);
	else
		preinit_say(s, LOG_INFO, "%s %zu function%s as the baseline",
			s->options.given & OPT_DRY_RUN ? "would save" : "saved", l->snapshot->count,
			l->snapshot->count == 1 ? "" : "s");
}

/* That of the handoff, which a dry run has not kept. */
static void attach_baseline(struct look *l)
{
	const char *text = l->handoff ? l->handoff->baseline : NULL;
	struct pci_snapshot *baseline;
	struct err err;
	int rc;

	if (text)
		rc = pci_dump_parse(text, strlen(text), "the handoff's baseline",
			l->session->memory, &baseline, &err);
	else
		rc = baseline_read(&l->session->machine, l->session->memory, &baseline, &err);
	if (rc == 0)
		baseline_attach(l->snapshot, baseline);
	else if (rc != -ENOENT)
		preinit_say(l->session, LOG_WARN, "no setting is compared: %s", err.text);
}

static int read_optouts(struct look *l, struct err *err)
{
	struct host host = {.cmdline = kernel_words_read(&l->session->machine, l->session->memory)};

	if (!host.cmdline)
		host.cmdline = "";
	if (host_optouts(&host, l->session->memory, &l->optouts) < 0)
		return err_errno(err, -ENOMEM, "read the kernel's command line");
	l->facts.optouts = &l->optouts;
	if (l->optouts.bad)
		preinit_say(l->session, LOG_WARN, "%s", l->optouts.bad);
	if (l->optouts.preinit_off)
		l->record->off = "the kernel's command line says stillboot.preinit=off";
	else if (l->optouts.quiesce_off)
		l->record->off = "the kernel's command line says stillboot.quiesce=off";
	return 0;
}

static int look(struct look *l, struct err *err)
{
	struct session *s = l->session;
	int rc;

	take_handoff(l); /* what was handed over is kept also where nothing else goes well */
	rc = pci_snapshot_read(&s->machine, s->memory, &l->snapshot, err);
	if (rc == 0)
		rc = usage_read(&s->machine, l->snapshot, err);
	if (rc == 0)
		rc = read_optouts(l, err);
	if (rc < 0)
		return rc;
	l->facts.snapshot = l->snapshot;
	/* Not every architecture's kernel knows how it was started; but that record is of this jump. */
	if (l->facts.boot == BOOT_FIRMWARE && l->handoff)
		l->facts.boot = l->handoff->is_crash ? BOOT_CRASH : BOOT_KEXEC;
	l->record->boot = l->facts.boot;
	if (l->facts.boot == BOOT_FIRMWARE) {
		keep_baseline(l);
		return 0;
	}
	attach_baseline(l);
	return preinit_plan(&l->facts, s->memory, &l->plan, err);
}

static void tell_trouble(void *ctx, const char *what)
{
	preinit_say(ctx, LOG_WARN, "settings are not put back: %s", what);
}

/* A device may be looked at in vain; then the boot goes on as it would without us. */
static void work(struct look *l)
{
	struct session *s = l->session;
	struct progress progress = {&s->machine, s->options.given & OPT_JSON};
	struct stilling_watch watch = progress_watch(&progress);
	struct preinit_work w = {
		&s->machine, &l->facts, l->plan, l->record, &watch, tell_trouble, s};
	struct err err;

	if (preinit_carry_out(&w, &err) < 0) {
		preinit_say(s, LOG_WARN, "no device is reset: %s", err.text);
		l->record->off = talloc_strdup(l->record, err.text);
		return;
	}
	if (preinit_put_back(&w, &err) < 0)
		preinit_say(s, LOG_WARN, "settings are not put back: %s", err.text);
	if (!(s->options.given &
		    OPT_FORCE)) /* later, what has no driver may be meant to have none */
		preinit_probe(&w);
	preinit_tell(s, &w);
}

static enum exit_code end(struct look *l)
{
	struct session *s = l->session;
	struct err err;

	l->record->end_us = time_us(CLOCK_REALTIME);
	if (preinit_write(&s->machine, l->record, &err) < 0)
		preinit_say(s, LOG_WARN, "no record is kept: %s", err.text);
	if (s->options.given & OPT_JSON)
		return command_print_json(s, preinit_json(l->record));
	return EXIT_DONE;
}

enum exit_code command_preinit(struct session *s)
{
	struct look l = {.session = s, .record = talloc_zero(s->memory, struct preinit)};
	enum exit_code code = check(s);
	struct err err;

	if (code != EXIT_DONE)
		return code;
	if (!l.record)
		return EXIT_FAILED;
	l.record->begin_us = time_us(CLOCK_REALTIME);
	l.record->uptime_us = time_us(CLOCK_BOOTTIME);
	l.facts.boot = boot_kind(&s->machine);
	if (look(&l, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (l.plan && l.record->off)
		preinit_say(s, LOG_INFO, "nothing is touched: %s", l.record->off);
	else if (l.plan)
		work(&l);
	return end(&l);
}
