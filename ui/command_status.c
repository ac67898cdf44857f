// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "boot/kexec.h"
#include "boot/leave/exitrd.h"
#include "boot/service/configuration.h"
#include "boot/service/systemd.h"
#include "devices/log.h"
#include "ui/attempt.h"
#include "ui/json.h"
#include "ui/print.h"

struct status {
	int enabled, loaded, runs, soft; /* soft: a reboot is one of the userspace alone */
	unsigned int systemd;            /* version, 0 if not known */
	enum exitrd_owner owner;
	struct record *preloaded; /* NULL for none */
	struct configuration configuration;
	struct attempt attempt;
};

static const char *const owners[] = {
	[EXITRD_NONE] = "none", [EXITRD_OURS] = "stillboot", [EXITRD_FOREIGN] = "other"};

static int is_ready(const struct status *st)
{
	return st->enabled && st->loaded && st->preloaded;
}

/* What `systemctl reboot` does. (The command `reboot` is a kexec where a kernel is loaded, before 255 as
 * well: seen with 252.) */
static const char *reboot_does(const struct status *st)
{
	if (st->runs && st->soft)
		return "soft-reboot";
	/* Our exitrd loads its own copy where nothing is loaded any more (shutdown_work.c). */
	if (st->owner == EXITRD_OURS && st->configuration.reboot == REBOOT_BY_KEXEC)
		return "kexec";
	return st->loaded && st->runs && st->systemd >= SYSTEMD_REBOOT_IS_KEXEC ? "kexec"
										: "firmware";
}

/* And `systemctl kexec`. */
static const char *kexec_does(const struct status *st)
{
	if (!st->runs)
		return "nothing";
	if (!st->loaded)
		return "refuses";
	return st->owner == EXITRD_OURS ? "stills and jumps" : "jumps";
}

static enum exit_code print_json(struct session *s, const struct status *st)
{
	const struct record *r = st->loaded ? st->preloaded : NULL;
	json_t *preloaded = r ? json_pack("{so so sI ss}", "entry", json_text(r->entry), "kernel",
					json_text(r->kernel), "since", (json_int_t)r->time, "by",
					record_by_name(r->by))
			      : json_null();

	return command_print_json(
		s, json_pack("{sb sb so ss so ss ss so}", "enabled", st->enabled, "ready",
			   is_ready(st), "preloaded", preloaded, "exitrd", owners[st->owner],
			   "systemd", st->systemd ? json_integer(st->systemd) : json_null(),
			   "reboot", reboot_does(st), "systemctl_kexec", kexec_does(st), "attempt",
			   attempt_json(&st->attempt)));
}

static void print_preloaded(const struct record *r)
{
	print_since(r->entry, r->kernel, r->time);
	printf(", by %s\n", record_by_name(r->by));
}

/* By `kexec -u`, say. */
static void print_unloaded(const struct record *r)
{
	fputs("nothing (", stdout);
	print_text(stdout, r->entry, 0);
	puts(" was unloaded)");
}

static void print(const struct status *st)
{
	printf("enabled:          %s\n", st->enabled ? "yes" : "no");
	fputs("preloaded:        ", stdout);
	if (st->preloaded && !st->loaded)
		print_unloaded(st->preloaded);
	else if (st->preloaded)
		print_preloaded(st->preloaded);
	else
		puts(st->loaded ? "a kernel that stillboot did not load" : "nothing");
	printf("exitrd:           %s\n", owners[st->owner]);
	printf("systemctl kexec:  %s\n", kexec_does(st));
	printf("reboot:           by %s\n", reboot_does(st));
	fputs("last attempt:     ", stdout);
	attempt_print(&st->attempt, stdout);
}

static int read_status(struct session *s, struct status *st, struct err *err)
{
	struct machine *m = &s->machine;
	struct handoff *handoff = NULL;
	int rc = configuration_read(m, s->memory, &st->configuration, err);

	if (rc < 0)
		return rc;
	rc = record_read(m, s->memory, RECORD_PRELOADED, &st->preloaded, err);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	handoff_read(m, s->memory, &handoff, NULL);
	st->attempt = attempt_read(s, handoff);
	st->enabled = systemd_service_is_enabled(m);
	st->loaded = kexec_is_loaded(m);
	st->runs = systemd_runs(m);
	st->systemd = systemd_version(m);
	st->soft = systemd_reboot_is_soft(m);
	st->owner = exitrd_owner(m);
	return 0;
}

enum exit_code command_status(struct session *s)
{
	struct status st = {.configuration = CONFIGURATION_BUILTIN};
	struct err err;

	if (geteuid() != 0 && !*s->machine.root) {
		log_error("status needs root rights");
		return EXIT_FAILED;
	}
	if (read_status(s, &st, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (!(s->options.given & OPT_JSON))
		print(&st);
	else if (print_json(s, &st) != EXIT_DONE)
		return EXIT_FAILED;
	return is_ready(&st) ? EXIT_DONE : EXIT_FAILED;
}
