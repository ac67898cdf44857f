// SPDX-License-Identifier: GPL-2.0-or-later
/* enable and disable: the service, and what `--reboot` writes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/service/configuration.h"
#include "boot/service/systemd.h"
#include "devices/cleanup.h"
#include "devices/log.h"
#include "ui/attempt.h"
#include "ui/lock.h"
#include "ui/preload.h"
#include "ui/refusal.h"
#include "ui/stilling.h"

#define PATIENCE_MS 10000 /* of disable, for who is at work */

static int is_there(struct session *s, const char *path)
{
	return faccessat(s->machine.root_fd, path, F_OK, 0) == 0;
}

/* A file of its own, so that what others wrote is never edited. */
static int write_reboot(struct session *s, struct err *err)
{
	_cleanup_talloc_ char *text = talloc_asprintf(NULL,
		"# Written by `stillboot enable`; `stillboot disable` removes it.\n"
		"reboot = %s\n",
		s->options.reboot);

	if (!text)
		return err_errno(err, -ENOMEM, "write /%s", CONFIGURATION_ENABLE_FILE);
	return s->machine.effects->save_file(
		&s->machine, CONFIGURATION_ENABLE_FILE, text, strlen(text), err);
}

static void remove_reboot(struct session *s)
{
	if (is_there(s, CONFIGURATION_ENABLE_FILE))
		s->machine.effects->remove_file(&s->machine, CONFIGURATION_ENABLE_FILE, NULL);
}

/* What a failure leads back to. */
struct earlier {
	struct record *record; /* NULL for none */
	const char *reboot;    /* what is in the file, NULL where it is not there */
	int enabled;
};

static int look_before(struct session *s, struct earlier *before, struct err *err)
{
	struct machine *m = &s->machine;
	char *text;
	int rc;

	*before = (struct earlier){.enabled = systemd_service_is_enabled(m)};
	record_read(m, s->memory, RECORD_PRELOADED, &before->record, NULL);
	rc = machine_read_file(
		m, s->memory, CONFIGURATION_ENABLE_FILE, CONFIGURATION_FILE_MAX, &text, err);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	before->reboot = talloc_asprintf(s->memory, "%s\n", text);
	return before->reboot ? 0 : err_errno(err, -ENOMEM, "keep what is configured");
}

/* Who enables the service wants what it would load. */
static int take_over(struct session *s, const struct record *record, struct err *err)
{
	struct record mine;

	if (!record || record->by == RECORD_BY_SERVICE)
		return 0;
	mine = *record;
	mine.by = RECORD_BY_SERVICE;
	return record_write(&s->machine, RECORD_PRELOADED, &mine, err);
}

static int start_service(struct session *s, struct err *err)
{
	static const char *const enable[] = {"systemctl", "enable", SYSTEMD_SERVICE, NULL};
	static const char *const start[] = {
		"systemctl", "reload-or-restart", SYSTEMD_SERVICE, NULL};
	int rc = s->machine.effects->run(&s->machine, enable, err);

	lock_release(s); /* the service takes it */
	if (rc == 0)
		rc = s->machine.effects->run(&s->machine, start, err);
	return rc < 0 ? err_wrap(err, rc,
				"%s does not start (`journalctl -u " SYSTEMD_SERVICE "` tells why)",
				SYSTEMD_SERVICE)
		      : 0;
}

static void go_back(struct session *s, const struct earlier *before)
{
	static const char *const disable[] = {"systemctl", "disable", SYSTEMD_SERVICE, NULL};
	struct machine *m = &s->machine;
	struct err err;

	if (s->options.reboot && !before->reboot)
		remove_reboot(s);
	else if (s->options.reboot && m->effects->save_file(m, CONFIGURATION_ENABLE_FILE,
					      before->reboot, strlen(before->reboot), &err) < 0)
		log_error("%s", err.text);
	if (before->record && is_there(s, RECORD_PRELOADED) &&
		record_write(m, RECORD_PRELOADED, before->record, &err) < 0)
		log_error("%s", err.text);
	if (!before->enabled)
		m->effects->run(m, disable, NULL);
}

/* All of it or nothing, whoever asks us to stop: that would leave a reboot that jumps. */
static int change(struct session *s, struct err *err)
{
	struct earlier before;
	int rc = look_before(s, &before, err);

	if (rc < 0)
		return rc;
	stilling_block_signals();
	rc = s->options.reboot ? write_reboot(s, err) : 0;
	if (rc == 0)
		rc = take_over(s, before.record, err);
	if (rc == 0)
		rc = start_service(s, err);
	if (rc < 0)
		go_back(s, &before);
	return rc;
}

static enum exit_code check(struct session *s)
{
	const char *how = s->options.reboot;
	struct configuration c;
	struct still_plan plan;
	enum exit_code code;
	struct err err;

	if (how && strcmp(how, "kexec") && strcmp(how, "firmware")) {
		log_error("--reboot is kexec or firmware, and not '%s'", how);
		return EXIT_USAGE;
	}
	code = preload_check(s, RECORD_BY_SERVICE, &plan);
	if (code != EXIT_DONE)
		return code;
	if (!systemd_runs(&s->machine)) {
		log_error("no systemd runs here, and there is nothing else to enable: use "
			  "`stillboot reboot --now`");
		return EXIT_REFUSED;
	}
	return configuration_read(&s->machine, s->memory, &c, &err) < 0
		       ? command_fail(EXIT_FAILED, &err)
		       : EXIT_DONE;
}

static void tell(struct session *s)
{
	const unsigned int version = systemd_version(&s->machine);
	struct configuration c = CONFIGURATION_BUILTIN;

	configuration_read(&s->machine, s->memory, &c, NULL);
	puts("enabled: `systemctl kexec` and `stillboot reboot` still the devices and jump");
	if (version >= SYSTEMD_REBOOT_IS_KEXEC)
		printf("systemd %u takes a plain `systemctl reboot` for a kexec as well, as long "
		       "as a kernel is loaded\n",
			version);
	else if (c.reboot == REBOOT_BY_KEXEC)
		puts("every reboot jumps, too");
	else
		puts("`systemctl reboot` goes through the firmware; the commands `reboot` and "
		     "`shutdown -r` are a kexec to systemd as long as a kernel is loaded; with "
		     "`stillboot enable --reboot=kexec` all of them jump");
	if (exitrd_owner(&s->machine) == EXITRD_FOREIGN)
		printf("/%s is somebody else's: a unit and a hook still what nobody uses by then, "
		       "and leave the root disk as it is\n",
			EXITRD_DIRECTORY);
}

enum exit_code command_enable(struct session *s)
{
	enum exit_code code = check(s);
	struct err err;

	if (code != EXIT_DONE)
		return code;
	if (change(s, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	tell(s);
	return EXIT_DONE;
}

/* What stands beside the kernel is what jumps; one is there without the other only after a failure. */
static int is_preloaded(struct session *s)
{
	return is_there(s, RECORD_PRELOADED) || exitrd_owner(&s->machine) == EXITRD_OURS;
}

/* Whatever goes wrong, the rest is done: what is left must not jump. Nothing loads a kernel behind our
 * back once the service is gone; who has the lock may be about to, and is waited for. */
enum exit_code command_disable(struct session *s)
{
	static const char *const disable[] = {
		"systemctl", "disable", "--now", SYSTEMD_SERVICE, NULL};
	enum exit_code code = refusal_check_rights(s);
	struct err err;
	int rc = 0;

	if (code != EXIT_DONE)
		return code;
	if (systemd_runs(&s->machine)) /* before the lock, which the service takes */
		rc = s->machine.effects->run(&s->machine, disable, &err);
	code = lock_take_within(s, PATIENCE_MS);
	if (rc < 0)
		code = command_fail(EXIT_FAILED, &err);
	if (is_preloaded(s) && preload_forget(s, &err) < 0)
		code = command_fail(EXIT_FAILED, &err);
	remove_reboot(s);
	attempt_forget(s);
	return code;
}
