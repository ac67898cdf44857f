// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "boot/discover.h"
#include "boot/handoff.h"
#include "boot/running.h"
#include "devices/log.h"
#include "policy/entries.h"
#include "ui/print.h"
#include "ui/sources.h"

static struct target no_target(const struct decision *decision)
{
	return (struct target){.pinned = {.kernel_fd = -1, .initrd_fd = -1}, .decision = decision};
}

static int open_files(const struct options *o, struct sources *src, struct err *err)
{
	int rc = sources_open_kernel(o, src, err);

	return rc < 0 ? rc : sources_open_initrds(o, src, err);
}

static int open_entry(
	struct session *s, const struct entry *e, struct sources *src, struct err *err)
{
	int rc = sources_open_entry_kernel(s, e, src, err);

	return rc < 0 ? rc : sources_open_entry_initrds(s, e, src, err);
}

/* An entry's has been through the rules with the others (entries_apply); one that is given is meant as
 * it is. */
static int choose_cmdline(
	struct session *s, const struct entry *e, struct target *t, struct err *err)
{
	const char *cmdline = e ? e->options : "";
	char *running;
	int rc = 0;

	t->changed_by = e ? e->changed_by : NULL;
	if (s->options.given & OPT_CMDLINE) {
		cmdline = s->options.cmdline;
		t->changed_by = NULL;
	} else if (s->options.given & OPT_REUSE_CMDLINE) {
		rc = running_cmdline(&s->machine, s->memory, &running, err);
		if (rc == 0 && entries_change_options(t->decision, s->memory, running, &cmdline,
				       &t->changed_by) < 0)
			rc = err_errno(err, -ENOMEM, "apply the rules to the command line");
	}
	if (rc == 0 && s->options.append) {
		cmdline = talloc_asprintf(
			s->memory, "%s%s%s", cmdline, *cmdline ? " " : "", s->options.append);
		rc = cmdline ? 0 : err_errno(err, -ENOMEM, "append to the command line");
	}
	t->cmdline = cmdline;
	return rc < 0 ? rc : pin_cmdline(&t->pinned, cmdline, err);
}

static int pin_sources(struct session *s, struct sources *src, size_t room, const struct entry *e,
	struct target *t, struct err *err)
{
	int rc = pin_files(
		&s->machine, &src->kernel, src->initrds, src->initrd_count, room, &t->pinned, err);

	if (rc < 0)
		return rc;
	rc = choose_cmdline(s, e, t, err);
	if (rc < 0)
		pin_release(&t->pinned);
	return rc;
}

void target_warn_of_default(const struct decision *d, const char *missed)
{
	log_warn("%s: default = \"%s\" is no entry of this machine", d->boot_where[BOOT_DEFAULT],
		missed);
}

static struct entry *find_default(const struct entry_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i].is_default)
			return &list->entries[i];
	return NULL;
}

static int choose_entry(
	struct session *s, const struct discovery *d, struct entry **entry, struct err *err)
{
	const char *wanted = s->options.arguments[0]; /* NULL for none */

	*entry = wanted ? entry_list_find(d->entries, wanted) : find_default(d->entries);
	if (*entry)
		return 0;
	if (d->problem_count)
		return err_set(err, -ENOENT,
			"there is no entry %s%s%samong the %zu found, but not everything could be "
			"read: %s",
			wanted ? "'" : "", wanted ? wanted : "", wanted ? "' " : "",
			d->entries->count, d->problems[0]);
	if (wanted)
		return err_set(err, -ENOENT,
			"there is no entry '%s' among the %zu found; `stillboot list` shows them",
			wanted, d->entries->count);
	return err_set(err, -ENOENT,
		"no boot entries were found; name a kernel with --kernel, or look on all disks "
		"with --all-disks");
}

/* A choice for one boot that cannot be used up is no reason not to boot it. */
static void prepare_commit(struct session *s, const struct entry *e, struct target *t)
{
	char line[ERR_TEXT_MAX];
	struct err err;
	int rc = commit_prepare(s->memory, e->writes, &t->commit, &err);

	if (rc < 0)
		log_warn("%s%s", print_escape(line, sizeof(line), err.text),
			rc == -EROFS ? "" : "; booting does not change it");
}

/* Afterwards no disk is held open, whatever rc is. */
static int close_disks(struct discovery *d, int rc, struct target *t, struct err *err)
{
	struct err close_err;
	int closed = discovery_close(d, &close_err);

	if (rc < 0 || closed == 0)
		return rc;
	pin_release(&t->pinned);
	return err_set(err, closed, "%s", close_err.text);
}

static int pin_entry(struct session *s, const struct discovery *d, const struct entry *e,
	size_t room, struct target *t, struct err *err)
{
	struct sources src = SOURCES_NONE;
	int rc = open_entry(s, e, &src, err);

	if (rc == 0)
		rc = pin_sources(s, &src, room, e, t, err);
	sources_close(&src);
	if (rc < 0)
		return rc;
	prepare_commit(s, e, t);
	t->title = e->title;
	t->volumes = d->volumes;
	return 0;
}

int target_pin_entry(struct session *s, struct discovery *d, const struct entry *e,
	const struct still_plan *plan, size_t handoff_room, struct target *target, struct err *err)
{
	struct target t = no_target(plan->decision);
	int rc = close_disks(d, pin_entry(s, d, e, handoff_room, &t, err), &t, err);

	if (rc == 0)
		*target = t;
	return rc;
}

/* May be a system that kexec cannot boot. */
static int check_oneshot(const struct discovery *d, const struct entry *e, struct err *err)
{
	const struct choice_proposal *other = choices_passed_by(
		d->choices, (size_t)(e - d->entries->entries));
	char name[ERR_TEXT_MAX / 4], where[ERR_TEXT_MAX / 4];

	if (!other)
		return 0;
	return err_set(err, -EREMOTE, "'%s' is to be booted once (%s), which is the boot loader's",
		print_escape(name, sizeof(name), other->name ? other->name : ""),
		print_escape(where, sizeof(where), other->where));
}

static int find_and_pin(struct session *s, size_t room, enum target_oneshot oneshot,
	struct target *t, struct err *err)
{
	unsigned int flags = s->options.given & OPT_ALL_DISKS ? DISCOVER_ALL_DISKS : 0;
	struct discovery *d;
	struct entry *e = NULL;
	int rc = discover(&s->machine, s->memory, flags, &d, err);
	const char *missed;

	if (rc < 0)
		return rc;
	rc = entries_apply(t->decision, d->entries, d->choices, &missed, err);
	if (rc == 0 && missed && !s->options.argument_count)
		target_warn_of_default(t->decision, missed);
	if (rc == 0)
		rc = choose_entry(s, d, &e, err);
	if (rc == 0 && oneshot == ONESHOT_COMES_FIRST)
		rc = check_oneshot(d, e, err);
	if (rc == 0)
		rc = pin_entry(s, d, e, room, t, err);
	return close_disks(d, rc, t, err);
}

static int pin_named_files(struct session *s, size_t room, struct target *t, struct err *err)
{
	struct sources src = SOURCES_NONE;
	int rc = open_files(&s->options, &src, err);

	if (rc == 0)
		rc = pin_sources(s, &src, room, NULL, t, err);
	sources_close(&src);
	t->title = s->options.kernel;
	return rc;
}

int target_pin(struct session *s, const struct decision *decision, size_t handoff_room,
	enum target_oneshot oneshot, struct target *target, struct err *err)
{
	struct target t = no_target(decision);
	int rc = s->options.kernel ? pin_named_files(s, handoff_room, &t, err)
				   : find_and_pin(s, handoff_room, oneshot, &t, err);

	if (rc == 0)
		*target = t;
	return rc;
}

void target_tell_left_out(const struct handoff *handoff)
{
	if (handoff->left_out)
		log_warn("the handoff has no room for its %s: the next kernel goes without",
			handoff->left_out);
}

int target_load(struct session *s, struct target *t, enum kexec_loader *loader, struct err *err)
{
	unsigned int left = t->decision->load_retries;
	const struct handoff_first first = {t->title, HANDOFF_FIRST_JUMP};
	const int has_room = t->pinned.handoff_room > 0;
	int rc = handoff_write_first_known(
		&s->machine, s->memory, &t->pinned, &first, &t->known, err);

	if (rc > 0 && has_room)
		log_info("the next kernel will not know where it comes from: %s", err->text);

	if (rc < 0)
		log_warn("%s: the next kernel may not know where it comes from", err->text);
	target_tell_left_out(&t->known);
	while ((rc = kexec_load(&s->machine, &t->pinned, loader, err)) < 0 && left--)
		log_warn("%s; trying again, as a rule says", err->text);
	return rc < 0 ? err_wrap(err, rc, "load %s", t->title) : 0;
}

void target_print(const struct target *target)
{
	printf("booting ");
	print_styled(stdout, STYLE_BOLD, target->title, 0);
	putchar('\n');
	if (target->changed_by) {
		fputs("with: ", stdout);
		print_text(stdout, target->cmdline, 0);
		fputs("  (changed by ", stdout);
		print_styled(stdout, STYLE_DIM, target->changed_by, 0);
		puts(")");
	}
}
