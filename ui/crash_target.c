// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/crash_target.h"

#include <errno.h>
#include <talloc.h>

#include "boot/discover.h"
#include "boot/handoff.h"
#include "boot/running.h"
#include "devices/log.h"
#include "policy/entries.h"
#include "ui/sources.h"

static const struct entry *find_running(const struct entry_list *list, const char *release)
{
	const struct entry *same = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (e->reason || !e->kernel.path)
			continue;
		if (e->is_running)
			return e;
		if (!same && running_has_version(e, release))
			same = e;
	}
	return same;
}

/* The kernel that runs is known to get along with this machine. */
static int choose_running(struct session *s, const struct discovery *d, struct crash_target *t,
	const struct entry **entry, struct err *err)
{
	char *release, *line;
	int rc = machine_read_file(
		&s->machine, s->memory, "proc/sys/kernel/osrelease", 256, &release, err);

	if (rc < 0)
		return rc;
	*entry = find_running(d->entries, release);
	if (!*entry)
		return err_set(err, -ENOENT,
			"none of the %zu entries found is of the running kernel %s; name one "
			"(`stillboot list` shows them), or --kernel",
			d->entries->count, release);
	t->version = release;
	if ((*entry)->is_running)
		return 0;
	rc = running_cmdline(&s->machine, s->memory, &line, err);
	t->line = rc == 0 ? line : NULL;
	return rc;
}

static int choose_entry(struct session *s, const struct discovery *d, struct crash_target *t,
	const struct entry **entry, struct err *err)
{
	const char *wanted = s->options.arguments[0];

	if (!wanted)
		return choose_running(s, d, t, entry, err);
	*entry = entry_list_find(d->entries, wanted);
	if (!*entry)
		return err_set(err, -ENOENT,
			"there is no entry '%s' among the %zu found; `stillboot list` shows them",
			wanted, d->entries->count);
	t->version = (*entry)->version;
	return 0;
}

/* One that was made for it is smaller, and knows where the dump goes. */
static int open_initrds(struct session *s, const struct entry *e, struct crash_target *t,
	struct sources *src, struct err *err)
{
	const int by_hand = (s->options.given & OPT_INITRD) != 0;
	int rc = crash_saver_find(
		&s->machine, s->memory, by_hand ? NULL : t->version, &t->saver, err);
	char *path;

	if (rc < 0)
		return rc;
	if (by_hand)
		return sources_open_initrds(&s->options, src, err);
	if (!e)
		return 0;
	if (!t->saver.initrd)
		return sources_open_entry_initrds(s, e, src, err);
	path = talloc_asprintf(s->memory, "%s/%s", s->machine.root, t->saver.initrd);
	return path ? sources_add_initrd(path, src, err) : err_errno(err, -ENOMEM, "open it");
}

static int pin(
	struct session *s, const struct sources *src, struct crash_target *t, struct err *err)
{
	struct machine *m = &s->machine;

	crash_record_add(m, s->memory, src->kernel.fd, &t->record);
	for (size_t i = 0; i < src->initrd_count; i++)
		crash_record_add(m, s->memory, src->initrds[i].fd, &t->record);
	return pin_files(m, &src->kernel, src->initrds, src->initrd_count,
		handoff_size_max(t->plan.plan), &t->pinned, err);
}

static int pin_entry(
	struct session *s, const struct discovery *d, struct crash_target *t, struct err *err)
{
	struct sources src = SOURCES_NONE;
	const struct entry *e = NULL;
	const char *missed;
	int rc = entries_apply(t->plan.decision, d->entries, d->choices, &missed, err);

	if (rc == 0)
		rc = choose_entry(s, d, t, &e, err);
	if (rc == 0)
		rc = sources_open_entry_kernel(s, e, &src, err);
	if (rc == 0)
		rc = open_initrds(s, e, t, &src, err);
	if (rc == 0)
		rc = pin(s, &src, t, err);
	sources_close(&src);
	if (rc < 0)
		return rc;
	t->title = talloc_strdup(s->memory, e->title);
	if (!t->line)
		t->line = talloc_strdup(s->memory, e->options);
	return 0;
}

static int find_and_pin(struct session *s, struct crash_target *t, struct err *err)
{
	unsigned int flags = s->options.given & OPT_ALL_DISKS ? DISCOVER_ALL_DISKS : 0;
	struct discovery *d;
	struct err closing;
	int rc = discover(&s->machine, s->memory, flags, &d, err);

	if (rc < 0)
		return rc;
	rc = pin_entry(s, d, t, err);
	if (discovery_close(d, &closing) < 0)
		log_warn("%s", closing.text);
	return rc;
}

static int pin_named(struct session *s, struct crash_target *t, struct err *err)
{
	struct sources src = SOURCES_NONE;
	char *line;
	int rc = sources_open_kernel(&s->options, &src, err);

	if (rc == 0)
		rc = open_initrds(s, NULL, t, &src, err);
	if (rc == 0)
		rc = pin(s, &src, t, err);
	sources_close(&src);
	if (rc == 0 && !(s->options.given & OPT_CMDLINE))
		rc = running_cmdline(&s->machine, s->memory, &line, err);
	if (rc < 0)
		return rc;
	t->title = s->options.kernel;
	t->line = s->options.given & OPT_CMDLINE ? "" : line;
	return 0;
}

int crash_target_pin(struct session *s, struct crash_target *t, struct err *err)
{
	return s->options.kernel ? pin_named(s, t, err) : find_and_pin(s, t, err);
}
