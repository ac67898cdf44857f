// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "boot/crash/cmdline.h"
#include "boot/crash/memory.h"
#include "boot/handoff.h"
#include "boot/kexec.h"
#include "boot/running.h"
#include "devices/log.h"
#include "policy/entries.h"
#include "ui/crash.h"
#include "ui/crash_target.h"
#include "ui/lock.h"
#include "ui/print.h"
#include "ui/refusal.h"

#define MIB_SHIFT 20

static enum exit_code check_usage(const struct options *o)
{
	if (o->kernel && o->argument_count) {
		log_error("name an entry ('%s') or --kernel, not both", o->arguments[0]);
		return EXIT_USAGE;
	}
	if ((o->given & OPT_CMDLINE) && (o->given & OPT_REUSE_CMDLINE)) {
		log_error("--cmdline or --reuse-cmdline, not both");
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

/* Where nothing is reserved there is one thing to do, and it takes a restart. */
static enum exit_code tell_nothing_reserved(struct session *s)
{
	char *line;
	int asked = running_cmdline(&s->machine, s->memory, &line, NULL) == 0 &&
		    strstr(line, "crashkernel=");

	if (asked)
		log_error(
			"crashkernel= is on this kernel's command line, but no memory is reserved "
			"for a crash kernel: the kernel's log (crashkernel) tells why");
	else
		log_error("no memory is reserved for a crash kernel: put crashkernel=256M on this "
			  "kernel's command line, and restart");
	return EXIT_FAILED;
}

/* For the service: is there nothing to do? */
static int is_needless(struct session *s, uint64_t reserved)
{
	const char *why = NULL;

	if (!reserved)
		why = "no memory is reserved for a crash kernel";
	else if (kexec_crash_is_loaded(&s->machine))
		why = "a crash kernel is loaded already";
	if (!(s->options.given & OPT_IF_NEEDED) || !why)
		return 0;
	printf("%s: nothing to do\n", why);
	return 1;
}

static bool is_saved(const struct crash_target *t, const char *line)
{
	return t->saver.name && (!t->saver.unit || crash_cmdline_starts(line, t->saver.unit));
}

/* The line of a system, made one for a crash kernel, and the rules' say; then what was given by hand. */
static int make_cmdline(struct session *s, struct crash_target *t, struct err *err)
{
	const struct options *o = &s->options;
	const enum crash_line origin = o->given & OPT_CMDLINE ? CRASH_LINE_BY_HAND
							      : CRASH_LINE_OF_SYSTEM;
	const char *line = t->line, *by;
	char *made;
	int rc = 0;

	if (o->given & OPT_CMDLINE)
		line = o->cmdline;
	else if (o->given & OPT_REUSE_CMDLINE &&
		 !(rc = running_cmdline(&s->machine, s->memory, &made, err)))
		line = made;
	if (rc == 0)
		rc = crash_cmdline(s->memory, line, origin, t->saver.unit, &made, err);
	if (rc < 0)
		return rc;
	line = made;
	if (!(o->given & OPT_CMDLINE) &&
		entries_change_options(t->plan.decision, s->memory, made, &line, &by) < 0)
		return err_errno(err, -ENOMEM, "apply the rules to the command line");
	if (o->append)
		line = talloc_asprintf(s->memory, "%s %s", line, o->append);
	if (!line)
		return err_errno(err, -ENOMEM, "append to the command line");
	t->record.cmdline = line;
	t->record.saver = is_saved(t, line) ? t->saver.name : "";
	return pin_cmdline(&t->pinned, line, err);
}

static enum exit_code check_size(
	struct session *s, const struct crash_target *t, const struct crash_need *need)
{
	const unsigned long long least = need->least >> MIB_SHIFT,
				 reserved = t->reserved >> MIB_SHIFT;

	if (need->least > t->reserved && !(s->options.given & OPT_FORCE)) {
		log_error("it cannot come up in the %llu MiB that are reserved: kernel and initrd "
			  "take %llu MiB before the first program runs; set crashkernel=%uM, or "
			  "take a smaller initrd",
			reserved, least, crash_advice_mib(need));
		return EXIT_REFUSED;
	}
	if (need->likely > t->reserved)
		log_warn("the %llu MiB that are reserved may be too little: crashkernel=%uM is "
			 "safer",
			reserved, crash_advice_mib(need));
	return EXIT_DONE;
}

static int keep_record(struct session *s, struct crash_target *t, struct err *err)
{
	t->record.time = time(NULL);
	t->record.entry = t->title;
	t->record.kernel = t->pinned.image.version;
	return crash_record_write(&s->machine, &t->record, err);
}

static int load(struct session *s, struct crash_target *t, struct err *err)
{
	struct machine *m = &s->machine;
	const struct handoff_first first = {t->title, HANDOFF_FIRST_CRASH};
	const int has_room = t->pinned.handoff_room > 0;
	int rc = handoff_write_first(m, s->memory, &t->pinned, &first, err);

	if (rc < 0 || (rc > 0 && has_room))
		log_warn("%s: the crash kernel will not know where it comes from", err->text);
	rc = kexec_load_crash(m, &t->pinned, err);
	if (rc < 0 && !kexec_crash_is_loaded(m))
		crash_record_remove(m);
	if (rc < 0)
		return err_wrap(err, rc, "load %s", t->title);
	if (keep_record(s, t, err) < 0)
		log_warn("%s: `stillboot crash status` will not know it", err->text);
	return 0;
}

static void tell(
	const struct session *s, const struct crash_target *t, const struct crash_need *need)
{
	printf("%s for a crash: ", s->options.given & OPT_DRY_RUN ? "would load" : "loaded");
	print_styled(stdout, STYLE_BOLD, t->title, 0);
	if (t->saver.initrd) {
		fputs("\ninitrd: /", stdout);
		print_text(stdout, t->saver.initrd, 0);
		printf(" (of %s)", t->saver.name);
	}
	fputs("\nwith: ", stdout);
	print_text(stdout, t->record.cmdline, 0);
	printf("\nmemory: %llu MiB reserved, %llu MiB for kernel and initrd\n",
		(unsigned long long)t->reserved >> MIB_SHIFT,
		(unsigned long long)need->least >> MIB_SHIFT);
	if (*t->record.saver)
		printf("dump: saved by %s\n", t->record.saver);
	else if (t->saver.name)
		log_warn("nothing saves a dump by itself: the command line has systemd start "
			 "something else than %s",
			t->saver.unit);
	else
		log_warn("nothing saves a dump by itself: stillboot-crash-save.service is not "
			 "installed; `stillboot crash save` does it by hand");
}

static enum exit_code pin_and_load(struct session *s, struct crash_target *t)
{
	struct crash_need need;
	struct err err;
	enum exit_code code;
	int rc = crash_target_pin(s, t, &err);

	if (rc == 0)
		rc = make_cmdline(s, t, &err);
	if (rc == 0)
		rc = crash_need(&t->pinned, &need, &err);
	if (rc < 0)
		return command_fail(EXIT_FAILED, &err);
	code = check_size(s, t, &need);
	if (code != EXIT_DONE)
		return code;
	if (load(s, t, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	tell(s, t, &need);
	return EXIT_DONE;
}

enum exit_code crash_load(struct session *s)
{
	struct crash_target t = {.pinned = {.kernel_fd = -1, .initrd_fd = -1},
		.reserved = kexec_crash_reserved(&s->machine)};
	enum exit_code code = check_usage(&s->options);
	char line[2 * ERR_TEXT_MAX];
	struct err err;

	if (code == EXIT_DONE)
		code = refusal_check_machine(s);
	if (code == EXIT_DONE)
		code = lock_take_crash(s);
	if (code != EXIT_DONE || is_needless(s, t.reserved))
		return code;
	if (!t.reserved)
		return tell_nothing_reserved(s);
	if (kexec_check(&s->machine, &err) < 0 || command_make_plan(s, &t.plan, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if (t.plan.policy_error)
		log_warn("the policy does not load, so none of its rules changes the command line: "
			 "%s",
			print_escape(line, sizeof(line), t.plan.policy_error));
	code = pin_and_load(s, &t);
	pin_release(&t.pinned);
	return code;
}
