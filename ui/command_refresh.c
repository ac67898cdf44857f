// SPDX-License-Identifier: GPL-2.0-or-later
/* What stillboot.service runs: when it starts, is reloaded, and is stopped. */
#include <errno.h>
#include <stdio.h>
#include <talloc.h>
#include <time.h>

#include "boot/leave/exitrd_target.h"
#include "boot/leave/firmware.h"
#include "boot/service/systemd.h"
#include "devices/log.h"
#include "ui/attempt.h"
#include "ui/preload.h"
#include "ui/print.h"
#include "ui/refusal.h"

#define LEAVING_S 60 /* from `stillboot reboot` until systemd has the job, which logind may delay */

static void warn(const char *what, const struct record *r)
{
	char line[ERR_TEXT_MAX];

	log_warn("%s: %s", what, print_escape(line, sizeof(line), r->entry));
}

/* What somebody loaded by hand is what they want. */
static int is_by_hand(const struct record *before)
{
	return before && before->by != RECORD_BY_SERVICE;
}

/* `stillboot reboot` loaded it, and the machine did not go. Who cannot be asked is on the way down. */
static int is_abandoned(struct session *s, const struct record *before)
{
	enum systemd_leaving where;

	return before->by == RECORD_BY_REBOOT && time(NULL) - before->time > LEAVING_S &&
	       systemd_leaving(&s->machine, &where, NULL) == 0 && where == SYSTEMD_STAYS;
}

/* What the configuration names stands where the command line would have it. */
static int choose(struct session *s, const struct configuration *c, struct err *err)
{
	const char **arguments;

	if (!*c->entry)
		return 0;
	arguments = talloc_zero_array(s->memory, const char *, 2);
	if (!arguments)
		return err_errno(err, -ENOMEM, "choose an entry");
	arguments[0] = c->entry;
	s->options.arguments = arguments;
	s->options.argument_count = 1;
	return 0;
}

/* With no kernel loaded systemd goes through the firmware, by kexec.target too. */
static enum exit_code leave_by_firmware(struct session *s, const char *why)
{
	struct err err;

	log_warn("a restart goes through the firmware: %s", why);
	attempt_cancel(s);
	return preload_forget(s, &err) < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}

/* Nobody is there who could mend a policy. What the firmware or the boot loader is asked for is not used
 * up: then *loaded is 0. */
static enum exit_code preload_configured(
	struct session *s, const struct configuration *c, struct preloaded *p, int *loaded)
{
	enum exit_code code;
	struct err err;
	int rc;

	*loaded = 0;
	s->options.given |= OPT_UNATTENDED;
	if (choose(s, c, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	code = preload_check(s, RECORD_BY_SERVICE, &p->plan);
	if (code != EXIT_DONE)
		return code;
	rc = preload(s, RECORD_BY_SERVICE, p, &err);
	if (rc == -EREMOTE)
		return leave_by_firmware(s, err.text);
	if (rc < 0)
		return command_fail(EXIT_FAILED, &err);
	preload_settle(p);
	*loaded = 1;
	return EXIT_DONE;
}

static enum exit_code start(
	struct session *s, const struct configuration *c, const struct record *before)
{
	struct preloaded p;
	enum exit_code code;
	int loaded;

	attempt_settle(s);
	if (is_by_hand(before) && is_abandoned(s, before)) {
		attempt_cancel(s);
	} else if (is_by_hand(before)) {
		warn("what was loaded by hand stays", before);
		return EXIT_DONE;
	}
	code = preload_configured(s, c, &p, &loaded);
	if (code != EXIT_DONE || !loaded)
		return code;
	fputs("preloaded: ", stdout);
	print_text(stdout, p.target.title, 0);
	putchar('\n');
	return EXIT_DONE;
}

/* What was preloaded before, if the failure left it there, is as good as it was. */
static enum exit_code go_on_with_earlier(struct session *s)
{
	struct record *earlier;

	if (record_read(&s->machine, s->memory, RECORD_PRELOADED, &earlier, NULL) < 0)
		return EXIT_FAILED;
	warn("what was preloaded before is used", earlier);
	attempt_write(s, earlier);
	return EXIT_DONE;
}

/* The last moment in which /boot and /var are mounted: an entry that is newer by now is the one
 * that boots. */
static enum exit_code leave(
	struct session *s, const struct configuration *c, const struct record *before)
{
	struct preloaded p;
	int loaded;

	if (is_by_hand(before)) {
		if (before->by == RECORD_BY_LOAD) /* `stillboot reboot` has it on record already */
			attempt_write(s, before);
		return EXIT_DONE;
	}
	if (preload_configured(s, c, &p, &loaded) != EXIT_DONE)
		return go_on_with_earlier(s);
	if (!loaded)
		return EXIT_DONE;
	attempt_write(s, &p.record);
	preload_commit(s, &p);
	return EXIT_DONE;
}

/* The configuration was edited since the exitrd was built. */
static enum exit_code reboot_by_firmware(struct session *s)
{
	struct exitrd_target *target;
	struct err err;

	if (exitrd_owner(&s->machine) != EXITRD_OURS)
		return EXIT_DONE;
	if (exitrd_target_read(&s->machine, s->memory, EXITRD_DIRECTORY, &target, &err) == 0 &&
		!target->reboot_is_kexec)
		return EXIT_DONE;
	return exitrd_remove(&s->machine, &err) < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}

static enum exit_code stop(
	struct session *s, const struct configuration *c, const struct record *before)
{
	enum systemd_leaving where;
	const char *firmware;
	struct err err;

	/* Who cannot be asked is on the way down: what is there stays. */
	if (systemd_leaving(&s->machine, &where, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (where == SYSTEMD_TO_KEXEC || where == SYSTEMD_TO_REBOOT) {
		firmware = firmware_is_wanted(&s->machine);
		if (firmware)
			return leave_by_firmware(s, firmware);
	}
	if (where == SYSTEMD_TO_KEXEC ||
		(where == SYSTEMD_TO_REBOOT && c->reboot == REBOOT_BY_KEXEC))
		return leave(s, c, before);
	if (where == SYSTEMD_TO_REBOOT)
		return reboot_by_firmware(s);
	if (where != SYSTEMD_STAYS || is_by_hand(before))
		return EXIT_DONE;
	return preload_forget(s, &err) < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}

enum exit_code command_refresh(struct session *s)
{
	const int stopping = (s->options.given & OPT_STOPPING) != 0;
	struct record *before = NULL;
	struct configuration c;
	enum exit_code code = refusal_check(s);
	struct err err;

	if (code != EXIT_DONE)
		return code;
	if (configuration_read(&s->machine, s->memory, &c, &err) < 0) {
		if (!stopping)
			return command_fail(EXIT_FAILED, &err);
		log_warn("%s", err.text); /* a service that is stopped is stopped */
		c = CONFIGURATION_BUILTIN;
	}
	record_read(&s->machine, s->memory, RECORD_PRELOADED, &before, NULL);
	return stopping ? stop(s, &c, before) : start(s, &c, before);
}
