// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "devices/journal.h"

void errand_cpu_path(char path[ERRAND_PATH_MAX], unsigned int cpu)
{
	snprintf(path, ERRAND_PATH_MAX, "sys/devices/system/cpu/cpu%u/online", cpu);
}

int errand_device_path(char path[ERRAND_PATH_MAX], const char *subject, const char *attribute)
{
	const char *colon = strchr(subject, ':');

	if (!colon || colon == subject || !colon[1] || strchr(subject, '/'))
		return -EINVAL;
	if (snprintf(path, ERRAND_PATH_MAX, "sys/bus/%.*s/devices/%s/%s", (int)(colon - subject),
		    subject, colon + 1, attribute) >= ERRAND_PATH_MAX)
		return -EINVAL;
	return 0;
}

static int unbind(struct machine *m, const struct plan_errand *errand, struct err *err)
{
	char path[ERRAND_PATH_MAX];
	int rc = errand_device_path(path, errand->subject, "driver/unbind");

	if (rc < 0)
		return err_set(err, rc, "'%s' names no device as BUS:NAME", errand->subject);
	rc = m->effects->write_attr(m, path, strchr(errand->subject, ':') + 1, err);
	if (rc == -ENOENT || rc == -ENODEV)
		return err_set(err, 1, "nobody was bound any more");
	return rc;
}

static int write_value(struct machine *m, const struct plan_errand *errand, struct err *err)
{
	return m->effects->write_attr(m, errand->subject, errand->value, err);
}

/* The kernel knows modules by names without hyphens (scripts/Makefile.lib, name-fix-token). */
static int unload(struct machine *m, const struct plan_errand *errand, struct err *err)
{
	char name[PLAN_SUBJECT_MAX];

	snprintf(name, sizeof(name), "%s", errand->subject);
	for (char *c = name; (c = strchr(c, '-')); *c = '_')
		;
	return m->effects->unload_module(m, name, err);
}

static int link_down(struct machine *m, const struct plan_errand *errand, struct err *err)
{
	return m->effects->link_down(m, errand->subject, err);
}

static int settle(struct machine *m, const struct plan_errand *errand, struct err *err)
{
	return m->effects->settle(m, errand->settle_ms, err);
}

/* From the highest on. One that cannot be stopped has no such attribute; after one that refuses, the
 * others still go. */
static int offline_cpus(struct machine *m, const struct plan_errand *errand, struct err *err)
{
	char path[ERRAND_PATH_MAX];
	struct err second;
	int first = 0;

	(void)errand;
	for (unsigned int cpu = ERRAND_CPU_LAST; cpu > 0; cpu--) {
		int rc = 0;

		errand_cpu_path(path, cpu);
		if (faccessat(m->root_fd, path, F_OK, 0) == 0)
			rc = m->effects->write_attr(m, path, "0", first ? &second : err);
		first = first ? first : rc;
	}
	return first;
}

static int run(struct machine *m, const struct plan_errand *errand, struct err *err)
{
	return m->effects->run(m, (const char *const *)errand->argv, err);
}

static int (*const errands[STEP_COUNT])(
	struct machine *m, const struct plan_errand *errand, struct err *err) = {
	[STEP_UNBIND] = unbind,
	[STEP_WRITE] = write_value,
	[STEP_UNLOAD] = unload,
	[STEP_LINK_DOWN] = link_down,
	[STEP_SETTLE] = settle,
	[STEP_OFFLINE_CPUS] = offline_cpus,
	[STEP_RUN] = run,
};

int errand_run(struct machine *m, const struct plan_errand *errand, struct err *err)
{
	return errands[errand->step](m, errand, err);
}

int errand_holds_lock(const struct plan_errand *errand)
{
	return errand->step != STEP_SETTLE && errand->step != STEP_RUN;
}

const char *errand_subject(const struct plan_errand *errand)
{
	return errand->subject ? errand->subject : JOURNAL_MACHINE;
}
